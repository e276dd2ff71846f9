package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestReturningInBrowser is what comes after the first claim, in every language: automatic accepting turned on with a
// claim, its letter, its settings and what they ask; a claim in a browser that is known, declined, and accepted after all;
// mail stopped and turned on again.
//
// row 85: the link, a code, Accept; row 89: automatic accepting; row 91: the heading has the focus; row 111: Accept after
// all; row 112: stopping mail.
func TestReturningInBrowser(t *testing.T) {
	b := newChromium(t)
	s := startServer(t, nil)
	for lang, name := range map[string]string{"en": "Eva Lind", "es": "Darío Vega Núñez", "fr": "Chloé Lefèvre"} {
		t.Run(lang, func(t *testing.T) {
			p := &claimant{tab: b.tab(t, s.base), s: s, lang: lang, name: name, email: lang + "@home.test"}
			p.open("/?lang=" + lang)
			p.claimsAutomatically()
			p.choosesInSettings()
			p.comesBack()
			p.stopsMail()
		})
	}
}

// claimant is somebody who claims badges in a browser.
type claimant struct {
	*tab
	s                 *stage
	lang, name, email string
	results           int
}

// earns posts a passed exam and waits until a letter of that kind has come.
func (p *claimant) earns(exam, link string) {
	p.t.Helper()
	p.results++
	result := passed(fmt.Sprintf("R-%s-%d", p.lang, p.results), exam, p.email, p.name, 10-p.results)
	result["candidate"].(map[string]any)["locale"] = p.lang
	before := p.open("/mailbox").letters(p.email)
	p.s.call(p.t, http.StatusCreated, "/results", result, nil)
	eventually(p.t, "the letter about "+exam, func() bool {
		now := p.open("/mailbox").letters(p.email)
		return len(now) > len(before) && p.open(now[0]).has(link)
	})
}

// letters are the addresses of those to somebody, the newest first.
func (w *tab) letters(email string) []string {
	w.t.Helper()
	return evaluate[[]string](w, fmt.Sprintf("[...document.querySelectorAll('.letters li')].filter(l => l.innerText.includes(%q)).map(l => l.querySelector('a').href)", email))
}

func (w *tab) has(link string) bool {
	w.t.Helper()
	return evaluate[bool](w, fmt.Sprintf("document.querySelector('main a[href*=%q]') !== null", link))
}

func (p *claimant) claimsAutomatically() {
	p.t.Helper()
	p.earns("NL-100", "/claim/")
	p.open(p.linkIn("/claim/")).click(".act a.primary").click("button.primary")
	code := p.address()
	digits := p.openCode(p.email)
	p.open(code).fill("#code", digits).click("button.primary")
	evaluate[bool](p.tab, "document.getElementById('auto').checked = true")
	p.click("button[value=accept]").look("70-done-automatic", p.lang)
	eventually(p.t, "the heading has the focus", func() bool { return evaluate[string](p.tab, "document.activeElement.tagName") == "H1" })
	p.earns("NL-210", "/badges/")
	badge := evaluate[string](p.tab, "[...document.querySelectorAll('main a[href*=\"/badges/\"]')].find(a => !a.href.includes('/me/'))?.href ?? ''")
	lookAtLetterAs(p.t, p.tab, "71-letter-accepted", p.lang, p.email)
	if p.open(badge).text(".strip.ok") == "" {
		p.t.Errorf("%s shows %q", badge, p.text("main"))
	}
}

func (p *claimant) choosesInSettings() {
	p.t.Helper()
	p.open("/me/settings#accepting").look("72-settings-accepting", p.lang)
	evaluate[bool](p.tab, "document.getElementById('accepting-issuer').checked = false")
	p.click("form:has(#accepting-issuer) button")
	p.earns("NL-310", "/claim/")
	p.open("/me/settings")
	evaluate[bool](p.tab, "document.getElementById('accepting-issuer').checked = true")
	p.click("form:has(#accepting-issuer) button").look("73-settings-asked", p.lang)
	p.click("button[value=accept_waiting]").look("74-settings-accepted", p.lang)
	evaluate[bool](p.tab, "document.getElementById('accepting-issuer').checked = false")
	p.click("form:has(#accepting-issuer) button")
}

func (p *claimant) comesBack() {
	p.t.Helper()
	evaluate[bool](p.tab, "document.querySelector('details.menu').open = true")
	p.click(`form[action^="/sign-out"] button`)
	p.earns("NL-220", "/claim/")
	link := p.linkIn("/claim/")
	p.open(link).look("75-claim-known", p.lang)
	for begin := time.Now(); !strings.Contains(p.address(), "/code"); { // one can be asked for every 30 s
		if p.open(link).click("button.primary"); time.Since(begin) > 40*time.Second {
			p.t.Fatalf("no code at %s: %s", p.address(), p.text("main"))
		}
	}
	code := p.address()
	digits := p.openCode(p.email)
	p.open(code).fill("#code", digits).click("button.primary")
	p.click("button[value=decline]").look("76-declined", p.lang)
	p.click(`main a[href*="decide="]`).look("77-decide", p.lang)
	p.click("button[value=accept]").look("78-done", p.lang)
}

func (p *claimant) stopsMail() {
	p.t.Helper()
	for _, at := range p.open("/mailbox").letters(p.email) {
		if p.open(at).has("/stop/") {
			break
		}
	}
	p.open(p.linkIn("/stop/")).click("button.primary").look("79-stopped", p.lang)
	p.click("main form button").look("80-resumed", p.lang)
}

// TestClaimByKeyboard is a first claim, sharing and the settings without a pointer: everything is reached with Tab, in an order that makes sense,
// and whatever has the focus shows it.
//
// row 82: a first claim needs the code alone; row 91: the heading has the focus, and Share is the first action after it.
func TestClaimByKeyboard(t *testing.T) {
	b := newChromium(t)
	s := startServer(t, nil)
	p := &claimant{tab: b.tab(t, s.base), s: s, lang: "en", name: "Eva Lind", email: "eva@home.test"}
	p.earns("NL-100", "/claim/")
	p.open(p.linkIn("/claim/"))
	p.tabTo("main a.primary").enter()
	p.tabTo("main button.primary").enter()
	code := p.address()
	digits := p.openCode(p.email)
	p.open(code)
	eventually(t, "the field for the code has the focus", func() bool { return evaluate[string](p.tab, "document.activeElement.id") == "code" })
	p.keys(digits).enter()
	p.tabTo("input[name=visibility]").keys(kb.ArrowDown) // from "anyone with the link" to "public"
	p.tabTo("#auto").keys(" ")
	p.tabTo("button[value=accept]").enter()
	if got := p.text("h1"); got != "Well done, Eva Lind" {
		t.Fatalf("got %q at %s", got, p.address())
	}
	eventually(t, "the heading has the focus", func() bool { return evaluate[string](p.tab, "document.activeElement.tagName") == "H1" })
	p.tabTo("main .act a")
	if got := evaluate[string](p.tab, "document.activeElement.innerText"); !strings.HasPrefix(got, "Share") {
		t.Errorf("the first action is %q, want Share", got)
	}
	if got := p.text("main"); !strings.Contains(got, "Everybody can see it") || !strings.Contains(got, "automatically from now on") {
		t.Errorf("what was chosen is not what the page says:\n%s", got)
	}
	p.enter() // Share
	p.tabTo("#text").keys("!")
	p.tabTo("form:has(#text) button").enter()
	if at := p.address(); !strings.Contains(at, "/share?text=") {
		t.Fatalf("another text leads to %s", at)
	}
	p.tabTo(".channels a[href*=linkedin]").tabTo(".channels a[href^=mailto]").tabTo("[data-copy=link]").tabTo("#control ~ form input[name=visibility]").keys(kb.ArrowUp)
	p.tabTo("#control ~ form button[value=visibility]").enter()
	if got := p.text("main"); !strings.Contains(got, "Saved.") {
		t.Errorf("the share page says:\n%s", got)
	}
	p.open("/me/settings")
	p.tabTo("#accepting-issuer").keys(" ")
	p.tabTo("form:has(#accepting-issuer) button").enter()
	if got := p.text("main"); !strings.Contains(got, "New badges wait until you accept them.") {
		t.Errorf("settings say:\n%s", got)
	}
}

// tabTo presses Tab until an element has the focus, which must be seen on it or on its label.
func (p *claimant) tabTo(selector string) *claimant {
	p.t.Helper()
	for range 60 {
		p.keys(kb.Tab)
		if !evaluate[bool](p.tab, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			continue
		}
		if !evaluate[bool](p.tab, `[document.activeElement, document.activeElement.closest('label')].some(e => e && getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2)`) {
			p.t.Errorf("%s at %s does not show the focus", selector, p.address())
		}
		return p
	}
	p.t.Fatalf("%s at %s is not reached with Tab", selector, p.address())
	return p
}

func (p *claimant) keys(keys string) *claimant {
	p.t.Helper()
	p.do("type", chromedp.KeyEvent(keys))
	return p
}

// enter presses Enter and waits for the page that it leads to.
func (p *claimant) enter() {
	p.t.Helper()
	p.do("press Enter", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(kb.Enter))(ctx, target)
		return chromedp.Void{}, err
	})
}
