package migrations_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
	"github.com/open-insignia/insignia/partner"
)

// TestFeed: events of before keep their order, get positions from 1 without gaps, and the next one follows on them.
func TestFeed(t *testing.T) {
	test := func(t *testing.T, url string) {
		ctx := t.Context()
		db := open(t, url)
		if err := migrations.ApplyTo(ctx, db.SQL(), db.Postgres(), 22); err != nil {
			t.Fatal(err)
		}
		const each = 50
		for n := range each { // written in another order than they happened
			for _, p := range []string{"ptn_a", "ptn_b"} {
				statement := fmt.Sprintf(`INSERT INTO event (partner_id, id, type, data, created_at)
					VALUES ('%s', 'evt_%016d%06dzz', 'badge.offered', '{}', '2026-03-05 09:42:00')`, p, (n*7%each)/3, n*7%each%3)
				if _, err := db.SQL().ExecContext(ctx, statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := migrations.Apply(ctx, db.SQL(), db.Postgres()); err != nil {
			t.Fatal(err)
		}
		if err := db.InTx(ctx, func(t *database.Tx) error {
			return partner.Append(ctx, t, time.Now().UTC().Truncate(time.Second), []partner.Event{{Partner: "ptn_b", Type: "new"}})
		}); err != nil {
			t.Fatal(err)
		}
		for p, want := range map[string]int{"ptn_a": each, "ptn_b": each + 1} {
			ids, types := feed(t, db, p)
			if len(ids) != want || !slices.IsSorted(ids[:each]) {
				t.Errorf("%s: got %d events %v, want %d in the order of before", p, len(ids), ids, want)
			}
			if p == "ptn_b" && types[each] != "new" {
				t.Errorf("got %v, want the new one last", types)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "insignia.db")) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		test(t, databasetest.PostgresURL(t))
	})
}

// feed are the events of a partner, whose positions count from 1.
func feed(t *testing.T, db *database.DB, p string) (ids, types []string) {
	t.Helper()
	var rows []struct {
		ID       string `db:"id"`
		Type     string `db:"type"`
		Position int    `db:"position"`
	}
	if err := db.Reader().Select(context.Background(), &rows,
		`SELECT id, type, position FROM partner_event WHERE partner_id = ? ORDER BY position`, p); err != nil {
		t.Fatal(err)
	}
	for n, r := range rows {
		if r.Position != n+1 {
			t.Errorf("%s: position %d after %d", p, r.Position, n)
		}
		ids, types = append(ids, r.ID), append(types, r.Type)
	}
	return ids, types
}
