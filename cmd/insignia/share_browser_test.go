package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// TestSharingInBrowser: a holder shares a badge, as it looks in a real browser.
//
// row 65: framed by another site, the badge shows itself and asks for nothing but this server. row 71: copying puts the
// address on the clipboard and says so.
func TestSharingInBrowser(t *testing.T) {
	b := newChromium(t)
	s, _ := startDemo(t)
	ben := b.tab(t, s.base)
	eventually(t, "the letter is in the mailbox", func() bool {
		answer, err := http.Get(s.base + "/mailbox")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return strings.Contains(string(text), "ben@work.test")
	})
	claimInBrowser(ben, "ben@work.test", func(string) {})
	share := ben.open("/me/badges").linkIn("/share")
	badge := strings.TrimSuffix(share, "/share")
	for _, lang := range []string{"es", "fr", "en"} {
		ben.open(share+"?lang="+lang).look("60-share", lang)
	}
	ben.open(share).click(`#wallet ~ form button`).forget() // it comes back at its section
	for _, lang := range []string{"es", "fr", "en"} {
		ben.open(share+"?lang="+lang).look("63-share-wallet", lang)
	}
	framed := b.tab(t, s.base)
	framed.open(badge + "/embed").embedded()
	framed.do("let scripts judge the sandbox", call(page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}))
	for _, lang := range []string{"es", "fr", "en"} {
		framed.open(badge+"/embed?lang="+lang).look("61-embed", lang)
	}
	t.Run("copy", func(t *testing.T) { ben.copies(share, badge) })
	t.Run("profile", func(t *testing.T) { profileInBrowser(ben, b.tab(t, s.base), share) })
	t.Run("another site", func(t *testing.T) { framedElsewhere(t, b, s.base, badge) })
	ben.open(share).do("choose", chromedp.Click(chromedp.CSS("#who-private"), chromedp.NodeVisible))
	ben.click(`#control ~ form button[value=visibility]`).look("62-share-private", "en")
}

// embedded finds that a badge in its sandbox has its style and its picture.
func (w *tab) embedded() {
	w.t.Helper()
	if !evaluate[bool](w, "document.images[0].naturalWidth > 0 && getComputedStyle(document.querySelector('.cover')).display === 'flex'") {
		w.t.Error("the sandbox keeps the badge from its style or its picture")
	}
}

// copies presses what copies, and reads the clipboard.
func (w *tab) copies(share, badge string) {
	w.t.Helper()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		w.do("allow the clipboard", func(ctx context.Context, at *chromedp.Target) (v chromedp.Void, err error) {
			info, err := cdp.Call(ctx, at, target.GetTargetInfo, target.GetTargetInfoParams{})
			if err == nil {
				_, err = cdp.Call(ctx, at, browser.SetPermission, browser.SetPermissionParams{
					Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: w.base, BrowserContextID: info.TargetInfo.BrowserContextID,
				})
			}
			return v, err
		})
	}
	w.open(share)
	for _, id := range []string{"link", "embed", "static", "citation"} {
		w.do("copy "+id, chromedp.Click(chromedp.CSS("button[data-copy="+id+"]:not([data-plain])"), chromedp.NodeVisible))
		want := evaluate[string](w, fmt.Sprintf("document.getElementById(%q).value", id))
		eventually(w.t, id+" is told to be copied", func() bool { return w.text("#told") == "Copied" })
		if got := evaluate[string](w, "navigator.clipboard.readText()", chromedp.EvalAwaitPromise); got != want || id == "link" && got != badge {
			w.t.Errorf("%s: the clipboard has %q, want %q", id, got, want)
		}
		evaluate[chromedp.Void](w, "document.getElementById('told').textContent = ''")
	}
	w.do("copy the signature", chromedp.Click(chromedp.CSS("button[data-plain]"), chromedp.NodeVisible))
	eventually(w.t, "the signature is told to be copied", func() bool { return w.text("#told") == "Copied" })
	const read = `navigator.clipboard.read().then(async all => [await (await all[0].getType('text/html')).text(), await (await all[0].getType('text/plain')).text()])`
	rich := evaluate[[]string](w, read, chromedp.EvalAwaitPromise)
	if _, short, _ := strings.Cut(badge, "://"); !strings.Contains(rich[0], `href="`+badge+`"`) || !strings.Contains(rich[0], "width=\"96\"") || !strings.HasSuffix(rich[1], " · "+short) {
		w.t.Errorf("the clipboard has %q", rich)
	}
	w.forget() // the browser reads HTML from the clipboard with the styles in it, which the page's policy refuses
}

// profileInBrowser turns a profile on, shows it, and turns it off again.
func profileInBrowser(ben, other *tab, share string) {
	ben.open(share).do("choose", chromedp.Click(chromedp.CSS("#who-public"), chromedp.NodeVisible))
	ben.click(`#control ~ form button[value=visibility]`)
	ben.open("/me/settings").do("switch on", chromedp.Click(chromedp.CSS("#profile-shown"), chromedp.NodeVisible))
	ben.fill("#profile-handle", "ben").click("#profile ~ form button")
	ben.forget() // what is saved comes back at its section, and the browser tells that the first heading has no focus
	ben.open("/me/settings").look("66-settings-profile", "en")
	for _, lang := range []string{"es", "fr", "en"} {
		other.open("/people/ben?lang="+lang).look("67-profile", lang)
	}
	ben.do("switch off", chromedp.Click(chromedp.CSS("#profile-shown"), chromedp.NodeVisible))
	ben.click("#profile ~ form button").open("/me/settings").forget()
	if other.open("/people/ben").text("h1") != "Nothing to show here" {
		other.t.Errorf("switched off, the profile says %q", other.text("h1"))
	}
	other.forget() // the browser tells of the 404
}

// forget forgives what the console has complained about.
func (w *tab) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

// framedElsewhere puts what the share page gives into a bare file of another site.
func framedElsewhere(t *testing.T, b *chromium, base, badge string) {
	code := fmt.Sprintf(`<iframe src="%s/embed" width="320" height="180" title="Badge" loading="lazy" style="border:0"></iframe>
		<a href="%[1]s"><img src="%[1]s/image.png?size=192&amp;ground=white" width="96" height="96" style="border:0" alt="Badge"></a>`, html.EscapeString(badge))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Ben</title><main><h1>Ben</h1>`+code+`</main></html>`)
	}))
	t.Cleanup(elsewhere.Close)
	w := b.tab(t, elsewhere.URL).open("/")
	eventually(t, "the badge is framed", func() bool {
		framed := false // a sandbox is a target of its own; one that is refused is at chrome-error:
		w.do("look for the frame", func(ctx context.Context, at *chromedp.Target) (v chromedp.Void, err error) {
			all, err := cdp.Call(ctx, at, target.GetTargets, target.GetTargetsParams{})
			if err == nil {
				framed = slices.ContainsFunc(all.TargetInfos, func(i *target.Info) bool { return i.Type == "iframe" && i.URL == badge+"/embed" })
			}
			return v, err
		})
		return framed
	})
	eventually(t, "the picture is there", func() bool { return evaluate[bool](w, "document.images[0].naturalWidth === 192") })
	w.picture("63-embed-elsewhere", "en", "1280-light")
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := 0
	for _, fault := range w.faults {
		if address, is := strings.CutPrefix(fault, "asked for "); !is || !strings.HasPrefix(address, base+"/") {
			t.Error(fault)
		}
		asked++
	}
	if u, err := url.Parse(badge); err != nil || asked == 0 {
		t.Errorf("%v: nothing was asked for", u)
	}
}

// TestBadgePrintsOnOneSheet: what comes out of a printer is one sheet that says where to check it.
//
// row 36: one page, no navigation, address and QR code, black on white.
func TestBadgePrintsOnOneSheet(t *testing.T) {
	b := newChromium(t)
	s, badge := startDemo(t)
	for _, lang := range []string{"en", "es", "fr"} {
		w := b.tab(t, s.base).open(badge + "?lang=" + lang)
		w.colours("dark") // somebody's screen is dark, paper is not
		w.do("print", func(ctx context.Context, at *chromedp.Target) (v chromedp.Void, err error) {
			made, err := cdp.Call(ctx, at, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
			if err != nil {
				return v, err
			}
			if *screenshots != "" {
				err = os.WriteFile(filepath.Join(*screenshots, "64-print-"+lang+".pdf"), made.Data, 0o644)
			}
			if n := len(regexp.MustCompile(`/Type\s*/Page[^s]`).FindAll(made.Data, -1)); n != 1 {
				t.Errorf("%s: got %d pages", lang, n)
			}
			return v, err
		})
		w.do("see it as a printer", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		seen := evaluate[struct {
			Nav, Foot, Buttons, QR bool
			Address, Ink, Paper    string
		}](w, `(() => { const shown = s => [...document.querySelectorAll(s)].some(e => e.checkVisibility());
			return {Nav: shown('nav'), Foot: shown('.foot'), Buttons: shown('button, .button'), QR: shown('.place img'), Address: document.querySelector('.place').innerText,
				Ink: getComputedStyle(document.querySelector('h1')).color, Paper: getComputedStyle(document.body).backgroundColor}; })()`)
		if seen.Nav || seen.Foot || seen.Buttons || !seen.QR || !strings.Contains(seen.Address, badge) || seen.Ink != "rgb(0, 0, 0)" || seen.Paper != "rgb(255, 255, 255)" {
			t.Errorf("%s: got %+v", lang, seen)
		}
		w.picture("65-print", lang, "1280-light")
	}
}
