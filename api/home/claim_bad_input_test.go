package home_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
)

// TestTokensThatAreNone: cut, lengthened, of another kind, of another server. Each is answered as any unknown link, by
// pages and by their forms, and changes nothing.
//
// row 81 and flows 2.1.3: a malformed or unknown token is S12.
func TestTokensThatAreNone(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	other := apitest.NewVisitors(t)
	other.Secret[0] = 'A'
	other.Post(apitest.AnasPass("R-1", "E1"))
	offer := v.Letters.Offers()[0]
	token, stop := strings.TrimPrefix(v.Link(), "/claim/"), offer.StopURL[strings.LastIndex(offer.StopURL, "/")+1:]
	v.Open().Get(v.Link() + "/continue").Press("E-mail me a code")
	code := v.Code()
	before := v.State(award)
	for _, bad := range []string{
		token[:len(token)-1], token + "a", strings.ToUpper(token), token + ".",
		stop, code.Link, offer.Key, award, strings.TrimPrefix(other.Link(), "/claim/"),
	} {
		for _, page := range []string{"", "/continue", "/code", "/done", "/not-me"} {
			v.Open().Get("/claim/"+bad+page).Want(404, "This link isn't complete").Hides("ana@home.test", "Cloud Fundamentals")
			if page != "/done" {
				v.Open().Send("/claim/"+bad+page, url.Values{"do": {"accept"}, "reason": {"never_took"}, "code": {code.Code}}).Want(404, "This link isn't complete")
			}
		}
	}
	for _, bad := range []string{code.Link[:len(code.Link)-1], code.Link + "a", token, stop, code.Code} {
		v.Open().Get("/confirm/"+bad).Want(404, "").Hides(code.Code, "ana@home.test")
		v.Open().Send("/confirm/"+bad, nil).Want(404, "")
	}
	for _, bad := range []string{stop[:len(stop)-1], stop + "a", token, code.Link, strings.Repeat("a", len(stop))} {
		v.Open().Get("/stop/"+bad).Want(404, "")
		v.Open().Send("/stop/"+bad, nil).Want(404, "")
	}
	if after := v.State(award); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
	if stopped, err := v.MailStopped(context.Background(), "ana@home.test"); stopped || err != nil {
		t.Errorf("mail was stopped: %v, error %v", stopped, err)
	}
}

// TestCodesOfOthers: a code is good in the browser that asked for it, for its address, once.
//
// row 84: nobody confirms by a code that another browser or address was sent.
func TestCodesOfOthers(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	bens := v.Link()
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana, ben, again := v.Open(), v.Open(), v.Open()
	mine := ana.Get(v.Link()+"/continue").Press("E-mail me a code").Want(200, "Check your mail")
	anas := v.Code().Code
	his := ben.Get(bens+"/continue").Press("E-mail me a code").Want(200, "Check your mail")
	if anas != v.Code().Code {
		his.Press("Confirm code", "code", anas).Want(422, "Check your mail").Says("That code doesn't match")
	}
	// The page of Ana's confirmation in Ben's browser: it began none of that id.
	action, values := mine.Form("Confirm code")
	values.Set("code", anas)
	ben.Send(action, values).Want(200, "You earned a badge")
	// Another browser of Ana's, which asked for a code of its own.
	v.Clock.Advance(time.Minute)
	second := again.Get(v.Link()+"/continue").Press("E-mail me a code").Want(200, "Check your mail")
	if anas != v.Code().Code {
		second.Press("Confirm code", "code", anas).Want(422, "Check your mail")
	}
	mine.Press("Confirm code", "code", anas).Want(200, "Accept your badge?")
	// Signed out, the same form is sent again, at once and later: it starts no session.
	ana.Get("/me/badges").Press("Sign out")
	for _, later := range []time.Duration{0, time.Hour} {
		v.Clock.Advance(later)
		ana.Send(action, values).Want(200, "You earned a badge")
		ana.Get("/me/badges").Want(200, "Sign in")
	}
}

// TestSessionFixation: a session that somebody planted in a browser is not the one that a code starts there, and is over
// afterwards. A planted value that is no session never becomes one.
//
// row 84: confirming starts a session that nobody else knows.
func TestSessionFixation(t *testing.T) {
	const cookie = "__Host-insignia"
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.Post(apitest.AnasPass("R-1", "E1"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	for name, planted := range map[string]string{"a stranger's session": ben.Cookie(cookie), "made up": strings.Repeat("a", 40)} {
		v.Clock.Advance(time.Hour)
		ana := v.Open()
		ana.Plant(cookie, planted)
		page := ana.Get(v.Link())
		if name == "made up" {
			page.Want(200, "You earned a badge").Follow("Claim this badge").Press("E-mail me a code").Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
			if got := ana.Cookie(cookie); got == planted || got == "" {
				t.Errorf("%s: the session is %q", name, got)
			}
			v.Open().Plant(cookie, planted).Get("/me/badges").Want(200, "Sign in")
			continue
		}
		// In Ben's session she signs out, as the page offers, and his ends everywhere.
		page.Want(200, "This badge was sent to another address").Press("Sign out and use another account").Want(200, "You earned a badge")
		ben.Get("/me/badges").Want(200, "Sign in")
		if got := ana.Cookie(cookie); got != "" {
			t.Errorf("%s: the session is still %q", name, got)
		}
	}
}

// TestTwoBrowsersDecide: what was decided first stands, whatever an old page sends afterwards, and is told once.
//
// row 111: Decline, and Accept after all; nothing is lost when a form is sent twice or late.
func TestTwoBrowsersDecide(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	one, two := v.Open(), v.Open()
	v.SignIn(one, "ana@home.test")
	v.Clock.Advance(time.Minute)
	v.SignIn(two, "ana@home.test")
	first, second := one.Get(v.Link()).Want(200, "Accept your badge?"), two.Get(v.Link()).Want(200, "Accept your badge?")
	first.Press("Accept badge", "visibility", "private").Want(200, "Well done")
	second.Press("Accept badge", "visibility", "public").Want(200, "Well done").Says("Only you can see it")
	second.Press("Decline").Want(200, "Ana Ruiz").Says("You accepted this on")
	for range 2 {
		first.Press("Accept badge", "visibility", "link").Want(200, "Well done").Says("Only you can see it")
	}
	if got := v.State(award); got != "accepted private" {
		t.Errorf("got %s", got)
	}
	accepted := 0
	for _, e := range v.Want(http.StatusOK, "GET", "/events", "")["items"].([]any) {
		if e.(map[string]any)["type"] == "badge.accepted" {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("got %d events of accepting, want one", accepted)
	}
}

// TestOddPeopleClaim goes with names and addresses of many kinds from the letter to the badge. What looks like markup is
// text everywhere, and the code goes to the address in its one spelling.
//
// row 82 and 83: the address comes from the offer; row 91: "Well done" with the name as it is.
func TestOddPeopleClaim(t *testing.T) {
	long := strings.Repeat("a", 63) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "example"
	for _, c := range []struct{ name, email, canonical string }{
		{"Ana+Plus", "ana+badges@home.test", ""},
		{"O'Brien \"Bob\" <b>bold</b>", "o'brien@home.test", ""},
		{"<script>alert(1)</script>", "Mixed.Case@HOME.Test", "mixed.case@home.test"},
		{"Jürgen Groß", "jürgen@bücher.example", "jürgen@xn--bcher-kva.example"},
		{"{{.Name}} {name} %s", "percent%25@home.test", ""},
		{"\u0639\u0644\u064a \u062d\u0633\u0646", "ali@home.test", ""},
		{strings.Repeat("漢", 200), "kanji@home.test", ""},
		{"Zoë e\u0301\u0323", long, ""},
	} {
		v := apitest.NewVisitors(t)
		receipt, err := v.Record(context.Background(), v.Caller, apitest.PassBy("R-1", "E1", "C-1", c.email, c.name, "en"))
		if err != nil {
			t.Errorf("%q <%s>: %v", c.name, c.email, err)
			continue
		}
		v.Work(t)
		if c.canonical == "" {
			c.canonical = c.email
		}
		b := v.Open()
		b.Get(v.Link()).Want(200, "You earned a badge").Follow("Claim this badge").Press("E-mail me a code").Want(200, "Check your mail")
		if got := v.Code().To.Address; got != c.canonical {
			t.Errorf("the code went to %q, want %q", got, c.canonical)
		}
		accept := b.Get(v.Link()+"/code").Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
		done := accept.Press("Accept badge", "visibility", "link").Want(200, "Well done")
		badge := v.Open().Get("/badges/" + receipt.Awards[0].ID)
		for _, p := range []*apitest.Page{accept, done, badge} {
			p.Hides("<script>alert", "<b>bold", "ZgotmplZ").Want(200, "")
			if !strings.Contains(p.Text(), strings.Join(strings.Fields(norm.NFC.String(c.name)), " ")) {
				t.Errorf("%s does not say %q:\n%s", p.Path, c.name, p.Text())
			}
		}
	}
}

// TestNamesThatTurnTheText are refused where they come in, so that no page, letter or file has them.
//
// row 82: the name is the partner's.
func TestNamesThatTurnTheText(t *testing.T) {
	v := apitest.NewVisitors(t)
	for _, name := range []string{"Ana \u202eevil\u202c", "An\u2066a\u2069", "A\u202ana", "Ana\r\nBcc: x@y.test", strings.Repeat("a", 201)} {
		if _, err := v.Record(context.Background(), v.Caller, apitest.PassBy("R-1", "E1", "C-1", "ana@home.test", name, "en")); !refusal.Is(err, "validation_failed") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

// TestOffersNeverExpire: a link is opened five years later; a code is asked for, and the badge is there.
//
// row 78: claiming is possible at any time; row 80: the letter is the person's only need.
func TestOffersNeverExpire(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	link := v.Link()
	v.Clock.Advance(5 * 365 * 24 * time.Hour)
	b := v.Open()
	b.Get(link).Want(200, "You earned a badge").Follow("Claim this badge").Press("E-mail me a code").
		Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
	if got := v.State(award); got != "accepted link" {
		t.Errorf("got %s", got)
	}
}

// TestBackToOffered: an award that was never its account's waits again, and its old link tells a stranger nothing.
//
// row 83: the address of the offer decides whose it is (contract 3.3).
func TestBackToOffered(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	old := v.Link()
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(old).Press("Accept badge", "visibility", "public").Want(200, "Well done")
	if _, err := v.CorrectEmail(context.Background(), v.Caller, "C-77", "anna@home.test", "typo"); err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	if got := v.State(award); !strings.HasPrefix(got, ledger.Offered) {
		t.Fatalf("got %s", got)
	}
	v.Open().Get("/badges/"+award).Want(404, "Nothing to show here")
	ana.Get("/me/badges").Hides(award)
	ana.Get(v.Link()).Want(200, "This badge was sent to another address").Hides("anna@home.test")
	if v.Code().Purpose == earner.AddAddress {
		t.Error("a code was mailed by looking")
	}
}
