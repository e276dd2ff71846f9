package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestScannerInBrowser lets what scans mail loose on both letters of a claim: it asks with HEAD and GET, and opens the
// pages in a real browser with a fresh profile, runs their scripts, keeps its cookies, types into fields and presses
// every button that it finds. At worst a code is mailed. The person whose claim it is goes on as if nothing had been.
//
// row 84: a scanner leaves the account unconfirmed and the code valid; row 81: opening changes nothing.
func TestScannerInBrowser(t *testing.T) {
	b := newChromium(t)
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1001", "NL-100", "ana@home.test", "Ana Ruiz", 3), &r)
	link := post.next(t, "ana@home.test").claimLink(t)
	ana := newVisitor(t)
	ana.open(link).follow("Claim this badge").press("E-mail me a code").reads(http.StatusOK, "Check your mail")
	letter := post.next(t, "ana@home.test")
	for _, start := range []string{link, letter.find(t, `(https?://\S+/confirm/\S+)`)} {
		scan(t, b.tab(t, s.base), start)
	}
	award := r.Awards[0].ID
	badge, found, err := s.issuer.Published(context.Background(), award)
	if err != nil || !found || badge.Award.State != ledger.Offered || badge.Award.DisputedAt != nil {
		t.Fatalf("the scanner made the award %+v, error %v", badge, err)
	}
	if account, found, err := s.earners.AccountOf(context.Background(), "ana@home.test"); found || err != nil {
		t.Fatalf("the scanner made the account %+v, error %v", account, err)
	}
	ana.press("Confirm code", "code", letter.code(t)).reads(http.StatusOK, "Accept your badge?")
	ana.press("Accept badge", "visibility", "link").reads(http.StatusOK, "Well done, Ana Ruiz")
}

// scan visits every page that the first one leads to, below the addresses that letters have.
func scan(t *testing.T, w *tab, start string) {
	t.Helper()
	seen, queue, pressed := map[string]bool{}, []string{start}, 0
	for len(queue) > 0 && len(seen) < 40 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			r, err := http.NewRequest(method, at, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
		}
		w.open(at)
		queue = append(queue, evaluate[[]string](w, `[...document.querySelectorAll('main a')].map(a => a.href.split('#')[0]).filter(a => /^\/(claim|confirm|sign-in)/.test(new URL(a).pathname))`)...)
		for n := range evaluate[int](w, `document.querySelectorAll('main button').length`) {
			w.open(at)
			ready := evaluate[bool](w, fmt.Sprintf(`(button => {
				if (!button || button.offsetParent === null) return false;
				for (const field of button.form.querySelectorAll('input')) {
					if (field.type === 'email') field.value = 'robot@scanner.test';
					if (field.type === 'text') field.value = '123456';
					if (field.type === 'checkbox') field.checked = true;
				}
				button.setAttribute('data-robot', '');
				return button.form.checkValidity();
			})(document.querySelectorAll('main button')[%d])`, n))
			if ready {
				pressed++
				queue = append(queue, w.click("[data-robot]").address())
			}
		}
	}
	if pressed == 0 && !strings.Contains(start, "/confirm/") { // which shows others a code and no button
		t.Errorf("the scanner found no button from %s on", start)
	}
}
