package home_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
)

// Every form is refused from other sites, and from nowhere without its token.
func TestForms(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	link := v.Link()
	accept := ana.Get(link).Want(200, "Accept your badge?")
	action, values := accept.Form("Accept badge")
	token := values.Get("form_token")
	if len(token) < 20 {
		t.Fatalf("form token %q", token)
	}
	without := url.Values{"do": {"accept"}, "visibility": {"public"}}
	_, others := v.Open().Get("/sign-in").Form("E-mail me a code")
	other := url.Values{"do": {"accept"}, "form_token": others["form_token"]}
	for name, c := range map[string]struct {
		header http.Header
		values url.Values
	}{
		"other site":                 {http.Header{"Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}}, values},
		"other site, old browser":    {http.Header{"Origin": {"https://evil.test"}}, values},
		"other host of the site":     {http.Header{"Origin": {"https://www.acme.test"}, "Sec-Fetch-Site": {"same-site"}}, values},
		"http for https":             {http.Header{"Origin": {"http://badges.acme.test:81"}}, values},
		"sandboxed frame":            {http.Header{"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}}, values},
		"no header, no token":        {nil, without},
		"no header, other's token":   {nil, other},
		"null origin, no token":      {http.Header{"Origin": {"null"}}, without},
		"null origin, other's token": {http.Header{"Origin": {"null"}}, other},
	} {
		ana.Post = c.header
		ana.Send(action, c.values).Want(403, "This form is no longer good").Says("Reference: ")
		if got := v.State(award); got != "offered link" {
			t.Fatalf("%s: %s", name, got)
		}
		for _, path := range []string{"/me/badges?badge=" + award, "/me/badges/" + award, "/sign-in", "/sign-out", "/claim/lost", link + "/not-me", link + "/continue", link + "/code", "/confirm/x", "/sign-in/code",
			"/sign-in/elsewhere", "/sign-in/passkey", "/me/settings?section=accounts", "/me/settings/address", "/me/settings/address/remove", "/me/settings/address/replace",
			"/me/settings/identity/remove", "/me/settings/passkey/add", "/me/settings/passkey/remove", "/me/settings/delete", "/privacy/data", "/privacy/data/code", "/privacy/data/held", "/undo/x"} {
			if p := ana.Send(path, c.values); p.Status != 403 {
				t.Errorf("%s: %s answers %d", name, path, p.Status)
			}
		}
	}
	if len(v.Mailed.Codes) != 1 {
		t.Error("codes were mailed for refused forms")
	}
	ana.Post = nil // an old browser on a page of ours
	ana.Get(link).Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
	ana.Post = http.Header{"Origin": {"null"}} // one that tells no referrer
	ana.Get("/me/badges/"+award).Press("Save", "visibility", "private").Want(200, "Cloud Fundamentals")
	if got := v.State(award); got != "accepted private" {
		t.Error(got)
	}
}

func TestFormBodies(t *testing.T) {
	v := apitest.NewVisitors(t)
	b := v.Open()
	b.Get("/sign-in")
	b.Send("/sign-in", url.Values{"email": {strings.Repeat("a", 64<<10)}}).Want(413, "That is too large")
	b.Post.Set("Content-Type", "application/x-www-form-urlencoded")
	b.Do(http.MethodPost, "/sign-in", "email=%zz", b.Post).Want(400, "We couldn't read that")
	b.Post.Set("Content-Type", "text/plain")
	b.Do(http.MethodPost, "/sign-in", "email=ana@home.test", b.Post).Want(422, "Sign in")
	b.Do(http.MethodPut, "/sign-in", "", b.Post).Want(405, "This page can't do that")
	b.Do(http.MethodPost, "/me/credentials", "", b.Post).Want(405, "This page can't do that")
	b.Get("/nowhere").Want(404, "There is no such page")
}

// Cookies come only where something begins, and pages for everybody set none.
func TestCookies(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0]
	v.ShowTo(award.ID, "public")
	achievement := "/achievements/" + award.AchievementID
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/verify?url=https://badges.acme.test/badges/" + award.ID, "/badges/" + award.ID + "?lang=fr", achievement, achievement + "?lang=es", "/issuers/acme?lang=es", "/badges/none", "/api/v1/docs", "/nowhere", "/robots.txt"} {
		p := v.Open().Get(path)
		if got := p.Header.Values("Set-Cookie"); len(got) != 0 {
			t.Errorf("%s sets %v", path, got)
		}
		if strings.Contains(p.Header.Get("Content-Type"), "html") && (p.Header.Get("Content-Language") == "" || !apitest.Varies(p.Header, "Accept-Language")) {
			t.Errorf("%s: %v", path, p.Header)
		}
	}
	plain := apitest.NewVisitors(t, func(o *apitest.Options) { o.BaseURL = "http://127.0.0.1:8080" })
	k := plain.Open().Get("http://127.0.0.1:8080/sign-in").Header.Get("Set-Cookie")
	if !strings.HasPrefix(k, "insignia-browser=") || strings.Contains(k, "Secure") || !strings.Contains(k, "HttpOnly; SameSite=Lax") {
		t.Error("without https:", k)
	}
}

func TestLanguage(t *testing.T) {
	v := apitest.NewVisitors(t)
	b := v.Open()
	b.Header.Set("Accept-Language", "fr-CH, de;q=0.5")
	for _, c := range []struct{ path, lang string }{
		{"/", "fr"}, {"/?lang=de", "fr"}, {"/?lang=es", "es"}, {"/help", "es"}, {"/help?lang=en", "en"}, {"/", "en"}, {"/sign-in?lang=fr", "fr"}, {"/verify", "fr"}, {"/nowhere", "fr"},
	} {
		p := b.Get(c.path)
		if p.Lang() != c.lang || p.Header.Get("Content-Language") != c.lang {
			t.Errorf("%s is in %s, want %s", c.path, p.Lang(), c.lang)
		}
	}
	other := v.Open()
	v.Post(apitest.AnasPass("R-1", "E1"))
	other.Get(v.Link()+"?lang=es").Want(200, "Has conseguido una insignia").Follow("Français").Want(200, "Vous avez obtenu un badge")
}

func TestSignIn(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	known, unknown := v.Open(), v.Open()
	ana := known.Get("/me/badges").Want(200, "Sign in").Press("E-mail me a code", "email", " Ana@Home.TEST ").Want(200, "Check your mail")
	bob := unknown.Get("/me/badges").Press("E-mail me a code", "email", "bob@home.test").Want(200, "Check your mail").Says("If we know bob@home.test")
	if len(v.Mailed.Codes) != 1 || v.Code().Purpose != "sign-in" {
		t.Fatalf("letters: %+v", v.Mailed.Codes)
	}
	same := func(p *apitest.Page, email string) string {
		body := strings.ReplaceAll(p.Body, email, "EMAIL")
		for _, f := range p.Forms() {
			for _, n := range []string{apitest.Attribute(f, "action"), apitest.Everything(f).Get("form_token")} {
				body = strings.ReplaceAll(body, strings.ReplaceAll(n, "&", "&amp;"), "")
			}
		}
		return strings.ReplaceAll(body, strings.TrimPrefix(p.Path, "/sign-in/code"), "")
	}
	if a, b := same(ana, "ana@home.test"), same(bob, "bob@home.test"); len(a) != len(b) {
		t.Errorf("the pages differ:\n%s\n%s", a, b)
	}
	for n := range 7 { // no code is right, and the answers are those of a wrong one
		code := "10000" + string(rune('0'+n))
		a, b := ana.Press("Confirm code", "code", apitest.WrongCode(v.Code().Code, code)), bob.Press("Confirm code", "code", code)
		if a.Status != b.Status || len(same(a, "ana@home.test")) != len(same(b, "bob@home.test")) {
			t.Errorf("try %d: %d and %d", n, a.Status, b.Status)
		}
	}
	v.Clock.Advance(31e9)
	ana = ana.Press("Send a new code").Want(200, "Check your mail")
	ana.Press("Confirm code", "code", v.Code().Code).Want(200, "My badges").Says("Cloud Fundamentals", "Waiting for you")
	if known.Get("/sign-in").Path != "/me" {
		t.Error("sign-in page for somebody who is signed in")
	}
	known.Get("/me").Want(200, "Overview").Press("Sign out").Want(200, "")
	known.Get("/me/badges").Want(200, "Sign in")
	unknown.Get("/sign-in").Press("E-mail me a code", "email", "").Want(422, "Sign in").Says("Enter an e-mail address")
	unknown.Get("/sign-in").Press("E-mail me a code", "email", "bob").Want(422, "Sign in").Says("doesn't look like")
	v.Open().Get("/sign-in/code").Want(200, "Sign in")
	v.Open().Send("/sign-in/code", url.Values{"code": {"123456"}}).Want(200, "Sign in")
}

// Where to go after signing in is never the address of another site.
func TestNextPath(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	for next, want := range map[string]string{
		"/me/credentials": "/me/credentials", "/badges/abc": "/badges/abc", "https://evil.test/me": "/me", "//evil.test/me": "/me",
		"/me//evil.test": "/me", `/me\evil`: "/me", "/mean": "/me", "/claim/abc": "/me", "": "/me",
	} {
		b := v.Open()
		v.Clock.Advance(40e9)
		b.Get("/sign-in?next="+url.QueryEscape(next)).Press("E-mail me a code", "email", "ana@home.test")
		if p := b.Get("/sign-in/code").Press("Confirm code", "code", v.Code().Code); p.Path != want {
			t.Errorf("next %q leads to %s", next, p.Path)
		}
		v.Clock.Advance(3600e9)
	}
}
