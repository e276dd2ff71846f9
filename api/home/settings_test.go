package home_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner"
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
		if !strings.Contains(page.Body, `<a href="/me/settings#profile">`) {
			t.Errorf("%s has no way to the profile", path)
		}
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
		v.SignIn(b, "ana@home.test").Want(200, "Overview")
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

// addAddress adds one to whoever is signed in, by the form of the settings.
func addAddress(v *apitest.Visitors, b *apitest.Browser, email string) *apitest.Page {
	v.T.Helper()
	v.Clock.Advance(time.Minute)
	return b.Get("/me/settings").Press("Add address", "email", email).Want(200, "Check your mail").Says(email).
		Press("Confirm code", "code", v.Code().Code).Want(200, "Settings").Says("Added.", email)
}

// row 24: a badge that was sent to an address stays when the address goes, and still proves itself.
// row 121: any confirmed address of the person takes what was sent to one of them, and their profile keeps them
// together.
func TestAddressesComeAndGo(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@work.test", "Ben Okafor", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	done := ben.Get(v.Link()).Press("Accept badge").Want(200, "Well done")
	badge := done.Follow("See the badge").Path
	addAddress(v, ben, "ben@home.test")

	settings := ben.Get("/me/settings")
	settings.Press("Send mail here ben@home.test").Want(200, "Settings").Says("Saved. Mail about your account goes to that address now.")
	remove := ben.Get("/me/settings").Follow("Remove ben@work.test").Want(200, "Remove this address?").Says("ben@work.test", "Badges that you accepted stay yours")
	remove.Press("Remove address").Want(200, "Settings").Says("Removed. All your addresses get a mail", "You can put it back until 12 March 2026")
	v.Open().Get(badge).Want(200, "Ben Okafor")
	ben.Get("/me/badges").Says("Cloud Fundamentals")

	v.Post(apitest.PassBy("R-2", "E4", "C-9", "ben@work.test", "Ben Okafor", "en")) // still the old address
	ben.Get("/me/badges").Says("Stand-alone Exam", "Waiting for you")

	last := v.Mailed.Changes[len(v.Mailed.Changes)-1]
	if last.Kind != earner.AddressRemoved || len(last.To) != 2 {
		t.Errorf("told %+v", last)
	}
	link, _, err := v.Given.Earners.Ways.UndoLink(t.Context(), last.Removal)
	if err != nil {
		t.Fatal(err)
	}
	mailbox := v.Open() // that of whoever reads the letter, with another browser
	mailbox.Get("/undo/"+link).Want(200, "Put an address back").Says("b•••@work.test").Hides("ben@work.test").
		Press("Put it back").Want(200, "Put an address back").Says("b•••@work.test is back.")
	mailbox.Get("/undo/nothing").Want(404, "")
	ben.Get("/me/settings").Want(200, "Sign in") // in case it was not them
	v.Clock.Advance(time.Minute)
	v.SignIn(ben, "ben@work.test")
	ben.Get("/me/settings").Says("What was changed", "ben@work.test was put back.", "ben@work.test was removed.")
	ben.Get("/me/settings").Follow("Remove ben@work.test").Press("Remove address").Press("Put it back ben@work.test").Want(200, "Settings").Says("It's back.")
}

// row 12: the last way in is not removed, and is replaced in one step.
// row 18: removing asks first, and asks whoever signed in more than ten minutes ago to show that it is them.
func TestRemovingAsksWhoIsThere(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@work.test", "Ben Okafor", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	only := ben.Get("/me/settings").Follow("Remove ben@work.test").Want(200, "Remove this address?").
		Says("This is your only way in. Add another account first, or replace it.").Hides("<button class=\"danger\"")
	_, token := ben.Get("/me/settings").Form("Add address")
	ben.Send(only.Path, token).Want(409, "Remove this address?").Says("This is your only way in.")

	v.Clock.Advance(11 * time.Minute)
	again := ben.Get("/me/settings").Follow("Replace ben@work.test").Want(200, "Show us it's you").Says("Sign").Hides("No account yet?")
	if _, values := again.Form("E-mail me a code"); values.Get("email") != "ben@work.test" {
		t.Error("asked for the address again:", values)
	}
	replace := again.Press("E-mail me a code").Press("Confirm code", "code", v.Code().Code).Want(200, "Replace this address")
	replace.Press("E-mail me a code", "email", "nothing").Want(422, "Replace this address").Says("This doesn't look like an e-mail address.")
	v.Clock.Advance(time.Minute)
	replace.Press("E-mail me a code", "email", "ben@home.test").Want(200, "Check your mail").
		Press("Confirm code", "code", v.Code().Code).Want(200, "Settings").Says("Replaced. The old address can't sign in any more.", "Mail goes here")
	ben.Get("/me/settings").Press("Add address", "email", "ben@").Want(422, "Settings").Says("There is a problem", "This doesn't look like an e-mail address.")

	// The button of a page that was open for long asks as well.
	v.Clock.Advance(time.Minute)
	addAddress(v, ben, "b@home.test")
	page := ben.Get("/me/settings").Follow("Remove b@home.test")
	v.Clock.Advance(11 * time.Minute)
	page.Press("Remove address").Want(200, "Show us it's you")
	ben.Get("/me/settings").Says("Remove b@home.test")
}

// row 20: what belongs to another account is not added, and nothing is told of whose it is.
func TestATakenAddressIsNotAdded(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.Post(apitest.PassBy("R-2", "E1", "C-8", "chloe@ecole.test", "Chloé Martin", "fr"))
	ben := v.Open()
	v.SignIn(v.Open(), "chloe@ecole.test")
	v.SignIn(ben, "ben@work.test")
	for _, by := range []string{"code", "link"} {
		v.Clock.Advance(time.Minute)
		code := ben.Get("/me/settings").Press("Add address", "email", "chloe@ecole.test").Want(200, "Check your mail")
		var taken *apitest.Page
		if by == "code" {
			taken = code.Press("Confirm code", "code", v.Code().Code)
		} else {
			taken = ben.Get("/confirm/" + v.Code().Link).Press("Confirm my address")
		}
		taken.Want(409, "That belongs to another account").Hides("Chloé")
	}
	ben.Get("/me/settings").Hides("chloe@ecole.test")
	v.Clock.Advance(time.Minute)
	ben.Get("/me/settings").Press("Add address", "email", "ben@home.test")
	ben.Get("/confirm/"+v.Code().Link).Press("Confirm my address").Want(200, "Settings").Says("Added.")
}

// Odd addresses are added as they are, in their one spelling; what is none is said to be none.
func TestOddAddressesAreAdded(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E1", "C-9", "ben@work.test", "Ben Okafor", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	long := strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "test" // 252
	for typed, stored := range map[string]string{
		"Ben+Badges@Home.TEST": "ben+badges@home.test", "o'brien@home.test": "o'brien@home.test", "ben@münchen.test": "ben@xn--mnchen-3ya.test",
		long: long, "<b>@home.test": "", "ben@home.test\r\nBcc: eve@evil.test": "", "ben": "", "@": "", strings.Repeat("a", 250) + "@b.test": "", "ben@home.test, eve@evil.test": "",
	} {
		if stored == "" {
			ben.Get("/me/settings").Press("Add address", "email", typed).Want(422, "Settings").Says("There is a problem").Hides("<b>@")
			continue
		}
		v.Clock.Advance(time.Minute)
		ben.Get("/me/settings").Press("Add address", "email", typed).Want(200, "Check your mail").
			Press("Confirm code", "code", v.Code().Code).Want(200, "Settings").Says(stored)
	}
	v.Clock.Advance(time.Minute)
	ben.Get("/me/settings").Press("Add address", "email", "BEN@work.test").Press("Confirm code", "code", v.Code().Code).Want(200, "Settings")
	if all, err := v.Given.Earners.Addresses(t.Context(), v.Holder("ben@work.test").ID); err != nil || len(all) != 5 {
		t.Errorf("got %+v, %v, want five addresses, none twice", all, err)
	}
}

// Links of letters that are guessed, cut or from elsewhere put nothing back.
func TestForeignUndoLinks(t *testing.T) {
	v := apitest.NewVisitors(t)
	b := v.Open()
	for _, link := range []string{"x", strings.Repeat("A", 24), strings.Repeat("A", 5000), "%00", "%ff", "..%2fme"} {
		if p := b.Get("/undo/" + link); p.Status != 404 {
			t.Errorf("%.20s: got %d", link, p.Status)
		}
	}
}

// Whoever has only the address of a job or a school is asked once for a personal one (flows 2.13).
func TestLeavingAJob(t *testing.T) {
	const question = "Is this an address of a job or a school?"
	v := apitest.NewVisitors(t)
	for n, address := range []string{"ben@work.test", "ben@gmail.com", "ben@yahoo.co.uk", "chloe@ecole.test"} {
		v.Post(apitest.PassBy(fmt.Sprint("R-", n), "E1", fmt.Sprint("C-", n), address, "Ben Okafor", "en"))
		b := v.Open()
		v.SignIn(b, address)
		page := b.Get("/me/settings")
		if strings.HasSuffix(address, ".test") {
			page.Says(question)
		} else {
			page.Hides(question)
		}
		switch address {
		case "ben@work.test":
			page.Press("Don't ask again").Want(200, "Settings").Hides(question)
			v.SignIn(v.Open(), address).Follow("Settings").Hides(question)
		case "chloe@ecole.test":
			addAddress(v, b, "chloe@home.test").Hides(question)
		}
	}
}
