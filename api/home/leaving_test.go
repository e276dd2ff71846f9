package home_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner/leaving"
)

// leaves is Ana with two badges that others see and one that waits, the files that she handed out, and her browser.
func leaves(t *testing.T) (v *apitest.Visitors, ana *apitest.Browser, id, file string) {
	t.Helper()
	v = apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana = v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(v.Link()).Press("Accept badge", "visibility", "public").Want(200, "Well done")
	id = v.Post(apitest.AnasPass("R-2", "E4"))[0].ID
	ana.Get(v.Link()).Press("Accept badge", "visibility", "link").Want(200, "Well done")
	v.Post(apitest.AnasPass("R-3", "E2"))
	return v, ana, id, ana.Get("/badges/" + id + "/credential.jwt").Body
}

// due lets days pass and does what is due then.
func due(v *apitest.Visitors, days int) {
	v.T.Helper()
	v.Clock.Advance(time.Duration(days) * 24 * time.Hour)
	if _, err := v.Leaving.DoDue(context.Background()); err != nil {
		v.T.Fatal(err)
	}
	v.Work(v.T)
}

// signInAgain shows who is there, by a new code.
func signInAgain(v *apitest.Visitors, b *apitest.Browser) {
	v.T.Helper()
	v.Clock.Advance(time.Minute)
	b.Get("/sign-in?again=1&next=/me/settings").Press("E-mail me a code", "email", "ana@home.test").Want(200, "Check your mail").
		Press("Confirm code", "code", v.Code().Code).Want(200, "Settings")
}

// verdict is what /verify says of a file.
func verdict(v *apitest.Visitors, file string) *apitest.Page {
	return v.Open().Upload("badge.jwt", []byte(file))
}

// TestDeletingAnAccount walks through the first way: a page that counts what it is about and asks who is there, fourteen
// days in which everything stays and it can be taken back, and then an account that is gone and badges that nobody sees.
//
// row 110: page, documents and picture answer as if there had never been any; the file still verifies.
func TestDeletingAnAccount(t *testing.T) {
	v, ana, id, file := leaves(t)
	page := ana.Get("/me/settings").Says("Your data", "Leave").Follow("Delete my account").Want(200, "Delete my account").
		Says("19 March 2026", "2 badges that you accepted; others can see 2 of them", "one badge that waits for you", "3 results of exams",
			"one address that signs in", "Acme Certification has to keep the record of exams", "For how long, it tells you if you ask", "badges@acme.test")
	page.Press("Delete my account on").Want(422, "Delete my account").Says("Choose what becomes of your badges.")
	asked := page.Press("Delete my account on", "choice", "leave").Want(200, "Settings").
		Says("We have noted it.", "Your account will be deleted on 19 March 2026. Until then everything stays as it is.", "You asked for the account to be deleted.")
	if l := v.Mailed.Left; len(l) != 1 || l[0].Kind != leaving.LetterAsked || l[0].Person.Addresses[0] != "ana@home.test" || l[0].Choice != leaving.Leave {
		t.Fatalf("letters %+v", l)
	}
	page.Press("Delete my account on", "choice", "erase").Want(200, "Settings").Says("files that you handed out stay valid") // in another window
	ana.Get("/me/settings/delete").Want(200, "Settings")
	due(v, 13)
	signInAgain(v, ana)
	v.Open().Get("/badges/"+id).Want(200, "Ana Ruiz")
	asked.Press("Keep my account").Want(200, "Settings").Says("Your account stays. Nothing has changed.").Hides("will be deleted on")
	asked.Press("Keep my account").Want(200, "Settings").Hides("Your account stays.")
	due(v, 2)
	v.Open().Get("/badges/"+id).Want(200, "Ana Ruiz")

	signInAgain(v, ana)
	ana.Get("/me/settings/delete").Press("Delete my account on", "choice", "leave").Want(200, "Settings")
	due(v, 14)
	if l := v.Mailed.Left; len(l) != 4 || l[1].Kind != leaving.LetterKept || l[3].Kind != leaving.LetterDone || l[3].Person.Addresses[0] != "ana@home.test" {
		t.Errorf("letters %+v", l)
	}
	ana.Get("/me").Want(200, "Sign in")
	never := v.Open().Get("/badges/aaaaaaaaaaaaaaaaaaaa")
	for _, form := range append([]string{"", "/embed", "/certificate.pdf"}, apitest.Forms...) {
		if p := v.Open().Get("/badges/" + id + form); p.Status != 404 || form == "" && p.Body != never.Body {
			t.Errorf("%s answers %d", form, p.Status)
		}
	}
	verdict(v, file).Says("Genuine and current")
	codes := len(v.Mailed.Codes)
	v.Open().Get("/sign-in").Press("E-mail me a code", "email", "ana@home.test")
	if len(v.Mailed.Codes) != codes {
		t.Error("a code was mailed to an address that nobody has here")
	}

	// The partner tells the address again: whoever reads mail there finds the badges as they were left.
	v.Want(200, "POST", "/candidates/C-77/email", `{"email":"ana@home.test","reason":"she is back"}`)
	v.Work(t)
	back := v.Open()
	v.SignIn(back, "ana@home.test")
	back.Get("/me/badges/"+id).Want(200, "Stand-alone Exam").Press("Save", "visibility", "link")
	v.Open().Get("/badges/"+id).Want(200, "Ana Ruiz")
	back.Get("/badges/"+id+"/share").Want(200, "Share your badge")
}

// TestErasingAnAccount walks through the second way: badges are withdrawn, and files that were handed out say so.
func TestErasingAnAccount(t *testing.T) {
	v, ana, id, file := leaves(t)
	v.Clock.Advance(11 * time.Minute)
	again := ana.Get("/me/settings/delete").Want(200, "Show us it's you") // who is there is asked again
	if !strings.Contains(again.Path, "next=%2Fme%2Fsettings%2Fdelete") {
		t.Errorf("leads to %s", again.Path)
	}
	signInAgain(v, ana)
	ana.Get("/me/settings/delete").Press("Delete my account on", "choice", "erase").Want(200, "Settings").Says("withdrawn at your request")
	due(v, 14)
	v.Open().Get("/badges/"+id).Want(404, "Nothing to show here")
	v.Open().Get("/badges/" + id + "/assertion.json").Hides("Ana")
	verdict(v, file).Says("Withdrawn by the issuer")
	if got := v.Want(200, "GET", "/awards/"+id, ""); got["validity"] != "revoked" {
		t.Errorf("the partner reads %v", got)
	}
}
