package api

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
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
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
func TestClaim(t *testing.T) {
	for _, w := range claimWords {
		t.Run(w.lang, func(t *testing.T) {
			v := newVisitors(t)
			first := v.record(passBy("R-1", "E2", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
			second := v.record(passBy("R-2", "E3", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
			if len(first) != 1 || len(second) != 2 {
				t.Fatalf("got %d and %d awards", len(first), len(second))
			}
			ana := v.open()
			ana.header.Set("Accept-Language", "de")
			landing := ana.get(v.link()).want(200, w.landing).says("Cloud Operator", "Securing Clouds", "a•••@home.test", "Acme Certification", "TestCo")
			landing.hides("ana@home.test", "Ana Ruiz", "C-77")
			if landing.lang() != w.lang {
				t.Errorf("the page is in %s, the letter was in %s", landing.lang(), w.lang)
			}
			code := landing.follow(w.claim).want(200, w.proof).says("ana@home.test").press(w.mail).want(200, w.code).says("ana@home.test")
			letter := v.code()
			if letter.To.Address != "ana@home.test" || letter.Purpose != earner.Claim || letter.Lang != w.lang {
				t.Errorf("code letter: %+v", letter)
			}
			accept := code.press(w.confirm, "code", letter.Code[:3]+" "+letter.Code[3:]).want(200, w.accept).says("Ana Ruiz")
			done := accept.press(w.button).want(200, w.done).says("Cloud Operator", "Securing Clouds")
			if !strings.HasSuffix(done.path, "/done") {
				t.Error("form without 303:", done.path)
			}
			done.follow(w.see).want(200, "Ana Ruiz").says("Cloud Operator", w.valid)
			for _, a := range second {
				if got := v.state(a.ID); got != "accepted link" {
					t.Errorf("%s is %s", a.Code, got)
				}
				stranger := v.open().get("/badges/"+a.ID).want(200, "Ana Ruiz")
				if stranger.header.Get("X-Robots-Tag") != "noindex" || stranger.header.Get("Set-Cookie") != "" {
					t.Error("stranger's headers:", stranger.header)
				}
			}
		})
	}
}

// A person with a session needs two activations: the link and the button (row 85).
func TestReturningClaim(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	ana := v.open()
	v.signIn(ana, "ana@home.test").want(200, "My badges")
	ana.get(v.link()).want(200, "Accept your badge?").press("Accept badge", "visibility", "public").want(200, "Well done").says("Everybody can see it")

	v.record(anasPass("R-2", "E4"))
	accept := ana.get(v.link()).want(200, "Accept your badge?")
	if _, values := accept.form("Accept badge"); values.Get("visibility") != "public" {
		t.Error("the choice was not remembered:", values)
	}
}

// The page opens in the language of the letter, which is the programme's where the candidate named none.
func TestClaimLanguage(t *testing.T) {
	for locale, want := range map[string]string{"": "en", "fr-CA": "fr", "es": "es", "ja": "en"} {
		v := newVisitors(t)
		v.record(passBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", locale))
		b := v.open()
		b.header.Set("Accept-Language", "es")
		if got := b.get(v.link()).lang(); got != want {
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
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	link := v.link()
	for _, path := range []string{link, link + "/continue", link + "/not-me", "/claim/unknown", "/claim/lost", "/sign-in"} {
		h := v.open().get(path).header
		if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Content-Security-Policy") != contentPolicy {
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
func TestDecisionTable(t *testing.T) {
	ctx := context.Background()
	accept := func(v *visitors, a *issuer.Award) {
		v.signIn(v.open(), "ana@home.test")
		if err := v.Accept(ctx, v.holder("ana@home.test"), a.ID, issuer.ByLink); err != nil {
			t.Fatal(err)
		}
	}
	decline := func(v *visitors, a *issuer.Award) {
		v.signIn(v.open(), "ana@home.test")
		if err := v.Decline(ctx, v.holder("ana@home.test"), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(v *visitors, a *issuer.Award) {
		if _, err := v.Resend(ctx, v.Caller, a.ID); err != nil {
			t.Fatal(err)
		}
		v.Work(t)
	}
	void := func(v *visitors, a *issuer.Award) {
		if _, err := v.Void(ctx, v.Caller, a.ResultID, "mixed up"); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func(*visitors, *issuer.Award) {}
	for _, c := range []struct {
		name    string
		before  func(*visitors, *issuer.Award)
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
			v := newVisitors(t)
			v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
			awards := v.record(anasPass("R-1", "E1"))
			link := v.link()
			c.before(v, awards[0])
			b := v.open()
			if c.who != "" {
				v.signIn(b, c.who).want(200, "My badges")
			}
			before := v.state(awards[0].ID)
			p := b.get(link).want(c.status, c.heading).says(c.says)
			if c.who == "" {
				p.hides("Ana Ruiz", "ana@home.test")
			}
			if after := v.state(awards[0].ID); after != before {
				t.Errorf("GET made %s out of %s", after, before)
			}
		})
	}
	t.Run("malformed or unknown", func(t *testing.T) {
		v := newVisitors(t)
		for _, token := range []string{"abc", strings.Repeat("a", 26), strings.Repeat("a", 5000), "%00", "..%2f..", "A'--", url.PathEscape("é漢")} {
			v.open().get("/claim/"+token).want(404, "This link isn't complete").follow("Get a new link").want(200, "Lost the mail?")
			v.open().send("/claim/"+token, url.Values{"do": {"accept"}}).want(404, "This link isn't complete")
		}
	})
}

func TestDeclineAndAcceptAfterAll(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ana := v.open()
	v.signIn(ana, "ana@home.test")
	declined := ana.get(v.link()).press("Decline").want(200, "You declined this badge").says("5 March 2026")
	if got := v.state(award); !strings.HasPrefix(got, "declined") {
		t.Fatal(got)
	}
	v.open().get("/badges/"+award).want(404, "Nothing to show here")
	ana.send(v.link(), url.Values{"do": {"accept"}}).want(200, "Accept your badge?")
	again := declined.says("Nothing was published. Your certification itself is not affected.", "Go to my badges").follow("Accept after all").want(200, "Accept your badge?").says("Who can see it?")
	if got := v.state(award); !strings.HasPrefix(got, "declined") {
		t.Fatal("published before anybody said who can see it:", got)
	}
	again.press("Accept badge", "visibility", "link").want(200, "Well done, Ana Ruiz").says("Anyone with the link")
	v.open().get("/badges/"+award).want(200, "Ana Ruiz")
}

// Doing it twice, or in two windows, is harmless.
func TestRepeatedClaim(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ana := v.open()
	code := ana.get(v.link() + "/continue").press("E-mail me a code")
	ana.get(v.link()+"/continue").press("E-mail me a code").want(200, "Check your mail") // pressed again
	if len(v.mailed.codes) != 1 {
		t.Errorf("%d codes were mailed", len(v.mailed.codes))
	}
	one := code.press("Confirm code", "code", v.code().Code).want(200, "Accept your badge?")
	code.press("Confirm code", "code", v.code().Code).want(200, "Accept your badge?")
	one.press("Accept badge", "visibility", "private").want(200, "Well done").says("Only you can see it")
	one.press("Accept badge", "visibility", "public").want(200, "Well done").says("Only you can see it")
	one.press("Decline").want(200, "Ana Ruiz") // what stands is shown, and stays
	if got := v.state(award); got != "accepted private" {
		t.Error(got)
	}
	ana.get(v.link()+"/continue").want(200, "Ana Ruiz")
	ana.get(v.link()+"/code").want(200, "Ana Ruiz")
	v.open().get(v.link()+"/done").want(200, "Already claimed")
}

func TestWrongCodes(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	ana := v.open()
	code := ana.get(v.link() + "/continue").press("E-mail me a code")
	right := v.code().Code
	bad := "000000"
	if right == bad {
		bad = "111111"
	}
	code.press("Confirm code", "code", "").want(422, "Check your mail").says("Enter the 6-digit code")
	code.press("Confirm code", "code", "12").want(422, "Check your mail").says("That code doesn't match. 5 tries left.")
	code.press("Confirm code", "code", bad).want(422, "Check your mail").says("4 tries left")
	v.Clock.Advance(8 * time.Second)
	early := code.press("Send a new code").want(429, "Check your mail").says("You can ask again in 22 seconds. The code we sent is still good.").hides("too often")
	if strings.Contains(early.body, "aria-invalid") || strings.Contains(early.body, "code-error") {
		t.Error("asking too soon is shown as an error of the code")
	}
	v.Clock.Advance(23 * time.Second)
	code.press("Send a new code").want(200, "Check your mail").says("new code")
	if v.code().Code == right || len(v.mailed.codes) != 2 {
		t.Error("no new code")
	}
	v.Clock.Advance(31 * time.Minute)
	code.press("Confirm code", "code", v.code().Code).want(410, "Check your mail").says("We've sent a new one")
	if len(v.mailed.codes) != 3 {
		t.Errorf("%d codes", len(v.mailed.codes))
	}
	for range 4 {
		code.press("Confirm code", "code", bad)
	}
	code.press("Confirm code", "code", bad).want(422, "Check your mail").says("too often")
	code.press("Confirm code", "code", v.code().Code).want(422, "Check your mail")
	if _, found, _ := v.o.Earners.AccountOf(context.Background(), "ana@home.test"); found {
		t.Error("guessing made an account")
	}
}

// Somebody to whom the letter was forwarded comes as far as the address that it names already.
func TestForwardedMail(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ben := v.open()
	landing := ben.get(v.link()).want(200, "You earned a badge")
	proof := landing.follow("Claim this badge")
	action, values := proof.form("E-mail me a code")
	values.Set("email", "ben@work.test") // ignored: row 83
	values.Set("address", "ben@work.test")
	code := ben.send(action, values).want(200, "Check your mail")
	if v.code().To.Address != "ana@home.test" {
		t.Fatal("the code went to", v.code().To.Address)
	}
	code.press("Confirm code", "code", "123456")
	for _, do := range []string{"accept", "decline", "add", "again"} {
		ben.send(v.link(), url.Values{"do": {do}, "visibility": {"public"}}).want(200, "You earned a badge")
	}
	ben.send(v.link(), url.Values{"do": {"anything"}}).want(400, "We couldn't read that")
	if got := v.state(award); got != "offered link" {
		t.Error(got)
	}
	if list, err := v.Waiting(context.Background(), "ana@home.test"); err != nil || len(list) != 1 {
		t.Error("the offer is gone:", list, err)
	}
}

// A scanner opens everything with HEAD and GET, sends every form from a fresh jar, and keeps its cookies.
func TestScannerRobot(t *testing.T) {
	for name, headers := range map[string]http.Header{
		"browser": {"Origin": {"https://badges.acme.test"}, "Sec-Fetch-Site": {"same-origin"}}, "plain": nil,
	} {
		t.Run(name, func(t *testing.T) {
			v := newVisitors(t)
			award := v.record(anasPass("R-1", "E1"))[0].ID
			ana := v.open() // has asked for a code, which waits in the mail
			code := ana.get(v.link() + "/continue").press("E-mail me a code")
			letter := v.code()
			for _, start := range []string{v.link(), "/confirm/" + letter.Link} {
				robot := v.open()
				robot.post = headers
				crawlFrom(robot, start)
			}
			if got := v.state(award); got != "offered link" {
				t.Fatal("the robot made it", got)
			}
			if _, found, _ := v.o.Earners.AccountOf(context.Background(), "ana@home.test"); found {
				t.Fatal("the robot confirmed the account")
			}
			code.press("Confirm code", "code", letter.Code).want(200, "Accept your badge?").press("Accept badge").want(200, "Well done")
		})
	}
}

// crawlFrom visits every page of the claim and presses every button, twice.
func crawlFrom(b *browser, start string) {
	b.t.Helper()
	seen, queue := map[string]bool{}, []string{start}
	for len(queue) > 0 && len(seen) < 60 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		b.do(http.MethodHead, path, "", nil)
		p := b.get(path)
		for range 2 {
			for _, form := range p.forms() {
				after := b.send(p.resolve(attribute(form, "action")), everything(form))
				queue = append(queue, after.path)
			}
		}
		for _, link := range p.links() {
			if strings.HasPrefix(link, "/claim/") || strings.HasPrefix(link, "/confirm/") || strings.HasPrefix(link, "/sign-in") {
				queue = append(queue, link)
			}
		}
	}
}

// Opened in another browser, the confirmation link shows the code; in the one that asked it has a button.
func TestConfirmationLink(t *testing.T) {
	v := newVisitors(t)
	v.record(passBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", "es"))
	ana := v.open()
	ana.get(v.link() + "/continue?lang=en").press("E-mail me a code")
	letter := v.code()
	elsewhere := v.open()
	grouped := letter.Code[:3] + " " + letter.Code[3:]
	other := elsewhere.get("/confirm/"+letter.Link).want(200, "").says(grouped).hides("ana@home.test")
	if len(other.forms()) != 0 {
		t.Error("a form for strangers")
	}
	elsewhere.send("/confirm/"+letter.Link, url.Values{}).want(404, "")
	ana.get("/confirm/"+letter.Link).want(200, "").says("ana@home.test").hides(letter.Code, grouped).press("Confirm my address").want(200, "Accept your badge?")
	ana.get("/confirm/"+letter.Link).want(200, "My badges")
	elsewhere.get("/confirm/"+letter.Link).want(409, "").says("This code was used.").hides(letter.Code, grouped, "too old")
	v.open().get("/confirm/unknown").want(404, "")
	account, _, err := v.o.Earners.AccountOf(context.Background(), "ana@home.test")
	if err != nil || account.Name != "Ana Ruiz" || account.Language != "en" {
		t.Errorf("account %+v, %v", account, err)
	}
}

// S6: signed in with another address, which may be theirs too.
func TestWrongAccount(t *testing.T) {
	v := newVisitors(t)
	v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ben := v.open()
	v.signIn(ben, "ben@work.test")
	wrong := ben.get(v.link()).want(200, "This badge was sent to another address").hides("ana@home.test")
	code := wrong.press("That address is mine too").want(200, "Check your mail").says("ana@home.test")
	if l := v.code(); l.To.Address != "ana@home.test" || l.Purpose != earner.AddAddress {
		t.Fatalf("%+v", l)
	}
	ben.get(v.link()).want(200, "Check your mail") // has it, unconfirmed: S3
	code.press("Confirm code", "code", v.code().Code).want(200, "Accept your badge?").press("Accept badge").want(200, "Well done")
	if got := v.state(award); got != "accepted link" {
		t.Error(got)
	}
	account, found, err := v.o.Earners.AccountOf(t.Context(), "ben@work.test")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := []earner.Added{{Account: account.ID, To: []earner.Mailbox{{Address: "ben@work.test"}}, Address: "ana@home.test", Lang: "en"}}
	if diff := cmp.Diff(want, v.mailed.added); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	ben.get("/me/badges").says("Cloud Fundamentals", "Stand-alone Exam")
}

func TestWrongAccountTakenOrLeft(t *testing.T) {
	v := newVisitors(t)
	v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.record(anasPass("R-1", "E1"))
	v.signIn(v.open(), "ana@home.test") // the address has an account of its own
	ben := v.open()
	v.signIn(ben, "ben@work.test")
	v.Clock.Advance(time.Minute)
	link := v.link()
	code := ben.get(link).press("That address is mine too")
	code.press("Confirm code", "code", v.code().Code).
		want(200, "This badge was sent to another address").says("That address belongs to another account.").hides("Ana Ruiz").
		press("Sign out and use another account").want(200, "You earned a badge")
	v.Clock.Advance(time.Minute)
	ben.get(link+"/continue").press("E-mail me a code").press("Confirm code", "code", v.code().Code).want(200, "Accept your badge?")
}

// "This isn't me" holds the offer (S14), whatever is pressed afterwards, until its owner or its partner answers;
// the partner sees it. Opening pages does nothing.
func TestNotMe(t *testing.T) {
	for _, reason := range issuer.DisputeReasons {
		v := newVisitors(t)
		v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
		award := v.record(anasPass("R-1", "E1"))[0].ID
		older := v.link()
		ana := v.open()
		v.signIn(ana, "ana@home.test")
		stale := ana.get("/me/badges")
		v.want(http.StatusOK, "POST", "/awards/"+award+"/resend", "")
		v.Work(t)
		newest := v.link()
		accept := ana.get(newest).want(200, "Accept your badge?")
		form := v.open().get(newest).follow("This isn't me").want(200, "This isn't me").hides("ana@home.test", "Ana Ruiz", "Cloud Fundamentals")
		form.press("Send").want(422, "This isn't me").says("Choose what is wrong.")
		form.press("Send", "reason", "whatever").want(422, "This isn't me")
		v.open().do("HEAD", newest+"/not-me", "", nil)
		v.open().get(newest + "/not-me?done=1&reason=" + reason)
		dispute(v, award, "")
		form.press("Send", "reason", reason).want(200, "Thank you").says("nobody can accept it", "look into it")
		dispute(v, award, reason)

		offers := len(v.Letters.Offers())
		const held = "This badge is being checked"
		for _, link := range []string{newest, newest + "/continue", newest + "/code", newest + "/done", older} {
			v.open().get(link).want(200, held).says("TestCo", "Acme Certification", "Sign in").hides("ana@home.test", "Ana Ruiz", "Claim this badge", "It is mine after all")
		}
		form.press("Send", "reason", reason).want(200, held)
		v.open().get("/claim/lost").press("Mail me my badges", "email", "ana@home.test")
		ben := v.open()
		v.signIn(ben, "ben@work.test")
		for _, b := range []*browser{v.open(), ben} {
			b.send(newest, url.Values{"do": {"mine"}})
			b.send(newest, url.Values{"do": {"accept"}, "visibility": {"public"}})
			b.send(newest+"/continue", url.Values{})
		}
		accept.press("Accept badge").want(200, held)
		stale.press("Accept badge").want(200, "My badges").says("Being checked")
		v.Work(t)
		if got := v.state(award); got != "offered link" || len(v.Letters.Offers()) != offers {
			t.Errorf("%s: the badge is %s after %d letters", reason, got, len(v.Letters.Offers())-offers)
		}
		dispute(v, award, reason)

		owner := ana.get("/me/badges").says("Being checked").hides("Accept badge")
		if reason == issuer.NeverTook {
			owner.press("It is mine after all").want(200, "My badges").press("Accept badge")
		} else {
			ana.get(newest).want(200, held).press("It is mine after all").want(200, "Accept your badge?").press("Accept badge").want(200, "Well done")
		}
		if got := v.state(award); got != "accepted link" {
			t.Errorf("%s: the badge is %s, want it accepted by its owner", reason, got)
		}
		dispute(v, award, "")
	}
}

// dispute checks what the partner sees of a dispute; no reason: none.
func dispute(v *visitors, award, reason string) {
	v.t.Helper()
	for _, path := range []string{"/awards/" + award, "/awards", "/awards?candidate=C-77", "/results/R-1"} {
		body := v.call("GET", apiPath+path, "").Body.String()
		want := reason != ""
		if got := strings.Contains(body, `"disputed":{"at":"`) && strings.Contains(body, `"reason":"`+reason+`"}`); got != want || strings.Contains(body, "disputed") != want {
			v.t.Errorf("%s: want it disputed for %q, got %s", path, reason, body)
		}
	}
}

// The lost-mail form tells nobody which addresses there are.
func TestLostMail(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	v.record(anasPass("R-2", "E4"))
	old := v.link()
	before := len(v.Letters.Offers())
	b := v.open()
	var answers []*page
	for _, email := range []string{"ana@home.test", "nobody@else.test", "ANA@home.test"} {
		p := b.get("/sign-in").follow("Get a new link").press("Mail me my badges", "email", email).want(200, "Lost the mail?").says("If a badge is waiting for that address")
		answers = append(answers, p)
		v.Work(t)
	}
	for _, p := range answers[1:] {
		if p.body != answers[0].body || p.path != answers[0].path {
			t.Errorf("%s answers differently", p.path)
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
	v.open().get(old).want(200, "There is a newer link").press("Send it again").want(200, "There is a newer link").says("Sent again to a•••@home.test")
	v.Work(t)
	v.open().get(v.link()).want(200, "You earned 2 badges")
	b.get("/claim/lost").press("Mail me my badges", "email", "").want(422, "Lost the mail?").says("Enter an e-mail address")
	b.get("/claim/lost").press("Mail me my badges", "email", "no address").want(422, "Lost the mail?").says("doesn't look like")
	before = len(v.Letters.Offers())
	for range 10 {
		b.get("/claim/lost").press("Mail me my badges", "email", "ana@home.test").want(200, "Lost the mail?")
		v.Work(t)
	}
	if n := len(v.Letters.Offers()) - before; n > 3 {
		t.Errorf("%d letters more", n)
	}
	b.get("/claim/lost").press("Mail me my badges", "email", "ana@home.test").want(200, "Lost the mail?").
		says("asked for several times today", "sign in with the address").follow("Sign in")
	for range 5 {
		v.open().get(old).press("Send it again")
	}
	v.open().get(old).press("Send it again").want(200, "There is a newer link").says("We have sent it to a•••@home.test several times today")
}

// TestOwnerAlwaysGetsIn has strangers use up all letters with six digits; in each language the owner types the long code
// that the page asks for, from the letter that it names, signing in and claiming, or opens its link.
func TestOwnerAlwaysGetsIn(t *testing.T) {
	for _, w := range []struct{ lang, mail, confirm, accept string }{
		{"en", "E-mail me a code", "Confirm code", "Accept"}, {"es", "código", "onfirmar", "Acepta"}, {"fr", "code", "onfirmer", "Accepter"},
	} {
		v := newVisitors(t)
		v.record(passBy("R-1", "E1", "C-77", "ana@home.test", "Ana Ruiz", w.lang))
		ask := func() (*browser, *page) {
			b := v.open()
			return b, b.get("/sign-in?lang="+w.lang).press(w.mail, "email", "ana@home.test").want(200, "")
		}
		for range 20 {
			_, p := ask()
			p.press(w.confirm, "code", "123456")
		}
		long := v.code()
		if len(long.Code) != 14 {
			t.Fatalf("%s: the last code is %q, want a long one", w.lang, long.Code)
		}
		v.Clock.Advance(20 * time.Minute)
		ana, p := ask()
		if v.code() != long {
			t.Errorf("%s: another letter within half an hour", w.lang)
		}
		sent := v.Clock.Now().Add(-20 * time.Minute).UTC().Format("15:04 UTC")
		p.says(sent)
		p.press(w.confirm, "code", "123456").want(422, "").says("12")
		p.press(w.confirm, "code", "").want(422, "").says("12")
		v.open().get("/confirm/"+long.Link).want(200, "").says(long.Code).hides("ana@home.test")
		ana.get("/confirm/"+long.Link+"?lang="+w.lang).want(200, "").says("ana@home.test")
		p.press(w.confirm, "code", strings.ToLower(long.Code)).want(200, "")
		ana.get(v.link()).want(200, w.accept)

		// With the claim link in hand there are six digits.
		b := v.open()
		p = b.get(v.link() + "/continue?lang=" + w.lang).press(w.mail)
		if len(v.code().Code) != 6 {
			t.Errorf("%s: a claim link got %q", w.lang, v.code().Code)
		}
		p.press(w.confirm, "code", v.code().Code).want(200, w.accept)
	}
}

func correction(score, of string) issuer.Correction {
	n, m := json.Number(score), json.Number(of)
	return issuer.Correction{Score: &n, MaxScore: &m, Reason: "recount"}
}

// Opening links changes nothing at all (flows 2.0, rule 1; row 81).
func TestReadingChangesNothing(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E1"))[0].ID
	v.open().get(v.link() + "/continue").press("E-mail me a code")
	stop := strings.TrimPrefix(v.Letters.Offers()[0].StopURL, "https://badges.acme.test")
	before := dumpAll(v)
	for _, path := range []string{v.link(), v.link() + "/continue", v.link() + "/not-me", v.link() + "/code", v.link() + "/done", "/confirm/" + v.code().Link, stop, "/badges/" + award, "/sign-in", "/claim/lost", "/me/badges", "/verify?url=https://badges.acme.test/badges/" + award} {
		b := v.open()
		b.do(http.MethodHead, path, "", nil)
		b.get(path)
	}
	if after := dumpAll(v); after != before {
		t.Errorf("the database changed:\n%s\n%s", before, after)
	}
}

// dumpAll is all that the database holds.
func dumpAll(v *visitors) string {
	v.t.Helper()
	var b strings.Builder
	tables := rowsOf(v, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	for _, table := range tables {
		fmt.Fprintln(&b, table[0], rowsOf(v, "SELECT * FROM "+fmt.Sprint(table[0])))
	}
	return b.String()
}

func rowsOf(v *visitors, query string) (list [][]any) {
	v.t.Helper()
	rows, err := v.DB.SQL().Query(query)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		v.t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for k := range row {
			into[k] = &row[k]
		}
		if err := rows.Scan(into...); err != nil {
			v.t.Fatal(err)
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		v.t.Fatal(err)
	}
	return list
}
