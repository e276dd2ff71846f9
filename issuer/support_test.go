package issuer_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// TestSupportsAreRows: what an award rests on is stored anew when it changes, and what the program before has written
// meanwhile counts until then.
func TestSupportsAreRows(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E7", "2026-03-04")).Awards[0].ID
		check := func(rows, read []string) {
			t.Helper()
			var got []string
			if err := db.Reader().Select(ctx, &got, `SELECT result_id FROM award_support ORDER BY award_id, position`); err != nil {
				t.Fatal(err)
			}
			a, err := w.Award(ctx, w.Caller, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{rows, read}, [][]string{got, a.Supports.IDs()}); diff != "" {
				t.Errorf("rows and what is read (-want +got):\n%s", diff)
			}
		}
		check([]string{"R-1"}, []string{"R-1"})
		w.Clock.Advance(300 * 24 * time.Hour)
		record(t, w, Pass("R-2", "E7", "2026-12-01"))
		check([]string{"R-1", "R-2"}, []string{"R-1", "R-2"})
		if err := db.InTx(ctx, func(t *database.Tx) error {
			_, err := t.Exec(ctx, `UPDATE award SET supports = '["R-1"]'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		check([]string{"R-1", "R-2"}, []string{"R-1"})
		record(t, w, Pass("R-3", "E7", "2026-12-20")) // too soon to renew anything
		check([]string{"R-1", "R-2"}, []string{"R-1", "R-2"})
	})
}
