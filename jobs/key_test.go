package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

func TestKeyIsUniqueAmongItsKindUntilFinished(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n, q := &notes{}, onClock(db, newClock().now)
		q.Handle("note", n.handle)
		q.Handle("other", n.handle)
		add(t, db, q, Task{Kind: "note", Key: "k", Payload: "first"}, Task{Kind: "note", Key: "k", Payload: "same statement"},
			Task{Kind: "note", Key: "l", Payload: "other key"}, Task{Kind: "other", Key: "k", Payload: "other kind"},
			Task{Kind: "note", Payload: "none"}, Task{Kind: "note", Payload: "none"})
		add(t, db, q, Task{Kind: "note", Key: "k", Payload: "later"})
		wantStats(t, q, Stats{Ready: 5})
		drain(t, q)
		add(t, db, q, Task{Kind: "note", Key: "k", Payload: "after"})
		drain(t, q)
		if diff := cmp.Diff([]string{"first/1", "other key/1", "none/1", "none/1", "other kind/1", "after/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestKeyedJobTakesTheEarlierTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, n := newClock(), &notes{}
		q := onClock(db, c.now)
		q.Handle("note", n.handle)
		add(t, db, q, Task{Kind: "note", Key: "k", Payload: "x", RunAt: c.now().Add(time.Hour)}, Task{Kind: "note", Key: "k", RunAt: c.now().Add(30 * time.Minute)})
		add(t, db, q, Task{Kind: "note", Key: "k", RunAt: c.now().Add(2 * time.Hour)})
		c.add(31 * time.Minute)
		if got := drain(t, q); got != 1 {
			t.Errorf("got %d runs after half an hour, want 1", got)
		}
		add(t, db, q, Task{Kind: "note", Key: "k", Payload: "x", RunAt: c.now().Add(time.Hour)})
		add(t, db, q, Task{Kind: "note", Key: "k"})
		if got := drain(t, q); got != 1 {
			t.Errorf("got %d runs when asked for at once, want 1", got)
		}
		wantStats(t, q, Stats{})
	})
}

// In one call too: whatever the order, the earliest time counts, and what has no key or another one stays apart.
func TestKeyedTasksOfOneCallAreOneJob(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, order := range [][3]int{{1, 2, 3}, {3, 1, 2}, {2, 3, 1}} {
			c, n := newClock(), &notes{}
			q := onClock(db, c.now)
			q.Handle("note", n.handle)
			var tasks []Task
			for _, hours := range order {
				tasks = append(tasks, Task{Kind: "note", Key: "k", RunAt: c.now().Add(time.Duration(hours) * time.Hour)})
			}
			add(t, db, q, append(tasks, Task{Kind: "note", Key: "other"}, Task{Kind: "note"}, Task{Kind: "note"})...)
			if got := drain(t, q); got != 3 {
				t.Errorf("%v: got %d runs at once, want 3", order, got)
			}
			c.add(time.Hour + time.Second)
			if got := drain(t, q); got != 1 {
				t.Errorf("%v: got %d runs after an hour, want 1", order, got)
			}
			wantStats(t, q, Stats{})
		}
	})
}

// A task asked for while its job runs may rest on what the run has not seen.
func TestKeyAskedForWhileRunningRunsOnceMore(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for name, result := range map[string]error{"done": nil, "permanent": Permanent(errors.New("no"))} {
			q, runs := onClock(db, newClock().now), 0
			q.Handle("sign", func(_ context.Context, j Job) error {
				if runs++; runs > 1 {
					if j.Attempt != 1 || j.Key != "award" {
						t.Errorf("%s: got %+v, want attempt 1 of the same key", name, j)
					}
					return nil
				}
				for range 3 {
					add(t, db, q, Task{Kind: "sign", Key: "award"})
				}
				return result
			})
			add(t, db, q, Task{Kind: "sign", Key: "award"})
			if got := drain(t, q); got != 2 {
				t.Errorf("%s: got %d runs, want 2", name, got)
			}
			wantStats(t, q, Stats{})
		}
	})
}

func TestJobThatAsksForItselfIsPeriodic(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := newClock()
		q, runs := onClock(db, c.now), 0
		q.Handle("tidy", func(_ context.Context, j Job) error {
			add(t, db, q, Task{Kind: "tidy", Key: "all", RunAt: c.now().Add(time.Hour)})
			if runs++; runs == 2 {
				return errors.New("fails once")
			}
			return nil
		})
		add(t, db, q, Task{Kind: "tidy", Key: "all"})
		for range 3 * 60 {
			drain(t, q)
			c.add(time.Minute)
		}
		if runs != 4 { // 0:00, 1:00 and again after its failure, 2:00
			t.Errorf("got %d runs in three hours, want 4", runs)
		}
		wantStats(t, q, Stats{Waiting: 1})
	})
}

func TestKeyOfADeadJobIsFree(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		q, bad := onClock(db, newClock().now), true
		q.Handle("sign", func(context.Context, Job) error {
			if bad {
				return Permanent(errors.New("no"))
			}
			return nil
		})
		for range 2 {
			add(t, db, q, Task{Kind: "sign", Key: "award"})
			drain(t, q)
		}
		wantStats(t, q, Stats{Dead: 2})
		bad = false
		add(t, db, q, Task{Kind: "sign", Key: "award"})
		if got := drain(t, q); got != 1 {
			t.Errorf("got %d runs, want 1", got)
		}
		wantStats(t, q, Stats{Dead: 2})
	})
}
