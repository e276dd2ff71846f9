package home_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner/leaving"
)

// see types the code for an address on the page that needs no account.
func see(v *apitest.Visitors, b *apitest.Browser, email string) *apitest.Page {
	v.T.Helper()
	v.Clock.Advance(time.Minute)
	b.Get("/privacy").Follow("See or delete what we hold on you").Want(200, "See or delete what we hold on you").
		Press("E-mail me a code", "email", email).Want(200, "Check your mail")
	return b.Get("/privacy/data/code").Press("Confirm code", "code", v.Code().Code)
}

// TestDataWithoutAnAccount: whoever never claimed anything sees what is held on their address by a code, has it deleted,
// changes their mind, and has it deleted after all; no account comes of it.
func TestDataWithoutAnAccount(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	link := v.Link()
	ana := v.Open()
	held := see(v, ana, "ana@home.test").Want(200, "What we hold on you").
		Says("ana@home.test", "Stand-alone Exam", "TestCo", "Ana Ruiz", "badges that wait for you are withdrawn at your request", "19 March 2026")
	if n := accounts(v); n != 0 {
		t.Fatalf("%d accounts came of it", n)
	}
	ana.Get("/me").Want(200, "Sign in")
	asked := held.Press("Delete my data on").Want(200, "What we hold on you").Says("Your data will be deleted on 19 March 2026")
	asked.Press("Keep my data").Want(200, "What we hold on you").Hides("will be deleted on")
	held.Press("Delete my data on").Want(200, "What we hold on you")
	if l := v.Mailed.Left; len(l) != 3 || l[0].Kind != leaving.LetterAsked || l[1].Kind != leaving.LetterKept || l[2].Person.Account != "" {
		t.Errorf("letters %+v", l)
	}
	v.Clock.Advance(31 * time.Minute)
	ana.Get(held.Path).Want(200, "See or delete what we hold on you") // who is there is asked again
	due(v, 14)
	if got := v.Want(200, "GET", "/awards/"+id, ""); got["validity"] != "revoked" {
		t.Errorf("the badge is %v", got["validity"])
	}
	if got := v.Want(200, "GET", "/candidates/C-77", ""); got["name"] != "Ana Ruiz" || !strings.HasSuffix(got["email"].(string), "@erased.invalid") {
		t.Errorf("the register has %v", got)
	}
	v.Open().Get(link).Hides("a•••@home.test")
	codes := len(v.Mailed.Codes)
	v.Clock.Advance(time.Hour)
	v.Open().Get("/privacy/data").Press("E-mail me a code", "email", "ana@home.test").Want(200, "Check your mail")
	if len(v.Mailed.Codes) != codes {
		t.Error("a code was mailed to an address on which nothing is held")
	}
}

func accounts(v *apitest.Visitors) (n int) {
	v.T.Helper()
	if _, err := v.DB.Reader().Get(v.T.Context(), &n, `SELECT COUNT(*) FROM account`); err != nil {
		v.T.Fatal(err)
	}
	return n
}

// TestAccountComesBefore: whoever makes an account for the address meanwhile wants what is there.
func TestAccountComesBefore(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	see(v, v.Open(), "ana@home.test").Press("Delete my data on").Want(200, "What we hold on you")
	v.Clock.Advance(time.Minute)
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(v.Link()).Press("Accept badge").Want(200, "Well done")
	due(v, 14)
	if got := v.State(id); got != "accepted link" {
		t.Errorf("the badge is %s", got)
	}
	page := see(v, v.Open(), "ana@home.test").Want(200, "What we hold on you").Says("There is an account for this address.").Hides("Delete my data")
	page.B.Send(page.Path, url.Values{"do": {"delete"}})
	if _, found, err := v.Leaving.Find(t.Context(), leaving.Person{Addresses: []string{"ana@home.test"}}); err != nil || found {
		t.Errorf("it is to be deleted beside its account: %v, %v", found, err)
	}
}

// TestHeldDataIsForWhoeverReadsTheMail: the code of a browser opens nothing elsewhere, and that for signing in opens nothing
// here.
func TestHeldDataIsForWhoeverReadsTheMail(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"))
	held := see(v, v.Open(), "ana@home.test").Want(200, "What we hold on you")
	v.Open().Get(held.Path).Want(200, "See or delete what we hold on you")
	b := v.Open()
	v.Clock.Advance(time.Minute)
	v.SignIn(b, "ana@home.test").Want(200, "")
	b.Get("/privacy/data/held").Want(200, "See or delete what we hold on you")
	c := v.Open()
	c.Get("/privacy/data").Press("E-mail me a code", "email", "ana@").Want(422, "See or delete what we hold on you")
	c.Get("/privacy/data").Press("E-mail me a code", "email", "nobody@home.test").Want(200, "Check your mail")
	c.Get("/sign-in/code").Want(200, "Sign in")
}
