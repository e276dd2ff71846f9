package home_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/earner/identity/identitytest"
)

// world is a site with two personal providers, Home and Spare, and a work one, which is believed about work.test.
type world struct {
	*apitest.Visitors
	home, spare, work *identitytest.Provider
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.Visitors = apitest.NewVisitors(t, func(o *apitest.Options) {
		w.home, w.spare, w.work = identitytest.New(t, o.Now), identitytest.New(t, o.Now), identitytest.New(t, o.Now)
		for _, p := range []struct {
			name, label, kind string
			at                *identitytest.Provider
			domains           []string
		}{
			{"home", "Home", identity.Personal, w.home, []string{"home.test"}},
			{"spare", "Spare", identity.Personal, w.spare, nil},
			{"work", "Contoso", identity.Work, w.work, []string{"work.test"}},
		} {
			o.Elsewhere = append(o.Elsewhere, identity.Provider{
				Name: p.name, Label: p.label, Kind: p.kind, Issuer: p.at.URL, ClientID: identitytest.ClientID,
				ClientSecret: identitytest.ClientSecret, Domains: p.domains,
			})
		}
	})
	w.home.SignsIn("P1", verified("ben@home.test"))
	w.spare.SignsIn("P3", verified("ben@spare.test"))
	w.work.SignsIn("W1", verified("ben@work.test"))
	w.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@home.test", "Ben Okafor", "en"))
	return w
}

func verified(address string) map[string]any {
	return map[string]any{"email": address, "email_verified": true, "name": "Ben Okafor"}
}

// ben is a browser in which Ben is signed in by the identity P1, from which his account was made.
func (w *world) ben() *apitest.Browser {
	w.T.Helper()
	b := w.Open()
	b.Get("/sign-in").Follow("Personal account: Home").Want(200, "Overview")
	b.Get("/me/badges").Says("Cloud Fundamentals")
	return b
}

// account is the id of Ben's account.
func (w *world) account() string {
	w.T.Helper()
	a, found, err := w.Given.Earners.AccountOf(w.T.Context(), "ben@home.test")
	if err != nil || !found {
		w.T.Fatal("Ben has no account:", err)
	}
	return a.ID
}

// identities are those of Ben's account, by their subjects.
func (w *world) identities() (list []string) {
	w.T.Helper()
	all, err := w.Given.Earners.Identities.List(w.T.Context(), w.account())
	if err != nil {
		w.T.Fatal(err)
	}
	for _, i := range all {
		list = append(list, i.Subject)
	}
	slices.Sort(list)
	return list
}

// A person who is new here types nothing where the provider vouches for exactly the address of the badge (S4).
// row 85: in a browser that they have signed in with, it is three activations: the link, the provider, Accept.
func TestClaimByProvider(t *testing.T) {
	w := newWorld(t)
	b := w.Open()
	accept := b.Get(w.Link()).Follow("Claim this badge").Want(200, "Show us it's you").
		Follow("Personal account: Home").Want(200, "Accept your badge?").Says("Ben Okafor")
	b.Get("/me/badges").Press("Sign out")
	b.Get(w.Link()).Want(200, "You earned a badge").Follow("Personal account: Home").Want(200, "Accept your badge?")
	accept.Press("Accept badge").Want(200, "Well done")
	if n := len(w.Mailed.Codes); n != 0 {
		t.Errorf("%d codes were mailed", n)
	}
	// S6: vouched for, but another address.
	w.Post(apitest.PassBy("R-2", "E1", "C-8", "chloe@ecole.test", "Chloé Martin", "fr"))
	b = w.ben()
	b.Get(w.Link()).Want(200, "This badge was sent to another address").Says("c•••@ecole.test", "ben@home.test")
}

// row 11: one personal identity at most, and a way to replace it. row 15 and 16: any number of others, each of which
// signs in to the same account. row 18: each is listed with its kind and last use. row 22: a new one works at once.
// row 52 and 53: adding from the settings leads back to where it began.
func TestIdentitiesOfAnAccount(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	settings := ben.Get("/me/settings").Says("Personal account: Home", "Last used 5 March 2026")
	connect := settings.Follow("Work or school account: Contoso").Want(200, "Connect this account?").Says("ben@work.test", "Ben Okafor")
	if got := w.identities(); !slices.Equal(got, []string{"P1"}) {
		t.Errorf("connected without being asked: %v", got)
	}
	connect.Press("Connect").Want(200, "Settings").Says("Connected. You can sign in with it from now on.", "Work or school account: Contoso")
	w.work.SignsIn("W2", verified("ben@other.test"))
	ben.Get("/me/settings/identity/start?provider=work&next=/me/credentials").Press("Connect").Want(200, "Exams and certifications")
	if got := w.identities(); !slices.Equal(got, []string{"P1", "W1", "W2"}) {
		t.Errorf("got %v", got)
	}
	for _, subject := range []string{"W1", "W2"} {
		w.work.SignsIn(subject, nil)
		other := w.Open()
		other.Get("/sign-in").Follow("Work or school account: Contoso").Want(200, "Overview").Follow("See it").Says("Cloud Fundamentals")
	}
	last := w.Mailed.Changes[len(w.Mailed.Changes)-1]
	if last.Kind != earner.IdentityAdded || last.What != "ben@other.test" || len(last.To) != 1 {
		t.Errorf("told %+v", last)
	}

	one := ben.Get("/me/settings").Follow("Personal account: Spare").Press("Connect").Want(409, "You already have a personal account here").Says("ben@home.test", "ben@spare.test")
	other := w.Open() // signed in by the one that is about to be replaced
	other.Get("/sign-in/home").Want(200, "Overview")
	one.Press("Replace").Want(200, "Settings").Says("Replaced. The account of before can't sign in any more.")
	if got := w.identities(); !slices.Equal(got, []string{"P3", "W1", "W2"}) {
		t.Errorf("got %v", got)
	}
	other.Get("/me/badges").Want(200, "Sign in")
	ben.Get("/me/badges").Want(200, "My badges").Says("Cloud Fundamentals")
	w.Open().Get("/sign-in/spare").Want(200, "Overview")
	// row 13: the removed one is nobody's.
	w.Open().Get("/sign-in/home").Want(200, "No account here uses that").Says("ben@home.test")
}

// row 12: replacing is one step, with the new account proven first. row 21: who signs out is offered to do so at the
// provider too, and the old cookie is worth nothing.
func TestReplaceAnIdentity(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	settings := ben.Get("/me/settings")
	settings.Open("/me/settings/identity/replace").Want(200, "Replace an account").Hides("Contoso").
		Follow("Personal account: Spare").Want(200, "Connect this account?").Says("It takes the place of the one of before").
		Press("Replace").Want(200, "Settings").Says("Replaced.")
	if got := w.identities(); !slices.Equal(got, []string{"P3"}) {
		t.Errorf("got %v", got)
	}
	if got := w.spare.Asked()[0].Get("prompt"); got != "select_account" {
		t.Errorf("the provider was asked with prompt %q: an account may have been used in silence (row 19)", got)
	}
	ben.Get("/me/badges").Press("Sign out").Want(200, "You are signed out").Says("Sign out at Spare too")
	ben.Get("/me/badges").Want(200, "Sign in")
}

// row 13: removing and adding are told and written down as two changes. row 24: a badge that was sent to the address of
// a work account stays.
func TestRemoveAnIdentity(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	w.Clock.Advance(time.Second)
	ben.Get("/me/settings").Follow("Work or school account: Contoso").Press("Connect")
	w.Clock.Advance(11 * time.Minute)
	ben.Get("/me/settings").Open("/me/settings/identity/remove").Want(200, "Show us it's you").Follow("Personal account: Home").
		Want(200, "Remove this account?").Says("Home: ben@home.test", "You can still sign in by a code to: ben@home.test").
		Press("Remove").Want(200, "Settings").Says("Removed. That account can't sign in any more.", "was removed.")
	if got := w.identities(); !slices.Equal(got, []string{"W1"}) {
		t.Errorf("got %v", got)
	}
	ben.Get("/me/settings").Follow("Personal account: Spare").Press("Connect").Want(200, "Settings")
	var kinds []string
	for _, c := range w.Mailed.Changes {
		kinds = append(kinds, c.Kind)
	}
	if want := []string{"identity_added", "identity_removed", "identity_added"}; !slices.Equal(kinds, want) {
		t.Errorf("told %v, want %v", kinds, want)
	}
	ben.Get("/me/settings/identity/remove?identity=idn_other").Want(200, "Settings")
	w.Open().Get("/sign-in/home").Want(200, "No account here uses that")
}

// row 19: the one that is here already says so. row 20: one of another account is refused, without a word of whose.
func TestIdentityOfAnother(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	ben.Get("/me/settings").Follow("Personal account: Home").Want(200, "Settings").Says("It is here already.")
	w.Post(apitest.PassBy("R-2", "E1", "C-8", "chloe@work.test", "Chloé Martin", "fr"))
	w.work.SignsIn("C1", verified("chloe@work.test"))
	w.Open().Get("/sign-in/work").Want(200, "Overview")
	ben.Get("/me/settings").Follow("Work or school account: Contoso").Want(409, "That belongs to another account").Hides("chloe", "Chloé")
	if got := w.identities(); !slices.Equal(got, []string{"P1"}) {
		t.Errorf("got %v", got)
	}
}

// An address that an account has is no key to it: whoever the provider vouches for shows by a code who they are here,
// and then connects the two with a button. email_verified counts as true or "true" and nothing else, and only in
// domains that the provider is believed about.
func TestAddressesOpenNoAccount(t *testing.T) {
	for name, claims := range map[string]map[string]any{
		"verified":   verified("ben@home.test"),
		"no address": {"name": "Ben"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.Open()
			w.SignIn(first, "ben@home.test").Want(200, "Overview") // so there is an account
			w.home.SignsIn("stranger", claims)
			b := w.Open()
			unknown := b.Get("/sign-in/home").Want(200, "No account here uses that")
			b.Get("/me/badges").Want(200, "Sign in")
			w.Clock.Advance(time.Minute)
			unknown.Press("E-mail me a code", "email", "ben@home.test").Want(200, "Check your mail").
				Press("Confirm code", "code", w.Code().Code).Want(200, "Connect this account?").Press("Connect").Want(200, "Settings")
			if got := w.identities(); !slices.Equal(got, []string{"stranger"}) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// A first account is made only for an address that the provider is believed about and that something was sent to.
func TestFirstAccountByProvider(t *testing.T) {
	w := newWorld(t)
	for name, claims := range map[string]map[string]any{
		"not verified":      {"email": "ben@home.test", "email_verified": false},
		"text that lies":    {"email": "ben@home.test", "email_verified": "yes"},
		"a number":          {"email": "ben@home.test", "email_verified": 1},
		"absent":            {"email": "ben@home.test"},
		"nothing was sent":  verified("eve@home.test"),
		"another's domain":  verified("ben@work.test"),
		"no address at all": {"email": "ben", "email_verified": true},
	} {
		w.home.SignsIn(name, claims)
		if page := w.Open().Get("/sign-in/home"); page.Heading() != "No account here uses that" {
			t.Errorf("%s: got %q", name, page.Heading())
		}
	}
	w.home.SignsIn("P1", map[string]any{"email": "Ben@HOME.test", "email_verified": "true"})
	w.home.Lie(identitytest.Lies{Userinfo: true}) // where some providers keep it
	w.Open().Get("/sign-in/home").Want(200, "Overview").Follow("See it").Says("Cloud Fundamentals")
}

// A provider that is down, lies, or is mixed up with another signs nobody in, and the page says how to go on.
func TestProvidersThatLie(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		lies   identitytest.Lies
		status int
		says   string
	}{
		{identitytest.Lies{Down: true}, 503, "Home can't be reached just now"},
		{identitytest.Lies{Error: "access_denied"}, 403, "Home says that it was called off."},
		{identitytest.Lies{Nonce: "another"}, 400, "does not fit what we asked"},
		{identitytest.Lies{Audience: "another"}, 400, "does not fit what we asked"},
		{identitytest.Lies{Issuer: "https://evil.test"}, 400, "does not fit what we asked"},
		{identitytest.Lies{Iss: "https://evil.test"}, 400, "does not fit what we asked"},
		{identitytest.Lies{Forged: true}, 400, "does not fit what we asked"},
		{identitytest.Lies{Late: 25 * time.Hour}, 400, "does not fit what we asked"},
	} {
		w.home.Lie(c.lies)
		b := w.Open()
		page := b.Get("/sign-in").Follow("Personal account: Home").Want(c.status, "Home did not sign you in").Says(c.says, "Nothing was changed here.")
		b.Get("/me/badges").Want(200, "Sign in")
		page.Follow("Go on another way").Want(200, "Sign in")
		w.home.Lie(identitytest.Lies{})
		page.Follow("Try again").Want(200, "Overview")
	}
	w.spare.Lie(identitytest.Lies{NamesIss: true}) // in every answer, it says
	w.Open().Get("/sign-in/spare").Want(400, "Spare did not sign you in")
	w.spare.Lie(identitytest.Lies{NamesIss: true, Iss: w.spare.URL})
	w.Open().Get("/sign-in/spare").Want(200, "No account here uses that")
	if !strings.Contains(w.Log.String(), "ask the provider home who it is") {
		t.Error("whoever runs the site does not learn that a provider is down")
	}
}

// A provider that knows no account chooser is asked without.
func TestProviderWithoutChooser(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	w.spare.Lie(identitytest.Lies{Error: "invalid_request"})
	ben.Get("/me/settings").Follow("Personal account: Spare").Want(403, "Spare did not sign you in")
	if asked := w.spare.Asked(); len(asked) != 2 || asked[1].Get("prompt") != "" {
		t.Errorf("asked %v", asked)
	}
}

// The answer of a provider counts in the browser that began, for that provider, once, and for half an hour.
func TestAnswersAreTakenOnce(t *testing.T) {
	w := newWorld(t)
	b, thief := w.Open(), w.Open()
	thief.Get("/sign-in")
	began := func() *url.URL { return w.begin(b, "/sign-in/home") }

	answer := began()
	thief.Get(answer.RequestURI()).Want(400, "Home did not sign you in").Says("This did not begin in this browser.")
	w.Open().Get(answer.RequestURI()).Want(400, "Home did not sign you in")
	mixed := *answer
	mixed.Path = "/sign-in/work/callback"
	b.Get(mixed.RequestURI()).Want(400, "Contoso did not sign you in")
	for _, change := range []string{"", "x", answer.Query().Get("state")[:40], answer.Query().Get("state") + "A", strings.Repeat("A", 3000)} {
		q := answer.Query()
		q.Set("state", change)
		b.Get("/sign-in/home/callback?"+q.Encode()).Want(400, "Home did not sign you in")
	}
	b.Get(answer.RequestURI()).Want(200, "Overview")
	b.Get(answer.RequestURI()).Want(200, "Overview") // the page was loaded twice
	b.Get("/me/badges").Press("Sign out")
	b.Get(answer.RequestURI()).Want(409, "Home did not sign you in").Says("used already")

	answer = began()
	w.Clock.Advance(31 * time.Minute)
	b.Get(answer.RequestURI()).Want(410, "Home did not sign you in").Says("longer than half an hour")
	q := began().Query()
	q.Set("code", "guessed")
	b.Get("/sign-in/home/callback?"+q.Encode()).Want(400, "Home did not sign you in")
	b.Get("/sign-in/nobody").Want(404, "")
	b.Get("/sign-in/nobody/callback?state=x").Want(404, "")
}

// begin is the address to which the provider sends somebody back, not yet opened.
func (w *world) begin(b *apitest.Browser, path string) *url.URL {
	w.T.Helper()
	leads := func(from string) string {
		w.T.Helper()
		b.StayHere(true)
		defer b.StayHere(false)
		page := b.Do(http.MethodGet, from, "", nil)
		if page.Header.Get("Location") == "" {
			w.T.Fatalf("%s: %d leads nowhere", from, page.Status)
		}
		return page.Header.Get("Location")
	}
	u, err := url.Parse(leads(leads(path)))
	if err != nil {
		w.T.Fatal(err)
	}
	return u
}

// row 10: where somebody wanted to go is remembered while they are away, and never leads to another site.
func TestReturnPaths(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	for next, want := range map[string]string{
		"/me/credentials": "/me/credentials", "https://evil.test": "/me", "//evil.test": "/me", `/\evil.test`: "/me",
		"/me//evil.test": "/me", "/api/v1/results": "/me", "": "/me", "javascript:alert(1)": "/me", "/me.evil.test": "/me",
	} {
		b := w.Open()
		if got := b.Get("/sign-in/home?next=" + url.QueryEscape(next)).Path; got != want {
			t.Errorf("next %q leads to %s, want %s", next, got, want)
		}
		w.work.SignsIn("W-"+next, nil)
		got := ben.Get("/me/settings/identity/start?provider=work&next=" + url.QueryEscape(next)).Press("Connect").Path
		wanted := want
		if want == "/me" {
			wanted = "/me/settings?note=connected"
		}
		if got != wanted {
			t.Errorf("connecting with next %q leads to %s, want %s", next, got, wanted)
		}
	}
	asked := w.home.Asked()[0]
	if strings.Contains(asked.Encode(), "credentials") || asked.Get("nonce") == "" || asked.Get("scope") != "openid email profile" {
		t.Errorf("the provider learns %v", asked)
	}
}

// What a provider says of a person is text, in any script, and turns nothing else on the page.
func TestOddNamesFromProviders(t *testing.T) {
	w := newWorld(t)
	for name, shown := range map[string]string{
		"<script>alert(1)</script>": "<script>alert(1)</script>", "نور الهدى": "نور الهدى", "Ben \u202eofakO": "Ben ofakO", "山田 太郎": "山田 太郎",
		strings.Repeat("é", 400): strings.Repeat("é", 254), "Ben\x00\r\nOkafor": "Ben Okafor",
	} {
		w.work.SignsIn(fmt.Sprint("W", len(name)), map[string]any{"name": name})
		page := w.Open().Get("/sign-in/work").Want(200, "No account here uses that").Says(shown).Hides("<script>alert", "\u202e")
		if strings.Contains(page.Body, strings.Repeat("é", 255)) {
			t.Error("the name was not cut")
		}
	}
	w.home.SignsIn("P1", map[string]any{"email": "ben@home.test", "email_verified": true, "name": "Ben \u202eofakO<b>"})
	w.Open().Get("/sign-in/home").Want(200, "Overview").Says("Ben ofakO<b>").Hides("<b>", "\u202e")
	w.home.SignsIn(strings.Repeat("x", 256), nil) // longer than a subject may be (OpenID Connect Core §2)
	w.Open().Get("/sign-in/home").Want(400, "Home did not sign you in")
}

// A session that somebody planted before is not the one of whoever signs in, by whatever way.
func TestPlantedSessions(t *testing.T) {
	w := newWorld(t)
	w.ben()
	b := w.Open().Plant("__Host-insignia", "planted")
	b.Get("/sign-in/home").Want(200, "Overview")
	if token := b.Cookie("__Host-insignia"); token == "planted" || token == "" {
		t.Errorf("the session is %q", token)
	}
	w.Open().Plant("__Host-insignia", "planted").Get("/me/badges").Want(200, "Sign in")
}

// TestTheLastWayComesFirst: every page that asks somebody to sign in begins with the way that this browser used last, and
// with the code where that was it, or nobody was here yet (flows 2.1.4, S2).
// row 16: ways in are labelled by kind.
func TestTheLastWayComesFirst(t *testing.T) {
	w := newWorld(t)
	order := func(p *apitest.Page, want ...string) {
		t.Helper()
		at := -1
		for _, label := range want {
			next := strings.Index(p.Text(), label)
			if next < at || next < 0 {
				t.Errorf("%s: %q does not stand where it should: %s", p.Path, label, p.Text())
			}
			at = next
		}
		if n := strings.Count(p.Body, `class="button primary"`) + strings.Count(p.Body, `<button class="primary"`); n != 1 {
			t.Errorf("%s has %d primary buttons", p.Path, n)
		}
	}
	const mailed, home, work = "E-mail me a code", "Personal account: Home", "Work or school account: Contoso"
	order(w.Open().Get("/sign-in"), mailed, home, work)
	ben := w.ben()
	order(ben.Get("/sign-in?again=1"), home, mailed, work)
	ben.Get("/me/settings").Follow(work).Press("Connect")
	ben.Get("/me").Press("Sign out")
	ben.Get("/sign-in?next=/me/credentials").Follow(work).Want(200, "Exams and certifications")
	ben.Get("/me").Press("Sign out")
	order(ben.Get("/me/credentials"), work, mailed, home)
	order(ben.Get("/sign-in").Press(mailed, "email", "bob"), work, mailed, home)
	ben.Get("/sign-in").Press(mailed, "email", "ben@home.test").Press("Confirm code", "code", w.Code().Code).Want(200, "Overview")
	ben.Get("/me").Press("Sign out")
	order(ben.Get("/sign-in"), mailed, home, work)
}
