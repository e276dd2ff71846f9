package migrations_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// TestVersion tells an empty database from a migrated one and makes nothing in it.
func TestVersion(t *testing.T) {
	ctx := t.Context()
	for name, where := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(t.TempDir(), "insignia.db") },
		"postgres": func() string { return databasetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" && os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
				t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
			}
			db, err := database.Open(ctx, where())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			for range 2 {
				if v, err := migrations.Version(ctx, db.SQL(), db.Postgres()); v != 0 || err != nil {
					t.Errorf("got version %d, error %v of an empty database, want 0", v, err)
				}
			}
			applied, err := migrations.Apply(ctx, db.SQL(), db.Postgres())
			files, _ := filepath.Glob("0*")
			files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
			if err != nil || applied != len(files) {
				t.Errorf("applied %d files, error %v, want all %d", applied, err, len(files))
			}
			if v, err := migrations.Version(ctx, db.SQL(), db.Postgres()); v != migrations.Newest() || err != nil {
				t.Errorf("got version %d, error %v, want %d", v, err, migrations.Newest())
			}
		})
	}
}

// TestApplyEndsWithItsContext also between two attempts.
func TestApplyEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sql.Open("sqlite3", filepath.Join(t.TempDir(), "closed.db"))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if _, err := migrations.Apply(ctx, db, false); err == nil || time.Since(begin) != 10*time.Millisecond {
			t.Errorf("got error %v after %v, want one after 10ms", err, time.Since(begin))
		}
	})
}
