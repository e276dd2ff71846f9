// Package databasetest gives tests a migrated database of their own: SQLite always, PostgreSQL as
// well when INSIGNIA_TEST_POSTGRES names a server on which databases may be created.
package databasetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crypto/rand"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/migrations"
)

// Each runs the test as sub-tests "sqlite" and, where there is a server, "postgres".
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, New(t)) })
	if os.Getenv("INSIGNIA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, NewPostgres(t)) })
	}
}

// New is a migrated SQLite database in a file of its own.
func New(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, filepath.Join(t.TempDir(), "insignia.db"))
}

// NewPostgres is a migrated PostgreSQL database that is dropped after the test.
func NewPostgres(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, PostgresURL(t))
}

// PostgresURL makes an empty database on the test server, dropped after the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("INSIGNIA_TEST_POSTGRES")
	u, err := url.Parse(server)
	if err != nil || server == "" {
		t.Fatalf("INSIGNIA_TEST_POSTGRES = %q: want postgres://…", server)
	}
	name := "insignia_test_" + strings.ToLower(rand.Text()[:12])
	execOn(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { execOn(t, server, fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)) })
	u.Path = "/" + name
	return u.String()
}

func execOn(t testing.TB, server, statement string) {
	t.Helper()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Open opens and migrates the database of that name and closes it after the test.
func Open(t testing.TB, name string) *database.DB {
	t.Helper()
	ctx := context.Background()
	db, err := database.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := migrations.Apply(ctx, db.SQL(), db.Postgres()); err != nil {
		t.Fatal(err)
	}
	return db
}
