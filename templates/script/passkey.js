// Asks the browser for a passkey and sends its answer with the form. Without this script, or without passkeys, the form
// stays hidden, and there are other ways to sign in.
"use strict";
(() => {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return; // none here, or not a secure page
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const create = form.dataset.passkey === "create";
    const told = form.querySelector("[role=status]");
    form.hidden = false;
    document.getElementById("no-passkeys")?.remove();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      told.textContent = "";
      try {
        const asked = JSON.parse(form.dataset.options);
        const got = create
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
        form.elements.answer.value = JSON.stringify(got);
        form.submit();
      } catch (problem) {
        told.textContent = problem.name === "InvalidStateError" ? form.dataset.already : form.dataset.failed;
      }
    });
  }
})();
