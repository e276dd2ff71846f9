package home_test

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/partner"
)

// bookable is the programme of the tests with places where exams are booked.
var bookable = strings.NewReplacer(
	"name: Securing Clouds,", "name: Securing Clouds, schedule_url: https://testco.example/e3,",
	"{code: E7, name: Yearly Exam}", "{code: E7, name: Yearly Exam, schedule_url: https://testco.example/e7}",
).Replace(issuertest.Programme)

// TestHome: the home has what somebody has, with numbers, and what to do next.
// row 31: one home with badges, certifications, exams and renewals, with counts equal to the fixtures.
// row 32: each of them, and what happened, is there or one link away.
// row 33: an exam that is missing can be booked, by its name, and the link says where it leads.
// row 38: a person's own numbers, and views counted without knowing who looked.
func TestHome(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Apply(t, bookable)
	ana, stranger := v.Open(), v.Open()
	stranger.Get("/me").Want(200, "Sign in")
	awards := v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-7", "E7"))
	failed := apitest.AnasPass("R-3", "E3")
	failed.Outcome = programme.Fail
	v.Post(failed)
	v.SignIn(ana, "ana@home.test")
	home := ana.Get("/me/badges").Follow("Overview").Want(200, "Overview")
	home.Says("3 badges are waiting for you.", "Cloud Operator also needs E3 Securing Clouds.", "E3 Securing Clouds · Book this exam", "(opens testco.example)",
		"Renewals 1", "Badges 0", "Certifications 2", "Exams passed 3", "Not passed: E3 Securing Clouds", "Passed: E7 Yearly Exam")
	if !strings.Contains(home.Body, `href="https://testco.example/e3"`) {
		t.Error("no link to where E3 is booked")
	}
	for _, a := range awards {
		ana.Get("/me/badges/"+a.ID).Press("Accept badge", "visibility", "link")
	}
	badge := "/badges/" + awards[0].ID
	for range 2 {
		stranger.Get(badge).Want(200, "Ana Ruiz")
	}
	stranger.Do("HEAD", badge, "", nil)
	stranger.Get(badge + "/credential.json")
	ana.Get(badge).Want(200, "Ana Ruiz")
	home = ana.Get("/me").Want(200, "Overview").Hides("waiting for you")
	home.Says("Badges 3", "Accepted: Cloud Fundamentals", "Exams passed 3", "Certifications that are valid 2", "Certifications that have expired 0", "Times your badge pages were opened 2")
	if err := v.Views.Store(t.Context()); err != nil {
		t.Fatal(err)
	}
	stranger.Get(badge)
	ana.Get("/me").Says("Times your badge pages were opened 3")
	for _, link := range []string{"Transcript", "All my badges", "All results, with the reasons", "Yearly Certification"} {
		home.Follow(link).Want(200, "")
	}
	for _, lang := range []string{"es", "fr"} {
		ana.Get("/me?lang="+lang).Want(200, "").Hides("renewal.", ">me.", "Renewals")
	}
	empty := v.Open()
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.SignIn(empty, "ben@work.test")
	empty.Get("/me").Want(200, "Overview").Hides("Cloud Fundamentals", "Yearly").Says("1 badge is waiting for you.", "Renewals 0")
}

// TestRenewals: a certification that ends says when and how it is renewed.
// row 34: at 170 days before the end it can be renewed now, until that day; at 200 days it says from when, without a
// button.
func TestRenewals(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Apply(t, bookable)
	pass := apitest.AnasPass("R-7", "E7")
	pass.TakenAt = time.Date(2025, 9, 30, 10, 0, 0, 0, time.UTC)
	award := v.Post(pass)[0].ID
	at := func(daysBefore int) *apitest.Page {
		t.Helper()
		v.Clock.Advance(time.Date(2026, 9, 30, 9, 0, 0, 0, time.UTC).AddDate(0, 0, -daysBefore).Sub(v.Clock.Now()))
		ana := v.Open() // sessions end meanwhile
		v.SignIn(ana, "ana@home.test")
		return ana.Get("/me").Want(200, "Overview")
	}
	const book = "Book this exam"
	at(200).Says("Opens on 3 April 2026", "It is valid until 30 September 2026.").Hides(book, "You can renew now")
	at(170).Says("You can renew Yearly Certification, until 30 September 2026.", "You can renew now, until 30 September 2026", "the new period begins on 30 September 2026", "E7 Yearly Exam · "+book)
	at(1).Says("You can renew now, until 30 September 2026")
	at(0).Says("Expired on 30 September 2026", "Pass one of these exams again to earn it anew.", book)
	again := apitest.AnasPass("R-8", "E7")
	again.TakenAt = v.Clock.Now()
	v.Post(again)
	at(0).Says("Renewals 1", "Opens on 3 April 2027").Hides("Expired on 30 September 2026</")
	if v.State(award) == "" {
		t.Error("no award")
	}
}

// TestRetiredIsNotRenewed: what is retired before it could be renewed says so, and that it stays valid.
// row 101: retiring ends earning, never what is held.
func TestRetiredIsNotRenewed(t *testing.T) {
	for retired, want := range map[string]string{
		"2026-02-01": "Retired on 1 February 2026 It can't be renewed any more. It stays valid until 4 March 2027.",
		"2026-12-31": "It is being retired: 31 December 2026 is the last day on which an exam renews it.",
	} {
		v := apitest.NewVisitors(t)
		pass := apitest.AnasPass("R-7", "E7")
		v.Post(pass)
		v.Clock.Advance(7 * 30 * 24 * time.Hour)
		v.Apply(t, strings.Replace(bookable, "valid_for: 12 months,", fmt.Sprintf("valid_for: 12 months, retired: %s,", retired), 1))
		ana := v.Open()
		v.SignIn(ana, "ana@home.test")
		ana.Get("/me").Want(200, "Overview").Says(want, "Renewals 1")
	}
}

// TestRenewalOnTheBadge: the page of a certification that ends has its days with today among them, the exams that renew
// it, and the last day as a file for calendars, for its holder alone.
// row 34: renewing from the profile.
func TestRenewalOnTheBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Apply(t, bookable)
	award := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	other := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	page := "/me/badges/" + award
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(page).Want(200, "Yearly Certification").Says("Opens on 5 September 2026", "4 March 2026 Earned 5 March 2026 Today 5 September 2026 Renewal opens 4 March 2027 Expires, unless it is renewed")
	file := ana.Get(page + "/renewal.ics")
	if file.Status != 200 || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/calendar") || !strings.Contains(file.Body, "DTSTART;VALUE=DATE:20270303\r\n") {
		t.Errorf("%d %s\n%s", file.Status, file.Header.Get("Content-Type"), file.Body)
	}
	ana.Get("/me/badges/"+other).Want(200, "Cloud Fundamentals").Hides("renewal.ics")
	ana.Get("/me/badges/"+other+"/renewal.ics").Want(404, "There is no such page")
	v.Open().Get(page+"/renewal.ics").Want(200, "Sign in")
	ben := v.Open()
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.SignIn(ben, "ben@work.test")
	ben.Get(page+"/renewal.ics").Want(404, "There is no such page")
	v.Clock.Advance(360 * 24 * time.Hour)
	ana = v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(page).Says("You can renew now, until 4 March 2027", "E7 Yearly Exam · Book this exam")
	v.Clock.Advance(10 * 24 * time.Hour)
	ana = v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(page).Says("Expired on 4 March 2027").Hides("renewal.ics")
	ana.Get(page+"/renewal.ics").Want(404, "There is no such page")
}

// TestStopRenewals: the stop link of a letter about a renewal ends such letters alone, in one click too, and undoes it.
// row 112: one click.
func TestStopRenewals(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get("/me/badges/" + award).Press("Accept badge")
	v.Clock.Advance(185 * 24 * time.Hour)
	if _, err := v.DB.SQL().ExecContext(t.Context(), `UPDATE agenda SET due_at = '2026-09-01 00:00:00+00:00' WHERE kind = 'award.renewal'`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	loop := make(chan error)
	go func() { loop <- v.AgendaLoop(ctx) }()
	for len(v.Letters.Renewals()) == 0 {
		v.Work(t)
		runtime.Gosched()
	}
	cancel()
	if err := <-loop; err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(v.Letters.Renewals()[0].StopURL, issuertest.BaseURL)
	form := v.Open().Get(path).Want(200, "Stop mails about renewals?").Says("a•••@home.test").Hides("ana@home.test")
	b := v.Open()
	b.Post = nil
	if done := b.Send(path, url.Values{"List-Unsubscribe": {"One-Click"}}); done.Status != 200 || done.Path != path {
		t.Errorf("one click: %d %s", done.Status, done.Path)
	}
	form.B.Get(path).Want(200, "Done").Says("no more mails about renewals").Press("Turn mails about renewals on again").Want(200, "Stop mails about renewals?").Press("Stop mails about renewals").Want(200, "Done")
	for _, wrong := range []string{"/stop/renewals/x", "/stop/renewals/" + strings.Repeat("z", 46), strings.Replace(path, "/renewals", "", 1)} {
		v.Open().Get(wrong).Want(404, "There is no such page")
		v.Open().Send(wrong, nil).Want(404, "There is no such page")
	}
}

// TestWhatNobodyRenews: a certification that is over and cannot be earned any more says that its badge stays, and names
// no exam; one that takes a certification says so.
func TestWhatNobodyRenews(t *testing.T) {
	for change, want := range map[string][]string{
		"valid_for: 12 months, retired: 2026-06-01,": {"Expired on 4 March 2027", "Your badge stays and says honestly until when it was valid."},
		"valid_for: 12 months,":                      {"Expired on 4 March 2027", "Pass one of these exams again to earn it anew.", "Book this exam"},
	} {
		v := apitest.NewVisitors(t)
		v.Post(apitest.AnasPass("R-7", "E7"))
		v.Apply(t, strings.Replace(bookable, "valid_for: 12 months,", change, 1))
		v.Clock.Advance(370 * 24 * time.Hour)
		ana := v.Open()
		v.SignIn(ana, "ana@home.test")
		home := ana.Get("/me").Want(200, "Overview").Says(want...)
		if len(want) == 2 {
			home.Hides("Book this exam", "Pass one of these")
		}
	}
	v := apitest.NewVisitors(t)
	v.Apply(t, strings.Replace(bookable, "requires: {exam: E7}}", "requires: {all: [{exam: E7}, {certification: C1}]}}", 1))
	v.Post(apitest.AnasPass("R-1", "E1"))
	above := apitest.AnasPass("R-7", "E7")
	above.TakenAt = above.TakenAt.Add(time.Hour)
	v.Post(above)
	v.Clock.Advance(200 * 24 * time.Hour)
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get("/me").Says("You can renew now", "On that day one of these has to be valid as well: Cloud Fundamentals.")
}

// TestActivity: what a partner tells of trainings is a line of activity, and all of it is a page away.
// row 32: a training record is shown under Activity.
func TestActivity(t *testing.T) {
	v := apitest.NewVisitors(t)
	ana := v.Open()
	v.Post(apitest.AnasPass("R-1", "E1"))
	trial, _ := v.Partner(t, "Trial", true)
	post := func(caller partner.Caller, id, title, link string, at time.Time) {
		t.Helper()
		p := training.Posted{ID: id, Candidate: issuer.Candidate{ID: "C-77", Email: "ana@home.test", Name: "Ana Ruiz"}, Title: title, URL: link, CompletedAt: at}
		if _, _, err := v.Trainings.Record(t.Context(), caller, p); err != nil {
			t.Fatal(err)
		}
	}
	now := v.Clock.Now()
	post(v.Caller, "T-1", "Backups <in> practice", "https://learn.testco.example/backups?a=1&b=2", now)
	post(trial, "T-1", "A trial", "", now)
	v.SignIn(ana, "ana@home.test")
	home := ana.Get("/me").Want(200, "Overview")
	home.Says("Training completed: Backups <in> practice Look Backups <in> practice (opens learn.testco.example)", "Training completed: TEST: A trial").Hides("All activity")
	if !strings.Contains(home.Body, `<a href="https://learn.testco.example/backups?a=1&amp;b=2" rel="noopener noreferrer">`) {
		t.Error("no link to the page of the training")
	}
	for n := range 120 {
		post(v.Caller, fmt.Sprintf("T-%d", n+2), fmt.Sprintf("Lesson %d.", n), "", now.AddDate(0, 0, -n-30))
	}
	home = ana.Get("/me").Want(200, "Overview").Says("Lesson 0.").Hides("Lesson 20.")
	page, seen := home.Follow("All activity").Want(200, "All activity"), 0
	for pages := 1; ; pages++ {
		seen += strings.Count(page.Body, "Training completed")
		if pages == 3 {
			page.Hides("Next page").Says("Previous page", "Lesson 119.")
			break
		}
		page = page.Follow("Next page").Want(200, "All activity")
	}
	if seen != 122 {
		t.Errorf("got %d trainings on the pages of activity, want 122", seen)
	}
	page.Follow("Previous page").Follow("Previous page").Want(200, "All activity").Says("Backups")
	ana.Get("/me/activity?page=-1").Want(200, "All activity").Says("Backups")
	ana.Get("/me/activity?page=100").Want(200, "All activity").Says("Nothing has happened yet.")
	ana.Get("/me/activity?lang=fr&page=x").Want(200, "Toute l’activité").Says("Formation terminée")
	v.Open().Get("/me/activity").Want(200, "Sign in")
}
