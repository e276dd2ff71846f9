package home_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
)

// claimWords are what a person reads and presses in each language.
var claimWords = []struct {
	lang, landing, claim, proof, mail, code, confirm, accept, button, done, see, valid string
}{
	{"en", "You earned 2 badges", "Claim these badges", "Show us it's you", "E-mail me a code", "Check your mail", "Confirm code",
		"Accept your 2 badges?", "Accept 2 badges", "Well done, Ana Ruiz", "See the badge", "Valid"},
	{"es", "Has conseguido 2 insignias", "Reclama", "", "código", "Mira tu correo", "onfirmar", "¿Aceptas tus 2 insignias?", "Aceptar", "Enhorabuena, Ana Ruiz", "Ver la insignia", "Válida"},
	{"fr", "Vous avez obtenu 2 badges", "Récupérer", "", "code", "Consultez vos e-mails", "onfirmer", "Accepter vos 2 badges", "Accepter", "Félicitations, Ana Ruiz", "Voir le badge", "Valable"},
}

// The whole flow (flows 2.1.4), from the letter to the badge that strangers see, without JavaScript.
//
// row 81: the link shows the badge before anything is asked; row 82: nothing but the code is required; row 91: "Well done".
func TestClaim(t *testing.T) {
	for _, w := range claimWords {
		t.Run(w.lang, func(t *testing.T) {
			v := apitest.NewVisitors(t)
			first := v.Post(apitest.PassBy("R-1", "E2", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
			second := v.Post(apitest.PassBy("R-2", "E3", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
			if len(first) != 1 || len(second) != 2 {
				t.Fatalf("got %d and %d awards", len(first), len(second))
			}
			ana := v.Open()
			ana.Header.Set("Accept-Language", "de")
			landing := ana.Get(v.Link()).Want(200, w.landing).Says("Cloud Operator", "Securing Clouds", "a•••@home.test", "Acme Certification", "TestCo")
			landing.Hides("ana@home.test", "Ana Ruiz", "C-77")
			if landing.Lang() != w.lang {
				t.Errorf("the page is in %s, the letter was in %s", landing.Lang(), w.lang)
			}
			code := landing.Follow(w.claim).Want(200, w.proof).Says("ana@home.test").Press(w.mail).Want(200, w.code).Says("ana@home.test")
			letter := v.Code()
			if letter.To.Address != "ana@home.test" || letter.Purpose != earner.Claim || letter.Lang != w.lang {
				t.Errorf("code letter: %+v", letter)
			}
			accept := code.Press(w.confirm, "code", letter.Code[:3]+" "+letter.Code[3:]).Want(200, w.accept).Says("Ana Ruiz")
			done := accept.Press(w.button).Want(200, w.done).Says("Cloud Operator", "Securing Clouds")
			if !strings.HasSuffix(done.Path, "/done") {
				t.Error("form without 303:", done.Path)
			}
			done.Follow(w.see).Want(200, "Ana Ruiz").Says("Cloud Operator", w.valid)
			for _, a := range second {
				if got := v.State(a.ID); got != "accepted link" {
					t.Errorf("%s is %s", a.Code, got)
				}
				stranger := v.Open().Get("/badges/"+a.ID).Want(200, "Ana Ruiz")
				if stranger.Header.Get("X-Robots-Tag") != "noindex" || stranger.Header.Get("Set-Cookie") != "" {
					t.Error("stranger's headers:", stranger.Header)
				}
			}
		})
	}
}

// A person with a session needs two activations: the link and the button (row 85).
//
// row 85: with a session, link and Accept.
func TestReturningClaim(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test").Want(200, "Overview")
	ana.Get(v.Link()).Want(200, "Accept your badge?").Press("Accept badge", "visibility", "public").Want(200, "Well done").Says("Everybody can see it")

	v.Post(apitest.AnasPass("R-2", "E4"))
	accept := ana.Get(v.Link()).Want(200, "Accept your badge?")
	if _, values := accept.Form("Accept badge"); values.Get("visibility") != "public" {
		t.Error("the choice was not remembered:", values)
	}
}

// Somebody whose session has ended takes four activations in a browser that they have signed in in before: the link, the
// code asked for, typed, and Accept. The page says the same for whatever address the link went to, so that it tells
// nobody whether that has an account.
//
// row 85: link, sign in, Accept (contract 6.2: four by mailed code).
func TestReturningClaimWithoutSession(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := v.Open()
	signedIn := v.SignIn(ana, "ana@home.test")
	v.Post(apitest.AnasPass("R-2", "E4"))
	link := v.Link()
	signedIn.Press("Sign out")
	v.Clock.Advance(time.Minute)
	landing := ana.Get(link).Want(200, "You earned a badge").Says("Show us it's you").Hides("ana@home.test", "Ana Ruiz", "Claim this badge")
	code := landing.Press("E-mail me a code").Want(200, "Check your mail")
	code.Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")

	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en")) // who has no account
	ana.Get("/me/badges").Press("Sign out")
	ana.Get(v.Link()).Want(200, "You earned a badge").Says("Show us it's you", "b•••@work.test").Hides("ben@work.test")
	if p := v.Open().Get(v.Link()).Want(200, "You earned a badge").Says("Claim this badge"); len(p.Forms()) != 0 {
		t.Error("a browser that nobody has signed in in is asked at once")
	}
}

// Somebody who comes back and signed in by a provider the last time takes three activations: the link, the provider,
// Accept. What was used last in a browser comes first there, and only there.
//
// row 85: link, sign in, Accept.
func TestReturningClaimByProvider(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	ben.Get("/me/badges").Press("Sign out")
	landing := ben.Get(w.Link()).Want(200, "You earned a badge").Hides("ben@home.test", "Claim this badge")
	if first, code := strings.Index(landing.Text(), "Personal account: Home"), strings.Index(landing.Text(), "E-mail me a code"); first < 0 || first > code {
		t.Errorf("what was used last does not come first:\n%s", landing.Text())
	}
	landing.Follow("Personal account: Home").Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
	w.Post(apitest.PassBy("R-2", "E4", "C-9", "ben@home.test", "Ben Okafor", "en"))
	fresh := w.Open().Get(w.Link()+"/continue").Want(200, "Show us it's you")
	if first, code := strings.Index(fresh.Text(), "Personal account: Home"), strings.Index(fresh.Text(), "E-mail me a code"); first < code {
		t.Errorf("a browser that nobody used is told how somebody signs in:\n%s", fresh.Text())
	}
	planted := w.Open()
	planted.Plant("__Host-insignia-way", "provider.nowhere<script>").Get(w.Link()).Want(200, "You earned a badge").Says("E-mail me a code").Hides("nowhere")
}

// The page opens in the language of the letter, which is the programme's where the candidate named none.
func TestClaimLanguage(t *testing.T) {
	for locale, want := range map[string]string{"": "en", "fr-CA": "fr", "es": "es", "ja": "en"} {
		v := apitest.NewVisitors(t)
		v.Post(apitest.PassBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", locale))
		b := v.Open()
		b.Header.Set("Accept-Language", "es")
		if got := b.Get(v.Link()).Lang(); got != want {
			t.Errorf("locale %q: got %s, want %s", locale, got, want)
		}
	}
}

func TestMasked(t *testing.T) {
	for address, want := range map[string]string{"ana@home.test": "a•••@home.test", "émile@ecole.test": "é•••@ecole.test", "@x": "•••", "nothing": "•••", "": "•••"} {
		if got := templates.Masked(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func TestClaimHeaders(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	link := v.Link()
	policy := v.Ask("GET", "/healthz", "").Header().Get("Content-Security-Policy")
	for _, path := range []string{link, link + "/continue", link + "/not-me", "/claim/unknown", "/claim/lost", "/sign-in"} {
		h, allowed := v.Open().Get(path).Header, policy
		if path == link+"/continue" || path == "/sign-in" {
			allowed += "; script-src 'self'" // ours, for passkeys
		}
		if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || policy == "" || h.Get("Content-Security-Policy") != allowed {
			t.Errorf("%s: %v", path, h)
		}
		if path != "/claim/unknown" && h.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s may be listed", path)
		}
		for _, k := range h.Values("Set-Cookie") {
			if !strings.HasPrefix(k, "__Host-insignia") || !strings.Contains(k, "; HttpOnly; Secure; SameSite=Lax") {
				t.Errorf("%s sets %s", path, k)
			}
		}
	}
}

// ended are the ways in which claim links lead elsewhere, each with who opens it (flows 2.1.3).
//
// row 78: an offer opens whenever; every situation of flows 2.1.3.
func TestDecisionTable(t *testing.T) {
	ctx := context.Background()
	accept := func(v *apitest.Visitors, a *ledger.Award) {
		v.SignIn(v.Open(), "ana@home.test")
		if err := v.Accept(ctx, v.Holder("ana@home.test"), a.ID, ledger.ByLink); err != nil {
			t.Fatal(err)
		}
	}
	decline := func(v *apitest.Visitors, a *ledger.Award) {
		v.SignIn(v.Open(), "ana@home.test")
		if err := v.Decline(ctx, v.Holder("ana@home.test"), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(v *apitest.Visitors, a *ledger.Award) {
		if _, err := v.Resend(ctx, v.Caller, a.ID); err != nil {
			t.Fatal(err)
		}
		v.Work(t)
	}
	void := func(v *apitest.Visitors, a *ledger.Award) {
		if _, err := v.Void(ctx, v.Caller, a.ResultID, "mixed up"); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func(*apitest.Visitors, *ledger.Award) {}
	for _, c := range []struct {
		name    string
		before  func(*apitest.Visitors, *ledger.Award)
		who     string // signed in; empty: nobody
		status  int
		heading string
		says    string
	}{
		{"open, no session", nothing, "", 200, "You earned a badge", "Claim this badge"},
		{"open, owner", nothing, "ana@home.test", 200, "Accept your badge?", "Anyone with the link"},
		{"open, somebody else", nothing, "ben@work.test", 200, "This badge was sent to another address", "You are signed in as ben@work.test"},
		{"accepted, owner", accept, "ana@home.test", 200, "Ana Ruiz", "You accepted this on 5 March 2026."},
		{"accepted, no session", accept, "", 200, "Already claimed", "This link has done its job."},
		{"accepted, somebody else", accept, "ben@work.test", 200, "Already claimed", "This link has done its job."},
		{"declined, owner", decline, "ana@home.test", 200, "You declined this badge", "Accept after all"},
		{"declined, no session", decline, "", 200, "Already claimed", "sign in"},
		{"declined, somebody else", decline, "ben@work.test", 200, "Already claimed", "sign in"},
		{"replaced, no session", replace, "", 200, "There is a newer link", "We sent a newer link to a•••@home.test on 5 March 2026."},
		{"replaced, somebody else", replace, "ben@work.test", 200, "There is a newer link", "Send it again"},
		{"replaced, owner", replace, "ana@home.test", 200, "Accept your badge?", ""},
		{"withdrawn, no session", void, "", 200, "This badge was withdrawn", "Acme Certification withdrew this badge on 5 March 2026."},
		{"withdrawn, owner", void, "ana@home.test", 200, "This badge was withdrawn", "Reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := apitest.NewVisitors(t)
			v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
			awards := v.Post(apitest.AnasPass("R-1", "E1"))
			link := v.Link()
			c.before(v, awards[0])
			b := v.Open()
			if c.who != "" {
				v.SignIn(b, c.who).Want(200, "Overview")
			}
			before := v.State(awards[0].ID)
			p := b.Get(link).Want(c.status, c.heading).Says(c.says)
			if c.who == "" {
				p.Hides("Ana Ruiz", "ana@home.test")
			}
			if after := v.State(awards[0].ID); after != before {
				t.Errorf("GET made %s out of %s", after, before)
			}
		})
	}
	t.Run("malformed or unknown", func(t *testing.T) {
		v := apitest.NewVisitors(t)
		for _, token := range []string{"abc", strings.Repeat("a", 26), strings.Repeat("a", 5000), "%00", "..%2f..", "A'--", url.PathEscape("é漢")} {
			v.Open().Get("/claim/"+token).Want(404, "This link isn't complete").Follow("Get a new link").Want(200, "Lost the mail?")
			v.Open().Send("/claim/"+token, url.Values{"do": {"accept"}}).Want(404, "This link isn't complete")
		}
	})
}

// row 111: declined, nothing is public; Accept after all asks who can see it.
func TestDeclineAndAcceptAfterAll(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	declined := ana.Get(v.Link()).Press("Decline").Want(200, "You declined this badge").Says("5 March 2026")
	if got := v.State(award); !strings.HasPrefix(got, "declined") {
		t.Fatal(got)
	}
	v.Open().Get("/badges/"+award).Want(404, "Nothing to show here")
	ana.Send(v.Link(), url.Values{"do": {"accept"}}).Want(200, "Accept your badge?")
	again := declined.Says("Nothing was published. Your certification itself is not affected.", "Go to my badges").Follow("Accept after all").Want(200, "Accept your badge?").Says("Who can see it?")
	if got := v.State(award); !strings.HasPrefix(got, "declined") {
		t.Fatal("published before anybody said who can see it:", got)
	}
	again.Press("Accept badge", "visibility", "link").Want(200, "Well done, Ana Ruiz").Says("Anyone with the link")
	v.Open().Get("/badges/"+award).Want(200, "Ana Ruiz")
}

// Doing it twice, or in two windows, is harmless.
func TestRepeatedClaim(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ana := v.Open()
	code := ana.Get(v.Link() + "/continue").Press("E-mail me a code")
	ana.Get(v.Link()+"/continue").Press("E-mail me a code").Want(200, "Check your mail") // pressed again
	if len(v.Mailed.Codes) != 1 {
		t.Errorf("%d codes were mailed", len(v.Mailed.Codes))
	}
	one := code.Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
	code.Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
	one.Press("Accept badge", "visibility", "private").Want(200, "Well done").Says("Only you can see it")
	one.Press("Accept badge", "visibility", "public").Want(200, "Well done").Says("Only you can see it")
	one.Press("Decline").Want(200, "Ana Ruiz") // what stands is shown, and stays
	if got := v.State(award); got != "accepted private" {
		t.Error(got)
	}
	ana.Get(v.Link()+"/continue").Want(200, "Ana Ruiz")
	ana.Get(v.Link()+"/code").Want(200, "Ana Ruiz")
	v.Open().Get(v.Link()+"/done").Want(200, "Already claimed")
}

func TestWrongCodes(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := v.Open()
	code := ana.Get(v.Link() + "/continue").Press("E-mail me a code")
	right := v.Code().Code
	bad := "000000"
	if right == bad {
		bad = "111111"
	}
	code.Press("Confirm code", "code", "").Want(422, "Check your mail").Says("Enter the 6-digit code")
	code.Press("Confirm code", "code", "12").Want(422, "Check your mail").Says("That code doesn't match. 5 tries left.")
	code.Press("Confirm code", "code", bad).Want(422, "Check your mail").Says("4 tries left")
	v.Clock.Advance(8 * time.Second)
	early := code.Press("Send a new code").Want(429, "Check your mail").Says("You can ask again in 22 seconds. The code we sent is still good.").Hides("too often")
	if strings.Contains(early.Body, "aria-invalid") || strings.Contains(early.Body, "code-error") {
		t.Error("asking too soon is shown as an error of the code")
	}
	v.Clock.Advance(23 * time.Second)
	code.Press("Send a new code").Want(200, "Check your mail").Says("new code")
	if v.Code().Code == right || len(v.Mailed.Codes) != 2 {
		t.Error("no new code")
	}
	v.Clock.Advance(31 * time.Minute)
	code.Press("Confirm code", "code", v.Code().Code).Want(410, "Check your mail").Says("We've sent a new one")
	if len(v.Mailed.Codes) != 3 {
		t.Errorf("%d codes", len(v.Mailed.Codes))
	}
	for range 4 {
		code.Press("Confirm code", "code", bad)
	}
	code.Press("Confirm code", "code", bad).Want(422, "Check your mail").Says("too often")
	code.Press("Confirm code", "code", v.Code().Code).Want(422, "Check your mail")
	if _, found, _ := v.Given.Earners.AccountOf(context.Background(), "ana@home.test"); found {
		t.Error("guessing made an account")
	}
}

// Somebody to whom the letter was forwarded comes as far as the address that it names already.
//
// row 83: a forged address is ignored, the offer's is used.
func TestForwardedMail(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ben := v.Open()
	landing := ben.Get(v.Link()).Want(200, "You earned a badge")
	proof := landing.Follow("Claim this badge")
	action, values := proof.Form("E-mail me a code")
	values.Set("email", "ben@work.test") // ignored: row 83
	values.Set("address", "ben@work.test")
	code := ben.Send(action, values).Want(200, "Check your mail")
	if v.Code().To.Address != "ana@home.test" {
		t.Fatal("the code went to", v.Code().To.Address)
	}
	code.Press("Confirm code", "code", "123456")
	for _, do := range []string{"accept", "decline", "add", "again"} {
		ben.Send(v.Link(), url.Values{"do": {do}, "visibility": {"public"}}).Want(200, "You earned a badge")
	}
	ben.Send(v.Link(), url.Values{"do": {"anything"}}).Want(400, "We couldn't read that")
	if got := v.State(award); got != "offered link" {
		t.Error(got)
	}
	if list, err := v.Waiting(context.Background(), "ana@home.test"); err != nil || len(list) != 1 {
		t.Error("the offer is gone:", list, err)
	}
}

// A scanner opens everything with HEAD and GET, sends every form from a fresh jar, and keeps its cookies.
//
// row 84: HEAD, GET and POST without the browser's cookie leave the account unconfirmed and the code valid.
func TestScannerRobot(t *testing.T) {
	for name, headers := range map[string]http.Header{
		"browser": {"Origin": {"https://badges.acme.test"}, "Sec-Fetch-Site": {"same-origin"}}, "plain": nil,
	} {
		t.Run(name, func(t *testing.T) {
			v := apitest.NewVisitors(t)
			award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
			ana := v.Open() // has asked for a code, which waits in the mail
			code := ana.Get(v.Link() + "/continue").Press("E-mail me a code")
			letter := v.Code()
			for _, start := range []string{v.Link(), "/confirm/" + letter.Link} {
				robot := v.Open()
				robot.Post = headers
				crawlFrom(robot, start)
			}
			if got := v.State(award); got != "offered link" {
				t.Fatal("the robot made it", got)
			}
			if _, found, _ := v.Given.Earners.AccountOf(context.Background(), "ana@home.test"); found {
				t.Fatal("the robot confirmed the account")
			}
			code.Press("Confirm code", "code", letter.Code).Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
		})
	}
}

// crawlFrom visits every page of the claim and presses every button, twice.
func crawlFrom(b *apitest.Browser, start string) {
	b.T.Helper()
	seen, queue := map[string]bool{}, []string{start}
	for len(queue) > 0 && len(seen) < 60 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		b.Do(http.MethodHead, path, "", nil)
		p := b.Get(path)
		for range 2 {
			for _, form := range p.Forms() {
				after := b.Send(p.Resolve(apitest.Attribute(form, "action")), apitest.Everything(form))
				queue = append(queue, after.Path)
			}
		}
		for _, link := range p.Links() {
			if strings.HasPrefix(link, "/claim/") || strings.HasPrefix(link, "/confirm/") || strings.HasPrefix(link, "/sign-in") {
				queue = append(queue, link)
			}
		}
	}
}

// Opened in another browser, the confirmation link shows the code; in the one that asked it has a button.
//
// row 84: the link confirms in the browser that asked only.
func TestConfirmationLink(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", "es"))
	ana := v.Open()
	ana.Get(v.Link() + "/continue?lang=en").Press("E-mail me a code")
	letter := v.Code()
	elsewhere := v.Open()
	grouped := letter.Code[:3] + " " + letter.Code[3:]
	other := elsewhere.Get("/confirm/"+letter.Link).Want(200, "").Says(grouped).Hides("ana@home.test")
	if len(other.Forms()) != 0 {
		t.Error("a form for strangers")
	}
	elsewhere.Send("/confirm/"+letter.Link, url.Values{}).Want(404, "")
	ana.Get("/confirm/"+letter.Link).Want(200, "").Says("ana@home.test").Hides(letter.Code, grouped).Press("Confirm my address").Want(200, "Accept your badge?")
	ana.Get("/confirm/"+letter.Link).Want(200, "Overview")
	elsewhere.Get("/confirm/"+letter.Link).Want(409, "").Says("This code was used.").Hides(letter.Code, grouped, "too old")
	v.Open().Get("/confirm/unknown").Want(404, "")
	account, _, err := v.Given.Earners.AccountOf(context.Background(), "ana@home.test")
	if err != nil || account.Name != "Ana Ruiz" || account.Language != "en" {
		t.Errorf("account %+v, %v", account, err)
	}
}

// S6: signed in with another address, which may be theirs too.
func TestWrongAccount(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	wrong := ben.Get(v.Link()).Want(200, "This badge was sent to another address").Hides("ana@home.test")
	code := wrong.Press("That address is mine too").Want(200, "Check your mail").Says("ana@home.test")
	if l := v.Code(); l.To.Address != "ana@home.test" || l.Purpose != earner.AddAddress {
		t.Fatalf("%+v", l)
	}
	ben.Get(v.Link()).Want(200, "Check your mail") // has it, unconfirmed: S3
	code.Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
	if got := v.State(award); got != "accepted link" {
		t.Error(got)
	}
	account, found, err := v.Given.Earners.AccountOf(t.Context(), "ben@work.test")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := []earner.Added{{Account: account.ID, To: []earner.Mailbox{{Address: "ben@work.test"}}, Address: "ana@home.test", Lang: "en"}}
	if diff := cmp.Diff(want, v.Mailed.Joined); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	ben.Get("/me/badges").Says("Cloud Fundamentals", "Stand-alone Exam")
}

func TestWrongAccountTakenOrLeft(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.Post(apitest.AnasPass("R-1", "E1"))
	v.SignIn(v.Open(), "ana@home.test") // the address has an account of its own
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	v.Clock.Advance(time.Minute)
	link := v.Link()
	code := ben.Get(link).Press("That address is mine too")
	code.Press("Confirm code", "code", v.Code().Code).
		Want(200, "This badge was sent to another address").Says("That address belongs to another account.").Hides("Ana Ruiz").
		Press("Sign out and use another account").Want(200, "You earned a badge")
	v.Clock.Advance(time.Minute)
	ben.Get(link+"/continue").Press("E-mail me a code").Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
}

// "This isn't me" holds the offer (S14), whatever is pressed afterwards, until its owner or its partner answers;
// the partner sees it. Opening pages does nothing.
func TestNotMe(t *testing.T) {
	for _, reason := range issuer.DisputeReasons {
		v := apitest.NewVisitors(t)
		v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
		award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
		older := v.Link()
		ana := v.Open()
		v.SignIn(ana, "ana@home.test")
		stale := ana.Get("/me/badges")
		v.Want(http.StatusOK, "POST", "/awards/"+award+"/resend", "")
		v.Work(t)
		newest := v.Link()
		accept := ana.Get(newest).Want(200, "Accept your badge?")
		form := v.Open().Get(newest).Follow("This isn't me").Want(200, "This isn't me").Hides("ana@home.test", "Ana Ruiz", "Cloud Fundamentals")
		form.Press("Send").Want(422, "This isn't me").Says("Choose what is wrong.")
		form.Press("Send", "reason", "whatever").Want(422, "This isn't me")
		v.Open().Do("HEAD", newest+"/not-me", "", nil)
		v.Open().Get(newest + "/not-me?done=1&reason=" + reason)
		dispute(v, award, "")
		form.Press("Send", "reason", reason).Want(200, "Thank you").Says("nobody can accept it", "look into it")
		dispute(v, award, reason)

		offers := len(v.Letters.Offers())
		const held = "This badge is being checked"
		for _, link := range []string{newest, newest + "/continue", newest + "/code", newest + "/done", older} {
			v.Open().Get(link).Want(200, held).Says("TestCo", "Acme Certification", "Sign in").Hides("ana@home.test", "Ana Ruiz", "Claim this badge", "It is mine after all")
		}
		form.Press("Send", "reason", reason).Want(200, held)
		v.Open().Get("/claim/lost").Press("Mail me my badges", "email", "ana@home.test")
		ben := v.Open()
		v.SignIn(ben, "ben@work.test")
		for _, b := range []*apitest.Browser{v.Open(), ben} {
			b.Send(newest, url.Values{"do": {"mine"}})
			b.Send(newest, url.Values{"do": {"accept"}, "visibility": {"public"}})
			b.Send(newest+"/continue", url.Values{})
		}
		accept.Press("Accept badge").Want(200, held)
		stale.Press("Accept badge").Want(200, "My badges").Says("Being checked")
		v.Work(t)
		if got := v.State(award); got != "offered link" || len(v.Letters.Offers()) != offers {
			t.Errorf("%s: the badge is %s after %d letters", reason, got, len(v.Letters.Offers())-offers)
		}
		dispute(v, award, reason)

		owner := ana.Get("/me/badges").Says("Being checked").Hides("Accept badge")
		if reason == ledger.NeverTook {
			owner.Press("It is mine after all").Want(200, "My badges").Press("Accept badge")
		} else {
			ana.Get(newest).Want(200, held).Press("It is mine after all").Want(200, "Accept your badge?").Press("Accept badge").Want(200, "Well done")
		}
		if got := v.State(award); got != "accepted link" {
			t.Errorf("%s: the badge is %s, want it accepted by its owner", reason, got)
		}
		dispute(v, award, "")
	}
}

// dispute checks what the partner sees of a dispute; no reason: none.
func dispute(v *apitest.Visitors, award, reason string) {
	v.T.Helper()
	for _, path := range []string{"/awards/" + award, "/awards", "/awards?candidate=C-77", "/results/R-1"} {
		body := v.Call("GET", web.APIPath+path, "").Body.String()
		want := reason != ""
		if got := strings.Contains(body, `"disputed":{"at":"`) && strings.Contains(body, `"reason":"`+reason+`"}`); got != want || strings.Contains(body, "disputed") != want {
			v.T.Errorf("%s: want it disputed for %q, got %s", path, reason, body)
		}
	}
}

// The lost-mail form tells nobody which addresses there are.
//
// row 87: one answer for known and unknown addresses; what waits is mailed.
func TestLostMail(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	v.Post(apitest.AnasPass("R-2", "E4"))
	old := v.Link()
	before := len(v.Letters.Offers())
	b := v.Open()
	var answers []*apitest.Page
	for _, email := range []string{"ana@home.test", "nobody@else.test", "ANA@home.test"} {
		p := b.Get("/sign-in").Follow("Get a new link").Press("Mail me my badges", "email", email).Want(200, "Lost the mail?").Says("If a badge is waiting for that address")
		answers = append(answers, p)
		v.Work(t)
	}
	for _, p := range answers[1:] {
		if p.Body != answers[0].Body || p.Path != answers[0].Path {
			t.Errorf("%s answers differently", p.Path)
		}
	}
	offers := v.Letters.Offers()[before:]
	if len(offers) == 0 || len(offers[0].Badges) != 2 || !offers[0].Again || offers[0].Email != "ana@home.test" {
		t.Fatalf("letters: %+v", offers)
	}
	for _, o := range offers {
		if o.Email != "ana@home.test" {
			t.Error("a letter to", o.Email)
		}
	}
	v.Open().Get(old).Want(200, "There is a newer link").Press("Send it again").Want(200, "There is a newer link").Says("Sent again to a•••@home.test")
	v.Work(t)
	v.Open().Get(v.Link()).Want(200, "You earned 2 badges")
	b.Get("/claim/lost").Press("Mail me my badges", "email", "").Want(422, "Lost the mail?").Says("Enter an e-mail address")
	b.Get("/claim/lost").Press("Mail me my badges", "email", "no address").Want(422, "Lost the mail?").Says("doesn't look like")
	before = len(v.Letters.Offers())
	for range 10 {
		b.Get("/claim/lost").Press("Mail me my badges", "email", "ana@home.test").Want(200, "Lost the mail?")
		v.Work(t)
	}
	if n := len(v.Letters.Offers()) - before; n > 3 {
		t.Errorf("%d letters more", n)
	}
	b.Get("/claim/lost").Press("Mail me my badges", "email", "ana@home.test").Want(200, "Lost the mail?").
		Says("asked for several times today", "sign in with the address").Follow("Sign in")
	for range 5 {
		v.Open().Get(old).Press("Send it again")
	}
	v.Open().Get(old).Press("Send it again").Want(200, "There is a newer link").Says("We have sent it to a•••@home.test several times today")
}

// TestOwnerAlwaysGetsIn has strangers use up all letters with six digits; in each language the owner types the long
// code that the page asks for, from the letter that it names, signing in and claiming, or opens its link.
func TestOwnerAlwaysGetsIn(t *testing.T) {
	for _, w := range []struct{ lang, mail, confirm, accept string }{
		{"en", "E-mail me a code", "Confirm code", "Accept"}, {"es", "código", "onfirmar", "Acepta"}, {"fr", "code", "onfirmer", "Accepter"},
	} {
		v := apitest.NewVisitors(t)
		v.Post(apitest.PassBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
		ask := func() (*apitest.Browser, *apitest.Page) {
			b := v.Open()
			return b, b.Get("/sign-in?lang="+w.lang).Press(w.mail, "email", "ana@home.test").Want(200, "")
		}
		for range 20 {
			_, p := ask()
			p.Press(w.confirm, "code", "123456")
		}
		long := v.Code()
		if len(long.Code) != 14 {
			t.Fatalf("%s: the last code is %q, want a long one", w.lang, long.Code)
		}
		v.Clock.Advance(20 * time.Minute)
		ana, p := ask()
		if v.Code() != long {
			t.Errorf("%s: another letter within half an hour", w.lang)
		}
		sent := v.Clock.Now().Add(-20 * time.Minute).UTC().Format("15:04 UTC")
		p.Says(sent)
		p.Press(w.confirm, "code", "123456").Want(422, "").Says("12")
		p.Press(w.confirm, "code", "").Want(422, "").Says("12")
		v.Open().Get("/confirm/"+long.Link).Want(200, "").Says(long.Code).Hides("ana@home.test")
		ana.Get("/confirm/"+long.Link+"?lang="+w.lang).Want(200, "").Says("ana@home.test")
		p.Press(w.confirm, "code", strings.ToLower(long.Code)).Want(200, "")
		ana.Get(v.Link()).Want(200, w.accept)

		// With the claim link in hand there are six digits.
		b := v.Open()
		p = b.Get(v.Link() + "/continue?lang=" + w.lang).Press(w.mail)
		if len(v.Code().Code) != 6 {
			t.Errorf("%s: a claim link got %q", w.lang, v.Code().Code)
		}
		p.Press(w.confirm, "code", v.Code().Code).Want(200, w.accept)
	}
}

func correction(score, of string) issuer.Correction {
	n, m := json.Number(score), json.Number(of)
	return issuer.Correction{Score: &n, MaxScore: &m, Reason: "recount"}
}

// Opening links changes nothing at all (flows 2.0, rule 1; row 81).
//
// row 81: the dump before is the dump after.
func TestReadingChangesNothing(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	v.Open().Get(v.Link() + "/continue").Press("E-mail me a code")
	stop := strings.TrimPrefix(v.Letters.Offers()[0].StopURL, "https://badges.acme.test")
	before := dumpAll(v)
	for _, path := range []string{v.Link(), v.Link() + "/continue", v.Link() + "/not-me", v.Link() + "/code", v.Link() + "/done", "/confirm/" + v.Code().Link, stop, "/badges/" + award, "/sign-in", "/claim/lost", "/me/badges", "/verify?url=https://badges.acme.test/badges/" + award} {
		b := v.Open()
		b.Do(http.MethodHead, path, "", nil)
		b.Get(path)
	}
	if after := dumpAll(v); after != before {
		t.Errorf("the database changed:\n%s\n%s", before, after)
	}
}

// dumpAll is all that the database holds.
func dumpAll(v *apitest.Visitors) string {
	v.T.Helper()
	var b strings.Builder
	tables := rowsOf(v, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	for _, table := range tables {
		fmt.Fprintln(&b, table[0], rowsOf(v, "SELECT * FROM "+fmt.Sprint(table[0])))
	}
	return b.String()
}

func rowsOf(v *apitest.Visitors, query string) (list [][]any) {
	v.T.Helper()
	rows, err := v.DB.SQL().Query(query)
	if err != nil {
		v.T.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		v.T.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for k := range row {
			into[k] = &row[k]
		}
		if err := rows.Scan(into...); err != nil {
			v.T.Fatal(err)
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		v.T.Fatal(err)
	}
	return list
}
