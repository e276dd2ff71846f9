package jobs

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// TestListAndRetry lists what waits and what was given up, and tries it again at once, while a queue that
// knows nothing of it runs on: what was probably done only by its id, and of one key one job only.
func TestListAndRetry(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, c := context.Background(), newClock()
		q, n := onClock(db, c.now), &notes{}
		mended := false
		broken := func(err error) func(context.Context, Job) error {
			return func(ctx context.Context, j Job) error {
				if mended {
					return n.handle(ctx, j)
				}
				return err
			}
		}
		q.Handle("dead", broken(Permanent(errors.New("no such user"))))
		q.Handle("waits", broken(errors.New("try later")))
		q.Handle("doubtful", broken(Doubtful(errors.New("no answer"))))
		q.Handle("other", broken(errors.New("not ours")))
		add(t, db, q, Task{Kind: "dead", Payload: "a"}, Task{Kind: "waits", Payload: "b"}, Task{Kind: "doubtful", Payload: "c"}, Task{Kind: "other", Payload: "d"},
			Task{Kind: "dead", Key: "k", Payload: "old"}, Task{Kind: "waits", Payload: "scheduled", RunAt: c.now().Add(time.Hour)})
		drain(t, q)
		add(t, db, q, Task{Kind: "dead", Key: "k", Payload: "newer"})
		drain(t, q)

		admin := onClock(db, c.now) // another process
		ours := []string{"dead", "waits", "doubtful"}
		list := func(states ...string) (all []Entry) {
			t.Helper()
			for after := ""; ; {
				page, err := admin.List(ctx, ours, states, after)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					return all
				}
				all, after = append(all, page...), page[len(page)-1].ID
			}
		}
		type row struct {
			Kind, State, Err string
			Attempts, Doubts int
		}
		var got []row
		all := list(Ready, Running, Dead)
		for _, e := range all {
			got = append(got, row{e.Kind, e.State, e.LastError, e.Attempts, e.Doubts})
		}
		want := []row{{"dead", Dead, "no such user", 1, 0}, {"waits", Ready, "try later", 1, 0}, {"doubtful", Ready, "no answer", 1, 1},
			{"dead", Dead, "no such user", 1, 0}, {"waits", Ready, "", 0, 0}, {"dead", Dead, "no such user", 1, 0}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if dead := list(Dead); len(dead) != 3 {
			t.Errorf("got %d dead ones, want 3", len(dead))
		}

		mended = true
		if n, err := admin.RetryAll(ctx, ours); n != 3 || err != nil {
			t.Errorf("retried %d, error %v, want what is dead, but one of a key, and what waits for another attempt", n, err)
		}
		drain(t, q)
		slices.Sort(n.seen)
		if diff := cmp.Diff([]string{"a/1", "b/2", "newer/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
		n.seen = nil
		for _, e := range []struct {
			id   string
			want bool
		}{{all[2].ID, true}, {all[3].ID, true}, {all[4].ID, true}, {all[0].ID, false}, {"job_unknown", false}} {
			if due, err := admin.Retry(ctx, ours, e.id); due != e.want || err != nil {
				t.Errorf("retry %s: %v, error %v, want %v", e.id, due, err, e.want)
			}
		}
		if due, err := admin.Retry(ctx, []string{"other"}, all[2].ID); due || err != nil {
			t.Errorf("retried a job of another kind: %v, error %v", due, err)
		}
		drain(t, q)
		slices.Sort(n.seen)
		if diff := cmp.Diff([]string{"c/2", "old/1", "scheduled/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
		if left := list(Ready, Running, Dead); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

// TestTaskWithAnID: a job may have the id of what it is about, and its handler sees whose turn it is.
func TestTaskWithAnID(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		q := onClock(db, newClock().now)
		first, second := q.NewID("ltr"), q.NewID("ltr")
		var seen []string
		q.Handle("letter", func(_ context.Context, j Job) error {
			seen = append(seen, j.ID+" "+j.Lane)
			return nil
		})
		add(t, db, q, Task{ID: second, Kind: "letter", Lane: "b"}, Task{ID: first, Kind: "letter", Lane: "b"})
		if due, err := q.Retry(t.Context(), []string{"letter"}, first); due || err != nil {
			t.Errorf("retry of what is due: %v, %v", due, err)
		}
		drain(t, q)
		if diff := cmp.Diff([]string{first + " b", second + " b"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}
