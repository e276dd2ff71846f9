package home_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity/identitytest"
	"github.com/open-insignia/insignia/issuer/issuertest"
)

// passkeyForm is the form of a page that a script fills in, and what it asks for.
func passkeyForm(t *testing.T, p *apitest.Page, button string) (action string, values url.Values, options string) {
	t.Helper()
	action, values = p.Form(button)
	for _, f := range p.Forms() {
		if o, found := apitest.Attr(f.Attr, "data-options"); found {
			options = html.UnescapeString(o)
		}
	}
	if options == "" {
		t.Fatalf("%s asks for no passkey", p.Path)
	}
	return action, values, options
}

// withPasskey is somebody who has added a passkey, signed in by a code.
func withPasskey(t *testing.T) (*apitest.Visitors, *apitest.Browser, *identitytest.Authenticator) {
	t.Helper()
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@home.test", "Ben Okafor", "en"))
	ben, device := v.Open(), identitytest.NewAuthenticator(t, issuertest.BaseURL, "badges.acme.test")
	ben.Header.Set("User-Agent", firefox)
	v.SignIn(ben, "ben@home.test")
	add := ben.Get("/me/settings").Follow("Add a passkey").Want(200, "Add a passkey").Says("This browser has no passkeys, or runs no scripts.")
	action, values, options := passkeyForm(t, add, "Make a passkey")
	if !strings.Contains(options, `{"residentKey":"required","userVerification":"required"}`) || strings.Contains(options, `"id":"YmVu`) { // "ben"
		t.Errorf("asked %s", options)
	}
	values.Set("answer", device.Create(options))
	for range 2 { // sent twice it is added once
		ben.Send(action, values).Want(200, "Settings").Says("Added. You can sign in with this passkey from now on.", "Firefox, Windows")
	}
	return v, ben, device
}

// signInBy answers the sign-in page with a passkey.
func signInBy(t *testing.T, b *apitest.Browser, at string, device *identitytest.Authenticator) *apitest.Page {
	t.Helper()
	action, values, options := passkeyForm(t, b.Get(at), "Sign in with a passkey")
	values.Set("answer", device.Get(options))
	return b.Send(action, values)
}

// A passkey signs in without a name, leads to where one wanted to go, and signs in no longer once it is removed.
// row 85: a returning claim takes three activations: the link, the passkey, Accept.
func TestPasskey(t *testing.T) {
	v, ben, device := withPasskey(t)
	signInBy(t, v.Open(), "/sign-in", device).Want(200, "Overview").Says("Cloud Fundamentals")
	if p := signInBy(t, v.Open(), "/sign-in?next=/me/credentials", device); p.Path != "/me/credentials" {
		t.Errorf("leads to %s", p.Path)
	}
	if p := signInBy(t, v.Open(), "/sign-in?next=//evil.test", device); p.Path != "/me" {
		t.Errorf("leads to %s", p.Path)
	}
	phone := v.Open()
	signInBy(t, phone, v.Link()+"/continue", device).Want(200, "Accept your badge?")
	phone.Get("/me/badges").Press("Sign out")
	signInBy(t, phone, v.Link(), device).Want(200, "Accept your badge?") // in a browser that knows, on the page of the link
	told := v.Mailed.Changes[0]
	if len(v.Mailed.Changes) != 1 || told.Kind != earner.PasskeyAdded || told.What != "Firefox, Windows" {
		t.Errorf("told %+v", v.Mailed.Changes)
	}
	v.Clock.Advance(11 * time.Minute)
	remove := ben.Get("/me/settings").Open("/me/settings/passkey/remove").Want(200, "Show us it's you")
	action, values, options := passkeyForm(t, remove, "Sign in with a passkey")
	values.Set("answer", device.Get(options))
	ben.Send(action, values).Want(200, "Remove this passkey?").Press("Remove").Want(200, "Settings").Says("Removed. That passkey can't sign in any more.")
	phone.Get("/me/badges").Want(200, "Sign in") // its session began by the passkey
	ben.Get("/me/badges").Want(200, "My badges") // this one too, but it is where they are
	signInBy(t, v.Open(), "/sign-in", device).Want(403, "The passkey was not accepted").Says("No account here has this passkey.")
}

// A challenge is good for one answer, in its browser, for ten minutes.
func TestPasskeyReplayed(t *testing.T) {
	v, _, device := withPasskey(t)
	b, thief := v.Open(), v.Open()
	thief.Get("/sign-in")
	action, values, options := passkeyForm(t, b.Get("/sign-in"), "Sign in with a passkey")
	values.Set("answer", device.Get(options))
	_, token := thief.Get("/sign-in").Form("E-mail me a code")
	stolen := url.Values{"ceremony": values["ceremony"], "answer": values["answer"], "form_token": token["form_token"]}
	thief.Send(action, stolen).Want(400, "The passkey was not accepted")
	b.Send(action, values).Want(200, "Overview")
	b.Send(action, values).Want(200, "Overview") // sent twice
	b.Get("/me/badges").Press("Sign out")
	b.Send(action, values).Want(409, "The passkey was not accepted")
	b.Get("/me/badges").Want(200, "Sign in")

	action, values, options = passkeyForm(t, b.Get("/sign-in"), "Sign in with a passkey")
	values.Set("answer", device.Get(options))
	v.Clock.Advance(10 * time.Minute)
	b.Send(action, values).Want(410, "The passkey was not accepted").Says("It took longer than ten minutes.")
	for _, broken := range []string{"", "{}", "null", `{"id":"x"}`, strings.Repeat("[", 5000), values.Get("answer")[:200]} {
		action, values, _ = passkeyForm(t, b.Get("/sign-in"), "Sign in with a passkey")
		values.Set("answer", broken)
		b.Send(action, values).Want(400, "The passkey was not accepted")
	}
}

// A passkey whose counter goes back is refused, and its owner hears of it; keys that are kept in step count nothing.
func TestPasskeyCloned(t *testing.T) {
	v, _, device := withPasskey(t)
	clone := device.Clone()
	signInBy(t, v.Open(), "/sign-in", device).Want(200, "Overview")
	b := v.Open()
	signInBy(t, b, "/sign-in", clone).Want(403, "The passkey was not accepted").Says("There may be two of this passkey")
	b.Get("/me/badges").Want(200, "Sign in")
	last := v.Mailed.Changes[len(v.Mailed.Changes)-1]
	if last.Kind != earner.PasskeyCloned || len(last.To) != 1 || last.To[0].Address != "ben@home.test" {
		t.Errorf("told %+v", last)
	}
	signInBy(t, v.Open(), "/sign-in", device).Want(200, "Overview")
}

// What another page, another site or a lazy device answers is refused.
func TestPasskeyLies(t *testing.T) {
	v, _, device := withPasskey(t)
	for name, lie := range map[string]func(a *identitytest.Authenticator){
		"origin":       func(a *identitytest.Authenticator) { a.Origin = "https://evil.test" },
		"site":         func(a *identitytest.Authenticator) { a.RPID = "evil.test" },
		"not verified": func(a *identitytest.Authenticator) { a.Lazy = true },
	} {
		a := device.Clone()
		lie(a)
		if p := signInBy(t, v.Open(), "/sign-in", a); p.Status != 400 {
			t.Errorf("%s: got %d %s", name, p.Status, p.Heading())
		}
	}
	other := identitytest.NewAuthenticator(t, issuertest.BaseURL, "badges.acme.test") // never registered
	other.Create(`{"challenge":"AAAA","user":{"id":"AAAA"}}`)
	signInBy(t, v.Open(), "/sign-in", other).Want(403, "The passkey was not accepted")
}
