package issuer_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// TestCorrectName signs the badges that stand anew, under the same addresses, and nobody else's.
//
// proves: 3.0 §9 issued: refresh in the same form; a later edition has a later validFrom
func TestCorrectName(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		kept := record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID
		gone := record(t, w, Pass("R-2", "E2", "2026-01-02")).Awards[0].ID
		other, _ := w.Partner(t, "OtherCo", false)
		theirs, err := w.Record(ctx, other, Pass("R-1", "E4", "2026-01-02"))
		if err != nil {
			t.Fatal(err)
		}
		before := published(t, w, kept)
		if _, err := w.RevokeAward(ctx, w.Caller, gone, "an error"); err != nil {
			t.Fatal(err)
		}
		for again, want := range []int{1, 0} {
			changed, err := w.CorrectName(ctx, w.Caller, "C-77", "Ana Ruíz", "as on the passport")
			if err != nil || len(changed) != want {
				t.Errorf("time %d: got %d badges, error %v, want %d", again, len(changed), err, want)
			}
		}
		after := published(t, w, kept)
		if after.HolderName != "Ana Ruíz" || after.Award.Version != 2 || !after.IssuedAt.After(before.IssuedAt) {
			t.Errorf("got %s, version %d of %s after %s", after.HolderName, after.Award.Version, after.IssuedAt, before.IssuedAt)
		}
		if bytes.Equal(after.CredentialJWT().Body, before.CredentialJWT().Body) || !strings.Contains(string(mustDocument(t, w.CredentialJSON, after)), "Ana Ruíz") {
			t.Error("the credential still says the old name")
		}
		if name := published(t, w, theirs.Awards[0].ID).HolderName; name != "Ana Ruiz" {
			t.Errorf("got %s for another partner's candidate", name)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 2 {
			t.Errorf("got %d letters, want no new offer", n)
		}
		for _, c := range [][3]string{{"C-78", "Ana", "r"}, {"C-77", "", "r"}, {"C-77", "Ana", ""}, {"\xff", "Ana", "r"}} {
			if _, err := w.CorrectName(ctx, w.Caller, c[0], c[1], c[2]); code(err) == "" {
				t.Errorf("%q: got %v, want a refusal", c, err)
			}
		}
	})
}

// TestCorrectNameAfterResult corrects a name that a later result has brought already: the badge of before
// still says the old one.
func TestCorrectNameAfterResult(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		before := record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID
		w.Work(t)
		r := Pass("R-2", "E2", "2026-01-02")
		r.Candidate.Name = "Ana Ruíz"
		after := record(t, w, r).Awards[0].ID // not signed yet
		for again, want := range []int{1, 0} {
			changed, err := w.CorrectName(ctx, w.Caller, "C-77", "Ana Ruíz", "as on the passport")
			if err != nil || len(changed) != want {
				t.Errorf("time %d: got %d badges, error %v, want %d", again, len(changed), err, want)
			}
			w.Work(t)
		}
		for _, id := range []string{before, after} {
			if name := published(t, w, id).HolderName; name != "Ana Ruíz" {
				t.Errorf("got %s", name)
			}
		}
		if n := len(w.Letters.Offers()); n != 2 {
			t.Errorf("got %d letters, want one for each badge", n)
		}
	})
}
