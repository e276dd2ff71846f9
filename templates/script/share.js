// What the share page does beyond its links: copies, and opens the sharing of the phone. Without this script its
// texts can be selected, and everything else works.
"use strict";
(() => {
  const told = document.getElementById("told");
  const tell = (text) => {
    told.textContent = "";
    setTimeout(() => { told.textContent = text; }, 50); // the same words twice are told twice
  };
  const rich = (html, plain) => navigator.clipboard.write([new ClipboardItem({
    "text/html": new Blob([html], { type: "text/html" }),
    "text/plain": new Blob([plain], { type: "text/plain" }),
  })]);
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue; // not a secure page
    button.hidden = false;
    button.addEventListener("click", async () => {
      const from = document.getElementById(button.dataset.copy);
      try {
        if (button.dataset.plain) await rich(from.value, button.dataset.plain);
        else await navigator.clipboard.writeText(from.value);
        tell(button.dataset.done);
      } catch {
        from.focus();
        from.select();
        tell(button.dataset.failed);
      }
    });
  }
  const sheet = document.querySelector("button[data-share]");
  if (sheet && navigator.share) {
    sheet.hidden = false;
    sheet.addEventListener("click", () => navigator.share({ text: sheet.dataset.text, url: sheet.dataset.share }).catch(() => {}));
  }
})();
