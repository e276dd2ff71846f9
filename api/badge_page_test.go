package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
)

func heldCheck() *issuer.IdentityCheck { return &issuer.IdentityCheck{Method: "government-id"} }

func TestBadgePage(t *testing.T) {
	v := newVisitors(t)
	r := anasPass("R-2", "E2")
	v.record(r)
	award := v.record(anasPass("R-3", "E3"))[1]
	if award.Code != "C2" && award.Code != "E3" {
		t.Fatal(award.Code)
	}
	var c2 string
	list, err := v.Waiting(context.Background(), "ana@home.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		if b.Award.Code == "C2" {
			c2 = b.Award.ID
		}
	}
	v.accept(c2, issuer.Public)
	p := v.open().get("/badges/"+c2).want(200, "Ana Ruiz")
	p.says("Cloud Operator", "Valid", "Checked just now, 5 March 2026, 09:42 UTC", "Acme Certification", "badges.acme.test", "Does not expire", "Made of",
		"Operating Clouds E2", "Securing Clouds E3", "Passed 4 March 2026", "The signature is intact", "The key belongs to the issuer", "The issuer is known here", "It is not withdrawn", "It is within its dates")
	p.hides("ana@home.test", "C-77", "Manage", "TestCo")
	for _, want := range []string{`<meta property="og:title"`, `og:image" content="https://badges.acme.test/badges/` + c2 + `/card.png`, `rel="canonical" href="https://badges.acme.test/badges/` + c2 + `"`, "application/ld+json", "/badge.png", "/credential.jwt", `<img src="/badges/` + c2 + `/qr.svg"`} {
		if !strings.Contains(p.body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(p.body, "noindex") || p.header.Get("X-Robots-Tag") != "" {
		t.Error("a public badge is kept from search engines")
	}
	// The page is the same until the minute is over, and nobody has to load it twice.
	v.Clock.Advance(10 * time.Second)
	again := v.open().get("/badges/" + c2)
	if again.body != p.body || again.header.Get("ETag") == "" || again.header.Get("Cache-Control") != "no-cache" {
		t.Error("not the same page:", again.header)
	}
	if r := v.open().do(http.MethodGet, "/badges/"+c2, "", http.Header{"If-None-Match": {p.header.Get("ETag")}}); r.status != 304 || r.body != "" {
		t.Error("known page:", r.status)
	}
	v.Clock.Advance(time.Minute)
	v.open().get("/badges/" + c2).says("09:43 UTC")
	if es := v.open().get("/badges/" + c2 + "?lang=es"); es.lang() != "es" {
		t.Error(es.lang())
	}
	if head := v.open().do(http.MethodHead, "/badges/"+c2, "", nil); head.status != 200 || head.body != "" || head.header.Get("ETag") == "" {
		t.Error("HEAD:", head.status, head.header)
	}
}

// Whatever became of the badge shows on the next request.
func TestBadgePageStates(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	awards := v.record(anasPass("R-7", "E7"), anasPass("R-4", "E4"))
	yearly, single := awards[0].ID, awards[1].ID
	ana, stranger := v.open(), v.open()
	v.signIn(ana, "ana@home.test")
	for range 2 {
		ana.get("/me/badges").press("Accept badge")
	}
	stranger.get("/badges/"+yearly).want(200, "Ana Ruiz").says("Valid until 4 March 2027")
	if _, err := v.SuspendAward(ctx, v.Caller, single, "under review"); err != nil {
		t.Fatal(err)
	}
	p := stranger.get("/badges/"+single).want(200, "Ana Ruiz").says("On hold", "Acme Certification paused it on 5 March 2026")
	p.hides("/badge.png", "/credential.jwt")
	if _, err := v.ReinstateAward(ctx, v.Caller, single, "all is well"); err != nil {
		t.Fatal(err)
	}
	stranger.get("/badges/"+single).says("Valid", "It is not withdrawn")
	if _, err := v.Void(ctx, v.Caller, "R-4", "mixed up"); err != nil {
		t.Fatal(err)
	}
	stranger.get("/badges/"+single).want(200, "Ana Ruiz").says("Withdrawn", "withdrew it on 5 March 2026", "Stand-alone Exam")
	ana.get("/me/badges").says("Withdrawn")

	ana.get("/badges/" + yearly).says("Anyone with the link can see this page").hides("It expires on")
	v.Clock.Advance(310 * 24 * time.Hour)
	v.signIn(ana, "ana@home.test")
	ana.get("/badges/"+yearly).says("Valid", "It expires on 4 March 2027")
	stranger.get("/badges/" + yearly).hides("It expires on")
	v.Clock.Advance(60 * 24 * time.Hour)
	stranger.get("/badges/"+yearly).want(200, "Ana Ruiz").says("Expired", "It was valid until 4 March 2027")
}

// Renewed, a badge keeps its address; joined with another, its address leads there.
func TestBadgePageHistory(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E7"))[0].ID
	v.accept(award, issuer.ByLink)
	v.Clock.Advance(300 * 24 * time.Hour)
	renewal := anasPass("R-2", "E7")
	renewal.TakenAt = renewal.TakenAt.AddDate(0, 0, 290)
	v.record(renewal)
	v.open().get("/badges/"+award).want(200, "Ana Ruiz").says("Renewed", "Valid until 4 March 2028", "19 December 2026")
}

// Whatever everybody can read of a public badge leads to another badge of its holder only while that one is
// public too, from the next request on.
func TestNothingPublicLeadsToWhatIsNot(t *testing.T) {
	v := newVisitors(t)
	awards := v.record(anasPass("R-2", "E2"), anasPass("R-3", "E3"))
	var exam, certification string
	for _, a := range awards {
		switch a.Code {
		case "E2":
			exam = a.ID
		case "C2":
			certification = a.ID
		}
	}
	v.accept(certification, issuer.Public)
	stranger := v.open()
	paths := []string{"/badges/" + certification, "/verify?url=" + issuer1 + "/badges/" + certification}
	for _, form := range forms {
		paths = append(paths, "/badges/"+certification+form)
	}
	check := func(state string, leads bool) {
		t.Helper()
		for n, path := range paths {
			p := stranger.get(path)
			if told := strings.Contains(p.body, exam); told != (leads && n == 0) {
				t.Errorf("exam badge %s: %s leads there: %v", state, path, told)
			}
		}
	}
	check("offered", false)
	for _, visibility := range []string{issuer.Public, issuer.ByLink, issuer.Public, issuer.Private, issuer.Public} {
		v.accept(exam, visibility)
		check(visibility, visibility == issuer.Public)
	}
	if err := v.Decline(context.Background(), issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}, exam); err != nil {
		t.Fatal(err)
	}
	check("removed", false)
	v.accept(exam, issuer.Public)
	if _, err := v.RevokeAward(context.Background(), v.Caller, exam, "by mistake"); err != nil {
		t.Fatal(err)
	}
	check("withdrawn", false)
}

// The history says what happened.
func TestBadgePageHistoryOfCorrections(t *testing.T) {
	v := newVisitors(t)
	award := v.record(anasPass("R-1", "E2"))[0].ID
	v.accept(award, issuer.Public)
	v.Clock.Advance(24 * time.Hour)
	if _, err := v.CorrectName(context.Background(), v.Caller, "C-77", "Ana Maria Ruiz", "marriage"); err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	v.open().get("/badges/"+award).want(200, "Ana Maria Ruiz").says("Name corrected").hides("Details updated", "marriage")
}

func TestNothingToShowIsTheSamePage(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	awards := v.record(anasPass("R-1", "E1"), anasPass("R-2", "E2"), anasPass("R-4", "E4"))
	v.accept(awards[0].ID, issuer.Private)
	if err := v.Decline(ctx, issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}, awards[1].ID); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*browser{v.open(), v.open()} {
		if b.header.Get("Accept-Language") == "" {
			b.header.Set("Accept-Language", "fr")
		}
		first := b.get("/badges/none").want(404, "Rien à afficher ici")
		for _, path := range []string{awards[0].ID, awards[1].ID, awards[2].ID, strings.Repeat("a", 20), strings.Repeat("x", 3000), awards[0].ID + "?claimed=1", "%3Cscript%3E"} {
			p := b.get("/badges/" + path)
			if p.status != 404 || p.body != first.body || p.header.Get("Cache-Control") != "no-store" || p.header.Get("ETag") != "" {
				t.Errorf("%s: %d %v", path, p.status, p.header)
			}
		}
	}
}

func TestSandboxBadge(t *testing.T) {
	v := newVisitors(t)
	caller, _ := v.Partner(t, "TryCo", true)
	receipt, err := v.Record(context.Background(), caller, anasPass("R-1", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	v.open().get(v.link()).want(200, "You earned a badge").says("Test data.")
	v.accept(receipt.Awards[0].ID, issuer.Public)
	v.open().get("/badges/"+receipt.Awards[0].ID).says("Test data.", "TEST: Cloud")
	v.open().get("/verify?url="+issuertest.BaseURL+"/badges/"+receipt.Awards[0].ID).want(200, "Test badge: nothing was earned").says("Test data.", "TEST: Cloud").hides("Genuine and current", "The issuer is not known here")
	id := receipt.Awards[0].ID
	token := v.ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String()
	for _, visibility := range []string{issuer.Public, issuer.Private} { // a copy outlives what its holder shares
		v.accept(id, visibility)
		answer := object(t, v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": token}))))
		if answer["test"] != true || answer["issuer_known"] != false {
			t.Errorf("%s: got %v", visibility, answer)
		}
	}
	real := v.record(anasPass("R-2", "E7"))[0].ID
	v.accept(real, issuer.Public)
	answer := object(t, v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": issuertest.BaseURL + "/badges/" + real}))))
	if answer["test"] != false || answer["issuer_known"] != true {
		t.Errorf("a real one: got %v", answer)
	}
}
