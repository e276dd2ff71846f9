package main

import (
	"fmt"
	"net/http"
	"testing"
)

// TestConnectInBrowser: somebody whose exams are kept under another account connects them in a real browser, in each
// language: by a code that moves the profile, and by changing the account of theirs.
//
// row 1: the mismatch is no dead end; row 3: the connection goes on after a repair; row 4: two repairs, the recommended one
// first; row 23: the wizard; row 42: looked at before; row 45 and 46: two profiles are brought together after a look at what comes
// of it, and come apart again; row 48: both accounts are named.
func TestConnectInBrowser(t *testing.T) {
	b := newChromium(t)
	local := onLocalhost(t)
	var base config
	local(&base)
	site := "http://" + base.Addr
	startProvider(t, "HOME", "localhost", "home.test", site+"/sign-in/home/callback")
	startProvider(t, "SPARE", "127.0.0.1", "spare.test", site+"/sign-in/spare/callback")
	s := startServer(t, func(c *config) { c.Addr = base.Addr })
	certification := map[string]string{"en": "Data Foundations", "es": "Fundamentos de datos", "fr": "Fondamentaux des données"}
	for n, lang := range []string{"en", "es", "fr"} {
		t.Run(lang, func(t *testing.T) {
			exams, mine := lang+"@exams.test", lang+"@mine.test"
			s.call(t, http.StatusCreated, "/results", passed(fmt.Sprint("R-1", lang), "NL-100", exams, "Ana Ruiz", 3+n), nil)
			s.call(t, http.StatusCreated, "/results", passed(fmt.Sprint("R-2", lang), "NL-210", mine, "Ana Ruiz", 3+n), nil)
			old, w := b.tab(t, s.base), b.tab(t, s.base)
			old.open("/?lang=" + lang)
			old.signInByCode(exams).open("/me/connect").look("80-connect-preview", lang).click("button[value=connect]").look("81-connected", lang)
			old.open("/me/credentials").look("82-credentials-connected", lang)

			w.open("/?lang="+lang).signInByCode(mine).open("/me").look("83-home-record", lang)
			w.open("/me/connect?other=1").look("84-connect-find", lang).fill("#email", exams).click("button[value=find]").look("85-mismatch", lang)
			first := evaluate[string](w, "document.querySelector('main form button').value")
			if first != "code" {
				t.Errorf("the first button is %q, want that of the recommended repair", first)
			}
			mismatch := w.address()
			before := w.open("/mailbox").letterTo(exams)
			w.open(mismatch).click("button[value=code]")
			code := w.address()
			eventually(t, "another letter to "+exams, func() bool { return w.open("/mailbox").letterTo(exams) != before })
			digits := w.openCode(exams)
			w.open(code).look("86-connect-code", lang).fill("#code", digits).click("button.primary").look("87-connect-moves", lang)
			w.click("button[value=connect]").look("88-connected-moved", lang).open("/me/credentials").says("main", certification[lang])
			w.open("/me/connect").click(`main a[href*="merge="]`).look("91-connect-merge", lang).click("button[value=merge]").look("92-connect-merged", lang)
			w.click("button[value=undo]").look("93-connect-undone", lang)
		})
	}
	t.Run("change", func(t *testing.T) {
		s.call(t, http.StatusCreated, "/results", passed("R-8", "NL-210", "ben@home.test", "Ben Okafor", 3), nil)
		s.call(t, http.StatusCreated, "/results", passed("R-9", "NL-100", "benjamin@spare.test", "Ben Okafor", 3), nil)
		w := b.tab(t, s.base)
		w.open("/sign-in").click(`main a[href^="/sign-in/home"]`)
		w.atProvider("ben").says("h1", "Overview")
		w.open("/me/connect?other=1").fill("#email", "benjamin@spare.test").click("button[value=find]").says("main", "Personal account")
		w.click(`main a[href$="/change"]`).look("89-change-add", "en").fill("#email", "ben@work.test").click("button[value=add]")
		code := w.address()
		digits := w.openCode("ben@work.test")
		w.open(code).fill("#code", digits).click("button.primary").look("90-change-replace", "en")
		w.click(`main a[href^="/me/settings/identity/start"][href*="spare"]`)
		w.atProvider("benjamin").says("h1", "Connect this account?").click("button.primary").says("h1", "Connect this certification profile?")
		w.click("button[value=connect]").says("main", "Connected on").open("/me/credentials").says("main", "Data Foundations")
	})
}

// signInByCode signs somebody in by the code that is mailed to them.
func (w *tab) signInByCode(email string) *tab {
	w.t.Helper()
	w.open("/sign-in").fill("#email", email).click("main form button.primary")
	code := w.address()
	digits := w.openCode(email)
	return w.open(code).fill("#code", digits).click("button.primary")
}
