package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
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
	v.ShowTo(id, issuer.Private)
	told(badge, issuerID, false)
	v.ShowTo(id, issuer.ByLink)
	told(badge, issuerID, true)
	told(badge, "", true)
	told(strings.Replace(badge, "https:", "http:", 1), issuerID, true)
	told(badge, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", false)
	told(issuertest.BaseURL+"/badges/none", issuerID, false)
	told("https://elsewhere.test/badges/"+id, issuerID, false)
}
