package migrations_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// TestEventData: events of before say the same in objects, and those that have them stay.
func TestEventData(t *testing.T) {
	forms := []struct{ kind, was, want string }{
		{"result.held", `{"result":"R \"},\"reason\":\"1\"","exam":"E1"}`, `{"result":{"id":"R \"},\"reason\":\"1\"","exam":"E1","state":"held"}}`},
		{"badge.revoked", `{"candidate":"C-77","award":"a1","achievement":{"kind":"exam","code":"E1"},"reason":"he said \",\"award\":\""}`,
			`{"candidate":{"id":"C-77"},"award":{"id":"a1","achievement":{"kind":"exam","code":"E1"}},"reason":"he said \",\"award\":\""}`},
		{"badge.offered", `{"candidate":"{\"candidate\":\"","award":"a1","achievement":{"kind":"exam","code":"E\"1\""}}`,
			`{"candidate":{"id":"{\"candidate\":\""},"award":{"id":"a1","achievement":{"kind":"exam","code":"E\"1\""}}}`},
		{"candidate.updated", `{"candidate":"C-77"}`, `{"candidate":{"id":"C-77"}}`},
		{"candidate.updated", `{"candidate":"C\\","reason":"married"}`, `{"candidate":{"id":"C\\"},"reason":"married"}`},
		{"badge.offered", `{"candidate":{"id":"C-77"},"award":{"id":"a2","state":"offered"}}`, `{"candidate":{"id":"C-77"},"award":{"id":"a2","state":"offered"}}`},
		{"result.recorded", `{"result":{"id":"R-1","exam":"E1"}}`, `{"result":{"id":"R-1","exam":"E1"}}`},
	}
	for _, f := range forms {
		if !json.Valid([]byte(f.was)) || !json.Valid([]byte(f.want)) {
			t.Error(f)
		}
	}
	const each = 30
	test := func(t *testing.T, url string) {
		db := open(t, url)
		if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 23); err != nil {
			t.Fatal(err)
		}
		for n := range each * len(forms) {
			f := forms[n%len(forms)]
			if _, err := db.SQL().ExecContext(t.Context(), `INSERT INTO partner_event (partner_id, position, id, type, data, created_at)
				VALUES ($1, $2, $3, $4, $5, '2026-03-05 09:42:00')`, fmt.Sprint("ptn_", n%3), n, fmt.Sprint("evt_", n), f.kind, f.was); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := migrations.Apply(t.Context(), db.SQL(), db.Postgres()); err != nil {
			t.Fatal(err)
		}
		rows, err := db.SQL().QueryContext(t.Context(), `SELECT position, data FROM partner_event ORDER BY position`)
		if err != nil {
			t.Fatal(err)
		}
		defer func(rows *sql.Rows) { _ = rows.Close() }(rows)
		n := 0
		for ; rows.Next(); n++ {
			var position int
			var data string
			if err := rows.Scan(&position, &data); err != nil {
				t.Fatal(err)
			}
			if f := forms[n%len(forms)]; position != n || data != f.want {
				t.Fatalf("%d: got %s, want %s", position, data, f.want)
			}
		}
		if rows.Err() != nil || n != each*len(forms) {
			t.Errorf("got %d events, %v", n, rows.Err())
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
