package home_test

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
)

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

// row 2: one session covers every personal page.
// row 17: the settings are two activations away from any page of somebody signed in, and their heading has the focus.
// row 40: the menu of the account is a disclosure that needs no script.
func TestSettingsFromTheMenu(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	for _, path := range []string{"/me", "/me/credentials", "/me/settings"} {
		page := ana.Get(path)
		if page.Status != 200 || page.Heading() == "Sign in" {
			t.Errorf("%s: %d %s", path, page.Status, page.Heading())
		}
		if !strings.Contains(page.Body, `<details class="menu"><summary>`) {
			t.Errorf("%s has no menu that opens without a script", path)
		}
		page.Follow("Settings").Want(200, "Settings").Says("Signed in as ana@home.test")
	}
	body := ana.Get("/me/settings").Body
	if !strings.Contains(body, `<h1 tabindex="-1" autofocus>Settings</h1>`) || !strings.Contains(body, `<h2 id="accounts" tabindex="-1">`) {
		t.Error("the headings cannot have the focus")
	}
	v.Open().Get("/me/settings").Want(200, "Sign in")
}

// Somebody sees where they are signed in and signs out there, at once.
func TestSessionsAreListedAndEnded(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	here, phone, library := v.Open(), v.Open(), v.Open()
	phone.Header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1")
	library.Header.Set("User-Agent", firefox)
	for _, b := range []*apitest.Browser{here, phone, library} {
		v.SignIn(b, "ana@home.test").Want(200, "My badges")
	}
	settings := here.Get("/me/settings").Says("Safari, iPhone", "Firefox, Windows", "This browser", "Since 5 March 2026")
	settings.Press("Sign out there Firefox").Want(200, "Settings").Says("Signed out there.").Hides("Firefox, Windows")
	library.Get("/me/badges").Want(200, "Sign in")
	phone.Get("/me/badges").Want(200, "My badges")
	here.Get("/me/settings").Press("Sign out everywhere else").Want(200, "Settings").Says("Signed out everywhere but here.").Hides("iPhone", "Sign out everywhere else")
	phone.Get("/me/badges").Want(200, "Sign in")
	here.Get("/me/badges").Want(200, "My badges")

	v.Post(apitest.PassBy("R-2", "E1", "C-78", "ben@work.test", "Ben", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	action, values := here.Get("/me/settings").Form("Sign out") // a form of ours, with another's session in it
	_ = action
	values.Set("do", "end_others")
	here.Send("/me/settings?section=accounts", values)
	ben.Get("/me/badges").Want(200, "My badges")
	values.Set("do", "nothing")
	here.Send("/me/settings?section=accounts", values).Want(400, "We couldn't read that")
	here.Send("/me/settings?section=other", values).Want(400, "We couldn't read that")
}
