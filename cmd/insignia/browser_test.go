package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
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
func startDemo(t *testing.T) (s *stage, badge string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, stopped := make(printed, 10), make(chan int, 1)
	go func() { stopped <- run(ctx, []string{"demo", "--addr", "127.0.0.1:0", "--log-level", "error"}, nil, out, complaints{t}) }()
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
func TestBrowser(t *testing.T) {
	b := newChromium(t)
	s, badge := startDemo(t)
	for _, c := range []struct{ lang, email, name string }{{"en", "ben@work.test", "Ben Okafor"}, {"es", "dario@casa.test", "Darío Vega Núñez"}, {"fr", "chloe@ecole.test", "Chloé Martin"}} {
		if c.lang == "es" {
			result := passed("R-3001", "NL-310", c.email, c.name, 4)
			result["candidate"].(map[string]any)["locale"] = c.lang
			s.call(t, http.StatusCreated, "/results", result, nil)
		}
		t.Run("claim "+c.lang, func(t *testing.T) { claimInBrowser(b.tab(t, s.base), c.lang, c.email, true) })
	}
	s.call(t, http.StatusCreated, "/results", passed("R-3002", "NL-100", "eva@home.test", "Eva Lind", 4), nil)
	t.Run("claim without scripts", func(t *testing.T) {
		claimInBrowser(b.tab(t, s.base).withoutScripts(), "en", "eva@home.test", false)
	})
	for _, lang := range []string{"en", "es", "fr"} {
		t.Run("public pages "+lang, func(t *testing.T) { lookAround(b.tab(t, s.base), lang, badge) })
	}
	t.Run("verify", func(t *testing.T) { verifyInBrowser(t, b.tab(t, s.base), badge) })
	if len(b.gate.asked) > 0 {
		t.Errorf("the browser wanted to reach %v", b.gate.asked)
	}
}

// claimInBrowser is what somebody does from the mailbox to their badges.
func claimInBrowser(w *tab, lang, email string, looking bool) {
	look := func(name string) {
		w.t.Helper()
		if looking {
			w.look(name, lang)
		} else {
			w.check(name, lang)
		}
	}
	w.open("/?lang=" + lang)
	w.open("/mailbox?lang=" + lang)
	look("01-mailbox")
	w.open(w.letterTo(email))
	look("02-letter")
	w.open(w.linkIn("/claim/"))
	look("04-claim")
	w.click(".act a.primary")
	look("05-continue")
	w.click("button.primary")
	look("06-code")
	code := w.address()
	w.fill("#code", "000 000").click("button.primary")
	look("07-code-wrong")
	w.open("/mailbox").open(w.letterTo(email))
	digits := w.text(".big-code")
	look("08-letter-code")
	w.open(code).fill("#code", digits).click("button.primary")
	look("09-accept")
	w.click("button[value=accept]")
	look("10-done")
	w.click(`main p > a[href="/me/badges"]:not(.button)`)
	look("11-my-badges")
	w.open("/me/credentials")
	look("12-my-credentials")
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
	w.open(badge+"?lang="+lang).look("20-badge", lang)
	for name, path := range map[string]string{
		"21-verify": "/verify", "22-not-found": "/badges/AAAAAAAAAAAAAAAAAAAAAAAA", "23-api": "/api/v1/docs", "24-home": "/", "25-help": "/help",
		"26-privacy": "/privacy", "27-sign-in": "/sign-in", "28-lost": "/claim/lost", "29-claim-unknown": "/claim/AAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		w.open(path+"?lang="+lang).look(name, lang)
	}
	w.open(badge + "?lang=" + lang).click(".page-badge_page h3 ~ p a, .body section p > a").look("30-achievement", lang)
	w.click(".issuer a").look("31-issuer", lang)
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
	result("40-verify-valid", "ok")
	w.open("/verify")
	w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{upload("badge.png")}))
	w.click("button.primary")
	result("41-verify-valid-file", "ok")
	jwt := string(fetch("credential.jwt"))
	dot := strings.LastIndexByte(jwt, '.') + 10
	w.open("/verify").fill("#input", jwt[:dot]+map[bool]string{true: "B", false: "A"}[jwt[dot] == 'A']+jwt[dot+1:]).click("button.primary")
	result("42-verify-altered", "bad")
	w.open("/verify")
	w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{upload("image.png")}))
	w.click("button.primary")
	result("43-verify-not-a-badge", "neutral")
	w.open("/verify").fill("#recipient", "ben@work.test").fill("#input", badge+"/credential.jwt").click("button.primary")
	result("44-verify-other-person", "bad")
	w.open("/verify").click("button.primary").look("45-verify-empty", "en")
}
