package issuer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// TestPartnerKeys makes, lists and revokes keys; a second process notices within seconds.
func TestPartnerKeys(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		other := On(t, db)
		p, key, err := w.AddPartner(ctx, "  TestCo ", false)
		if err != nil || p.ID != w.Caller.ID || !strings.HasPrefix(key, "insignia_live_") {
			t.Fatalf("got %+v, key %s, error %v, want another key of the same partner", p, key, err)
		}
		sandbox, testKey, err := w.AddPartner(ctx, "TestCo", true, issuer.ScopeProgramme)
		if err != nil || sandbox.ID == p.ID || !strings.HasPrefix(testKey, "insignia_test_") {
			t.Fatalf("got %+v, key %s, error %v, want a partner of its own", sandbox, testKey, err)
		}
		caller, err := w.Authenticate(ctx, key)
		if err != nil || !caller.May(issuer.ScopeResults) || caller.May(issuer.ScopeProgramme) {
			t.Errorf("got %+v, error %v", caller, err)
		}
		if c, err := other.Authenticate(ctx, testKey); err != nil || !c.Sandbox || c.May(issuer.ScopeResults) {
			t.Errorf("got %+v, error %v", c, err)
		}
		if _, err := other.Authenticate(ctx, key); err != nil {
			t.Fatal(err)
		}
		for k, want := range []bool{true, false} {
			if found, err := w.RevokePartnerKey(ctx, caller.KeyID); err != nil || found != want {
				t.Errorf("revocation %d: found %v, error %v", k, found, err)
			}
		}
		if _, err := w.Authenticate(ctx, key); kind(err) != issuer.WrongKey {
			t.Errorf("a revoked key: got %v", err)
		}
		if _, err := other.Authenticate(ctx, key); err != nil {
			t.Errorf("another process asks anew only after seconds: got %v", err)
		}
		other.Clock.Advance(3e9)
		if _, err := other.Authenticate(ctx, key); kind(err) != issuer.WrongKey {
			t.Errorf("a revoked key in another process: got %v", err)
		}
		keys, err := w.PartnerKeys(ctx)
		revoked := 0
		for _, k := range keys {
			revoked += flag(k.RevokedAt != nil)
		}
		if err != nil || len(keys) != 4 || revoked != 1 {
			t.Errorf("got %d keys, %d revoked, error %v", len(keys), revoked, err)
		}
	})
}
