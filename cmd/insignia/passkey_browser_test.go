package main

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
)

// TestPasskeyInBrowser: somebody adds a passkey in the settings, and signs in with it without a name, in Chromium with a
// device of its own. Without scripts the settings say so, and nothing is dead.
//
// row 40: the menu opens without scripts; row 51: the section of the settings has the focus.
func TestPasskeyInBrowser(t *testing.T) {
	b := newChromium(t)
	s := startServer(t, onLocalhost(t))
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", "ben@work.test", "Ben Okafor", 3), nil)
	w := b.tab(t, s.base)
	w.signsIn("ben@work.test")
	w.do("plug a device in", call(webauthn.Enable, webauthn.EnableParams{}), call(webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	}))
	w.open("/me/settings#accounts")
	eventually(t, "the accounts have the focus", func() bool { return evaluate[string](w, "document.activeElement.id") == "accounts" })
	w.look("60-settings", "en").click(`main a[href="/me/settings/passkey/add"]`).look("61-passkey-add", "en")
	w.click("form[data-passkey] button").says("main", "Added. You can sign in with this passkey from now on.").look("62-passkey-added", "en")
	evaluate[any](w.open("/me/settings/passkey/add"), "document.querySelector('form[data-passkey] button').click()")
	eventually(t, "the device says that it has one", func() bool {
		return strings.Contains(w.text("[role=status]"), "already")
	})
	evaluate[any](w, "document.querySelector('.menu summary').click()")
	w.look("62-menu", "en").click(".menu button").open("/sign-in").look("63-sign-in", "en")
	w.click("form[data-passkey] button").says("h1", "Overview")
	w.open("/me/settings").click(`main a[href^="/me/settings/passkey/remove"]`).look("64-passkey-remove", "en")
	w.click("button.danger").says("main", "Removed. That passkey can't sign in any more.")
	for _, lang := range []string{"es", "fr"} {
		w.open("/me/settings?lang="+lang).look("60-settings", lang)
		w.open("/me/settings/passkey/add").look("61-passkey-add", lang)
	}
	plain := b.tab(t, s.base).withoutScripts()
	plain.open("/sign-in")
	if got := plain.text("main"); strings.Contains(got, "passkey") {
		t.Errorf("without scripts the page has a dead button: %s", got)
	}
}

// onLocalhost has a server's public address be a name, since passkeys belong to names.
func onLocalhost(t *testing.T) func(*config) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return func(c *config) {
		c.Addr, c.BaseURL = address, strings.Replace("http://"+address, "127.0.0.1", "localhost", 1)
	}
}

// signsIn signs somebody in by a code.
func (w *tab) signsIn(email string) {
	w.t.Helper()
	w.open("/sign-in").fill("#email", email).click("button.primary")
	code := w.address()
	digits := w.openCode(email)
	w.open(code).fill("#code", digits).click("button.primary")
}

// says checks that an element has the words.
func (w *tab) says(selector, words string) *tab {
	w.t.Helper()
	if got := w.text(selector); !strings.Contains(got, words) {
		w.t.Errorf("%s does not say %q but %q", w.address(), words, got)
	}
	return w
}
