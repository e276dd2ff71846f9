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

// TestClocksOfProcessesDiffer has two processes agree on who holds a job although neither's clock is right.
func TestClocksOfProcessesDiffer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, ahead := range []time.Duration{12 * time.Second, time.Hour, -time.Hour} {
			q := New(db, quiet(), time.Now)
			other := New(db, quiet(), func() time.Time { return time.Now().Add(ahead) })
			n := &notes{}
			for _, q := range []*Queue{q, other} {
				q.Handle("note", n.handle)
			}
			add(t, db, q, Task{Kind: "note", Payload: "a"})
			j := take(t, q, "note", 1)
			if len(j) != 1 {
				t.Fatalf("took %d jobs, want one", len(j))
			}
			if made := drain(t, other); made != 0 {
				t.Errorf("%v ahead: the job was begun twice", ahead)
			}
			if _, _, err := q.exchange(context.Background(), ask{fates: []fate{q.judge(context.Background(), j[0], nil)}}); err != nil {
				t.Fatal(err)
			}
			wantStats(t, q, Stats{})
		}
	})
}

// TestClockThatWasAhead has nothing wait for it after it was set right: not what was to run at once, not what
// was to be tried again, not what somebody held when the process ended. What is to run later keeps its time.
func TestClockThatWasAhead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, n := newClock(), &notes{}
		c.add(365 * 24 * time.Hour)
		wrong := onClock(db, c.now)
		wrong.Handle("fails", func(context.Context, Job) error { return errors.New("no") })
		wrong.Handle("doubtful", func(context.Context, Job) error { return Doubtful(errors.New("no")) })
		c.add(-365 * 24 * time.Hour)
		soon := c.now().Add(10 * time.Minute)
		c.add(365 * 24 * time.Hour)
		add(t, db, wrong, Task{Kind: "fails", Payload: "tried"}, Task{Kind: "doubtful", Payload: "doubtful"}, Task{Kind: "held", Payload: "held"})
		drain(t, wrong)
		take(t, wrong, "held", 1)
		add(t, db, wrong, Task{Kind: "note", Payload: "at once"})
		c.add(-365 * 24 * time.Hour)
		right := onClock(db, c.now)
		add(t, db, right, Task{Kind: "note", Payload: "later", RunAt: soon})
		for _, kind := range []string{"fails", "doubtful", "held", "note"} {
			right.Handle(kind, n.handle)
		}
		drain(t, right)
		drain(t, right)
		got := map[string]bool{}
		for _, s := range n.seen {
			got[s] = true
		}
		if diff := cmp.Diff(map[string]bool{"tried/2": true, "doubtful/2": true, "held/2": true, "at once/1": true}, got); diff != "" {
			t.Error(diff)
		}
		c.add(11 * time.Minute)
		if drain(t, right) != 1 {
			t.Error("what was to run later did not")
		}
	})
}

// TestProbablyDone repeats seldom and few times what was probably done, also when the queue stops meanwhile.
func TestProbablyDone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, q := newClock(), (*Queue)(nil)
		q = onClock(db, c.now)
		begin, runs := c.now(), []time.Duration(nil)
		q.Handle("letter", func(context.Context, Job) error {
			runs = append(runs, c.now().Sub(begin).Round(time.Hour))
			if len(runs) == 2 {
				return errors.New("could not be reached") // this does not count
			}
			return Doubtful(errors.New("no answer after the dot"))
		})
		add(t, db, q, Task{Kind: "letter"})
		for range 4 * 24 * 2 {
			drain(t, q)
			c.add(30 * time.Minute)
		}
		if diff := cmp.Diff([]time.Duration{0, 8 * time.Hour, 9 * time.Hour, 25 * time.Hour}, runs); diff != "" {
			t.Errorf("begun: want -, got +\n%s", diff)
		}
		wantStats(t, q, Stats{Dead: 1})
		stopped, cancel := context.WithCancelCause(context.Background())
		cancel(errStopped)
		if f := q.judge(stopped, Job{Kind: "letter", Attempt: 1}, Doubtful(context.Canceled)); f.verdict != again || f.doubts != 1 {
			t.Errorf("got %+v, want the doubt to be kept when the queue stops", f)
		}
	})
}

// TestLanesTakeTurns has few jobs of one lane begun soon although another has many, and keeps the order in each.
func TestLanesTakeTurns(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := newClock()
		q, n := onClock(db, c.now), &notes{}
		q.Handle("note", n.handle)
		for range 100 {
			add(t, db, q, Task{Kind: "note", Payload: "many", Lane: "a"})
		}
		add(t, db, q, Task{Kind: "note", Payload: "b1", Lane: "b"}, Task{Kind: "note", Payload: "c1", Lane: "c"}, Task{Kind: "note", Payload: "none1"},
			Task{Kind: "note", Payload: "b2", Lane: "b"}, Task{Kind: "note", Payload: "none2"}, Task{Kind: "note", Payload: "later", Lane: "0", RunAt: c.now().Add(time.Hour)})
		var order []string
		for range 8 { // with room for three at a time, which is less than there are lanes
			for _, j := range take(t, q, "note", 3) {
				var s string
				if err := j.Decode(&s); err != nil {
					t.Fatal(err)
				}
				if s != "many" {
					order = append(order, s)
				}
			}
		}
		if diff := cmp.Diff([]string{"none1", "b1", "c1", "none2", "b2"}, order); diff != "" {
			t.Errorf("within 24 jobs: want -, got +\n%s", diff)
		}
	})
}

// TestStoredWithTheEnd stores what a job asks for exactly if it succeeds and is still its holder's.
func TestStoredWithTheEnd(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, c := context.Background(), newClock()
		q, stored := onClock(db, c.now), map[string]int{}
		q.Handle("note", func(_ context.Context, j Job) error {
			var s string
			if err := j.Decode(&s); err != nil {
				return err
			}
			j.Then(func(context.Context, *database.Tx) error { stored[s]++; return nil })
			if s == "fails" {
				return errors.New("no")
			}
			return nil
		})
		add(t, db, q, Task{Kind: "note", Payload: "done"}, Task{Kind: "note", Payload: "fails"})
		drain(t, q)
		add(t, db, q, Task{Kind: "note", Payload: "lost"})
		lost := take(t, q, "note", 1)[0]
		f := q.judge(ctx, lost, q.perform(ctx, lost))
		c.add(lease + 2*time.Second)
		other := onClock(db, c.now)
		if _, _, err := other.exchange(ctx, ask{recover: true}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := q.exchange(ctx, ask{fates: []fate{f}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"done": 1}, stored); diff != "" {
			t.Error(diff)
		}
	})
}
