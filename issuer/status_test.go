package issuer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// TestSuspension follows the status bits of all editions: what was set stays set, reinstating takes a
// new place, and an edition that is made meanwhile is on hold as well.
//
// proves: 3.0 §8 issued: one entry, random index, the list signed in both forms and again before it ends, `ttl`
func TestSuspension(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		first := record(t, w, Pass("R-1", "E7", "2025-05-01"))
		id := first.Awards[0].ID
		var editions []string
		edition := func() { editions = append(editions, string(published(t, w, id).CredentialJWT().Body)) }
		bits := func(want string) {
			t.Helper()
			got := ""
			for _, e := range editions {
				got += map[bool]string{true: "1", false: "0"}[statusBit(t, w, e)]
			}
			if got != want {
				t.Errorf("got bits %s, want %s", got, want)
			}
		}
		edition()
		bits("0")
		for range 2 {
			if _, err := w.Issuer.SuspendAward(ctx, w.Caller, id, ledger.Reason{Text: "case 4711", Public: "under review"}); err != nil {
				t.Fatal(err)
			}
		}
		bits("1")
		if d, err := w.Assertion(context.Background(), published(t, w, id)); err != nil || !d.Gone || !strings.Contains(string(d.Body), "under review") {
			t.Errorf("got assertion %s, error %v, want one that is withheld with its reason", d.Body, err)
		}
		record(t, w, Pass("R-2", "E7", "2026-03-04"))
		edition()
		bits("11")
		a, err := w.ReinstateAward(ctx, w.Caller, id, "cleared")
		if err != nil || a.SuspendedAt != nil || a.Version != 3 {
			t.Fatalf("got %+v, error %v, want edition 3", a, err)
		}
		edition()
		bits("110")
		if _, err := w.RevokeAward(ctx, w.Caller, id, "misconduct"); err != nil {
			t.Fatal(err)
		}
		bits("111")
		for name, verb := range map[string]func(context.Context, partner.Caller, string, string) (*ledger.Award, error){"suspend": w.SuspendAward, "reinstate": w.ReinstateAward} {
			if _, err := verb(ctx, w.Caller, id, "too late"); code(err) != "award_revoked" {
				t.Errorf("%s: got %v, want a refusal", name, err)
			}
		}
		if a, err := w.RevokeAward(ctx, w.Caller, id, "again"); err != nil || a.Reason != "misconduct" {
			t.Errorf("got reason %q, error %v, want the first revocation", a.Reason, err)
		}
	})
}

func TestSupersededAwardCannotBeChanged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	record(t, w, Pass("R-1", "E7", "2023-01-01"))
	second := record(t, w, Pass("R-2", "E7", "2024-06-01")).Awards[0].ID
	record(t, w, Pass("R-3", "E7", "2023-10-01"))
	for _, verb := range []func(context.Context, partner.Caller, string, string) (*ledger.Award, error){w.RevokeAward, w.SuspendAward, w.ReinstateAward} {
		if _, err := verb(ctx, w.Caller, second, "a reason"); code(err) != "withdrawn" {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	if _, err := w.Resend(ctx, w.Caller, second); code(err) != "not_waiting" {
		t.Errorf("got %v, want a refusal", err)
	}
	if list, _, _ := w.Awards(ctx, w.Caller, issuer.Page{}); list[0].Kept || list[0].RevokedAt != nil {
		t.Errorf("the award that stayed was touched: %+v", list[0])
	}
}

func TestAlteringNeedsReasonAndOwner(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	id := record(t, w, Pass("R-1", "E4", "2024-01-01")).Awards[0].ID
	if _, err := w.RevokeAward(ctx, w.Caller, id, " "); code(err) != "validation_failed" {
		t.Errorf("got %v, want a refusal for want of a reason", err)
	}
	other, _ := w.Partner(t, "OtherCo", false)
	if _, err := w.RevokeAward(ctx, other, id, "mine"); code(err) != "not_found" {
		t.Errorf("got %v, want it unknown to another partner", err)
	}
}

// record records a result that is in order.
func record(t testing.TB, w *World, r issuer.Result) issuer.Receipt {
	t.Helper()
	receipt, err := w.Record(context.Background(), w.Caller, r)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// code is that of a refused, empty for anything else.
func code(err error) string {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
