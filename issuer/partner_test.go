package issuer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/openbadge"
)

// TestPartnerKeys makes, lists and revokes keys; a second process notices within seconds.
// TestSandboxBadges are called tests in whatever is signed, and are not listed among the real ones.
func TestSandboxBadges(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		real := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
		sandbox, _ := w.Partner(t, "TestCo", true)
		r, err := w.Record(ctx, sandbox, Pass("R-1", "E4", "2026-01-02"))
		if err != nil {
			t.Fatal(err)
		}
		test := published(t, w, r.Awards[0].ID)
		for b, want := range map[*issuer.Badge]string{real: "Stand-alone Exam", test: "TEST: Stand-alone Exam"} {
			var c openbadge.Credential
			if err := json.Unmarshal(mustPayload(t, b.CredentialJWT().Body), &c); err != nil {
				t.Fatal(err)
			}
			class, err := w.BadgeClass(ctx, b.Achievement, "")
			if err != nil || c.Name != want || c.Subject.Achievement.Name != want || !strings.Contains(string(class.Body), `"name":"`+want+`"`) {
				t.Errorf("got %q, %q, %s, %v, want %q", c.Name, c.Subject.Achievement.Name, class.Body, err, want)
			}
		}
		list, err := w.Achievements(ctx)
		if err != nil || len(list) != 1 || list[0].ID != real.Achievement.ID {
			t.Errorf("got %+v, %v, want the real one only", list, err)
		}
	})
}

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
		if _, err := w.Authenticate(ctx, key); code(err) != "unauthorized" {
			t.Errorf("a revoked key: got %v", err)
		}
		if _, err := other.Authenticate(ctx, key); err != nil {
			t.Errorf("another process asks anew only after seconds: got %v", err)
		}
		other.Clock.Advance(3e9)
		if _, err := other.Authenticate(ctx, key); code(err) != "unauthorized" {
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
