package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/verifier"
)

func TestOwnDocuments(t *testing.T) {
	s := newSite(t)
	id := s.badge1(issuer.ByLink)
	for _, c := range []struct {
		address     string
		ours        bool
		state       verifier.OwnState
		contentType string
	}{
		{"https://badges.acme.test/badges/" + id, true, verifier.Shown, "application/vc+jwt"},
		{"http://badges.acme.test/badges/" + id, true, verifier.Shown, "application/vc+jwt"},
		{"https://BADGES.acme.test:443/badges/" + id, true, verifier.Shown, "application/vc+jwt"},
		{"https://badges.acme.test./badges/" + id, true, verifier.Shown, "application/vc+jwt"},
		{"https://badges.acme.test/badges/" + id + "/credential.jwt", true, verifier.Shown, "application/vc+jwt"},
		{"https://badges.acme.test/badges/" + id + "/", true, verifier.Shown, "application/vc+jwt"},
		{"https://badges.acme.test/badges/" + id + "/nothing", true, verifier.NotShown, ""},
		{"https://badges.acme.test/badges/" + id + "/card.png", true, verifier.Shown, "image/png"},
		{"https://badges.acme.test/.well-known/jwks.json", true, verifier.Shown, "application/jwk-set+json"},
		{"https://badges.acme.test/status/1.jwt/x", true, verifier.NotShown, ""},
		{"https://badges.acme.test/badges/" + id + "/badge.png", true, verifier.Shown, "image/png"},
		{"https://badges.acme.test/issuers/acme/did.json", true, verifier.Shown, "application/ld+json"},
		{"https://badges.acme.test/badges/2222222222aaaaaaaaaa", true, verifier.NotShown, ""},
		{"https://badges.acme.test/api/v1/results", true, verifier.NotShown, ""},
		{"https://badges.acme.test/metrics", true, verifier.NotShown, ""},
		{"https://badges.acme.test/", true, verifier.NotShown, ""},
		{"https://badges.acme.test", true, verifier.NotShown, ""},
		{"https://badges.acme.test/badges/../metrics", true, verifier.NotShown, ""},
		{"https://badges.acme.test/badges/..%2f..%2fmetrics", true, verifier.NotShown, ""},
		{"https://badges.acme.test:8443/badges/" + id, false, 0, ""},
		{"https://badges.acme.test.evil.test/badges/" + id, false, 0, ""},
		{"https://user@badges.acme.test/badges/" + id, false, 0, ""},
		{"ftp://badges.acme.test/badges/" + id, false, 0, ""},
		{"https://other.test/badges/" + id, false, 0, ""},
		{"::", false, 0, ""},
	} {
		answer, ours := s.Own.Document(context.Background(), c.address)
		if ours != c.ours {
			t.Errorf("%s: ours is %v", c.address, ours)
			continue
		}
		if ours && (answer.State != c.state || c.state == verifier.Shown && (answer.Type != c.contentType || len(answer.Body) == 0)) {
			t.Errorf("%s: got %d %s", c.address, answer.State, answer.Type)
		}
	}
	if strings.Contains(s.log.String(), "/badges/") {
		t.Error("what we ask ourselves is no request:", s.log.String())
	}
	for _, page := range []string{"https://badges.acme.test/issuers/acme", "https://badges.acme.test/achievements/" + s.achievement1(id)} {
		if answer, ours := s.Own.Document(context.Background(), page); !ours || answer.State != verifier.Shown || len(answer.Body) > 0 {
			t.Errorf("%s is a page for people: got %+v", page, answer)
		}
	}
}

// An international name of ours is ours in both spellings, in whatever way it was typed, and nobody else's is.
func TestOwnNameHasTwoSpellings(t *testing.T) {
	for _, base := range []string{"https://xn--mnchen-3ya.test", "https://münchen.test"} {
		s := newSite(t, func(o *Options) { o.BaseURL = base })
		for address, ours := range map[string]bool{
			"https://xn--mnchen-3ya.test/issuers/acme/did.json":    true,
			"https://XN--MNCHEN-3YA.test./issuers/acme/did.json":   true,
			"https://münchen.test/issuers/acme/did.json":           true,
			"https://MÜNCHEN.TEST:443/issuers/acme/did.json":       true,
			"https://mu\u0308nchen.test/issuers/acme/did.json":     true,
			"http://münchen.test/issuers/acme/did.json":            true,
			"https://m%C3%BCnchen.test/issuers/acme/did.json":      true,
			"https://munchen.test/issuers/acme/did.json":           false,
			"https://muenchen.test/issuers/acme/did.json":          false,
			"https://münchen.test.evil.test/issuers/acme/did.json": false,
			"https://xn--mnchen.test/issuers/acme/did.json":        false,
		} {
			answer, got := s.Own.Document(context.Background(), address)
			if got != ours || ours && answer.State != verifier.Shown {
				t.Errorf("%s, asked for %s: ours is %v, %+v", base, address, got, answer)
			}
		}
		for _, typed := range []string{"münchen.test/issuers/acme", "xn--mnchen-3ya.test/issuers/acme", "«münchen.test/issuers/acme»."} {
			if _, ours := s.own(s.typed(typed)); !ours {
				t.Errorf("%s: %q is not ours: %q", base, typed, s.typed(typed))
			}
		}
	}
}

// However the operator writes the base address: cookies are bound to https and forms of our own pages are taken,
// also behind a proxy that changes the Host header.
func TestBaseAddressInAnySpelling(t *testing.T) {
	for base, origin := range map[string]string{
		"HTTPS://Badges.Example.ORG": "https://badges.example.org", "https://badges.example.org:443": "https://badges.example.org",
		"https://badges.example.org:8443": "https://badges.example.org:8443", "https://münchen.test": "https://xn--mnchen-3ya.test",
		"HTTP://Localhost:8080": "http://localhost:8080", "http://127.0.0.1:80": "http://127.0.0.1", "https://[2001:db8::1]:443": "https://[2001:db8::1]",
	} {
		s := newSite(t, func(o *Options) { o.BaseURL = base })
		cookie := s.ask("GET", "/sign-in", "").Header().Get("Set-Cookie")
		if secure := strings.HasPrefix(origin, "https"); strings.HasPrefix(cookie, "__Host-") != secure || strings.Contains(cookie, "; Secure") != secure || cookie == "" {
			t.Errorf("%s: cookie %q", base, cookie)
		}
		for from, want := range map[string]int{origin: http.StatusUnprocessableEntity, "https://evil.test": http.StatusForbidden, origin + "1": http.StatusForbidden} {
			w := s.ask("POST", "/sign-in", "email=", "Content-Type", "application/x-www-form-urlencoded", "Origin", from, "Host", "127.0.0.1:9")
			if w.Code != want {
				t.Errorf("%s: a form from %s is answered %d, want %d", base, from, w.Code, want)
			}
		}
	}
}

func TestOwnDocumentsBelowAPath(t *testing.T) {
	s := newSite(t, func(o *Options) { o.BaseURL = "https://acme.test/badging" })
	for address, ours := range map[string]bool{
		"https://acme.test/badging/issuers/acme/did.json": true,
		"https://acme.test/issuers/acme/did.json":         false,
		"https://acme.test/badgingx/issuers/acme":         false,
	} {
		answer, got := s.Own.Document(context.Background(), address)
		if got != ours || ours && answer.State != verifier.Shown {
			t.Errorf("%s: ours is %v, %+v", address, got, answer)
		}
	}
}

// achievement1 is the achievement of a badge.
func (s *site) achievement1(badge string) string {
	s.t.Helper()
	b, _, err := s.Published(context.Background(), badge)
	if err != nil {
		s.t.Fatal(err)
	}
	return b.Achievement.ID
}
