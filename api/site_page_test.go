package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/templates"
)

func TestGeneralPages(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) {
		o.Mailbox = func(func(*http.Request) templates.Page) http.Handler { return http.NotFoundHandler() }
	})
	b := v.Open()
	home := b.Get("/").Want(200, "").Says("Acme Certification", "mailbox")
	home.Follow("Check a badge").Want(200, "Check a badge")
	home.Follow("Get help").Want(200, "").Says("badges@acme.test")
	home.Follow("Privacy").Want(200, "").Says("Acme Certification", "badges@acme.test")
	home.Follow("My badges").Want(200, "Sign in")
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/sign-in", "/claim/lost", "/claim/x", "/me/badges", "/nowhere", "/badges/x"} {
		get, head := b.Get(path), b.Do(http.MethodHead, path, "", nil)
		if head.Status != get.Status || head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v, GET %d", path, head.Status, head.Header, get.Status)
		}
		if !strings.Contains(get.Body, "Acme Badges") || strings.Contains(get.Body, "Insignia") { // row 86
			t.Errorf("%s: another name than the site's", path)
		}
	}
	if p := b.Get("/robots.txt"); p.Status != 200 || !strings.Contains(p.Body, "Disallow: /claim/") {
		t.Error(p.Body)
	}
	if p := b.Get("/favicon.ico"); p.Status != 200 || p.Header.Get("Content-Type") != "image/svg+xml" {
		t.Error(p.Status, p.Header)
	}
	for _, a := range templates.Assets {
		if p := b.Get(a.Path); p.Status != 200 || p.Body != string(a.Body) {
			t.Error(a.Path, p.Status)
		}
	}
}

func TestWithoutProgramme(t *testing.T) {
	db := databasetest.New(t)
	v := apitest.NewVisitors(t, func(o *apitest.Options) {
		parts := o.Issuer.Options
		parts.Catalogue = catalogue.New(db, issuertest.Artist{}, issuertest.Words{}, o.Now)
		o.Issuer = issuer.New(db, jobs.New(db, o.Log, o.Now), parts)
	})
	b := v.Open()
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/sign-in"} {
		if p := b.Get(path); p.Status != 200 || !strings.Contains(p.Text(), "Acme Badges") {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	b.Get("/issuers/acme").Want(404, "")
}

func TestAchievementAndIssuerPages(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-2", "E2"))
	awards := v.Post(apitest.AnasPass("R-3", "E3"), apitest.AnasPass("R-7", "E7"))
	old := apitest.AnasPass("R-5", "E5")
	old.TakenAt = old.TakenAt.AddDate(-3, 0, 0)
	awards = append(awards, v.Post(old)...)
	b := v.Open()
	for _, a := range awards {
		p := b.Get("/achievements/" + a.AchievementID)
		switch a.Code {
		case "C2":
			p.Want(200, "Cloud Operator").Says("E2 Operating Clouds and E3 Securing Clouds", "C2", "Does not expire")
		case "C7":
			p.Want(200, "Yearly Certification").Says("Valid for 12 months")
		case "C5":
			p.Want(200, "Legacy Certification").Says("was retired on 30 June 2024")
		}
		if p.Status != 200 || p.Header.Get("ETag") == "" || !strings.Contains(p.Body, "/achievement.json") {
			t.Errorf("%s: %d %v", a.Code, p.Status, p.Header)
		}
	}
	b.Get("/achievements/none").Want(404, "Nothing to show here")
	p := b.Get("/issuers/acme").Want(200, "Acme Certification").Says("badges@acme.test", "In use since 5 March 2026", "Cloud Operator", "acme.test")
	if !strings.Contains(p.Body, ".jwk") || !strings.Contains(p.Body, "did.json") {
		t.Error("no keys")
	}
	p.Follow("Cloud Operator").Want(200, "Cloud Operator")
	v.Clock.Advance(24 * time.Hour)
	lost, err := v.Keys.Rotate(context.Background(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys.Revoke(context.Background(), lost.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(time.Minute)
	timeline := b.Get("/issuers/acme").Says("In use from 5 March 2026 until 6 March 2026", "Revoked on 6 March 2026")
	if strings.Contains(timeline.Body, lost.ID+".jwk") {
		t.Error("a revoked key is offered")
	}
	b.Get("/issuers/other").Want(404, "Nothing to show here")
	v.SignIn(b, "ana@home.test")
	if signedIn := b.Get("/issuers/acme").Says("Sign out"); signedIn.Header.Get("Cache-Control") != "private, no-store" {
		t.Error(signedIn.Header)
	}
}

// TestIssuerPageShowsBadges: whoever looks at the issuer sees its badges, and then with which keys they are signed.
func TestIssuerPageShowsBadges(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"))
	p := v.Open().Get("/issuers/acme").Want(http.StatusOK, "")
	before, after, keys := strings.Cut(p.Body, "<h2>Keys</h2>")
	_, rest, shown := strings.Cut(before, `<img class="picture" src="`)
	picture, _, _ := strings.Cut(rest, `"`)
	if !keys || !shown || strings.Contains(after, "/achievements/") {
		t.Fatalf("badges are not above the keys: %s", p.Body)
	}
	if w := v.Ask("GET", picture, ""); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%s: %d, %v", picture, w.Code, w.Header())
	}
}
