package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Every form is refused from other sites, and from nowhere without its token.
func TestForms(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ana := v.open()
	v.signIn(ana, "ana@home.test")
	link := v.link()
	accept := ana.get(link).want(200, "Accept your badge?")
	action, values := accept.form("Accept badge")
	token := values.Get("form_token")
	if len(token) < 20 {
		t.Fatalf("form token %q", token)
	}
	without := url.Values{"do": {"accept"}, "visibility": {"public"}}
	other := url.Values{"do": {"accept"}, "form_token": {v.formToken("another browser")}}
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
		ana.post = c.header
		ana.send(action, c.values).want(403, "This form is no longer good").says("Reference: ")
		if got := v.state(award); got != "offered link" {
			t.Fatalf("%s: %s", name, got)
		}
		for _, path := range []string{"/me/badges?badge=" + award, "/sign-in", "/sign-out", "/claim/lost", link + "/not-me", link + "/continue", link + "/code", "/confirm/x", "/sign-in/code"} {
			if p := ana.send(path, c.values); p.status != 403 {
				t.Errorf("%s: %s answers %d", name, path, p.status)
			}
		}
	}
	if len(v.mailed.codes) != 1 {
		t.Error("codes were mailed for refused forms")
	}
	ana.post = nil // an old browser on a page of ours
	ana.get(link).want(200, "Accept your badge?").press("Accept badge").want(200, "Well done")
	ana.post = http.Header{"Origin": {"null"}} // one that tells no referrer
	ana.get("/me/badges").press("Save", "visibility", "private").want(200, "My badges")
	if got := v.state(award); got != "accepted private" {
		t.Error(got)
	}
}

func TestFormBodies(t *testing.T) {
	v := newVisitors(t)
	b := v.open()
	b.get("/sign-in")
	b.send("/sign-in", url.Values{"email": {strings.Repeat("a", formMost)}}).want(413, "That is too large")
	b.post.Set("Content-Type", "application/x-www-form-urlencoded")
	b.do(http.MethodPost, "/sign-in", "email=%zz", b.post).want(400, "We couldn't read that")
	b.post.Set("Content-Type", "text/plain")
	b.do(http.MethodPost, "/sign-in", "email=ana@home.test", b.post).want(422, "Sign in")
	b.do(http.MethodPut, "/sign-in", "", b.post).want(405, "This page can't do that")
	b.do(http.MethodPost, "/me/credentials", "", b.post).want(405, "This page can't do that")
	b.get("/nowhere").want(404, "There is no such page")
}

// Cookies come only where something begins, and pages for everybody set none.
func TestCookies(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0]
	v.accept(award.ID, "public")
	achievement := "/achievements/" + award.AchievementID
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/verify?url=https://badges.acme.test/badges/" + award.ID, "/badges/" + award.ID + "?lang=fr", achievement, achievement + "?lang=es", "/issuers/acme?lang=es", "/badges/none", "/api/v1/docs", "/nowhere", "/robots.txt"} {
		p := v.open().get(path)
		if got := p.header.Values("Set-Cookie"); len(got) != 0 {
			t.Errorf("%s sets %v", path, got)
		}
		if strings.Contains(p.header.Get("Content-Type"), "html") && (p.header.Get("Content-Language") == "" || !varies(p.header, "Accept-Language")) {
			t.Errorf("%s: %v", path, p.header)
		}
	}
	plain := newVisitors(t, func(o *Options) { o.BaseURL = "http://127.0.0.1:8080" })
	k := plain.open().get("http://127.0.0.1:8080/sign-in").header.Get("Set-Cookie")
	if !strings.HasPrefix(k, "insignia-browser=") || strings.Contains(k, "Secure") || !strings.Contains(k, "HttpOnly; SameSite=Lax") {
		t.Error("without https:", k)
	}
}

func TestLanguage(t *testing.T) {
	v := newVisitors(t)
	b := v.open()
	b.header.Set("Accept-Language", "fr-CH, de;q=0.5")
	for _, c := range []struct{ path, lang string }{
		{"/", "fr"}, {"/?lang=de", "fr"}, {"/?lang=es", "es"}, {"/help", "es"}, {"/help?lang=en", "en"}, {"/", "en"}, {"/sign-in?lang=fr", "fr"}, {"/verify", "fr"}, {"/nowhere", "fr"},
	} {
		p := b.get(c.path)
		if p.lang() != c.lang || p.header.Get("Content-Language") != c.lang {
			t.Errorf("%s is in %s, want %s", c.path, p.lang(), c.lang)
		}
	}
	other := v.open()
	v.record(anasPass("R-1", "E1"))
	other.get(v.link()+"?lang=es").want(200, "Has conseguido una insignia").follow("Français").want(200, "Vous avez obtenu un badge")
}

func TestSignIn(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	known, unknown := v.open(), v.open()
	ana := known.get("/me/badges").want(200, "Sign in").press("E-mail me a code", "email", " Ana@Home.TEST ").want(200, "Check your mail")
	bob := unknown.get("/me/badges").press("E-mail me a code", "email", "bob@home.test").want(200, "Check your mail").says("If we know bob@home.test")
	if len(v.mailed.codes) != 1 || v.code().Purpose != "sign-in" {
		t.Fatalf("letters: %+v", v.mailed.codes)
	}
	same := func(p *page, email string) string {
		body := strings.ReplaceAll(p.body, email, "EMAIL")
		for _, f := range p.forms() {
			for _, n := range []string{attribute(f, "action"), everything(f).Get("form_token")} {
				body = strings.ReplaceAll(body, strings.ReplaceAll(n, "&", "&amp;"), "")
			}
		}
		return strings.ReplaceAll(body, strings.TrimPrefix(p.path, "/sign-in/code"), "")
	}
	if a, b := same(ana, "ana@home.test"), same(bob, "bob@home.test"); len(a) != len(b) {
		t.Errorf("the pages differ:\n%s\n%s", a, b)
	}
	for n := range 7 { // no code is right, and the answers are those of a wrong one
		code := "10000" + string(rune('0'+n))
		a, b := ana.press("Confirm code", "code", wrongCode(v.code().Code, code)), bob.press("Confirm code", "code", code)
		if a.status != b.status || len(same(a, "ana@home.test")) != len(same(b, "bob@home.test")) {
			t.Errorf("try %d: %d and %d", n, a.status, b.status)
		}
	}
	v.Clock.Advance(31e9)
	ana = ana.press("Send a new code").want(200, "Check your mail")
	ana.press("Confirm code", "code", v.code().Code).want(200, "My badges").says("Cloud Fundamentals", "Waiting for you")
	if !strings.HasPrefix(known.get("/sign-in").path, "/me/badges") {
		t.Error("sign-in page for somebody who is signed in")
	}
	known.get("/me").want(200, "My badges").press("Sign out").want(200, "")
	known.get("/me/badges").want(200, "Sign in")
	unknown.get("/sign-in").press("E-mail me a code", "email", "").want(422, "Sign in").says("Enter an e-mail address")
	unknown.get("/sign-in").press("E-mail me a code", "email", "bob").want(422, "Sign in").says("doesn't look like")
	v.open().get("/sign-in/code").want(200, "Sign in")
	v.open().send("/sign-in/code", url.Values{"code": {"123456"}}).want(200, "Sign in")
}

func wrongCode(right, other string) string {
	if right == other {
		return "999999"
	}
	return other
}

// Where to go after signing in is never the address of another site.
func TestNextPath(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	for next, want := range map[string]string{
		"/me/credentials": "/me/credentials", "/badges/abc": "/badges/abc", "https://evil.test/me": "/me/badges", "//evil.test/me": "/me/badges",
		"/me//evil.test": "/me/badges", `/me\evil`: "/me/badges", "/mean": "/me/badges", "/claim/abc": "/me/badges", "": "/me/badges",
	} {
		b := v.open()
		v.Clock.Advance(40e9)
		b.get("/sign-in?next="+url.QueryEscape(next)).press("E-mail me a code", "email", "ana@home.test")
		if p := b.get("/sign-in/code").press("Confirm code", "code", v.code().Code); p.path != want {
			t.Errorf("next %q leads to %s", next, p.path)
		}
		v.Clock.Advance(3600e9)
	}
}
