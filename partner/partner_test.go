package partner_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// world is the partners of one process, and TestCo.
type world struct {
	*partner.Partners
	clock  *time.Time
	caller partner.Caller
}

// on is a world on a migrated database; a second one is another process.
func on(t *testing.T, db *database.DB) *world {
	t.Helper()
	clock := time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC)
	w := &world{Partners: partner.New(db, func() time.Time { return clock }), clock: &clock}
	w.caller = w.partner(t, "TestCo")
	return w
}

func (w *world) advance(d time.Duration) { *w.clock = w.clock.Add(d) }

func (w *world) partner(t *testing.T, name string) partner.Caller {
	t.Helper()
	_, key, err := w.Add(t.Context(), name, false, partner.ScopeResults, partner.ScopeProgramme)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := w.Authenticate(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func code(err error) string {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// TestKeys makes, lists and revokes keys; a second process notices within seconds.
func TestKeys(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		other := on(t, db)
		p, key, err := w.Add(ctx, "  TestCo ", false)
		if err != nil || p.ID != w.caller.ID || !strings.HasPrefix(key, "insignia_live_") {
			t.Fatalf("got %+v, key %s, error %v, want another key of the same partner", p, key, err)
		}
		sandbox, testKey, err := w.Add(ctx, "TestCo", true, partner.ScopeProgramme)
		if err != nil || sandbox.ID == p.ID || !strings.HasPrefix(testKey, "insignia_test_") {
			t.Fatalf("got %+v, key %s, error %v, want a partner of its own", sandbox, testKey, err)
		}
		caller, err := w.Authenticate(ctx, key)
		if err != nil || !caller.May(partner.ScopeResults) || caller.May(partner.ScopeProgramme) {
			t.Errorf("got %+v, error %v", caller, err)
		}
		if c, err := other.Authenticate(ctx, testKey); err != nil || !c.Sandbox || c.May(partner.ScopeResults) {
			t.Errorf("got %+v, error %v", c, err)
		}
		if _, err := other.Authenticate(ctx, key); err != nil {
			t.Fatal(err)
		}
		for k, want := range []bool{true, false} {
			if found, err := w.RevokeKey(ctx, caller.KeyID); err != nil || found != want {
				t.Errorf("revocation %d: found %v, error %v", k, found, err)
			}
		}
		if _, err := w.Authenticate(ctx, key); code(err) != "unauthorized" {
			t.Errorf("a revoked key: got %v", err)
		}
		if _, err := other.Authenticate(ctx, key); err != nil {
			t.Errorf("another process asks anew only after seconds: got %v", err)
		}
		other.advance(3e9)
		if _, err := other.Authenticate(ctx, key); code(err) != "unauthorized" {
			t.Errorf("a revoked key in another process: got %v", err)
		}
		keys, err := w.Keys(ctx)
		revoked := 0
		for _, k := range keys {
			if k.RevokedAt != nil {
				revoked++
			}
		}
		if err != nil || len(keys) != 4 || revoked != 1 {
			t.Errorf("got %d keys, %d revoked, error %v", len(keys), revoked, err)
		}
	})
}

// TestContact is an address, in its one spelling, or a page.
func TestContact(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		caller := w.partner(t, "TestCo")
		for typed, want := range map[string]string{
			" Help@TestCo.test ": "help@testco.test", "https://testco.test/help": "https://testco.test/help",
			"": "", "help": "", "http://testco.test/help": "", "javascript:alert(1)": "", "https://": "", "https://testco.test/\x00": "",
		} {
			err := w.SetContact(t.Context(), caller.ID, typed)
			if want == "" {
				if code(err) != "validation_failed" {
					t.Errorf("%q: got %v", typed, err)
				}
				continue
			}
			if p, found, e := partner.Find(t.Context(), db.Reader(), caller.ID); err != nil || e != nil || !found || p.Contact != want {
				t.Errorf("%q: got %q, errors %v, %v", typed, p.Contact, err, e)
			}
		}
	})
}
