package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

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
