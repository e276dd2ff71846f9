package database_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// write puts a row of some kilobytes.
func write(db *database.DB, name string) error {
	return db.Remember(context.Background(), name, strings.Repeat("x", 200_000)+time.Now().String())
}

// TestStoresThatSayNo finds that each way in which a store refuses a write is told apart from a mistake, that
// readiness sees it, and that the store works again once it can.
func TestStoresThatSayNo(t *testing.T) {
	pragma := func(statement string) func(*testing.T, *database.DB) {
		return func(t *testing.T, db *database.DB) {
			err := db.InTx(context.Background(), func(tx *database.Tx) error {
				_, err := tx.Exec(context.Background(), statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct{ refuse, mend string }{
		"read-only": {refuse: `PRAGMA query_only = 1`},
		"full":      {`PRAGMA max_page_count = 1`, `PRAGMA max_page_count = 1000000`},
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.New(t)
			if err := write(db, "before"); err != nil {
				t.Fatal(err)
			}
			pragma(c.refuse)(t, db)
			if err := write(db, "meanwhile"); !database.Unavailable(err) {
				t.Errorf("got %v, want an error that says that the database is unavailable", err)
			}
			if name == "full" { // the few bytes of readiness fit into a page that is there
				pragma(c.mend)(t, db)
				if err := write(db, "after"); err != nil {
					t.Errorf("after it was mended: %v", err)
				}
				return
			}
			if err := db.Ready(t.Context()); !database.Unavailable(err) {
				t.Errorf("got %v, want not ready", err)
			}
		})
	}
}

// TestFileThatMoved finds that a database whose file was moved away or replaced is not ready, that none is
// made in its place, and that it is ready again when the file is back.
func TestFileThatMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := databasetest.New(t)
		ready := func(want bool) {
			t.Helper()
			time.Sleep(2 * time.Second)
			if err := db.Ready(t.Context()); (err == nil) != want {
				t.Errorf("got %v, want ready %v", err, want)
			}
		}
		ready(true)
		if err := os.Rename(db.Path(), db.Path()+".away"); err != nil {
			t.Fatal(err)
		}
		ready(false)
		if _, err := os.Stat(db.Path()); err == nil {
			t.Error("another file was made")
		}
		if err := os.WriteFile(db.Path(), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ready(false)
		if err := os.Rename(db.Path()+".away", db.Path()); err != nil {
			t.Fatal(err)
		}
		ready(true)
	})
}

// TestMistakesAreNotUnavailable finds that what repeating cannot mend is not called so.
func TestMistakesAreNotUnavailable(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		_, syntax := db.Reader().Exec(t.Context(), `SELEC 1`)
		_, missing := db.Reader().Exec(t.Context(), `DELETE FROM nothing`)
		for _, err := range []error{nil, syntax, missing, errors.New("another"), sql.ErrNoRows} {
			if database.Unavailable(err) {
				t.Errorf("%v counts as unavailable", err)
			}
		}
	})
}

// TestReadinessIsAskedOften finds that many questions in one second write once, and that the next second
// finds out anew.
func TestReadinessIsAskedOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := databasetest.New(t)
		written := func() string {
			t.Helper()
			if err := db.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			value, _, err := db.Setting(t.Context(), "written_at")
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		first := written()
		time.Sleep(900 * time.Millisecond)
		if again := written(); again != first {
			t.Errorf("written at %s and at %s, want once", first, again)
		}
		time.Sleep(2 * time.Second)
		if later := written(); later == first {
			t.Errorf("nothing was written after %s", first)
		}
	})
}

// TestDemotedServer finds that connections to a server that takes no writes any more are dropped while
// traffic goes on, that this is unavailability, and that the new primary is used at once.
func TestDemotedServer(t *testing.T) {
	if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
		t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
	}
	name := databasetest.PostgresURL(t)
	db := databasetest.Open(t, name)
	u, err := url.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	operator, err := sql.Open("pgx", os.Getenv("INSIGNIA_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = operator.Close() }()
	base := strings.TrimPrefix(u.Path, "/")
	do := func(statement string) {
		t.Helper()
		if _, err := operator.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(db, "filler"); err != nil {
		t.Fatal(err)
	}
	do("ALTER DATABASE " + base + " SET default_transaction_read_only = on")
	do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + base + "'")
	for range 20 {
		if err := write(db, "filler"); !database.Unavailable(err) {
			t.Fatalf("got %v from a server that takes no writes, want unavailable", err)
		}
	}
	if err := db.Ready(t.Context()); err == nil {
		t.Error("the database is ready")
	}
	if second, err := database.Open(t.Context(), name); err == nil {
		t.Error("a server that takes no writes was opened")
		_ = second.Close()
	}
	do("ALTER DATABASE " + base + " RESET default_transaction_read_only")
	for range 20 {
		if err := write(db, "filler"); err != nil {
			t.Fatalf("the new primary: %v", err)
		}
	}
}

// TestDemotedUnderOpenConnections is the same while the connections stay open.
func TestDemotedUnderOpenConnections(t *testing.T) {
	if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
		t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
	}
	db := databasetest.Open(t, databasetest.PostgresURL(t))
	if _, err := db.SQL().Exec("SET default_transaction_read_only = on"); err != nil { // on the one connection there is
		t.Fatal(err)
	}
	if err := write(db, "filler"); err != nil {
		t.Errorf("got %v, want the connection dropped and another one used", err)
	}
}

// TestUnreachableServer finds that a server which refuses connections is unavailable, not a mistake.
func TestUnreachableServer(t *testing.T) {
	_, err := database.Open(t.Context(), "postgres://127.0.0.1:1/none?connect_timeout=1")
	if !database.Unavailable(err) {
		t.Errorf("got %v", err)
	}
	_, err = database.Open(t.Context(), filepath.Join(t.TempDir(), "no", "folder.db"))
	if err == nil {
		t.Error("a database in no folder was opened")
	}
}
