package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

func TestTransactionIsAllOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		called, refused := 0, errors.New("refused")
		insert := func(result error) error {
			return db.InTx(ctx, func(t *database.Tx) error {
				t.OnCommit(func() { called++ })
				rows := [][]any{{"a", time.Unix(0, 0).UTC(), 1}, {"b", time.Unix(0, 0).UTC(), 2}}
				if n, err := t.InsertRows(ctx, "INSERT INTO counter (name, window_start, n)", rows, ""); err != nil || n != 2 {
					return errors.Join(err, errors.New("insert"))
				}
				return result
			})
		}
		if err := insert(refused); !errors.Is(err, refused) || called != 0 {
			t.Fatalf("got error %v and %d calls, want the refusal and none", err, called)
		}
		if err := insert(nil); err != nil || called != 1 {
			t.Fatalf("got error %v and %d calls, want one call", err, called)
		}
		if err := insert(nil); err == nil {
			t.Fatal("got no error for a repeated key")
		}
		var names []string
		if err := db.Reader().Select(ctx, &names, `SELECT name FROM counter WHERE name IN (?) ORDER BY name`, []string{"a", "b", "c"}); err != nil {
			t.Fatal(err)
		}
		if len(names) != 2 || called != 1 {
			t.Errorf("got rows %v and %d calls, want a and b and one call", names, called)
		}
	})
}

func TestGetReportsAMissingRow(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var n int64
		found, err := db.Reader().Get(context.Background(), &n, `SELECT n FROM counter WHERE name = ?`, "nobody")
		if found || err != nil {
			t.Errorf("got found %v, error %v, want neither", found, err)
		}
	})
}

func TestTimesComeBackAsTheyWent(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		want := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
		if _, err := db.Count(ctx, "x", time.Hour, want.In(time.FixedZone("", 7200)).Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		var got time.Time
		if _, err := db.Reader().Get(ctx, &got, `SELECT window_start FROM counter`); err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestCountIsExactUnderConcurrency(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, now := context.Background(), time.Now()
		const callers, limit = 40, 20
		var wg sync.WaitGroup
		var mu sync.Mutex
		allowed := 0
		for range callers {
			wg.Go(func() {
				n, err := db.Count(ctx, "sign-in", 24*time.Hour, now)
				if err != nil {
					t.Error(err)
				}
				if n <= limit {
					mu.Lock()
					allowed++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if allowed != limit {
			t.Errorf("got %d allowed, want %d", allowed, limit)
		}
		if err := db.ForgetCounters(ctx, now.Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Count(ctx, "sign-in", 24*time.Hour, now); err != nil || n != 1 {
			t.Errorf("got %d, %v after forgetting, want 1", n, err)
		}
	})
}

// TestManyOpenAnEmptyDatabaseAtOnce is several processes starting on nothing, as far as SQLite can tell.
func TestManyOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "insignia.db")
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			db, err := database.Open(context.Background(), name)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := migrations.Apply(context.Background(), db.SQL(), false); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestFilesArePrivate finds that nobody but its owner reads a database, whatever the umask, and no stranger
// one that was made before.
func TestFilesArePrivate(t *testing.T) {
	umask := syscall.Umask(0)
	defer syscall.Umask(umask)
	for name, prepare := range map[string]func(string) error{
		"new":    func(string) error { return nil },
		"before": func(path string) error { return os.WriteFile(path, nil, 0o664) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "insignia.db")
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			databasetest.Open(t, path)
			for _, file := range []string{path, path + "-wal", path + "-shm"} {
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				if mode := info.Mode().Perm(); mode&0o007 != 0 || name == "new" && mode != 0o600 {
					t.Errorf("%s has the mode %v", file, mode)
				}
			}
		})
	}
}

// TestLostRaceEndsWithItsContext finds that a transaction is not tried again, nor waited for, once its
// context has ended.
func TestLostRaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := database.Open(t.Context(), filepath.Join(t.TempDir(), "insignia.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for range 5 { // the wait is random
			ctx, cancel := context.WithCancel(t.Context())
			begin, tries := time.Now(), 0
			err := db.InTx(ctx, func(*database.Tx) error {
				if tries++; tries == 3 {
					begin = time.Now()
					cancel()
				}
				return &pgconn.PgError{Code: "40001"}
			})
			if !errors.Is(err, context.Canceled) || tries != 3 || time.Since(begin) != 0 {
				t.Errorf("got error %v after %d tries and %v", err, tries, time.Since(begin))
			}
		}
	})
}
