package check_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

// An international name of ours is ours in both spellings, in whatever way it was typed, and nobody else's is.
func TestOwnNameHasTwoSpellings(t *testing.T) {
	for _, base := range []string{"https://xn--mnchen-3ya.test", "https://münchen.test"} {
		s := apitest.New(t, func(o *apitest.Options) { o.BaseURL = base })
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
			if _, ours := s.Check.Ours(s.Check.Typed(typed)); !ours {
				t.Errorf("%s: %q is not ours: %q", base, typed, s.Check.Typed(typed))
			}
		}
	}
}

// The record is told of badges that are shown, and not to somebody else who names one of ours as its own.
func TestRecordOf(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	badge, issuerID := issuertest.BaseURL+"/badges/"+id+"/credential.json", issuertest.BaseURL+"/issuers/acme/issuer.json"
	told := func(badge, issuerID string, want bool) {
		t.Helper()
		if r, found := v.RecordOf(ctx, badge, issuerID); found != want || found && (r.State != verifier.Valid || r.Holder != "Ana Ruiz") {
			t.Errorf("%s by %q: got %+v, %v", badge, issuerID, r, found)
		}
	}
	told(badge, issuerID, false) // not accepted yet
	v.ShowTo(id, ledger.Private)
	told(badge, issuerID, false)
	v.ShowTo(id, ledger.ByLink)
	told(badge, issuerID, true)
	told(badge, "", true)
	told(strings.Replace(badge, "https:", "http:", 1), issuerID, true)
	told(badge, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", false)
	told(issuertest.BaseURL+"/badges/none", issuerID, false)
	told("https://elsewhere.test/badges/"+id, issuerID, false)
}

// What the verifier is told of our own documents is what strangers get at their addresses, whose words are others'.
func TestOwnDocumentsAreThoseOfStrangers(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	badge, achievement := "/badges/"+id, "/achievements/"+s.Achievement1(id)
	key := apitest.Object(t, s.Ask("GET", "/.well-known/jwks.json", ""))["keys"].([]any)[0].(map[string]any)["kid"].(string)
	same := func(path string) {
		t.Helper()
		w := s.Ask("GET", path, "", "Accept", "application/vc+jwt, application/ld+json, application/json, application/jwt, image/png, image/svg+xml, text/plain;q=0.5")
		d, ours := s.Own.Document(context.Background(), issuertest.BaseURL+path)
		state := map[int]verifier.OwnState{http.StatusOK: verifier.Shown, http.StatusNotFound: verifier.NotShown, http.StatusGone: verifier.Withdrawn}[w.Code]
		if !ours || d.State != state || state != verifier.NotShown && (d.Type != w.Header().Get("Content-Type") || !bytes.Equal(d.Body, w.Body.Bytes())) {
			t.Errorf("%s: strangers get %d %s with %d bytes, the verifier %+v %s with %d bytes", path, w.Code, w.Header().Get("Content-Type"), w.Body.Len(), d.State, d.Type, len(d.Body))
		}
	}
	forms := []string{"", "/assertion.json", "/credential.jwt", "/credential.json", "/assertion.jws", "/badge.png", "/badge.svg", "/image.png", "/nothing"}
	paths := []string{
		achievement + "/badgeclass.json", achievement + "/badgeclass.json?lang=es", achievement + "/badgeclass.json?key=nobody", achievement + "/achievement.json",
		achievement + "/achievement.json?lang=es", achievement + "/image.png", achievement + "/image.svg", achievement + "/nothing.json", "/achievements/aaaa/achievement.json",
		"/issuers/acme/profile.json", "/issuers/acme/issuer.json", "/issuers/acme/did.json", "/issuers/acme/revocations.json", "/issuers/acme/nothing",
		"/issuers/acme/keys/nobody.jwk", "/issuers/nobody/issuer.json", "/.well-known/jwks.json", "/status/0", "/status/0.jwt", "/status/1", "/status/1.jwt", "/status/01", "/status/99",
		key[len(issuertest.BaseURL):], key[len(issuertest.BaseURL) : len(key)-len(".jwk")], key[len(issuertest.BaseURL):len(key)-len(".jwk")] + ".json",
	}
	for _, form := range forms {
		paths = append(paths, badge+form)
	}
	for _, path := range paths {
		same(path)
	}
	s.ShowTo(id, ledger.Private)
	for _, form := range forms {
		same(badge + form)
	}
	s.ShowTo(id, ledger.ByLink)
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/revoke", `{"reason":"case 4711","public_reason":"no"}`)
	for _, form := range forms {
		same(badge + form)
	}
}
