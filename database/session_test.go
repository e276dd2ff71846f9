package database_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// TestTimesIgnoreTheServersZone writes times one at a time, which is prepared, and many at once, which is
// not, on a server that is elsewhere.
func TestTimesIgnoreTheServersZone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if !db.Postgres() {
			return // knows no zones
		}
		ctx := context.Background()
		elsewhere := databasetest.Open(t, databasetest.PostgresURL(t)+"?timezone=America/New_York")
		at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
		for _, names := range []string{"a", "b c d e f"} {
			err := elsewhere.InTx(ctx, func(tx *database.Tx) error {
				var rows [][]any
				for _, name := range strings.Fields(names) {
					rows = append(rows, []any{name, at, 1})
				}
				_, err := tx.InsertRows(ctx, `INSERT INTO counter (name, window_start, n)`, rows, ``)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var times []time.Time
		if err := elsewhere.Reader().Select(ctx, &times, `SELECT window_start FROM counter WHERE window_start = ?`, at); err != nil {
			t.Fatal(err)
		}
		if len(times) != 6 || !times[0].Equal(at) || !times[5].Equal(at) {
			t.Errorf("got %v, want six times %v", times, at)
		}
	})
}

// TestEndedContext does nothing, and leaves the connection in order.
func TestEndedContext(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ended, end := context.WithCancel(context.Background())
		end()
		var n int
		reader := db.Reader()
		_, get := reader.Get(ended, &n, `SELECT 1`)
		_, exec := reader.Exec(ended, `DELETE FROM counter`)
		for name, err := range map[string]error{
			"get": get, "exec": exec, "select": reader.Select(ended, &[]int{}, `SELECT 1`),
			"transaction": db.InTx(ended, func(*database.Tx) error { return nil }),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want the end of the context", name, err)
			}
		}
		during, end := context.WithCancel(context.Background())
		err := db.InTx(during, func(tx *database.Tx) error {
			if _, err := tx.Exec(during, `INSERT INTO counter (name, window_start, n) VALUES ('x', ?, 1)`, time.Unix(0, 0).UTC()); err != nil {
				return err
			}
			end()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want no commit", err)
		}
		if n, err := db.Count(context.Background(), "x", time.Hour, time.Unix(0, 0)); n != 1 || err != nil {
			t.Errorf("counted %d, error %v, want nothing of the transaction that ended", n, err)
		}
	})
}

// TestPanicRollsBack gives the writer back when the function panics.
func TestPanicRollsBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(ctx, func(tx *database.Tx) error {
				if _, err := tx.Exec(ctx, `INSERT INTO counter (name, window_start, n) VALUES ('x', ?, 1)`, time.Unix(0, 0).UTC()); err != nil {
					return err
				}
				panic("a mistake")
			})
		}()
		if n, err := db.Count(ctx, "x", time.Hour, time.Unix(0, 0)); n != 1 || err != nil {
			t.Errorf("counted %d, error %v, want nothing of before", n, err)
		}
	})
}

// TestBadStatements are errors of their own and hinder nobody.
func TestBadStatements(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		var n []int
		row := [][]any{{"a", 1, 2}, {"b", 1, 2}, {"c", 1, 2}}
		for name, do := range map[string]func(tx *database.Tx) error{
			"get":      func(tx *database.Tx) error { _, err := tx.Get(ctx, &n, `SELEC 1`); return err },
			"select":   func(tx *database.Tx) error { return tx.Select(ctx, &n, `SELECT 1 FROM nothing`) },
			"exec":     func(tx *database.Tx) error { _, err := tx.Exec(ctx, `DELETE FROM nothing`); return err },
			"list":     func(tx *database.Tx) error { return tx.Select(ctx, &n, `SELECT 1 WHERE 1 IN (?)`, []int{}) },
			"get list": func(tx *database.Tx) error { _, err := tx.Get(ctx, &n, `SELECT 1 WHERE 1 IN (?)`, []int{}); return err },
			"exec list": func(tx *database.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM counter WHERE n IN (?)`, []int{})
				return err
			},
			"insert": func(tx *database.Tx) error {
				_, err := tx.InsertRows(ctx, `INSERT INTO nothing (a, b, c)`, row, ``)
				return err
			},
			"insert one": func(tx *database.Tx) error {
				_, err := tx.InsertRows(ctx, `INSERT INTO nothing (a, b, c)`, row[:1], ``)
				return err
			},
			"returning": func(tx *database.Tx) error {
				return tx.SelectRows(ctx, &n, `INSERT INTO nothing (a, b, c)`, row, `RETURNING a`)
			},
		} {
			if err := db.InTx(ctx, do); err == nil {
				t.Errorf("%s: got no error", name)
			}
		}
		if n, err := db.Count(ctx, "x", time.Hour, time.Now()); n != 1 || err != nil {
			t.Errorf("counted %d, error %v", n, err)
		}
	})
}

// TestClose waits for the writer and leaves a file that another process can open.
func TestClose(t *testing.T) {
	ctx := context.Background()
	name := filepath.Join(t.TempDir(), "insignia.db")
	databasetest.Open(t, name)
	db, err := database.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(ctx); err != nil || db.Path() != name {
		t.Errorf("got path %s, error %v", db.Path(), err)
	}
	var group sync.WaitGroup
	begun := make(chan bool)
	group.Go(func() {
		err := db.InTx(ctx, func(tx *database.Tx) error {
			close(begun)
			_, err := tx.Exec(ctx, `INSERT INTO counter (name, window_start, n) VALUES ('x', ?, 1)`, time.Unix(0, 0).UTC())
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
	if err := db.InTx(ctx, func(*database.Tx) error { return nil }); err == nil {
		t.Error("a closed database begins a transaction")
	}
}

// TestOpenWhatIsNone reports what cannot be opened.
func TestOpenWhatIsNone(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "no", "such", "folder.db"), "postgres://127.0.0.1:1/none?connect_timeout=1", "postgres://%zz"} {
		if db, err := database.Open(context.Background(), name); err == nil {
			t.Errorf("%s was opened", name)
			_ = db.Close()
		}
	}
}

// TestManyWriters has many goroutines of two processes write: nobody is told that the database is locked,
// and nothing is lost.
func TestManyWriters(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		other := db
		if !db.Postgres() {
			var err error
			if other, err = database.Open(ctx, db.Path()); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = other.Close() }()
		}
		const each = 25
		var group sync.WaitGroup
		for k := range 8 {
			group.Go(func() {
				for range each {
					if _, err := []*database.DB{db, other}[k%2].Count(ctx, "x", time.Hour, time.Unix(0, 0)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if n, err := db.Count(ctx, "x", time.Hour, time.Unix(0, 0)); n != 8*each+1 || err != nil {
			t.Errorf("counted %d, error %v, want %d", n, err, 8*each+1)
		}
	})
}

// TestRowsAndListsOfEveryLength are stored and found, whatever is in them, on SQLite by few prepared statements.
func TestRowsAndListsOfEveryLength(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		for _, n := range []int{1, 2, 3, 7, 63, 64, 65, 127, 200} {
			names, rows := make([]string, n), make([][]any, n)
			for k := range n {
				names[k] = fmt.Sprintf("%d %d \"'<é\\", n, k)
				rows[k] = []any{names[k], time.Unix(0, 0).UTC(), k}
			}
			var stored int64
			err := db.InTx(ctx, func(tx *database.Tx) (err error) {
				stored, err = tx.InsertRows(ctx, `INSERT INTO counter (name, window_start, n)`, rows, `ON CONFLICT DO NOTHING`)
				return err
			})
			if err != nil || stored != int64(n) {
				t.Fatalf("stored %d rows of %d, error %v", stored, n, err)
			}
			var found, others []string
			if err := db.Reader().Select(ctx, &found, `SELECT name FROM counter WHERE name IN (?) AND n < ?`, names, n); err != nil || len(found) != n {
				t.Errorf("found %d of %d, error %v", len(found), n, err)
			}
			if err := db.Reader().Select(ctx, &others, `SELECT name FROM counter WHERE name LIKE ? AND name NOT IN (?)`, fmt.Sprintf("%d %%", n), names[1:]); n > 1 && (err != nil || len(others) != 1) {
				t.Errorf("found %d others than all but one of %d, error %v", len(others), n, err)
			}
		}
		if kept := database.KeptByWriter(db); kept > 12 {
			t.Errorf("%d statements are kept", kept)
		}
	})
}
