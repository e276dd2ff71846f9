package issuer_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// TestEveryFormTellsTheTrueDates signs badges of all lives: every form of every edition tells the days of the
// award, ends no earlier than it begins, and either replaces the edition before it (OB 3.0 §2.6) or all before it
// are taken back.
func TestEveryFormTellsTheTrueDates(t *testing.T) {
	t.Parallel()
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	rename := func(t *testing.T, w *World, name string) {
		t.Helper()
		if _, err := w.CorrectName(context.Background(), w.Caller, "C-77", name, "typo"); err != nil {
			t.Fatal(err)
		}
	}
	unrenew := func(t *testing.T, w *World) { // its edition began after what turned out to be the end
		t.Helper()
		record(t, w, Pass("R-2", "E7", "2026-01-10"))
		w.Work(t)
		if _, err := w.Void(context.Background(), w.Caller, "R-2", "mixed up"); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		live          func(t *testing.T, w *World) // what happens after the pass of 2026-02-01 or the first of it
		first         string
		earned, until string
		editions      int
	}{
		"current":             {nil, "2026-02-01", "2026-02-01", "2027-02-01", 1},
		"over before signing": {nil, "2024-02-29", "2024-02-29", "2025-02-28", 1},
		"over later":          {func(_ *testing.T, w *World) { w.Clock.Advance(days(400)) }, "2026-02-01", "2026-02-01", "2027-02-01", 1},
		"renewed":             {func(t *testing.T, w *World) { record(t, w, Pass("R-2", "E7", "2026-01-10")) }, "2025-02-01", "2025-02-01", "2027-02-01", 2},
		"corrected when over": {func(t *testing.T, w *World) {
			w.Clock.Advance(days(400))
			rename(t, w, "Ana María Ruiz")
			w.Work(t)
			rename(t, w, "Ana M. Ruiz")
		}, "2026-02-01", "2026-02-01", "2027-02-01", 3},
		"over before signing, corrected": {func(t *testing.T, w *World) { rename(t, w, "Ana M. Ruiz") }, "2024-03-01", "2024-03-01", "2025-03-01", 2},
		"a renewal that did not count":   {unrenew, "2025-02-01", "2025-02-01", "2026-02-01", 3},
		"a renewal that did not count, then corrected": {func(t *testing.T, w *World) {
			unrenew(t, w)
			w.Work(t)
			rename(t, w, "Ana M. Ruiz")
		}, "2025-02-01", "2025-02-01", "2026-02-01", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := On(t, db)
				id := awardOf(t, record(t, w, Pass("R-1", "E7", c.first)), "C7")
				w.Work(t)
				if c.live != nil {
					c.live(t, w)
					w.Work(t)
				}
				b := published(t, w, id)
				if b.Award.EarnedOn.String() != c.earned || b.Award.ExpiresOn.String() != c.until {
					t.Fatalf("got %s to %s, want %s to %s", b.Award.EarnedOn, b.Award.ExpiresOn, c.earned, c.until)
				}
				for form, got := range periods(t, w, b) {
					if got.awarded.Format(time.DateOnly) != c.earned || got.until.Format(time.DateOnly) != c.until || got.from.After(got.until) {
						t.Errorf("%s: got awarded %s, valid from %s until %s", form, got.awarded, got.from, got.until)
					}
				}
				checkSuccession(t, w, id, c.editions)
			})
		})
	}
}

// TestEditionsOfBeforeAreWellFormed signs what an earlier version of the program left: editions that were over by
// then and of which no beginning was kept.
func TestEditionsOfBeforeAreWellFormed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		id := awardOf(t, record(t, w, Pass("R-1", "E7", "2024-02-29")), "C7")
		forget := func() {
			t.Helper()
			err := db.InTx(context.Background(), func(tx *database.Tx) error {
				for _, table := range []string{"award", "credential"} {
					if _, err := tx.Exec(context.Background(), `UPDATE `+table+` SET valid_from = NULL`); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		forget() // not signed yet
		w.Work(t)
		forget() // signed, and asked for in other forms
		for form, got := range periods(t, w, published(t, w, id)) {
			if got.until.Format(time.DateOnly) != "2025-02-28" || got.from.After(got.until) {
				t.Errorf("%s: got valid from %s until %s", form, got.from, got.until)
			}
		}
	})
}

func awardOf(t *testing.T, r issuer.Receipt, code string) string {
	t.Helper()
	for _, a := range r.Awards {
		if a.Code == code {
			return a.ID
		}
	}
	t.Fatalf("no award of %s", code)
	return ""
}

type period struct{ awarded, from, until time.Time }

// periods are what each form of a badge says of its dates; 2.0 knows of no beginning but the award.
func periods(t *testing.T, w *World, b *credential.Badge) map[string]period {
	t.Helper()
	type dates struct {
		IssuedOn    time.Time `json:"issuedOn"`
		Expires     time.Time `json:"expires"`
		AwardedDate time.Time `json:"awardedDate"`
		ValidFrom   time.Time `json:"validFrom"`
		ValidUntil  time.Time `json:"validUntil"`
	}
	all := map[string]period{}
	for form, data := range map[string][]byte{
		"assertion.json": mustDocument(t, w.Assertion, b), "assertion.jws": mustPayload(t, mustDocument(t, w.SignedAssertion, b)),
		"credential.json": mustDocument(t, w.CredentialJSON, b), "credential.jwt": mustPayload(t, b.CredentialJWT().Body),
	} {
		var d dates
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		p := period{d.AwardedDate, d.ValidFrom, d.ValidUntil}
		if !d.IssuedOn.IsZero() {
			p = period{d.IssuedOn, d.IssuedOn, d.Expires}
		}
		all[form] = p
	}
	return all
}

// checkSuccession reads all signed editions of a badge, the oldest first.
func checkSuccession(t *testing.T, w *World, award string, editions int) {
	t.Helper()
	tokens, err := w.Tokens(context.Background(), award)
	if err != nil {
		t.Fatal(err)
	}
	if len(tokens) != editions {
		t.Errorf("got %d editions, want %d", len(tokens), editions)
	}
	var begins []time.Time
	for _, token := range tokens {
		begins = append(begins, payload[struct {
			ValidFrom time.Time `json:"validFrom"`
		}](t, token).ValidFrom)
	}
	inOrder := true
	for n := range begins[1:] {
		inOrder = inOrder && begins[n+1].After(begins[n])
	}
	for n, token := range tokens {
		last, taken := n == len(tokens)-1, statusBit(t, w, token)
		if taken && (last || inOrder) || !taken && !last && !begins[n+1].After(begins[n]) {
			t.Errorf("edition %d of %v: taken back %v", n+1, begins, taken)
		}
	}
}
