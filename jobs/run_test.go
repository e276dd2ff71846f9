package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// bubble is databasetest.Each with a clock that jumps when everybody waits. The connections have to
// be opened inside.
func bubble(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	run := func(t *testing.T, name string) {
		synctest.Test(t, func(t *testing.T) { test(t, databasetest.Open(t, name)) })
	}
	t.Run("sqlite", func(t *testing.T) { run(t, filepath.Join(t.TempDir(), "insignia.db")) })
	if os.Getenv("INSIGNIA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { run(t, databasetest.PostgresURL(t)) })
	}
}

// launch runs a queue in the background; the function it returns stops it and waits for its end.
func launch(t *testing.T, q *Queue, workers int) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx, workers) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// start is launch where no error is expected at the end.
func start(t *testing.T, q *Queue, workers int) (stop func()) {
	t.Helper()
	stopped := launch(t, q, workers)
	return func() {
		t.Helper()
		if err := stopped(); err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func TestRunFindsDueJobsByItself(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, other, begun := onClock(db, time.Now), onClock(db, time.Now), make(chan time.Time)
		q.Handle("note", func(context.Context, Job) error { begun <- time.Now(); return nil })
		stop := start(t, q, 2)
		defer stop()
		for name, wait := range map[string]time.Duration{"at once": 0, "in ten minutes": 10 * time.Minute} {
			asked := time.Now()
			add(t, db, q, Task{Kind: "note", RunAt: asked.Add(wait)})
			if got := (<-begun).Sub(asked); got < wait || got > wait+2*time.Second {
				t.Errorf("%s: begun after %v", name, got)
			}
		}
		asked := time.Now()
		add(t, db, other, Task{Kind: "note"}) // another process cannot wake this one
		if got := (<-begun).Sub(asked); got > poll+pace {
			t.Errorf("added elsewhere: begun after %v, want at the next poll", got)
		}
	})
}

func TestFailedJobIsRetriedWhileRunning(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, tries := onClock(db, time.Now), make(chan int)
		q.Handle("note", func(_ context.Context, j Job) error {
			tries <- j.Attempt
			switch j.Attempt {
			case 1:
				return errors.New("no")
			case 2:
				panic("no")
			case 3:
				runtime.Goexit()
			}
			return nil
		})
		stop := start(t, q, 2)
		asked := time.Now()
		add(t, db, q, Task{Kind: "note"})
		for want := 1; want <= 4; want++ {
			if got := <-tries; got != want {
				t.Errorf("got attempt %d, want %d", got, want)
			}
		}
		if took := time.Since(asked); took < 8*time.Second || took > 25*time.Second {
			t.Errorf("four attempts took %v, want about 2 + 4 + 8 s", took)
		}
		stop()
		wantStats(t, q, Stats{})
	})
}

func TestLongJobKeepsItsLease(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		runs, finished := make(chan string, 10), make(chan bool)
		for _, name := range []string{"one", "two"} {
			q := onClock(db, time.Now)
			q.Handle("long", func(ctx context.Context, _ Job) error {
				runs <- name
				<-time.After(10 * lease)
				close(finished)
				return ctx.Err()
			}, Timeout(time.Hour))
			defer start(t, q, 2)()
		}
		add(t, db, onClock(db, time.Now), Task{Kind: "long"})
		<-finished
		<-time.After(2 * lease)
		if len(runs) != 1 {
			t.Errorf("got %d runs, want 1", len(runs))
		}
		wantStats(t, onClock(db, time.Now), Stats{})
	})
}

func TestAttemptEndsAtItsTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, took := onClock(db, time.Now), make(chan time.Duration)
		hang := func(ctx context.Context, j Job) error {
			begin := time.Now()
			<-ctx.Done()
			took <- time.Since(begin)
			return Permanent(ctx.Err())
		}
		q.Handle("default", hang)
		q.Handle("short", hang, Timeout(3*time.Second))
		stop := start(t, q, 1)
		for kind, want := range map[string]time.Duration{"default": time.Minute, "short": 3 * time.Second} {
			add(t, db, q, Task{Kind: kind})
			if got := <-took; got != want {
				t.Errorf("%s: got %v, want %v", kind, got, want)
			}
		}
		stop()
		wantStats(t, q, Stats{Dead: 2})
	})
}

func TestStopFinishesWhatRunsAndGivesBackTheRest(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, begun, n := onClock(db, time.Now), make(chan bool), &notes{}
		q.Handle("note", func(ctx context.Context, j Job) error {
			begun <- true
			<-time.After(grace / 2)
			if err := ctx.Err(); err != nil {
				return err
			}
			return n.handle(ctx, j)
		})
		add(t, db, q, Task{Kind: "note", Payload: "a"}, Task{Kind: "note", Payload: "b"}, Task{Kind: "note", Payload: "c"})
		stop := start(t, q, 1)
		<-begun
		stop()
		if diff := cmp.Diff([]string{"a/1"}, n.seen); diff != "" {
			t.Error(diff)
		}
		s, err := q.Stats(t.Context())
		if err != nil || s.Ready != 2 || s.Running != 0 {
			t.Errorf("got %+v, %v, want 2 ready", s, err)
		}
		stop = start(t, q, 1)
		<-begun
		<-begun
		stop()
		if diff := cmp.Diff([]string{"a/1", "b/1", "c/1"}, n.seen); diff != "" { // giving back is no attempt
			t.Error(diff)
		}
	})
}

func TestStopCutsShortWhatTakesTooLong(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, begun := onClock(db, time.Now), make(chan int)
		q.Handle("long", func(ctx context.Context, j Job) error {
			begun <- j.Attempt
			<-ctx.Done()
			return ctx.Err()
		}, Timeout(time.Hour))
		add(t, db, q, Task{Kind: "long"})
		for range 2 {
			stop := start(t, q, 1)
			if got := <-begun; got != 1 {
				t.Errorf("got attempt %d, want 1: being stopped does not count", got)
			}
			asked := time.Now()
			stop()
			if took := time.Since(asked); took < grace || took > grace+time.Second {
				t.Errorf("stopped after %v, want %v", took, grace)
			}
		}
	})
}

func TestSlowKindLeavesWorkersToOthers(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		const mails = 50
		q, fast, end := onClock(db, time.Now), make(chan time.Time, 1), make(chan time.Time)
		var mu sync.Mutex
		running, most, finished := 0, 0, 0
		q.Handle("mail", func(context.Context, Job) error {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			<-time.After(10 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			running--
			if finished++; finished == mails {
				close(end)
			}
			return nil
		}, AtMost(2))
		q.Handle("sign", func(context.Context, Job) error { fast <- time.Now(); return nil })
		stop := start(t, q, 3)
		tasks := make([]Task, mails)
		for i := range tasks {
			tasks[i].Kind = "mail"
		}
		begin := time.Now()
		add(t, db, q, tasks...)
		<-time.After(5 * time.Second)
		asked := time.Now()
		add(t, db, q, Task{Kind: "sign"})
		if got := (<-fast).Sub(asked); got > pace {
			t.Errorf("begun after %v behind slow jobs, want at once", got)
		}
		<-end
		if took := time.Since(begin); most != 2 || took > mails/2*(10*time.Second+2*pace) {
			t.Errorf("got %d slow jobs at a time, want 2; all took %v, want about 250 s", most, took)
		}
		stop()
		wantStats(t, q, Stats{})
	})
}

func TestJobThatTakesTheProcessDownDies(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, n := onClock(db, time.Now), &notes{}
		q.Handle("note", n.handle)
		add(t, db, q, Task{Kind: "note", Payload: "x"})
		if _, err := db.SQL().Exec(`UPDATE job SET attempts = 100`); err != nil {
			t.Fatal(err)
		}
		stop := start(t, q, 1)
		<-time.After(2 * poll)
		stop()
		if wantStats(t, q, Stats{Dead: 1}); len(n.seen) != 0 {
			t.Errorf("got %v, want no further attempt", n.seen)
		}
	})
}

func TestRunSurvivesAnUnreachableTable(t *testing.T) {
	bubble(t, func(t *testing.T, db *database.DB) {
		q, begun, ended := onClock(db, time.Now), make(chan int), make(chan bool)
		q.Handle("note", func(_ context.Context, j Job) error { begun <- j.Attempt; <-ended; return nil })
		rename := func(from, to string) {
			t.Helper()
			if _, err := db.SQL().Exec(`ALTER TABLE ` + from + ` RENAME TO ` + to); err != nil {
				t.Fatal(err)
			}
		}
		stop := launch(t, q, 1)
		add(t, db, q, Task{Kind: "note"})
		<-begun
		rename("job", "gone")
		ended <- true
		<-time.After(3 * poll)
		rename("gone", "job")
		<-time.After(2 * poll)
		wantStats(t, q, Stats{}) // the success was kept and stored
		if err := q.Run(t.Context(), 1); err == nil {
			t.Error("got no error for a second Run at the same time")
		}
		add(t, db, q, Task{Kind: "note"})
		<-begun
		rename("job", "gone")
		ended <- true
		if err := stop(); err == nil {
			t.Error("got no error about a success that could not be stored")
		}
		rename("gone", "job")
		wantStats(t, q, Stats{Running: 1})
		<-time.After(lease + 2*time.Second)
		again := start(t, q, 1)
		if got := <-begun; got != 2 {
			t.Errorf("got attempt %d after the lease, want 2", got)
		}
		ended <- true
		again()
	})
}
