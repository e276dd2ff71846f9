package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/templates"
)

func TestGeneralPages(t *testing.T) {
	v := newVisitors(t, func(o *Options) {
		o.Mailbox = func(func(*http.Request) templates.Page) http.Handler { return http.NotFoundHandler() }
	})
	b := v.open()
	home := b.get("/").want(200, "").says("Acme Certification", "mailbox")
	home.follow("Check a badge").want(200, "Check a badge")
	home.follow("Get help").want(200, "").says("badges@acme.test")
	home.follow("Privacy").want(200, "").says("Acme Certification", "badges@acme.test")
	home.follow("My badges").want(200, "Sign in")
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/sign-in", "/claim/lost", "/claim/x", "/me/badges", "/nowhere", "/badges/x"} {
		get, head := b.get(path), b.do(http.MethodHead, path, "", nil)
		if head.status != get.status || head.body != "" || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v, GET %d", path, head.status, head.header, get.status)
		}
		if !strings.Contains(get.body, "Acme Badges") || strings.Contains(get.body, "Insignia") { // row 86
			t.Errorf("%s: another name than the site's", path)
		}
	}
	if p := b.get("/robots.txt"); p.status != 200 || !strings.Contains(p.body, "Disallow: /claim/") {
		t.Error(p.body)
	}
	if p := b.get("/favicon.ico"); p.status != 200 || p.header.Get("Content-Type") != "image/svg+xml" {
		t.Error(p.status, p.header)
	}
	for _, a := range templates.Assets {
		if p := b.get(a.Path); p.status != 200 || p.body != string(a.Body) {
			t.Error(a.Path, p.status)
		}
	}
}

func TestWithoutProgramme(t *testing.T) {
	v := newVisitors(t)
	db := databasetest.New(t)
	empty := issuer.New(db, jobs.New(db, v.o.Log, v.Clock.Now), v.Issuer.Options)
	b := v.open()
	v.o.Issuer = empty
	for _, path := range []string{"/", "/help", "/privacy", "/verify", "/sign-in"} {
		if p := b.get(path); p.status != 200 || !strings.Contains(p.text(), "Acme Badges") {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	b.get("/issuers/acme").want(404, "")
}

func TestAchievementAndIssuerPages(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-2", "E2"))
	awards := v.record(anasPass("R-3", "E3"), anasPass("R-7", "E7"))
	old := anasPass("R-5", "E5")
	old.TakenAt = old.TakenAt.AddDate(-3, 0, 0)
	awards = append(awards, v.record(old)...)
	b := v.open()
	for _, a := range awards {
		p := b.get("/achievements/" + a.AchievementID)
		switch a.Code {
		case "C2":
			p.want(200, "Cloud Operator").says("E2 Operating Clouds and E3 Securing Clouds", "C2", "Does not expire")
		case "C7":
			p.want(200, "Yearly Certification").says("Valid for 12 months")
		case "C5":
			p.want(200, "Legacy Certification").says("was retired on 30 June 2024")
		}
		if p.status != 200 || p.header.Get("ETag") == "" || !strings.Contains(p.body, "/achievement.json") {
			t.Errorf("%s: %d %v", a.Code, p.status, p.header)
		}
	}
	b.get("/achievements/none").want(404, "Nothing to show here")
	p := b.get("/issuers/acme").want(200, "Acme Certification").says("badges@acme.test", "In use since 5 March 2026", "Cloud Operator", "acme.test")
	if !strings.Contains(p.body, ".jwk") || !strings.Contains(p.body, "did.json") {
		t.Error("no keys")
	}
	p.follow("Cloud Operator").want(200, "Cloud Operator")
	v.Clock.Advance(24 * time.Hour)
	lost, err := v.Keys.Rotate(context.Background(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys.Revoke(context.Background(), lost.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(time.Minute)
	timeline := b.get("/issuers/acme").says("In use from 5 March 2026 until 6 March 2026", "Revoked on 6 March 2026")
	if strings.Contains(timeline.body, lost.ID+".jwk") {
		t.Error("a revoked key is offered")
	}
	b.get("/issuers/other").want(404, "Nothing to show here")
	v.signIn(b, "ana@home.test")
	if signedIn := b.get("/issuers/acme").says("Sign out"); signedIn.header.Get("Cache-Control") != "private, no-store" {
		t.Error(signedIn.header)
	}
}

// TestIssuerPageShowsBadges: whoever looks at the issuer sees its badges, and then with which keys they are signed.
func TestIssuerPageShowsBadges(t *testing.T) {
	v := newVisitors(t)
	v.record(anasPass("R-1", "E4"))
	p := v.open().get("/issuers/acme").want(http.StatusOK, "")
	before, after, keys := strings.Cut(p.body, "<h2>Keys</h2>")
	_, rest, shown := strings.Cut(before, `<img class="picture" src="`)
	picture, _, _ := strings.Cut(rest, `"`)
	if !keys || !shown || strings.Contains(after, "/achievements/") {
		t.Fatalf("badges are not above the keys: %s", p.body)
	}
	if w := v.ask("GET", picture, ""); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%s: %d, %v", picture, w.Code, w.Header())
	}
}
