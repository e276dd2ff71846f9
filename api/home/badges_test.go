package home_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
)

// TestMyBadges decides about a badge in the list and on its own page, and undoes it (rows 93, 108).
func TestMyBadges(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", ""))
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ana, ben, stranger := v.Open(), v.Open(), v.Open()
	v.SignIn(ben, "ben@work.test")
	v.SignIn(ana, "ana@home.test").Says("1 badge is waiting for you.").Follow("See it").Says("Waiting for you", "Cloud Fundamentals")
	list := ana.Get("/me/badges")
	declined := list.Press("Decline").Want(200, "My badges").Says("Declined. Nothing was published, and what you have earned is not affected.", "Declined on 5 March 2026")
	stranger.Get("/badges/"+award).Want(404, "Nothing to show here")
	manage := declined.Follow("Cloud Fundamentals").Want(200, "Cloud Fundamentals").Says("Who can see it?", "Declined on 5 March 2026. Nothing was published.").Hides("Remove from my collection")
	manage.Press("Accept badge", "visibility", "link").Want(200, "Cloud Fundamentals").Says("Accepted.")
	stranger.Get("/badges/"+award).Want(200, "Ana Ruiz")

	// The switch takes effect with the next request (row 108).
	page := "/me/badges/" + award
	for _, visibility := range []string{"private", "public", "private", "link"} {
		ana.Get(page).Press("Save", "visibility", visibility).Want(200, "Cloud Fundamentals").Says("Saved. It takes effect at once.")
		want := 200
		if visibility == "private" {
			want = 404
		}
		for _, form := range []string{"", "/assertion.json", "/badge.png", "/image.png", "/card.png", "/credential.jwt"} {
			p := stranger.Get("/badges/" + award + form)
			if p.Status != want {
				t.Errorf("%s: %s answers %d", visibility, form, p.Status)
			}
			if robots := p.Header.Get("X-Robots-Tag"); form == "" && want == 200 && robots != "noindex" {
				t.Errorf("%s: robots %q", visibility, robots)
			}
		}
		owner := ana.Get("/badges/"+award).Want(200, "Ana Ruiz").Says("Manage")
		for _, own := range []*apitest.Page{owner, owner.Follow("Manage").Want(200, "Cloud Fundamentals")} {
			for _, kind := range []string{"PNG", "JWT"} { // what the holder hands out proves itself, whoever may see the page
				file := own.Follow("(" + kind + ")")
				if file.Status != 200 {
					t.Errorf("%s: %s answers %d", visibility, kind, file.Status)
				}
				v.Open().Get("/verify").B.Upload("file", []byte(file.Body)).Want(200, "Genuine and current")
			}
		}
		for _, b := range []*apitest.Browser{stranger, ben} {
			if p := b.Get(page + "/badge.png"); strings.Contains(p.Header.Get("Content-Type"), "png") {
				t.Error("somebody else's file")
			}
		}
	}
	ana.Get(page).Press("Remove now").Want(200, "Cloud Fundamentals").Says("Removed.", "Removed on 5 March 2026. Links that you shared stopped working.").Hides("Nothing was published.")
	ana.Get(v.Link()).Want(200, "You removed this badge").Says("Links that you shared stopped working.").Hides("Nothing was published.")
	stranger.Get("/badges/"+award).Want(404, "Nothing to show here")
	ana.Get("/badges/"+award).Want(404, "Nothing to show here")
	ana.Get(page).Says("History", "Earned", "Offered to you", "Accepted", "Declined or removed").Press("Accept badge")
	if got := v.State(award); got != "accepted link" {
		t.Error("accepted after all, seen by others than before:", got)
	}
	ana.Send("/me/badges?badge="+award, url.Values{"do": {"visibility"}, "visibility": {"public"}}).Want(200, "My badges").Says("Saved.")
	ben.Get(page).Want(404, "There is no such page")
	ben.Send(page, url.Values{"do": {"remove"}}).Want(404, "There is no such page")
	stranger.Get(page).Want(200, "Sign in")
}

// TestManyBadges: twenty badges are a gallery of links with a page for each, and no forms (row 93).
func TestManyBadges(t *testing.T) {
	v := apitest.NewVisitors(t)
	var exams strings.Builder
	for n := range 20 {
		fmt.Fprintf(&exams, "  - {code: M%02d, name: Many %02d}\n", n, n)
	}
	v.Apply(t, strings.Replace(issuertest.Programme, "exams:\n", "exams:\n"+exams.String(), 1))
	ana := v.Open()
	var awards []string
	for n := range 20 {
		r := apitest.AnasPass(fmt.Sprintf("R-%d", n), fmt.Sprintf("M%02d", n))
		r.TakenAt = v.Clock.Now()
		awards = append(awards, v.Post(r)[0].ID)
	}
	waiting := v.SignIn(ana, "ana@home.test").Follow("See them").Says("Waiting for you", "Many 19")
	if n := len(waiting.Forms()); n != 1 {
		t.Errorf("%d forms where 20 badges wait, want none but sign out", n)
	}
	waiting.Follow("Many 07").Want(200, "Many 07").Says("Who can see it?")
	for _, id := range awards {
		ana.Get("/me/badges/"+id).Want(200, "Many ").Press("Accept badge").Says("Accepted.")
	}
	list := ana.Get("/me/badges").Hides("Waiting for you")
	if n := len(list.Forms()); n != 1 {
		t.Errorf("%d forms in a list of 20 badges, want none but sign out", n)
	}
	if n := strings.Count(list.Body, `class="cover" href="/me/badges/`); n != 20 {
		t.Errorf("%d linked pictures, want 20", n)
	}
}

// TestMyBadgesAreNeverStale: the list shows at once what another process, the partner or the day has changed, and each
// person and browser their own.
func TestMyBadgesAreNeverStale(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	other := issuertest.On(t, v.DB) // another process
	other.Clock.Advance(v.Clock.Now().Sub(other.Clock.Now()))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	for range 2 {
		ana.Get("/me/badges").Says("Waiting for you", "Yearly Certification")
	}
	h := v.Holder("ana@home.test")
	if err := other.Accept(t.Context(), h, award, "private"); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/badges").Says("Only me").Hides("Waiting for you")
	if err := other.Show(t.Context(), h, award, "public"); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/badges").Says("Public").Hides("Only me")
	phone := v.Open()
	v.SignIn(phone, "ana@home.test")
	if one, two := token(ana.Get("/me/badges")), token(phone.Get("/me/badges")); one == two || one == "" {
		t.Errorf("two browsers have the form tokens %q and %q", one, two)
	}
	v.Apply(t, strings.Replace(issuertest.Programme, "name: Yearly Certification, valid_for: 12 months,", "name: Yearly Certification, retired: 2026-03-01, valid_for: 12 months,", 1))
	ana.Get("/me/badges/" + award).Says("was retired on 1 March 2026")
	if _, err := other.SuspendAward(t.Context(), v.Caller, award, "case"); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/badges").Says("On hold")
	if _, err := other.ReinstateAward(t.Context(), v.Caller, award, "case"); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/badges").Hides("On hold")
	v.Clock.Advance(363 * 24 * time.Hour)
	v.SignIn(v.Open(), "ana@home.test").Hides("Expired")
	v.Clock.Advance(24 * time.Hour)
	late := v.Open()
	v.SignIn(late, "ana@home.test").Says("Expired")
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test").Says("Stand-alone Exam").Hides("Yearly")
}

// token is what the forms of a page carry.
func token(p *apitest.Page) string {
	_, rest, _ := strings.Cut(p.Body, `name="form_token" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// TestMyScores puts the score into a badge and takes it out again: page and files tell it meanwhile, and the
// files verify.
//
// proves: 3.0 §2.5 issued: each Result refers to a ResultDescription of the same achievement; told while shared
func TestMyScores(t *testing.T) {
	v := apitest.NewVisitors(t)
	scored := apitest.AnasPass("R-1", "E4")
	scored.Score, scored.MaxScore = new(json.Number("812")), new(json.Number("1000"))
	award := v.Post(scored)[0].ID
	v.Post(apitest.AnasPass("R-2", "E1")) // without a score
	ana, stranger := v.Open(), v.Open()
	v.SignIn(ana, "ana@home.test")
	list := ana.Get("/me/badges")
	for strings.Contains(list.Body, "Waiting for you") {
		list = list.Press("Accept badge")
	}
	badge := "/badges/" + award
	stranger.Get(badge).Want(200, "Ana Ruiz").Hides("812", "Scores")
	before := stranger.Get(badge + "/credential.jwt").Body

	manage := ana.Get("/me/badges/"+award).Says("The badge doesn't tell your scores.", "812 / 1000")
	manage.Press("Put my scores in the badge").Want(200, "Stand-alone Exam").Says("The badge tells your scores now.", "The badge tells these scores to everybody")
	stranger.Get(badge).Says("Scores", "Stand-alone Exam", "812 / 1000")
	for _, form := range []string{"/credential.jwt", "/credential.json", "/badge.png"} {
		v.Open().Get("/verify").B.Upload("file", []byte(stranger.Get(badge+form).Body)).Want(200, "Genuine and current").Says("Score in E4 Stand-alone Exam", "812 / 1000")
	}
	v.Open().Get("/verify").B.Upload("file", []byte(before)).Want(200, "Genuine, but there is a newer version")

	ana.Get("/me/badges/"+award).Press("Take my scores out of the badge").Want(200, "Stand-alone Exam").Says("The badge doesn't tell your scores any more.")
	stranger.Get(badge).Want(200, "Ana Ruiz").Hides("812")
	if _, err := v.RevokeAward(context.Background(), v.Caller, award, "an error"); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/badges/" + award).Hides("812")
}

func TestMyBadgesRefusals(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	for _, do := range []string{"accept", "decline", "visibility", "share_scores", "hide_scores", "remove"} {
		for _, id := range []string{award, "none", ""} {
			ben.Send("/me/badges?badge="+id, url.Values{"do": {do}, "visibility": {"public"}}).Want(404, "There is no such page")
		}
		ben.Send("/me/badges/"+award, url.Values{"do": {do}, "visibility": {"public"}}).Want(404, "There is no such page")
	}
	ben.Send("/me/badges?badge="+award, url.Values{"do": {"steal"}}).Want(400, "We couldn't read that")
	ben.Get("/me/badges").Press("Accept badge", "visibility", "everybody").Want(422, "We couldn't read that")
	if got := v.State(award); got != "offered link" {
		t.Error(got)
	}
	v.Open().Send("/me/badges?badge="+award, url.Values{"do": {"accept"}}).Want(200, "Sign in")
	ben.Get("/me/badges?note=%3Cscript%3E").Hides("script>alert")
}

// Rows 98 to 101: every result with its reason, also where no badge was made.
func TestMyCredentials(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-6", "E6"), apitest.AnasPass("R-7", "E7"))
	failed := apitest.AnasPass("R-3", "E3")
	failed.Outcome = programme.Fail
	held := apitest.AnasPass("R-4", "E4")
	held.Identity = apitest.HeldCheck()
	v.Post(failed, held)
	old := apitest.AnasPass("R-5", "E5")
	old.TakenAt = old.TakenAt.AddDate(-3, 0, 0)
	v.Post(old)
	if _, err := v.Correct(context.Background(), v.Caller, "R-1", correction("812", "1000")); err != nil {
		t.Fatal(err)
	}
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	p := ana.Get("/me/badges").Follow("Exams and certifications").Want(200, "Exams and certifications")
	p.Says("Cloud Fundamentals", "Yearly Certification", "Legacy Certification", "Very Old Exam", "Operating Clouds E2",
		"The exam E1 Cloud Basics Exam gives you the certification Cloud Fundamentals by itself", "No badge was made for this exam.", "Cloud Operator also needs E3", "812 / 1000", "TestCo", "On hold", "Not passed")
	p.Hides("C-77")
	ana.Get(v.Link()).Want(200, "Accept your badge?").Says("was retired on 30 June 2024. The badge remains valid.").Press("Accept badge").Follow("See the badge").Says("30 June 2024")
	ana.Get("/me/credentials?lang=es").Want(200, "").Says("Fundamentos de nube")
	v.Open().Get("/me/credentials").Want(200, "Sign in")
	for _, h := range []string{"no-store", "noindex"} {
		if got := p.Header.Get("Cache-Control") + " " + p.Header.Get("X-Robots-Tag"); !strings.Contains(got, h) {
			t.Error(got)
		}
	}
}

// row 112: one click stops all mail about badges, and it can be turned on again.
func TestStop(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"))
	path := strings.TrimPrefix(v.Letters.Offers()[0].StopURL, issuertest.BaseURL)
	form := v.Open().Get(path).Want(200, "").Says("a•••@home.test").Hides("ana@home.test")
	v.Post(apitest.AnasPass("R-2", "E2"))
	if n := len(v.Letters.Offers()); n != 2 {
		t.Fatalf("GET stopped the letters: %d", n)
	}
	// RFC 8058: no cookie, no origin, no token, and no redirect
	b := v.Open()
	b.Post = nil
	done := b.Send(path, url.Values{"List-Unsubscribe": {"One-Click"}})
	if done.Status != 200 || done.Path != path {
		t.Errorf("one click: %d %s", done.Status, done.Path)
	}
	stopped := form.Press("Stop").Want(200, "").Says("no more")
	v.Post(apitest.AnasPass("R-3", "E4"))
	if n := len(v.Letters.Offers()); n != 2 {
		t.Errorf("letters after the stop: %d", n)
	}
	elsewhere := v.Open()
	elsewhere.Post = http.Header{"Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}}
	elsewhere.Send(path+"/undo", nil).Want(403, "")
	stopped.Press("on again").Want(200, "Stop mails about badges?").Says("go to a•••@home.test again")
	v.Post(apitest.AnasPass("R-4", "E3"))
	if n := len(v.Letters.Offers()); n != 3 {
		t.Errorf("letters after the stop was undone: %d", n)
	}
	form.Press("Stop")
	v.Open().Get(path).Want(200, "Done").Says("a•••@home.test")
	for _, token := range []string{"x", strings.Repeat("z", 60)} {
		v.Open().Send("/stop/"+token+"/undo", nil).Want(404, "There is no such page")
		v.Open().Get("/stop/"+token).Want(404, "There is no such page")
		v.Open().Send("/stop/"+token, nil).Want(404, "There is no such page")
	}
	ana := v.Open()
	v.SignIn(ana, "ana@home.test").Follow("See them").Says("Waiting for you", "Stand-alone Exam")
}

// row 68: My badges and Check a badge are in the header of everybody who is signed in, and each badge can be shared from
// its tile.
// row 93: the list of certifications and the letter lead to the same page of the badge.
func TestWaysToABadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	link := v.Link()
	ana := accepted(v)
	for _, page := range []string{"/me", "/me/badges", "/me/badges/" + id, "/me/credentials", "/me/settings", "/badges/" + id} {
		links := ana.Get(page).Links()
		for _, want := range []string{"/me/badges", "/verify"} {
			if !slices.Contains(links, want) {
				t.Errorf("%s has no link to %s", page, want)
			}
		}
	}
	if links := ana.Get("/me/badges").Links(); !slices.Contains(links, "/badges/"+id+"/share") {
		t.Errorf("the tile has no link to share: %q", links)
	}
	if links := ana.Get("/me/credentials").Links(); !slices.Contains(links, "/badges/"+id) {
		t.Errorf("the list of certifications leads to %q", links)
	}
	if came := ana.Get(link); came.Path != "/badges/"+id && !strings.HasPrefix(came.Path, "/badges/"+id+"?") {
		t.Errorf("the letter's link leads to %s", came.Path)
	}
}

// TestBadgesWithoutEnd: more badges than a page shows have further pages, and none is cut in silence, on My badges and on
// the profile.
// row 31: counts equal to what there is, however much that is.
func TestBadgesWithoutEnd(t *testing.T) {
	v := apitest.NewVisitors(t)
	const many = 1003
	var results []issuer.Result
	for n := range many { // the same exam for as many candidates, who are one person
		r := apitest.AnasPass(fmt.Sprintf("R-%d", n), "E4")
		r.Candidate.ID = fmt.Sprintf("C-%d", n)
		r.TakenAt = v.Clock.Now().AddDate(0, 0, -n%300).Truncate(time.Second)
		results = append(results, r)
	}
	receipts, errs := v.RecordAll(t.Context(), v.Caller, results)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	if err := v.DB.InTx(t.Context(), func(tx *database.Tx) error {
		for k, r := range receipts {
			if k == 0 {
				continue // one waits
			}
			if _, err := tx.Exec(t.Context(), `
				UPDATE award
				SET state = 'accepted', holder = ?, visibility = 'public', decided_at = created_at, revision = revision + 1
				WHERE id = ?`, v.Holder("ana@home.test").ID, r.Awards[0].ID); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	walk := func(page *apitest.Page, prefix string, want, pages int) {
		t.Helper()
		seen := map[string]bool{}
		for n := 1; ; n++ {
			for _, link := range page.Links() {
				if rest, is := strings.CutPrefix(link, prefix); is && !strings.Contains(rest, "/") {
					seen[rest] = true
				}
			}
			if !strings.Contains(page.Text(), "Next page") {
				if n != pages || len(seen) != want {
					t.Errorf("got %d badges on %d pages, want %d on %d", len(seen), n, want, pages)
				}
				return
			}
			page = page.Follow("Next page")
		}
	}
	first := ana.Get("/me/badges").Want(200, "My badges").Says("Waiting for you").Hides("Previous page")
	walk(first, "/me/badges/", many-1, 6) // and the one that waits, which is decided about in the list
	ana.Get("/me/badges?page=6").Want(200, "My badges").Says("Previous page").Hides("Next page", "Waiting for you")
	ana.Get("/me/badges?page=99").Says("Previous page").Hides("Next page")
	ana.Get("/me/badges?page=x").Says("Waiting for you")
	ana.Get("/me").Says("Badges 1,002")
	if err := v.Given.Earners.SetProfile(t.Context(), earner.Profile{Account: v.Holder("ana@home.test").ID, Handle: "ana", Shown: true}); err != nil {
		t.Fatal(err)
	}
	stranger := v.Open()
	walk(stranger.Get("/people/ana").Want(200, "Ana Ruiz").Says("1,002 badges that everybody can see"), "/badges/", many-1, 6)
	if body := stranger.Get("/people/ana?page=2").Body; !strings.Contains(body, `href="/people/ana?page=3"`) || !strings.Contains(body, `href="/people/ana"`) {
		t.Error("the second page does not lead on and back")
	}
}
