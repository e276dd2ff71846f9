package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

func TestOwnDocuments(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
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
	if strings.Contains(s.Log.String(), "/badges/") {
		t.Error("what we ask ourselves is no request:", s.Log.String())
	}
	for _, page := range []string{"https://badges.acme.test/issuers/acme", "https://badges.acme.test/achievements/" + s.Achievement1(id)} {
		if answer, ours := s.Own.Document(context.Background(), page); !ours || answer.State != verifier.Shown || len(answer.Body) > 0 {
			t.Errorf("%s is a page for people: got %+v", page, answer)
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
		s := apitest.New(t, func(o *apitest.Options) { o.BaseURL = base })
		cookie := s.Ask("GET", "/sign-in", "").Header().Get("Set-Cookie")
		if secure := strings.HasPrefix(origin, "https"); strings.HasPrefix(cookie, "__Host-") != secure || strings.Contains(cookie, "; Secure") != secure || cookie == "" {
			t.Errorf("%s: cookie %q", base, cookie)
		}
		for from, want := range map[string]int{origin: http.StatusUnprocessableEntity, "https://evil.test": http.StatusForbidden, origin + "1": http.StatusForbidden} {
			w := s.Ask("POST", "/sign-in", "email=", "Content-Type", "application/x-www-form-urlencoded", "Origin", from, "Host", "127.0.0.1:9")
			if w.Code != want {
				t.Errorf("%s: a form from %s is answered %d, want %d", base, from, w.Code, want)
			}
		}
	}
}

func TestOwnDocumentsBelowAPath(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.BaseURL = "https://acme.test/badging" })
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
