package check_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

func TestManyBadges(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	awards := v.Post(apitest.AnasPass("R-7", "E7"), apitest.AnasPass("R-4", "E4"))
	address := map[string]string{}
	for _, a := range awards {
		v.ShowTo(a.ID, ledger.ByLink)
		address[a.Code] = issuertest.BaseURL + "/badges/" + a.ID
	}
	if _, err := v.SuspendAward(ctx, v.Caller, strings.TrimPrefix(address["E4"], issuertest.BaseURL+"/badges/"), "under review"); err != nil {
		t.Fatal(err)
	}
	b := v.Open()
	list := strings.Join([]string{"badge;who", address["C7"] + ";=1+1", "https://elsewhere.test/a;Ben", address["C7"] + "/credential.jwt;", address["E4"] + ";", "no link;"}, "\r\n")
	p := b.Get("/verify").Follow("Check many at once").Want(200, "Check many badges at once").Press("Check these badges", "input", list)
	p.Want(200, "Checking 4 badges").Says("Yours begins by itself", "1 line without a link was left out.", "Kept until 5 March 2026, 10:12", "Not checked yet")
	if p.Header.Get("Refresh") != "" || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("X-Robots-Tag") != "noindex" {
		t.Error(p.Header)
	}
	if follows := p.Follow("Show it by itself"); follows.Header.Get("Refresh") != "5" || follows.Follow("Stop doing that").Header.Get("Refresh") != "" {
		t.Error("it does not come again by itself, or does not stop:", follows.Header)
	}
	b.Get(p.Path+"/results.csv").Want(404, "These answers are gone") // not yet
	v.Check.JudgeNext(ctx)
	p = b.Get(p.Path).Want(200, "4 badges checked").Says("Valid: 2", "On hold: 1", "Not finished: 1", "Yearly Certification", "Ana Ruiz")
	if first := b.Get(p.Path + "?sort=answer"); strings.Index(first.Text(), "elsewhere.test") > strings.Index(first.Text(), "credential.jwt") {
		t.Error("the worst does not come first:", first.Text())
	}
	p.Says("who: =1+1", "who: Ben", "no link").Hides("<td></td>")
	p.Follow("Answer").Says("4 badges checked").Follow("Answer").Says("4 badges checked")

	answer := b.Get(p.Path + "/results.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][0] != address["C7"] || rows[1][1] != "valid" || rows[2][1] != "undetermined" || rows[4][1] != "suspended" ||
		rows[0][len(rows[0])-1] != "who" || rows[1][len(rows[1])-1] != "'=1+1" || rows[2][len(rows[2])-1] != "Ben" {
		t.Errorf("%v %q", err, rows)
	}
	if got := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=badge-checks-20260305-") {
		t.Error(got)
	}
	p.Follow("credential.jwt").Want(200, "Genuine and current")
	p.Follow("elsewhere.test").Want(200, "Check a badge") // no fetching by link
}

func TestManyBadgesForm(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Lists = web.NewThrottle(60.0/3600, 2, o.Now) })
	b := v.Open()
	ask := func(fields ...string) *apitest.Page {
		return b.Get("/verify/many").Press("Check these badges", fields...)
	}
	ask().Want(422, "Check many badges at once").Says("Paste links or choose a file.")
	ask("input", strings.Repeat("x", check.ShownMost+1)).Want(422, "Check many").Says("We found no link in it.").Hides("xxxx")
	ask("input", "Ana\nBen").Want(422, "Check many").Says("We found no link in it.")
	ask("input", strings.Repeat("https://certs.example/1\n", 501)).Want(422, "Check many").Says("more than 500 links")
	ask("input", strings.Repeat("x", 9<<20)).Want(413, "Check many").Says("larger than 1 MB").Hides("xxxx")
	b.Get("/verify").Press("Check this badge", "input", "https://certs.example/1\nhttps://certs.example/2").Want(200, "Check many badges at once").Says("https://certs.example/2")
	ask("input", strings.Repeat("https://certs.example/1\n", 500)).Want(200, "Checking 500 badges")
	ask("input", check.One).Want(200, "Checking 1 badge")
	if p := ask("input", check.One).Want(429, "Check many").Says("too often"); p.Header.Get("Retry-After") == "" {
		t.Error(p.Header)
	}
	b.Get("/verify/many/none").Want(404, "These answers are gone").Follow("Check another list").Want(200, "Check many")

	b.Post = http.Header{"Origin": {"https://elsewhere.test"}, "Sec-Fetch-Site": {"cross-site"}}
	ask("input", check.One).Want(403, "")
	b.Post = http.Header{} // says nothing: the form's token speaks for it
	v.Clock.Advance(time.Hour)
	ask("input", check.One).Want(200, "Checking 1 badge")
	ask("input", check.One, "form_token", "x").Want(403, "")
}

// Lists are bounded in number and time, and are gone afterwards.
func TestManyBadgesAreForgotten(t *testing.T) {
	v, ctx := apitest.NewVisitors(t, func(o *apitest.Options) { o.Lists = web.NewThrottle(1, 1000, o.Now) }), context.Background()
	b := v.Open()
	ask := func() *apitest.Page { return b.Get("/verify/many").Press("Check these badges", "input", check.One) }
	first := ask().Want(200, "Checking 1 badge")
	for range check.RunsKept - 1 {
		if err := v.Check.StartList(check.One); err != nil {
			t.Fatal(err)
		}
	}
	if p := ask().Want(503, "Check many").Says("Many lists are being checked right now."); p.Header.Get("Retry-After") == "" {
		t.Error(p.Header)
	}
	v.Clock.Advance(check.RunLife - time.Second)
	b.Get(first.Path).Want(200, "Checking 1 badge")
	v.Clock.Advance(time.Second)
	b.Get(first.Path).Want(404, "These answers are gone")
	ask().Want(503, "Check many") // what nobody sees any more still stands in the queue
	for range check.RunsKept {
		v.Check.JudgeNext(ctx)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	p := ask().Want(200, "Checking 1 badge")
	v.Check.JudgeNext(stopped)
	b.Get(p.Path).Want(200, "1 badge checked").Says("The server was stopped before all were checked.")
}

// Names of a table are compared with the badges', each with its own, and what is done is there to be seen.
func TestManyBadgesOfPeople(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	link := issuertest.BaseURL + "/badges/" + id
	list := "name,badge,room\nAna Ruiz," + link + ",4\nBen Okafor," + link + ",5\nA. Ruiz," + link + ",6\nnobody,,7\n"
	p := b.Get("/verify/many").Press("Check these badges", "input", list).Want(200, "Checking 3 badges").Says("1 line without a link", "nobody 7")
	ctx, stop := context.WithCancel(t.Context())
	seen := 0
	for places := range v.Check.Take(&verifier.Report{Verdict: verifier.Valid}) {
		seen += places
		if text := b.Get(p.Path).Text(); seen < 3 && (!strings.Contains(text, apitest.Itoa(seen)+" of 3 done") || strings.Count(text, "Not checked yet") != 3-seen) {
			t.Errorf("%d are done: %s", seen, text)
		}
	}
	stop()
	p = b.Get("/verify/many").Press("Check these badges", "input", list)
	v.Check.JudgeNext(context.WithoutCancel(ctx))
	p = b.Get(p.Path).Want(200, "3 badges checked").Says("Valid: 1", "Somebody else's: 1", "Compare names: 1", "room: 4", "room: 6")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.Get(p.Path+"/results.csv").Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[2][1] != "wrong_recipient" || strings.Join(rows[3][len(rows[3])-2:], " ") != "A. Ruiz 6" {
		t.Errorf("%v %q", err, rows)
	}
}
