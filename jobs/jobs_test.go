package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 4, 10, 0, 0, 500, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func add(t testing.TB, db *database.DB, q *Queue, tasks ...Task) {
	t.Helper()
	ctx := context.Background()
	if err := db.InTx(ctx, func(tx *database.Tx) error { return q.Add(ctx, tx, tasks...) }); err != nil {
		t.Fatal(err)
	}
}

func drain(t testing.TB, q *Queue) int {
	t.Helper()
	n, err := q.Drain(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func wantStats(t testing.TB, q *Queue, want Stats) {
	t.Helper()
	got, err := q.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats: want -, got +\n%s", diff)
	}
}

// notes collects the payloads of a kind in the order of their handling.
type notes struct {
	mu   sync.Mutex
	seen []string
}

func (n *notes) handle(_ context.Context, j Job) error {
	var s string
	if err := j.Decode(&s); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, fmt.Sprintf("%s/%d", s, j.Attempt))
	return nil
}

func TestJobExistsExactlyIfItsTransactionCommits(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, q, n := context.Background(), onClock(db, newClock().now), &notes{}
		q.Handle("note", n.handle)
		refused := errors.New("refused")
		err := db.InTx(ctx, func(tx *database.Tx) error {
			if err := q.Add(ctx, tx, Task{Kind: "note", Payload: "rolled back"}); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		select {
		case <-q.wake:
			t.Error("a transaction that was rolled back woke the workers")
		default:
		}
		wantStats(t, q, Stats{})
		add(t, db, q, Task{Kind: "note", Payload: "kept"})
		select {
		case <-q.wake:
		default:
			t.Error("the commit did not wake the workers")
		}
		wantStats(t, q, Stats{Ready: 1})
		drain(t, q)
		if diff := cmp.Diff([]string{"kept/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
		wantStats(t, q, Stats{})
	})
}

func TestJobsRunInOrderOfTimeThenOfAdding(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, n := newClock(), &notes{}
		q := onClock(db, c.now)
		q.Handle("note", n.handle)
		later := c.now().Add(10 * time.Second)
		add(t, db, q, Task{Kind: "note", Payload: "e", RunAt: later.Add(time.Second)}, Task{Kind: "note", Payload: "a"}, Task{Kind: "note", Payload: "b"})
		add(t, db, q, Task{Kind: "note", Payload: "d", RunAt: later}, Task{Kind: "note", Payload: "c"})
		if got := drain(t, q); got != 3 {
			t.Errorf("got %d done at once, want 3", got)
		}
		wantStats(t, q, Stats{Waiting: 2})
		c.add(10 * time.Second) // RunAt has a fraction of a second and is not to be run early
		drain(t, q)
		c.add(2 * time.Second)
		wantStats(t, q, Stats{Ready: 2, Oldest: time.Second})
		drain(t, q)
		if diff := cmp.Diff([]string{"a/1", "b/1", "c/1", "d/1", "e/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFailedJobIsTriedAgainUntilDead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := newClock()
		q := onClock(db, c.now)
		tries, begin := 0, c.now()
		q.Handle("hopeless", func(_ context.Context, j Job) error {
			if tries++; j.Attempt != tries {
				t.Errorf("got attempt %d, want %d", j.Attempt, tries)
			}
			return errors.New("bytes that no TEXT column takes: \x00\xff" + strings.Repeat("é", 1000))
		})
		add(t, db, q, Task{Kind: "hopeless"})
		for tries < attempts {
			drain(t, q)
			if tries == 1 {
				wantStats(t, q, Stats{Waiting: 1})
			}
			c.add(time.Minute)
		}
		wantStats(t, q, Stats{Dead: 1})
		if d := c.now().Sub(begin); d < 60*time.Hour || d > 84*time.Hour {
			t.Errorf("gave up after %v, want about three days", d)
		}
		var last string
		if _, err := db.Reader().Get(context.Background(), &last, `SELECT last_error FROM job`); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(last, "bytes that no TEXT column takes: ??é") || len(last) > 1000 {
			t.Errorf("got stored error %q", last)
		}
	})
}

func TestPermanentFailureAndBadPayloadAreDeadAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		q, n := onClock(db, newClock().now), &notes{}
		q.Handle("note", n.handle)
		q.Handle("bounce", func(context.Context, Job) error {
			return fmt.Errorf("send: %w", Permanent(sql.ErrNoRows))
		})
		add(t, db, q, Task{Kind: "note", Payload: map[string]int{"not": 1}}, Task{Kind: "bounce"})
		if got := drain(t, q); got != 2 {
			t.Errorf("got %d attempts, want 2", got)
		}
		wantStats(t, q, Stats{Dead: 2})
		if !errors.Is(Permanent(sql.ErrNoRows), sql.ErrNoRows) || Permanent(nil) != nil {
			t.Error("Permanent hides its error, or makes one of nil")
		}
	})
}

func TestPanicIsAFailedAttempt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, n := newClock(), &notes{}
		q := onClock(db, c.now)
		q.Handle("note", func(ctx context.Context, j Job) error {
			if j.Attempt == 1 {
				panic("first time")
			}
			return n.handle(ctx, j)
		})
		add(t, db, q, Task{Kind: "note", Payload: "x"})
		drain(t, q)
		wantStats(t, q, Stats{Waiting: 1})
		c.add(5 * time.Second)
		drain(t, q)
		if diff := cmp.Diff([]string{"x/2"}, n.seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestKindsWithoutAHandlerAreLeftAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := &notes{}
		old, young := onClock(db, newClock().now), onClock(db, newClock().now)
		old.Handle("note", n.handle)
		young.Handle("newer", n.handle)
		add(t, db, old, Task{Kind: "newer", Payload: "x"})
		if got := drain(t, old); got != 0 {
			t.Errorf("got %d attempts by a queue that does not know the kind", got)
		}
		if got := drain(t, young); got != 1 {
			t.Errorf("got %d attempts by the one that does, want 1", got)
		}
	})
}

func TestAddRefusesWhatItCannotStore(t *testing.T) {
	db := databasetest.New(t)
	ctx, q := context.Background(), onClock(db, newClock().now)
	for name, task := range map[string]Task{"no kind": {}, "payload": {Kind: "x", Payload: func() {}}, "raw": {Kind: "x", Payload: json.RawMessage("{")}} {
		if err := db.InTx(ctx, func(tx *database.Tx) error { return q.Add(ctx, tx, task) }); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	wantStats(t, q, Stats{})
}

func TestHandleRefusesMistakesAtStart(t *testing.T) {
	for _, kinds := range [][]string{{""}, {"a", "a"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("kinds %q: got no panic", kinds)
				}
			}()
			q := New(nil, quiet(), time.Now)
			for _, k := range kinds {
				q.Handle(k, (&notes{}).handle)
			}
		}()
	}
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 2 * time.Second, 11: 2048 * time.Second, 12: 48 * time.Minute, 99: 48 * time.Minute} {
		if got := backoff(n, 0.5); got != want {
			t.Errorf("attempt %d waits %v in the middle, want %v", n, got, want)
		}
	}
	var low, high time.Duration
	for n := 1; n < attempts; n++ {
		least, most := backoff(n, 0), backoff(n, 0.999999)
		if most > time.Hour || least < time.Second || n > 1 && n < 12 && least < backoff(n-1, 0.4) || most <= least {
			t.Errorf("attempt %d waits %v to %v", n, least, most)
		}
		low, high = low+least, high+most
	}
	if low < 48*time.Hour || high > 96*time.Hour {
		t.Errorf("gives up after %v to %v, want about three days", low, high)
	}
}

// onClock is a queue whose leases are by its own clock as well, so that tests can move it.
func onClock(db *database.DB, now func() time.Time) *Queue {
	q := New(db, quiet(), now)
	q.leases = func(context.Context, *database.Tx) (time.Time, error) { return q.time(), nil }
	return q
}
