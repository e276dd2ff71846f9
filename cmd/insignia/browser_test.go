package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// printed is what a command prints, piece by piece.
type printed chan string

func (p printed) Write(text []byte) (int, error) {
	p <- string(text)
	return len(text), nil
}

// startDemo runs the demo and returns its server, and the badge that was accepted.
func startDemo(t testing.TB) (s *stage, badge string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, stopped := make(printed, 10), make(chan int, 1)
	go func() {
		stopped <- run(ctx, []string{"demo", "--addr", "127.0.0.1:0", "--log-level", "error"}, nil, out, complaints{t})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-stopped; code != 0 {
			t.Errorf("the demo ended with exit code %d", code)
		}
	})
	select {
	case text := <-out:
		found := regexp.MustCompile(`(?s)(http://\S+)/mailbox.* (http://\S+/badges/\S+).*Partner key +(\S+)`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("the demo printed %q", text)
		}
		return &stage{base: found[1], key: found[3]}, found[2]
	case code := <-stopped:
		stopped <- code
		t.Fatal("the demo ended at once")
	case <-time.After(30 * time.Second):
		t.Fatal("the demo was not ready within 30 s")
	}
	return nil, ""
}

// TestBrowser looks at the pages in a real browser, as people with many kinds of screens and eyes do.
//
// row 67: issuer and domain, status, picture, name and dates are on the first screen of a small phone.
func TestBrowser(t *testing.T) {
	b := newChromium(t)
	s, badge := startDemo(t)
	for n, c := range []struct{ lang, email, name string }{{"es", "dario@casa.test", "Darío Vega Núñez"}, {"en", "eva@home.test", "Eva Lind"}, {"en", "hal@home.test", "Hal Moss"}} {
		result := passed(fmt.Sprintf("R-%d", 3000+n), "NL-310", c.email, c.name, 4)
		result["candidate"].(map[string]any)["locale"] = c.lang
		s.call(t, http.StatusCreated, "/results", result, nil)
	}
	eventually(t, "the letters are in the mailbox", func() bool {
		answer, err := http.Get(s.base + "/mailbox")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		page, _ := io.ReadAll(answer.Body)
		return strings.Contains(string(page), "ben@work.test") && strings.Contains(string(page), "dario@casa.test") &&
			strings.Contains(string(page), "chloe@ecole.test") && strings.Contains(string(page), "eva@home.test")
	})
	for lang, email := range map[string]string{"en": "ben@work.test", "es": "dario@casa.test", "fr": "chloe@ecole.test"} {
		t.Run("letter "+lang, func(t *testing.T) { lookAtLetter(t, b.tab(t, s.base), lang, email) })
	}
	t.Run("claim en", func(t *testing.T) {
		ben := b.tab(t, s.base)
		claimInBrowser(ben, "ben@work.test", func(name string) { ben.look(name, "en") })
		lookAtTheRest(ben, b.tab(t, s.base), s)
	})
	for lang, email := range map[string]string{"es": "dario@casa.test", "fr": "chloe@ecole.test"} {
		t.Run("claim "+lang, func(t *testing.T) {
			w := b.tab(t, s.base).open("/?lang=" + lang)
			claimInBrowser(w, email, func(name string) { w.look(name, lang) })
		})
	}
	t.Run("claim without scripts", func(t *testing.T) {
		w := b.tab(t, s.base).withoutScripts()
		claimInBrowser(w, "eva@home.test", func(name string) {
			for _, fault := range w.check("en") {
				t.Errorf("%s: %s", name, fault)
			}
		})
	})
	for _, lang := range []string{"en", "es", "fr"} {
		t.Run("public pages "+lang, func(t *testing.T) { lookAround(b.tab(t, s.base), lang, badge) })
	}
	t.Run("API documentation", func(t *testing.T) { b.tab(t, s.base).open("/api/v1/docs").look("42-api", "en") })
	t.Run("verify", func(t *testing.T) { verifyInBrowser(t, b.tab(t, s.base), badge) })
}

// TestBrowserSeesFaults finds that a page with all of them does not get past TestBrowser.
func TestBrowserSeesFaults(t *testing.T) {
	const page = `<!doctype html><html lang="fr"><title>Faults</title><style>p { color: #999; background: #888 }</style><main><h1>A</h1><h1>B</h1><p>Pale</p>
		<div style="inline-size: 340px; block-size: 20px">Wide</div><img src="https://elsewhere.example/x.png" alt=""><script>console.error("trouble"); absent()</script></main></html>`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) }))
	t.Cleanup(server.Close)
	faults := strings.Join(newChromium(t).tab(t, server.URL).open("/").inspect("faults", "en"), "\n")
	for _, want := range []string{`language "fr"`, "2 h1", "sideways at 320 px: <div", "axe color-contrast at 1280 px", "axe color-contrast at 320 px", "asked for https://elsewhere.example", "console: error", "exception"} {
		if !strings.Contains(faults, want) {
			t.Errorf("did not find %q, only\n%s", want, faults)
		}
	}
}

// lookAtLetter shows a letter as mail programs do, outside the frame of the mailbox, where no script
// runs that could judge it.
func lookAtLetter(t *testing.T, w *tab, lang, email string) {
	lookAtLetterAs(t, w, "00-letter", lang, email)
}

func lookAtLetterAs(t testing.TB, w *tab, name, lang, email string) {
	w.open("/mailbox").open(w.letterTo(email))
	answer, err := http.Get(evaluate[string](w, "document.querySelector('iframe').src"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	letter, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	w.open("about:blank")
	evaluate[chromedp.Void](w, fmt.Sprintf("document.write(%q); document.close()", letter))
	w.look(name, lang)
}

// claimInBrowser is what somebody does from the mailbox to their badges.
func claimInBrowser(w *tab, email string, look func(name string)) {
	w.open("/mailbox")
	look("01-mailbox")
	w.open(w.letterTo(email))
	look("02-letter")
	w.open(w.linkIn("/claim/"))
	look("03-claim")
	w.click(".act a.primary")
	look("04-continue")
	w.click("button.primary")
	look("05-code")
	code := w.address()
	w.fill("#code", "000 000").click("button.primary")
	look("06-code-wrong")
	digits := w.openCode(email)
	look("07-letter-code")
	w.open(code).fill("#code", digits).click("button.primary")
	look("08-accept")
	w.click("button[value=accept]")
	look("09-done")
	w.click(`main a.quiet[href="/me/badges"]`)
	look("10-my-badges")
	w.click(`.tabs a[href="/me/credentials"]`)
	look("11-my-credentials")
	w.click(`.tabs a[href="/me"]`)
	look("11-me")
	w.open("/me/activity")
	look("11-me-activity")
	w.open("/me/transcript")
	look("11-transcript")
}

// lookAtTheRest is what a claim and a badge look like to others, and when things went another way.
func lookAtTheRest(ben, other *tab, s *stage) {
	ben.open("/me/badges").look("12-many-badges", "en").click("a.cover").look("12-scores", "en")
	ben.click("[value=share_scores]").look("12-scores-shared", "en")
	own := strings.TrimSuffix(ben.linkIn("/badges/"), "/share")
	ben.open(own).look("12-badge-own", "en")
	other.open("/verify?url="+url.QueryEscape(own)).look("12-verified-scores", "en")
	ben.open("/me/settings")
	ben.open(ben.linkIn("/me/settings/address/replace")).look("12-replace-address", "en")
	hal := ben.open("/mailbox").open(ben.letterTo("hal@home.test")).linkIn("/claim/")
	ben.open(hal).look("13-wrong-account", "en")
	other.openCode("ben@work.test")
	other.open(other.linkIn("/confirm/")).look("14-confirm-used", "en")
	other.open(hal+"/not-me").look("15-not-me", "en")
	other.open(other.open("/mailbox").open(other.letterTo("hal@home.test")).linkIn("/stop/")).look("16-stop", "en")
	other.open(hal).click(".act a.primary").click("button.primary")
	code := other.address()
	digits := other.openCode("hal@home.test")
	confirm := other.linkIn("/confirm/")
	ben.open(confirm).look("17-confirm-elsewhere", "en")
	other.open(confirm).look("18-confirm-here", "en")
	other.open(code).fill("#code", digits).click("button.primary").click("button[value=decline]").look("19-declined", "en")
	ben.open(hal).look("20-used", "en")
	s.call(ben.t, http.StatusOK, "/results/R-1002/void", map[string]any{"reason": "Sat by somebody else."}, nil)
	ben.open(own).look("21-badge-withdrawn-own", "en")
	other.open(own).look("22-badge-withdrawn", "en")
}

// letterTo is the address of the newest letter to somebody.
func (w *tab) letterTo(email string) string {
	w.t.Helper()
	at := evaluate[string](w, fmt.Sprintf("[...document.querySelectorAll('.letters li')].find(l => l.innerText.includes(%q))?.querySelector('a').href ?? ''", email))
	if at == "" {
		w.t.Fatalf("the mailbox has no letter to %s:\n%s", email, w.text("main"))
	}
	return at
}

// openCode opens the letter with a code to somebody, once it has come, and gives the code.
func (w *tab) openCode(email string) (digits string) {
	w.t.Helper()
	eventually(w.t, "the code for "+email+" is in the mailbox", func() bool {
		digits = w.open("/mailbox").open(w.letterTo(email)).text(".big-code")
		return digits != ""
	})
	return digits
}

// linkIn is the first link of the page whose address contains the words.
func (w *tab) linkIn(words string) string {
	w.t.Helper()
	at := evaluate[string](w, fmt.Sprintf("document.querySelector('main a[href*=%q]')?.href ?? ''", words))
	if at == "" {
		w.t.Fatalf("%s has no link with %s", w.address(), words)
	}
	return at
}

// lookAround opens the pages that everybody may read.
func lookAround(w *tab, lang, badge string) {
	w.open("/?lang="+lang).look("36-home", lang)
	w.open(badge).look("30-badge", lang)
	w.firstScreen()
	w.fill("main form input[name=name]", "Ana Luz").click("main form button").look("30-name-check", lang)
	w.open(badge)
	w.open(w.linkIn("/achievements/")).look("31-achievement", lang)
	w.open(w.linkIn("/issuers/")).look("32-issuer", lang)
	for name, path := range map[string]string{
		"33-verify": "/verify", "34-not-found": "/badges/AAAAAAAAAAAAAAAAAAAAAAAA", "35-no-such-page": "/nowhere", "37-help": "/help", "37-help-claim": "/help/claim",
		"38-privacy": "/privacy", "39-sign-in": "/sign-in", "40-lost": "/claim/lost", "41-claim-unknown": "/claim/AAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		w.open(path).look(name, lang)
	}
}

// firstScreen finds whether status, picture, name and dates of a badge show on a small phone without
// scrolling.
func (w *tab) firstScreen() {
	w.t.Helper()
	w.do("set the size", chromedp.EmulateViewport(360, 640))
	if end := evaluate[float64](w, "document.querySelector('.dates').getBoundingClientRect().bottom"); end > 640 {
		w.t.Errorf("%s: the dates end at %v px of 640", w.address(), end)
	}
	if top := w.text(".issued"); !strings.Contains(top, "Northlight") || !strings.Contains(top, "127.0.0.1") {
		w.t.Errorf("%s: the issuer's line is %q", w.address(), top)
	}
	w.do("set the size", chromedp.EmulateViewport(1200, 800))
}

// verifyInBrowser checks a good badge, an altered one, and a picture without one.
func verifyInBrowser(t *testing.T, w *tab, badge string) {
	folder := t.TempDir()
	fetch := func(name string) []byte {
		answer, err := http.Get(badge + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer.Status, err)
		}
		return body
	}
	upload := func(name string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, fetch(name), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	result := func(name, tone string) {
		t.Helper()
		w.look(name, "en")
		if w.text(".strip."+tone) == "" {
			t.Errorf("%s shows %q", name, w.text("main"))
		}
	}
	w.open("/verify").fill("#input", badge).click("button.primary")
	result("50-verify-valid", "ok")
	w.open("/verify")
	w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{upload("badge.png")}))
	w.click("button.primary")
	result("51-verify-valid-file", "ok")
	jwt := string(fetch("credential.jwt"))
	dot := strings.LastIndexByte(jwt, '.') + 10
	w.open("/verify")
	w.do("paste", chromedp.SetValue(chromedp.CSS("#input"), jwt[:dot]+map[bool]string{true: "B", false: "A"}[jwt[dot] == 'A']+jwt[dot+1:]))
	w.click("button.primary")
	result("52-verify-altered", "bad")
	w.open("/verify")
	w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{upload("image.png")}))
	w.click("button.primary")
	result("53-verify-not-a-badge", "neutral")
	w.open("/verify").fill("#recipient", "ben@work.test").fill("#input", badge+"/credential.jwt").click("button.primary")
	result("54-verify-other-person", "bad")
	w.open("/verify").click("button.primary").look("55-verify-empty", "en")
}
