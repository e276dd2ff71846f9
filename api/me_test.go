package api

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
)

func TestMyBadges(t *testing.T) {
	v := newVisitors(t)
	v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", ""))
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ana, ben, stranger := v.open(), v.open(), v.open()
	v.signIn(ben, "ben@work.test")
	v.signIn(ana, "ana@home.test").says("Waiting for you", "Cloud Fundamentals")
	list := ana.get("/me/badges")
	list.press("Decline").want(200, "My badges").says("Declined. Nothing was published, and what you have earned is not affected.", "Declined on 5 March 2026")
	stranger.get("/badges/"+award).want(404, "Nothing to show here")
	ana.get("/me/badges").says("Who can see it?").press("Accept badge", "visibility", "link").want(200, "My badges").says("Accepted.")
	stranger.get("/badges/"+award).want(200, "Ana Ruiz")

	// The switch takes effect with the next request (row 108).
	for _, visibility := range []string{"private", "public", "private", "link"} {
		ana.get("/me/badges").press("Save", "visibility", visibility).want(200, "My badges").says("Saved. It takes effect at once.")
		want := 200
		if visibility == "private" {
			want = 404
		}
		for _, form := range []string{"", "/assertion.json", "/badge.png", "/image.png", "/card.png", "/credential.jwt"} {
			p := stranger.get("/badges/" + award + form)
			if p.status != want {
				t.Errorf("%s: %s answers %d", visibility, form, p.status)
			}
			if robots := p.header.Get("X-Robots-Tag"); form == "" && want == 200 && (robots == "noindex") != (visibility == "link") {
				t.Errorf("%s: robots %q", visibility, robots)
			}
		}
		owner := ana.get("/badges/"+award).want(200, "Ana Ruiz").says("Manage")
		for _, kind := range []string{"PNG", "JWT"} { // what the holder hands out proves itself, whoever may see the page
			file := owner.follow("(" + kind + ")")
			if file.status != 200 {
				t.Errorf("%s: %s answers %d", visibility, kind, file.status)
			}
			v.open().get("/verify").b.upload("file", []byte(file.body)).want(200, "Genuine and current")
		}
		for _, b := range []*browser{stranger, ben} {
			if p := b.get("/me/badges/" + award + "/badge.png"); strings.Contains(p.header.Get("Content-Type"), "png") {
				t.Error("somebody else's file")
			}
		}
	}
	ana.get("/me/badges").press("Remove from my collection").want(200, "My badges").says("Removed.", "Removed on 5 March 2026. Links that you shared stopped working.").hides("Nothing was published.")
	ana.get(v.link()).want(200, "You removed this badge").says("Links that you shared stopped working.").hides("Nothing was published.")
	stranger.get("/badges/"+award).want(404, "Nothing to show here")
	ana.get("/badges/"+award).want(404, "Nothing to show here")
	ana.get("/me/badges").press("Accept badge")
	if got := v.state(award); got != "accepted link" {
		t.Error("accepted after all, seen by others than before:", got)
	}
}

// TestMyScores puts the score into a badge and takes it out again: page and files tell it meanwhile, and the
// files verify.
//
// proves: 3.0 §2.5 issued: each Result refers to a ResultDescription of the same achievement; told while shared
func TestMyScores(t *testing.T) {
	v := newVisitors(t)
	scored := anasPass("R-1", "E4")
	scored.Score, scored.MaxScore = new(json.Number("812")), new(json.Number("1000"))
	award := v.record(scored)[0].ID
	v.record(anasPass("R-2", "E1")) // without a score
	ana, stranger := v.open(), v.open()
	v.signIn(ana, "ana@home.test")
	list := ana.get("/me/badges")
	for strings.Contains(list.body, "Waiting for you") {
		list = list.press("Accept badge")
	}
	badge := "/badges/" + award
	stranger.get(badge).want(200, "Ana Ruiz").hides("812", "Scores")
	before := stranger.get(badge + "/credential.jwt").body

	list.says("The badge doesn't tell your scores.", "812 / 1000")
	list.press("Put my scores in the badge").want(200, "My badges").says("The badge tells your scores now.", "The badge tells these scores to everybody")
	stranger.get(badge).says("Scores", "Stand-alone Exam", "812 / 1000")
	for _, form := range []string{"/credential.jwt", "/credential.json", "/badge.png"} {
		v.open().get("/verify").b.upload("file", []byte(stranger.get(badge+form).body)).want(200, "Genuine and current").says("Score in E4 Stand-alone Exam", "812 / 1000")
	}
	v.open().get("/verify").b.upload("file", []byte(before)).want(200, "Genuine, but there is a newer version")

	ana.get("/me/badges").press("Take my scores out of the badge").want(200, "My badges").says("The badge doesn't tell your scores any more.")
	stranger.get(badge).want(200, "Ana Ruiz").hides("812")
	if _, err := v.RevokeAward(context.Background(), v.Caller, award, "an error"); err != nil {
		t.Fatal(err)
	}
	ana.get("/me/badges").hides("812")
}

func TestMyBadgesRefusals(t *testing.T) {
	v := newVisitors(t)
	v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	award := v.record(anasPass("R-1", "E1"))[0].ID
	ben := v.open()
	v.signIn(ben, "ben@work.test")
	for _, do := range []string{"accept", "decline", "visibility", "share_scores", "hide_scores", "remove"} {
		for _, id := range []string{award, "none", ""} {
			ben.send("/me/badges?badge="+id, url.Values{"do": {do}, "visibility": {"public"}}).want(404, "There is no such page")
		}
	}
	ben.send("/me/badges?badge="+award, url.Values{"do": {"steal"}}).want(400, "We couldn't read that")
	ben.get("/me/badges").press("Accept badge", "visibility", "everybody").want(422, "We couldn't read that")
	if got := v.state(award); got != "offered link" {
		t.Error(got)
	}
	v.open().send("/me/badges?badge="+award, url.Values{"do": {"accept"}}).want(200, "Sign in")
	ben.get("/me/badges?note=%3Cscript%3E").hides("script>alert")
}

// Rows 98 to 101: every result with its reason, also where no badge was made.
func TestMyCredentials(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"), anasPass("R-2", "E2"), anasPass("R-6", "E6"), anasPass("R-7", "E7"))
	failed := anasPass("R-3", "E3")
	failed.Outcome = programme.Fail
	held := anasPass("R-4", "E4")
	held.Identity = heldCheck()
	v.record(failed, held)
	old := anasPass("R-5", "E5")
	old.TakenAt = old.TakenAt.AddDate(-3, 0, 0)
	v.record(old)
	if _, err := v.Correct(context.Background(), v.Caller, "R-1", correction("812", "1000")); err != nil {
		t.Fatal(err)
	}
	ana := v.open()
	v.signIn(ana, "ana@home.test")
	p := ana.get("/me/badges").follow("Exams and certifications").want(200, "Exams and certifications")
	p.says("Cloud Fundamentals", "Yearly Certification", "Legacy Certification", "Very Old Exam", "Operating Clouds E2",
		"The exam E1 Cloud Basics Exam gives you the certification Cloud Fundamentals by itself", "No badge was made for this exam.", "Cloud Operator also needs E3", "812 / 1000", "TestCo", "On hold", "Not passed")
	p.hides("C-77")
	ana.get(v.link()).want(200, "Accept your badge?").says("was retired on 30 June 2024. The badge remains valid.").press("Accept badge").follow("See the badge").says("30 June 2024")
	ana.get("/me/credentials?lang=es").want(200, "").says("Fundamentos de nube")
	v.open().get("/me/credentials").want(200, "Sign in")
	for _, h := range []string{"no-store", "noindex"} {
		if got := p.header.Get("Cache-Control") + " " + p.header.Get("X-Robots-Tag"); !strings.Contains(got, h) {
			t.Error(got)
		}
	}
}

func TestStop(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E1"))
	path := strings.TrimPrefix(v.Letters.Offers()[0].StopURL, issuertest.BaseURL)
	form := v.open().get(path).want(200, "").says("a•••@home.test").hides("ana@home.test")
	v.record(anasPass("R-2", "E2"))
	if n := len(v.Letters.Offers()); n != 2 {
		t.Fatalf("GET stopped the letters: %d", n)
	}
	// RFC 8058: no cookie, no origin, no token, and no redirect
	b := v.open()
	b.post = nil
	done := b.send(path, url.Values{"List-Unsubscribe": {"One-Click"}})
	if done.status != 200 || done.path != path {
		t.Errorf("one click: %d %s", done.status, done.path)
	}
	form.press("Stop").want(200, "").says("no more")
	v.record(anasPass("R-3", "E4"))
	if n := len(v.Letters.Offers()); n != 2 {
		t.Errorf("letters after the stop: %d", n)
	}
	for _, token := range []string{"x", strings.Repeat("z", 60)} {
		v.open().get("/stop/"+token).want(404, "There is no such page")
		v.open().send("/stop/"+token, nil).want(404, "There is no such page")
	}
	ana := v.open()
	v.signIn(ana, "ana@home.test").says("Waiting for you", "Stand-alone Exam")
}

// TestMissingExamsCanBeBooked: what is still missing is named, and leads to where it is booked.
func TestMissingExamsCanBeBooked(t *testing.T) {
	v := newVisitors(t)
	v.Apply(t, strings.NewReplacer("{code: X2, name: Two}", "{code: X2, name: Two, schedule_url: \"https://book.test/x2\"}").Replace(shapes))
	r := anasPass("R-1", "X1")
	r.TakenAt = v.Clock.Now()
	v.record(r)
	ana := v.open()
	v.signIn(ana, "ana@home.test")
	p := ana.get("/me/credentials").want(200, "").says("Base also needs X2 Two.", "X2 Two: Book the exam", "(opens book.test)", "Either also needs one of X3 Three or X4 Four.")
	if n := strings.Count(p.body, `href="https://book.test/x2"`); n != 1 {
		t.Errorf("%d links to book X2, want 1", n)
	}
}
