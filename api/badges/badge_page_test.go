package badges_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

func TestBadgePage(t *testing.T) {
	v := apitest.NewVisitors(t)
	r := apitest.AnasPass("R-2", "E2")
	v.Post(r)
	award := v.Post(apitest.AnasPass("R-3", "E3"))[1]
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
	v.ShowTo(c2, ledger.Public)
	p := v.Open().Get("/badges/"+c2).Want(200, "Ana Ruiz")
	p.Says("Cloud Operator", "Valid", "Checked just now, 5 March 2026, 09:42 UTC", "Acme Certification", "badges.acme.test", "Does not expire", "Made of",
		"Operating Clouds E2", "Securing Clouds E3", "Passed 4 March 2026", "The signature is intact", "The key belongs to the issuer", "The issuer is known here", "It is not withdrawn", "It is within its dates")
	p.Hides("ana@home.test", "C-77", "Manage", "TestCo")
	for _, want := range []string{`<meta property="og:title"`, `og:image" content="https://badges.acme.test/badges/` + c2 + `/card.png`, `rel="canonical" href="https://badges.acme.test/badges/` + c2 + `"`, "application/ld+json", "/badge.png", "/credential.jwt", `<img src="/badges/` + c2 + `/qr.svg"`} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("no %s", want)
		}
	}
	if !strings.Contains(p.Body, "noindex") || p.Header.Get("X-Robots-Tag") != "noindex" {
		t.Error("a public badge may be found before its holder says so")
	}
	// The page is the same until the minute is over, and nobody has to load it twice.
	v.Clock.Advance(10 * time.Second)
	again := v.Open().Get("/badges/" + c2)
	if again.Body != p.Body || again.Header.Get("ETag") == "" || again.Header.Get("Cache-Control") != "no-cache" {
		t.Error("not the same page:", again.Header)
	}
	if r := v.Open().Do(http.MethodGet, "/badges/"+c2, "", http.Header{"If-None-Match": {p.Header.Get("ETag")}}); r.Status != 304 || r.Body != "" {
		t.Error("known page:", r.Status)
	}
	v.Clock.Advance(time.Minute)
	v.Open().Get("/badges/" + c2).Says("09:43 UTC")
	if es := v.Open().Get("/badges/" + c2 + "?lang=es"); es.Lang() != "es" {
		t.Error(es.Lang())
	}
	if head := v.Open().Do(http.MethodHead, "/badges/"+c2, "", nil); head.Status != 200 || head.Body != "" || head.Header.Get("ETag") == "" {
		t.Error("HEAD:", head.Status, head.Header)
	}
}

// Whatever became of the badge shows on the next request.
func TestBadgePageStates(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	awards := v.Post(apitest.AnasPass("R-7", "E7"), apitest.AnasPass("R-4", "E4"))
	yearly, single := awards[0].ID, awards[1].ID
	ana, stranger := v.Open(), v.Open()
	v.SignIn(ana, "ana@home.test")
	for range 2 {
		ana.Get("/me/badges").Press("Accept badge")
	}
	stranger.Get("/badges/"+yearly).Want(200, "Ana Ruiz").Says("Valid until 4 March 2027")
	if _, err := v.SuspendAward(ctx, v.Caller, single, "under review"); err != nil {
		t.Fatal(err)
	}
	p := stranger.Get("/badges/"+single).Want(200, "Ana Ruiz").Says("On hold", "Acme Certification paused it on 5 March 2026")
	p.Hides("/badge.png", "/credential.jwt")
	if _, err := v.ReinstateAward(ctx, v.Caller, single, "all is well"); err != nil {
		t.Fatal(err)
	}
	stranger.Get("/badges/"+single).Says("Valid", "It is not withdrawn")
	if _, err := v.Void(ctx, v.Caller, "R-4", "mixed up"); err != nil {
		t.Fatal(err)
	}
	stranger.Get("/badges/"+single).Want(200, "Ana Ruiz").Says("Withdrawn", "withdrew it on 5 March 2026", "Stand-alone Exam")
	ana.Get("/me/badges").Says("Withdrawn")

	ana.Get("/badges/" + yearly).Says("Anyone with the link can see this page").Hides("It expires on")
	v.Clock.Advance(310 * 24 * time.Hour)
	v.SignIn(ana, "ana@home.test")
	ana.Get("/badges/"+yearly).Says("Valid", "It expires on 4 March 2027")
	stranger.Get("/badges/" + yearly).Hides("It expires on")
	v.Clock.Advance(60 * 24 * time.Hour)
	stranger.Get("/badges/"+yearly).Want(200, "Ana Ruiz").Says("Expired", "It was valid until 4 March 2027")
}

// Renewed, a badge keeps its address; joined with another, its address leads there.
func TestBadgePageHistory(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E7"))[0].ID
	v.ShowTo(award, ledger.ByLink)
	v.Clock.Advance(300 * 24 * time.Hour)
	renewal := apitest.AnasPass("R-2", "E7")
	renewal.TakenAt = renewal.TakenAt.AddDate(0, 0, 290)
	v.Post(renewal)
	v.Open().Get("/badges/"+award).Want(200, "Ana Ruiz").Says("Renewed", "Valid until 4 March 2028", "19 December 2026")
}

// Whatever everybody can read of a public badge leads to another badge of its holder only while that one is
// public too, from the next request on.
//
// row 108: from the next request on.
func TestNothingPublicLeadsToWhatIsNot(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-3", "E3"))
	var exam, certification string
	for _, a := range awards {
		switch a.Code {
		case "E2":
			exam = a.ID
		case "C2":
			certification = a.ID
		}
	}
	v.ShowTo(certification, ledger.Public)
	stranger := v.Open()
	paths := []string{"/badges/" + certification, "/verify?url=" + apitest.Issuer1 + "/badges/" + certification}
	for _, form := range apitest.Forms {
		paths = append(paths, "/badges/"+certification+form)
	}
	check := func(state string, leads bool) {
		t.Helper()
		for n, path := range paths {
			p := stranger.Get(path)
			if told := strings.Contains(p.Body, exam); told != (leads && n == 0) {
				t.Errorf("exam badge %s: %s leads there: %v", state, path, told)
			}
		}
	}
	check("offered", false)
	for _, visibility := range []string{ledger.Public, ledger.ByLink, ledger.Public, ledger.Private, ledger.Public} {
		v.ShowTo(exam, visibility)
		check(visibility, visibility == ledger.Public)
	}
	if err := v.Decline(context.Background(), issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}, exam); err != nil {
		t.Fatal(err)
	}
	check("removed", false)
	v.ShowTo(exam, ledger.Public)
	if _, err := v.RevokeAward(context.Background(), v.Caller, exam, "by mistake"); err != nil {
		t.Fatal(err)
	}
	check("withdrawn", false)
}

// The history says what happened.
func TestBadgePageHistoryOfCorrections(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E2"))[0].ID
	v.ShowTo(award, ledger.Public)
	v.Clock.Advance(24 * time.Hour)
	if _, err := v.CorrectName(context.Background(), v.Caller, "C-77", "Ana Maria Ruiz", "marriage"); err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	v.Open().Get("/badges/"+award).Want(200, "Ana Maria Ruiz").Says("Name corrected").Hides("Details updated", "marriage")
}

// TestSeeWhatOthersSee: the holder sees, byte for byte, what somebody sees who is not signed in, and of a private badge
// that there is nothing to show. To anybody else it makes no difference.
//
// row 108: you control how and when your badge becomes public.
func TestSeeWhatOthersSee(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ana, stranger := v.Open(), v.Open()
	v.SignIn(ana, "ana@home.test")
	ana.Get(v.Link()).Press("Accept badge", "visibility", "public").Want(200, "Well done")
	path := "/badges/" + award
	for _, visibility := range []string{ledger.Public, ledger.ByLink} {
		ana.Get("/me/badges/"+award).Press("Save", "visibility", visibility)
		own, others, plain := ana.Get(path).Want(200, "Ana Ruiz").Says("Change"), ana.Get(path).Follow("See what others see"), stranger.Get(path)
		if others.Body != plain.Body || others.Body == own.Body || others.Header.Get("X-Robots-Tag") != plain.Header.Get("X-Robots-Tag") {
			t.Errorf("%s: others see something else:\n%s\n%s", visibility, others.Text(), plain.Text())
		}
		if as := stranger.Get(path + "?as=others"); as.Body != plain.Body {
			t.Errorf("%s: a stranger sees something else", visibility)
		}
	}
	ana.Get("/me/badges/"+award).Press("Save", "visibility", ledger.Private)
	ana.Get(path).Want(200, "Ana Ruiz").Follow("See what others see").Want(404, "Nothing to show here").Hides("Ana Ruiz")
	ana.Get("/me/badges/"+award).Follow("See what others see").Want(404, "Nothing to show here")
	stranger.Get(path+"?as=others").Want(404, "Nothing to show here")
}

// row 108: one page for whatever is not shown.
func TestNothingToShowIsTheSamePage(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	awards := v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-4", "E4"))
	v.ShowTo(awards[0].ID, ledger.Private)
	if err := v.Decline(ctx, issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}, awards[1].ID); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*apitest.Browser{v.Open(), v.Open()} {
		if b.Header.Get("Accept-Language") == "" {
			b.Header.Set("Accept-Language", "fr")
		}
		first := b.Get("/badges/none").Want(404, "Rien à afficher ici")
		for _, path := range []string{awards[0].ID, awards[1].ID, awards[2].ID, strings.Repeat("a", 20), strings.Repeat("x", 3000), awards[0].ID + "?claimed=1", "%3Cscript%3E"} {
			p := b.Get("/badges/" + path)
			if p.Status != 404 || p.Body != first.Body || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("ETag") != "" {
				t.Errorf("%s: %d %v", path, p.Status, p.Header)
			}
		}
	}
}

func TestSandboxBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	caller, _ := v.Partner(t, "TryCo", true)
	receipt, err := v.Record(context.Background(), caller, apitest.AnasPass("R-1", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	v.Open().Get(v.Link()).Want(200, "You earned a badge").Says("Test data.")
	v.ShowTo(receipt.Awards[0].ID, ledger.Public)
	v.Open().Get("/badges/"+receipt.Awards[0].ID).Says("Test data.", "TEST: Cloud")
	v.Open().Get("/verify?url="+issuertest.BaseURL+"/badges/"+receipt.Awards[0].ID).Want(200, "Test badge: nothing was earned").Says("Test data.", "TEST: Cloud").Hides("Genuine and current", "The issuer is not known here")
	id := receipt.Awards[0].ID
	token := v.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String()
	for _, visibility := range []string{ledger.Public, ledger.Private} { // a copy outlives what its holder shares
		v.ShowTo(id, visibility)
		answer := apitest.Object(t, v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": token}))))
		if answer["test"] != true || answer["issuer_known"] != false {
			t.Errorf("%s: got %v", visibility, answer)
		}
	}
	real := v.Post(apitest.AnasPass("R-2", "E7"))[0].ID
	v.ShowTo(real, ledger.Public)
	answer := apitest.Object(t, v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": issuertest.BaseURL + "/badges/" + real}))))
	if answer["test"] != false || answer["issuer_known"] != true {
		t.Errorf("a real one: got %v", answer)
	}
}
