package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/openbadge"
)

// needInstallation are the commands that work on what is there, with words of their refusal in a place
// where nothing is; readOnly are those that change nothing.
var (
	readOnly         = [][]string{{"partner", "list"}, {"key", "list"}}
	needInstallation = append([][]string{{"partner", "revoke", "x"}, {"key", "rotate"}, {"key", "revoke", "x", "--reason", "y"}}, readOnly...)
)

// TestNothingIsMadeByLooking runs them in a folder, and on a PostgreSQL database, that is empty.
func TestNothingIsMadeByLooking(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		folder := t.TempDir()
		t.Setenv("INSIGNIA_DATABASE", filepath.Join(folder, "insignia.db"))
		lookAtNothing(t)
		if made, err := os.ReadDir(folder); err != nil || len(made) > 0 {
			t.Errorf("looking made %v, error %v", made, err)
		}
		command(t, 0, "shown only now", "partner", "add", "First") // that may
	})
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		t.Setenv("INSIGNIA_DATABASE", databasetest.PostgresURL(t))
		t.Setenv("INSIGNIA_SECRET", "a secret for these tests")
		lookAtNothing(t)
		command(t, 0, "shown only now", "partner", "add", "First")
	})
}

func lookAtNothing(t *testing.T) {
	for range 2 { // the first must not make what the second finds
		for _, args := range needInstallation {
			command(t, exitFailure, "no database of Insignia yet", args...)
		}
		command(t, 0, "Added  exam A-1", "programme", "apply", programmeFile(t), "--dry-run")
	}
}

// TestReadingChangesNothing runs reading commands beside a server, in a shell with other settings than it
// has: its keys stay as they are, and sealed as they are.
func TestReadingChangesNothing(t *testing.T) {
	s := startServer(t, func(c *config) { c.JWTAlg = openbadge.RS256 })
	s.settings(t)
	s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	before := s.keyRows(t)
	look := func() {
		t.Helper()
		for _, args := range append(readOnly, []string{"programme", "apply", "sample/programme.yaml", "--dry-run"}) {
			command(t, 0, "", args...)
		}
		if after := s.keyRows(t); !reflect.DeepEqual(after, before) {
			t.Errorf("the keys were\n%q\nand are\n%q", before, after)
		}
	}
	look()
	t.Setenv("INSIGNIA_SECRET_OLD", s.config.Secret)
	t.Setenv("INSIGNIA_SECRET", "another secret for these tests")
	look()
	t.Setenv("INSIGNIA_SECRET_OLD", "")
	if text := command(t, exitFailure, "", "key", "list"); text != "" {
		t.Errorf("got %q with a wrong secret, want nothing", text)
	}
	if _, _, text := runCommand(t, "", "key", "list"); strings.Contains(text, "nil") || !strings.Contains(text, "another secret") {
		t.Errorf("got %q, want the reason and nothing more", text)
	}
}

// keyRows is what the table of keys says.
func (s *stage) keyRows(t *testing.T) (rows []string) {
	t.Helper()
	if err := s.db.Reader().Select(t.Context(), &rows, `SELECT id || hex(sealed) || COALESCE(retired_at, '') FROM signing_key ORDER BY id`); err != nil || len(rows) != 3 {
		t.Fatalf("got keys %q, %v, want three", rows, err)
	}
	return rows
}

// TestReadingDoesNotMigrate finds that a schema of an earlier program is left to the commands that may
// bring it up to date.
func TestReadingDoesNotMigrate(t *testing.T) {
	db := databasetest.New(t)
	t.Setenv("INSIGNIA_DATABASE", db.Path())
	t.Setenv("INSIGNIA_SECRET", "a secret for these tests")
	if _, err := db.SQL().Exec(`DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	for _, args := range append(readOnly, []string{"programme", "apply", programmeFile(t), "--dry-run"}) {
		command(t, exitFailure, "insignia migrate", args...)
	}
}

// TestFirstSteps sets an installation up as the README does: programme and partner come before the first
// start, which makes the keys.
func TestFirstSteps(t *testing.T) {
	name := filepath.Join(t.TempDir(), "insignia.db")
	t.Setenv("INSIGNIA_DATABASE", name)
	command(t, 0, "Applied.", "programme", "apply", "--yes", "sample/programme.yaml")
	command(t, 0, "shown only now", "partner", "add", "First")
	if list := command(t, 0, "KEY", "key", "list"); strings.Count(list, "\n") != 1 {
		t.Errorf("got the keys\n%s\nwant none before the first start", list)
	}
	s := startServer(t, func(c *config) { c.Database, c.Secret = name, "" })
	s.settings(t)
	command(t, 0, "First", "partner", "list")
	s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
}
