package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/verifier"
)

// judgeNext judges the list that waits longest, as JudgeLoop does.
func judgeNext(v *visitors, ctx context.Context) { v.runs.run(ctx, <-v.runs.queue) }

func TestManyBadges(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	awards := v.record(anasPass("R-7", "E7"), anasPass("R-4", "E4"))
	address := map[string]string{}
	for _, a := range awards {
		v.accept(a.ID, issuer.ByLink)
		address[a.Code] = issuertest.BaseURL + "/badges/" + a.ID
	}
	if _, err := v.SuspendAward(ctx, v.Caller, strings.TrimPrefix(address["E4"], issuertest.BaseURL+"/badges/"), "under review"); err != nil {
		t.Fatal(err)
	}
	b := v.open()
	list := strings.Join([]string{"badge;who", address["C7"] + ";=1+1", "https://elsewhere.test/a;Ben", address["C7"] + "/credential.jwt;", address["E4"] + ";", "no link;"}, "\r\n")
	p := b.get("/verify").follow("Check many at once").want(200, "Check many badges at once").press("Check these badges", "input", list)
	p.want(200, "Checking 4 badges").says("Yours begins by itself", "1 line without a link was left out.", "Kept until 5 March 2026, 10:12", "Not checked yet")
	if p.header.Get("Refresh") != "" || p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Robots-Tag") != "noindex" {
		t.Error(p.header)
	}
	if follows := p.follow("Show it by itself"); follows.header.Get("Refresh") != "5" || follows.follow("Stop doing that").header.Get("Refresh") != "" {
		t.Error("it does not come again by itself, or does not stop:", follows.header)
	}
	b.get(p.path+"/results.csv").want(404, "These answers are gone") // not yet
	judgeNext(v, ctx)
	p = b.get(p.path).want(200, "4 badges checked").says("Valid: 2", "On hold: 1", "Not finished: 1", "Yearly Certification", "Ana Ruiz")
	if first := b.get(p.path + "?sort=answer"); strings.Index(first.text(), "elsewhere.test") > strings.Index(first.text(), "credential.jwt") {
		t.Error("the worst does not come first:", first.text())
	}
	p.says("who: =1+1", "who: Ben", "no link").hides("<td></td>")
	p.follow("Answer").says("4 badges checked").follow("Answer").says("4 badges checked")

	answer := b.get(p.path + "/results.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][0] != address["C7"] || rows[1][1] != "valid" || rows[2][1] != "undetermined" || rows[4][1] != "suspended" ||
		rows[0][len(rows[0])-1] != "who" || rows[1][len(rows[1])-1] != "'=1+1" || rows[2][len(rows[2])-1] != "Ben" {
		t.Errorf("%v %q", err, rows)
	}
	if got := answer.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=badge-checks-20260305-") {
		t.Error(got)
	}
	p.follow("credential.jwt").want(200, "Genuine and current")
	p.follow("elsewhere.test").want(200, "Check a badge") // no fetching by link
}

func TestManyBadgesForm(t *testing.T) {
	v := newVisitors(t)
	v.lists = newThrottle(60.0/3600, 2, v.Clock.Now)
	b := v.open()
	ask := func(fields ...string) *page { return b.get("/verify/many").press("Check these badges", fields...) }
	ask().want(422, "Check many badges at once").says("Paste links or choose a file.")
	ask("input", strings.Repeat("x", shownMost+1)).want(422, "Check many").says("We found no link in it.").hides("xxxx")
	ask("input", "Ana\nBen").want(422, "Check many").says("We found no link in it.")
	ask("input", strings.Repeat("https://certs.example/1\n", 501)).want(422, "Check many").says("more than 500 links")
	ask("input", strings.Repeat("x", 9<<20)).want(413, "Check many").says("larger than 1 MB").hides("xxxx")
	b.get("/verify").press("Check this badge", "input", "https://certs.example/1\nhttps://certs.example/2").want(200, "Check many badges at once").says("https://certs.example/2")
	ask("input", strings.Repeat("https://certs.example/1\n", 500)).want(200, "Checking 500 badges")
	ask("input", one).want(200, "Checking 1 badge")
	if p := ask("input", one).want(429, "Check many").says("too often"); p.header.Get("Retry-After") == "" {
		t.Error(p.header)
	}
	b.get("/verify/many/none").want(404, "These answers are gone").follow("Check another list").want(200, "Check many")

	b.post = http.Header{"Origin": {"https://elsewhere.test"}, "Sec-Fetch-Site": {"cross-site"}}
	ask("input", one).want(403, "")
	b.post = http.Header{} // says nothing: the form's token speaks for it
	v.Clock.Advance(time.Hour)
	ask("input", one).want(200, "Checking 1 badge")
	ask("input", one, "form_token", "x").want(403, "")
}

// Lists are bounded in number and time, and are gone afterwards.
func TestManyBadgesAreForgotten(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	v.lists = newThrottle(1, 1000, v.Clock.Now)
	b := v.open()
	ask := func() *page { return b.get("/verify/many").press("Check these badges", "input", one) }
	first := ask().want(200, "Checking 1 badge")
	for range runsKept - 1 {
		if _, err := v.runs.start("", handedIn{lines: []listed{{link: one}}}); err != nil {
			t.Fatal(err)
		}
	}
	if p := ask().want(503, "Check many").says("Many lists are being checked right now."); p.header.Get("Retry-After") == "" {
		t.Error(p.header)
	}
	v.Clock.Advance(runLife - time.Second)
	b.get(first.path).want(200, "Checking 1 badge")
	v.Clock.Advance(time.Second)
	b.get(first.path).want(404, "These answers are gone")
	ask().want(503, "Check many") // what nobody sees any more still stands in the queue
	for range runsKept {
		judgeNext(v, ctx)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	p := ask().want(200, "Checking 1 badge")
	judgeNext(v, stopped)
	b.get(p.path).want(200, "1 badge checked").says("The server was stopped before all were checked.")
}

// One network cannot fill the lists of all, and a finished list stands in nobody's way.
func TestListsShared(t *testing.T) {
	l := newRuns(time.Now, nil)
	start := func(network string) (*run, error) { return l.start(network, handedIn{lines: []listed{{link: one}}}) }
	for k := range runsOfOne {
		if _, err := start("198.51.100.0/24"); err != nil {
			t.Fatalf("list %d: %v", k, err)
		}
	}
	if _, err := start("198.51.100.0/24"); err == nil {
		t.Error("a network has more than its share")
	}
	for k := 1; len(l.each) < runsKept; k++ {
		r, err := start("203.0.113." + itoa(k) + "/32")
		if err != nil {
			t.Fatal(err)
		}
		r.done = 1
		<-l.queue
	}
	if _, err := start("192.0.2.0/24"); err != nil || len(l.each) > runsKept {
		t.Errorf("finished lists stand in the way: %v, %d kept", err, len(l.each))
	}
	for _, r := range l.each {
		r.done = 0
	}
	if _, err := start("192.0.3.0/24"); err == nil {
		t.Error("more lists are under way than are kept")
	}
}

// JudgeLoop judges what people send until it is told to stop.
func TestJudgeLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{runs: newRuns(time.Now, verifier.New(verifier.Options{}))}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.JudgeLoop(ctx) }()
		r, err := s.runs.start("", handedIn{lines: []listed{{link: one}, {link: two}, {link: one}}})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		kept, found := s.runs.find(r.id)
		if !found || kept.done != 3 || kept.reports[0] != kept.reports[2] || kept.reports[1].Verdict != verifier.Undetermined {
			t.Errorf("%v %+v", found, kept)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Names of a table are compared with the badges', each with its own, and what is done is there to be seen.
func TestManyBadgesOfPeople(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	link := issuertest.BaseURL + "/badges/" + id
	list := "name,badge,room\nAna Ruiz," + link + ",4\nBen Okafor," + link + ",5\nA. Ruiz," + link + ",6\nnobody,,7\n"
	p := b.get("/verify/many").press("Check these badges", "input", list).want(200, "Checking 3 badges").says("1 line without a link", "nobody 7")
	ctx, stop := context.WithCancel(t.Context())
	r := <-v.runs.queue
	seen := 0
	for _, place := range v.runs.places(r) {
		v.runs.begin(r)
		v.runs.keep(r, place, &verifier.Report{Verdict: verifier.Valid})
		seen += len(place)
		if text := b.get(p.path).text(); seen < 3 && (!strings.Contains(text, itoa(seen)+" of 3 done") || strings.Count(text, "Not checked yet") != 3-seen) {
			t.Errorf("%d are done: %s", seen, text)
		}
	}
	stop()
	p = b.get("/verify/many").press("Check these badges", "input", list)
	judgeNext(v, context.WithoutCancel(ctx))
	p = b.get(p.path).want(200, "3 badges checked").says("Valid: 1", "Somebody else's: 1", "Compare names: 1", "room: 4", "room: 6")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get(p.path+"/results.csv").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[2][1] != "wrong_recipient" || strings.Join(rows[3][len(rows[3])-2:], " ") != "A. Ruiz 6" {
		t.Errorf("%v %q", err, rows)
	}
}
