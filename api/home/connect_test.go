package home_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/connection"
)

// rows of the tables that a person's accounts and profiles stand in.
func (w *world) rows() (counts string) {
	w.T.Helper()
	for _, table := range []string{"account", "candidate", "connection", "connection_entry", "address", "identity"} {
		var n int
		if _, err := w.DB.Reader().Get(w.T.Context(), &n, `SELECT COUNT(*) FROM `+table); err != nil {
			w.T.Fatal(err)
		}
		counts += fmt.Sprint(table, " ", n, ", ")
	}
	return counts
}

// connectedTo is the account that a registration of TestCo's is connected to.
func (w *world) connectedTo(candidate string) string {
	w.T.Helper()
	account, err := connection.Connected(w.T.Context(), w.DB.Reader(), w.Caller.ID, candidate)
	if err != nil {
		w.T.Fatal(err)
	}
	return account
}

// row 39: somebody who signs in with the address of a certification profile is offered to connect it.
// row 42: a press shows what it is, another one connects it, and again is the same.
// row 41: certifications, exams and badges stand on one page in that order, with a way to each.
// row 43: the button is gone then, and what comes later is there without any action.
func TestConnectWhatWasFound(t *testing.T) {
	w := newWorld(t)
	w.Post(apitest.PassBy("R-2", "E2", "C-9", "ben@home.test", "Ben Okafor", "en"), apitest.PassBy("R-3", "E3", "C-9", "ben@home.test", "Ben Okafor", "en"))
	ben := w.ben()
	preview := ben.Get("/me").Says("We found your exam record. Connect it?").Follow("Connect certification profile").
		Want(200, "Connect this certification profile?").Says("Ben Okafor", "TestCo", "C•••9", "3 exams passed", "2 certifications").Hides("C-9")
	before := w.rows()
	ben.Get("/me/credentials").Follow("Connect certification profile").Want(200, "Connect this certification profile?")
	if got := w.rows(); got != before || w.connectedTo("C-9") != "" {
		t.Errorf("looking changed something: got %s, want %s", got, before)
	}
	for range 3 {
		preview.Press("Connect").Want(200, "Your certification profile").Says("Connected on 5 March 2026", "(the address was confirmed) by Ben Okafor").
			Hides("Connect certification profile")
	}
	if got := w.connectedTo("C-9"); got != w.account() {
		t.Errorf("connected to %q, want %q", got, w.account())
	}
	ben.Get("/me").Hides("We found your exam record")
	credentials := ben.Get("/me/credentials").Says("Connected on 5 March 2026").Hides("Connect certification profile")
	at := -1
	for _, h2 := range []string{`<h2 id="held">Certifications</h2>`, `<h2 id="results">Exams</h2>`, `<h2 id="badges">Badges</h2>`} {
		next := strings.Index(credentials.Body, h2)
		if next <= at || !strings.Contains(credentials.Body, `href="#`+strings.Split(h2, `"`)[1]+`"`) {
			t.Errorf("%s is not where it should be, or has no link", h2)
		}
		at = next
	}
	w.Clock.Advance(time.Hour)
	later := apitest.PassBy("R-4", "E4", "C-9", "ben@moved.test", "Ben Okafor", "en")
	later.TakenAt = later.TakenAt.Add(time.Hour)
	w.Post(later)
	ben.Get("/me").Says("Stand-alone Exam")
	ben.Get("/me/credentials").Says("Stand-alone Exam")
	ben.Get(w.Link()).Want(200, "Accept your 5 badges?") // sent to an address that the account has not confirmed
}

// other is a browser with another account, by a work address, whose own exams are another registration's.
func (w *world) other() *apitest.Browser {
	w.T.Helper()
	w.Post(apitest.PassBy("R-8", "E4", "C-8", "ben@work.test", "Ben Okafor", "en"))
	w.work.SignsIn("W1", verified("ben@work.test"))
	b := w.Open()
	b.Get("/sign-in").Follow("Work or school account: Contoso").Want(200, "Overview").Says("Stand-alone Exam")
	return b
}

// taken is a profile that another account has: it has accepted its badge.
func (w *world) taken() *apitest.Browser {
	w.T.Helper()
	old := w.ben()
	old.Get(w.Link()).Press("Accept badge").Want(200, "Well done")
	if w.connectedTo("C-9") == "" {
		w.T.Fatal("accepting did not connect")
	}
	return old
}

// row 1: a profile under another account is no dead end: both accounts are named with their kind (row 48), nothing
// changes, and both repairs stand on the page, the recommended one first (row 4).
// row 49: help opens at that case, in the reader's language.
// row 3: after the repair the connection goes on by itself. row 9: both accounts get a letter with a way there.
// row 10: and so it does after signing out on the way; a return to elsewhere is none.
func TestMismatchMovesTheProfile(t *testing.T) {
	w := newWorld(t)
	w.taken()
	ben := w.other()
	before := w.rows()
	mismatch := ben.Get("/me/connect").Follow("Connect another one").Want(200, "Find your certification profile").
		Press("Go on", "email", "ben@home.test").Want(200, "These two accounts don't match").
		Says("Account in use", "ben@work.test", "Work or school account: Contoso", "Account needed", "b•••@home.test", "E-mail address", "Recommended").Hides("ben@home.test")
	if got := w.rows(); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
	first, second := strings.Index(mismatch.Body, "Move my certification profile to this account"), strings.Index(mismatch.Body, "Change the account on this profile")
	if first < 0 || second < first || !strings.Contains(mismatch.Body[first:second], "Recommended") {
		t.Errorf("the recommended repair is not the first: %d, %d", first, second)
	}
	french := ben.Get(mismatch.Path+"?lang=fr").Want(200, "Ces deux comptes ne correspondent pas")
	if help := french.Follow("Aide"); help.Path != "/help/connect" || !strings.Contains(help.Body, `id="mismatch"`) || help.Lang() != "fr" {
		t.Errorf("help is %s in %s", help.Path, help.Lang())
	}
	ben.Get(mismatch.Path + "?lang=en")

	// Out and in again on the way leads back to the step.
	again := ben.Get(mismatch.Path).Press("Sign out and sign in with that account instead").Want(200, "Sign in")
	if !strings.Contains(again.Body, url.QueryEscape(mismatch.Path)) {
		t.Error("the step is forgotten when somebody signs out")
	}
	again.Follow("Work or school account: Contoso").Want(200, "These two accounts don't match")
	if at := ben.Get("/sign-in?next=https://evil.test"); !strings.HasPrefix(at.Path, "/me") {
		t.Errorf("a return to elsewhere leads to %s", at.Path)
	}

	code := ben.Get(mismatch.Path).Press("Move my certification profile to this account").Want(200, "Check your mail")
	code.Press("Confirm code", "code", apitest.WrongCode(w.Code().Code, "000000")).Want(422, "Check your mail")
	if w.connectedTo("C-9") != w.account() {
		t.Fatal("a wrong code moved the profile")
	}
	preview := code.Press("Confirm code", "code", w.Code().Code).
		Want(200, "Connect this certification profile?").Says("It moves here from b•••@home.test")
	preview.Press("Connect").Want(200, "Your certification profile").Says("Moved here from another account (shown with a code)")
	w.Work(t)
	if got := w.connectedTo("C-9"); got == w.account() || got == "" {
		t.Errorf("it is connected to %q", got)
	}
	ben.Get("/me/credentials").Says("Cloud Fundamentals", "Connected on")
	var told []string
	for _, change := range w.Mailed.Changes {
		told = append(told, change.Kind+" "+change.To[0].Address)
	}
	for _, want := range []string{"profile_moved ben@work.test", "profile_given ben@home.test"} {
		if !slices.Contains(told, want) {
			t.Errorf("told %q, want %q among them", told, want)
		}
	}
}

// Signing in to the account that has the profile is a proof as good as a code.
func TestMismatchGivesTheProfile(t *testing.T) {
	w := newWorld(t)
	old := w.taken()
	ben := w.other()
	mismatch := ben.Get("/me/connect?other=1").Press("Go on", "email", "ben@home.test").Want(200, "These two accounts don't match")
	if sent := old.Get(mismatch.Path).Hides("Move it to"); sent.Path != "/me/connect" { // nobody gives a profile away by a link that was sent to them
		t.Errorf("in another browser it leads to %s", sent.Path)
	}
	mismatch.Press("Sign out and sign in with that account instead").Want(200, "Sign in").Follow("Personal account: Home").
		Want(200, "Connect this certification profile?").Says("Move it to b•••@work.test instead").
		Press("Move it to b•••@work.test instead").Want(200, "Your certification profile").Says("now belongs to b•••@work.test").
		Press("Go on as b•••@work.test").Want(200, "Sign in").Follow("Work or school account: Contoso").
		Want(200, "Your certification profile").Says("Moved here from another account (shown by signing in)")
	stranger := w.Open() // the step is somebody else's
	w.Post(apitest.PassBy("R-9", "E4", "C-7", "eve@other.test", "Eve", "en"))
	w.SignIn(stranger, "eve@other.test")
	stranger.Get(mismatch.Path).Want(200, "Connect this certification profile?").Says("C•••7").Hides("C•••9")
	for _, tampered := range []string{"/me/connect/cna_zzzz", "/me/connect/%00", "/me/connect/..%2f..%2fevil", "/me/connect/" + strings.Repeat("a", 5000)} {
		if p := stranger.Get(tampered); p.Path != "/me/connect" && p.Status < 400 {
			t.Errorf("%.40s leads to %s", tampered, p.Path)
		}
	}
}

// row 14: a new learner profile is the last choice, says what stays behind, and that both are one person's is noted.
func TestMismatchStartsAnew(t *testing.T) {
	w := newWorld(t)
	ben := w.other()
	ben.Get(w.Link()).Press("Accept badge").Want(200, "Well done")
	w.Post(apitest.PassBy("R-7", "E2", "C-6", "ben@new.home.test", "Ben Okafor", "en"))
	for n := range 2 {
		w.Want(201, "POST", "/trainings", fmt.Sprintf(`{"id":"T-%d","candidate":{"id":"C-8","email":"ben@work.test","name":"Ben Okafor"},
			"title":"Backups in practice","url":"https://learn.example/%d","completed_at":"2026-03-01T10:00:00Z"}`, n, n))
	}
	if err := w.endConnections(); err != nil {
		t.Fatal(err)
	}
	mismatch := ben.Get("/me/connect?other=1").Press("Go on", "email", "ben@new.home.test").Want(200, "These two accounts don't match").
		Says("On the profile of now stays: 1 badge 2 course records 1 confirmed address 1 account elsewhere your settings", "Both profiles can be brought together later.")
	if last := strings.LastIndex(mismatch.Body, "<h2"); !strings.Contains(mismatch.Body[last:], "Start a new learner profile with that account") {
		t.Error("it is not the last choice")
	}
	mismatch.Press("Start a new learner profile with that account").Want(200, "Sign in")
	ben.Get(mismatch.Path).Press("E-mail me a code", "email", "ben@new.home.test").Press("Confirm code", "code", w.Code().Code).
		Want(200, "Connect this certification profile?").Press("Connect").Want(200, "Your certification profile").Says("C•••6", "(shown by signing in)")
	requests, err := w.Profiles.Requests(t.Context(), connection.Request{})
	if err != nil || len(requests) != 1 || requests[0].Kind != connection.Accounts || requests[0].Other != w.connectedTo("C-6") || requests[0].How != connection.BySigningIn {
		t.Errorf("got %+v, error %v, want a suggestion to bring both accounts together", requests, err)
	}
}

// endConnections has everybody be free again.
func (w *world) endConnections() error {
	_, err := w.DB.SQL().ExecContext(w.T.Context(), `DELETE FROM connection`)
	return err
}

// row 23: the wizard shows the steps that apply: add, replace and connect to whoever has a single way in, and no add to
// others. Each comes back, and the last one connects.
// row 50 and 53: whoever has a work account alone adds the personal one in the flow, and comes back to what it brought.
func TestChangeTheAccount(t *testing.T) {
	w := newWorld(t)
	ben := w.ben()
	w.Post(apitest.PassBy("R-7", "E2", "C-6", "benjamin@home.test", "Ben Okafor", "en"))
	mismatch := ben.Get("/me/connect?other=1").Press("Go on", "email", "benjamin@home.test").Want(200, "These two accounts don't match").Says("Personal account: Home")
	change := mismatch.Follow("Change the account on this profile").Want(200, "Change the account on this profile").
		Says("Add another way in now Replace the account Connect the certification profile", "ben@home.test is your only way in")
	change = change.Follow("Work or school account: Contoso").Want(200, "Connect this account?").Press("Connect").
		Want(200, "Change the account on this profile").Says("Replace the account now Connect the certification profile", "Put b•••@home.test in the place of ben@home.test").Hides("Add another way in")
	w.home.SignsIn("P2", verified("benjamin@home.test"))
	change.Follow("Personal account: Home").Want(200, "Connect this account?").Says("benjamin@home.test").Press("Replace").
		Want(200, "Connect this certification profile?").Says("C•••6").Press("Connect").Want(200, "Your certification profile")
	if got := w.identities(); !slices.Equal(got, []string{"P2", "W1"}) {
		t.Errorf("got %v", got)
	}

	w = newWorld(t)
	ben = w.other()
	find := ben.Get("/me/connect?other=1").Says("Add your personal account")
	find.Follow("Personal account: Home").Want(200, "Connect this account?").Press("Connect").
		Want(200, "Which certification profile is yours?").Says("C•••8", "C•••9")
	if at := ben.Get("/me/connect"); at.Path != "/me/connect" {
		t.Errorf("came back to %s", at.Path)
	}
}

// row 44: a second profile is refused as connected already, with the offer to bring both together.
// row 46: what comes of it is shown before and after, into the connected one. row 45: it needs no agent where both are known
// to be theirs, and can be undone.
func TestSecondProfile(t *testing.T) {
	w := newWorld(t)
	w.Post(apitest.PassBy("R-6", "E2", "C-9", "ben@home.test", "Ben Okafor", "en"), apitest.PassBy("R-7", "E3", "C-6", "ben@home.test", "Ben Okafor", "en"))
	ben := w.ben()
	second := ben.Get("/me/connect").Want(200, "Which certification profile is yours?").Follow("Look at it TestCo C•••6").Want(200, "Connect this certification profile?")
	ben.Get("/me/connect").Follow("Look at it TestCo C•••9").Press("Connect").Want(200, "Your certification profile").Says("Another certification profile", "C•••6")
	refused := second.Press("Connect").Want(409, "You are connected already").Says("C•••6")
	if w.connectedTo("C-6") != "" || w.connectedTo("C-9") != w.account() {
		t.Error("it was connected all the same")
	}
	merge := refused.Follow("Bring together").Want(200, "Bring these two together?").
		Says("The connected one, which stays", "C•••9", "C•••6", "Badges before 3 badges", "Badges after 4 badges", "Together they earn Cloud Operator.")
	for range 2 {
		merge.Press("Bring together").Want(200, "Your certification profile")
	}
	w.Work(t)
	if w.connectedTo("C-6") != w.account() {
		t.Errorf("C-6 is connected to %q", w.connectedTo("C-6"))
	}
	done := ben.Get("/me/connect").Says("Brought together", "You can undo it until 4 April 2026", "3 exams passed").Hides("Another certification profile")
	ben.Get("/me/credentials").Says("Cloud Operator")
	action, values := done.Form("Undo C•••9 C•••6")
	values.Set("merge", "mrg_other")
	ben.Send(action, values).Want(200, "Your certification profile").Hides("Undone.")
	done.Press("Undo C•••9 C•••6").Want(200, "Your certification profile").Says("Undone. They are two profiles again.", "Another certification profile")
	w.Work(t)
	ben.Get("/me/credentials").Hides("You earned Cloud Operator.")
}

// A profile whose id its partner has used again for somebody else takes no other one in: that person's record would come
// along.
func TestReusedProfileTakesNothingIn(t *testing.T) {
	w := newWorld(t)
	w.Post(apitest.PassBy("R-6", "E2", "C-9", "ben@home.test", "Ben Okafor", "en"), apitest.PassBy("R-7", "E3", "C-6", "ben@home.test", "Ben Okafor", "en"))
	ben := w.ben()
	ben.Get("/me/connect").Follow("Look at it TestCo C•••9").Press("Connect").Want(200, "Your certification profile").Says("Another certification profile", "C•••6")
	merge := ben.Get("/me/connect").Follow("Bring together TestCo C•••6").Want(200, "Bring these two together?")
	w.Clock.Advance(24 * time.Hour)
	w.Post(apitest.PassBy("R-8", "E4", "C-9", "zoe@home.test", "Zoe Abara", "en"))
	w.Work(t)
	merge.Press("Bring together").Want(200, "Your certification profile").Hides("Brought together")
	ben.Get("/me/connect").Want(200, "Your certification profile").Hides("Another certification profile")
	ben.Get("/me/connect?merge=x").Want(200, "Your certification profile")
	if w.connectedTo("C-6") != "" {
		t.Errorf("C-6 is connected to %q", w.connectedTo("C-6"))
	}
}

// row 45: a profile at an address that the account has not confirmed is shown to be theirs by a code, which is all that it
// takes; without the code it goes to somebody who decides, and nothing changes.
func TestSecondProfileByCode(t *testing.T) {
	w := newWorld(t)
	ben := w.taken()
	w.Post(apitest.PassBy("R-7", "E4", "C-6", "ben@school.test", "Ben Okafor", "en"))
	prove := ben.Get("/me/connect").Press("Go on", "email", "ben@school.test").Want(200, "Show that it is yours").Says("b•••@school.test").Hides("C•••6")
	nobody := ben.Get("/me/connect").Press("Go on", "email", "nobody@school.test").Want(200, "Show that it is yours")
	if strings.ReplaceAll(nobody.Text(), "n•••@", "b•••@") != prove.Text() {
		t.Error("the page tells whether there is a profile")
	}
	prove.Press("I can't read mail there").Want(200, "Your certification profile").Says("Without a code somebody checks who you are first", "Reference: mrq_")
	requests, err := w.Profiles.Requests(t.Context(), connection.Request{})
	if err != nil || len(requests) != 1 || requests[0].Kind != connection.Profiles || requests[0].How != connection.Unshown || w.connectedTo("C-6") != "" {
		t.Errorf("got %+v, error %v, and C-6 connected to %q", requests, err, w.connectedTo("C-6"))
	}
	ben.Get("/me/connect").Press("Go on", "email", "ben@").Want(422, "Your certification profile").Says("This doesn't look like an e-mail address.")
	prove.Press("E-mail me a code").Want(200, "Check your mail").Press("Confirm code", "code", w.Code().Code).
		Want(200, "Bring these two together?").Says("C•••6").Press("Bring together").Want(200, "Your certification profile").Says("Done. Both are one profile now.")
	if w.connectedTo("C-6") != w.account() {
		t.Errorf("C-6 is connected to %q", w.connectedTo("C-6"))
	}
	ben.Get("/me").Says("Stand-alone Exam")
}

// row 20: what belongs to another account is refused with the offer to bring both together, and nothing is told of it:
// an account elsewhere by which one has just signed in, an address whose code was right, and a badge that was sent there.
func TestAskToMerge(t *testing.T) {
	w := newWorld(t)
	w.ben()
	other := w.other()
	settings := other.Get("/me/settings")
	taken := settings.Follow("Personal account: Home").Want(409, "That belongs to another account").Hides("ben@home.test", "Cloud Fundamentals")
	taken.Press("Ask to merge").Want(200, "That belongs to another account").Says("We have noted your request", "Reference: mrq_")
	w.Clock.Advance(time.Minute)
	code := settings.Press("Add address", "email", "ben@home.test").Want(200, "Check your mail")
	byCode := code.Press("Confirm code", "code", w.Code().Code).Want(409, "That belongs to another account").Says("You have shown that it is yours.")
	byCode.Press("Ask to merge").Want(200, "That belongs to another account").Says("Reference: mrq_")
	requests, err := w.Profiles.Requests(t.Context(), connection.Request{})
	if err != nil || len(requests) != 1 || requests[0].Kind != connection.Accounts || requests[0].Other != w.account() {
		t.Errorf("got %+v, error %v, want one request", requests, err)
	}
	ben := w.Open()
	w.SignIn(ben, "ben@work.test")
	ben.Get("/me/settings/taken").Want(409, "That belongs to another account").Hides("Ask to merge")
	ben.Get("/me/settings/taken?attempt=cna_other").Want(409, "That belongs to another account").Hides("Ask to merge")
}
