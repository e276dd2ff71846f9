package jobs

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

func take(t *testing.T, q *Queue, kind string, n int) []Job {
	t.Helper()
	jobs, _, err := q.exchange(context.Background(), ask{claim: []claim{{kind, n}}})
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func TestJobsOfACrashedProcessRunAgainAfterTheLease(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, n := newClock(), &notes{}
		crashed, other := onClock(db, c.now), onClock(db, c.now)
		for _, q := range []*Queue{crashed, other} {
			q.Handle("note", n.handle)
		}
		add(t, db, crashed, Task{Kind: "note", Payload: "a"}, Task{Kind: "note", Payload: "b"})
		lost := take(t, crashed, "note", 10) // and never finished
		if len(lost) != 2 {
			t.Fatalf("took %d jobs, want 2", len(lost))
		}
		wantStats(t, other, Stats{Running: 2})
		c.add(lease)
		if got := drain(t, other); got != 0 {
			t.Errorf("got %d runs while the lease held", got)
		}
		c.add(2 * time.Second)
		drain(t, other)
		if diff := cmp.Diff([]string{"a/2", "b/2"}, n.seen); diff != "" {
			t.Error(diff)
		}
		wantStats(t, other, Stats{})
	})
}

// What a queue says late about a job that is somebody else's by now must not count.
func TestLostLeaseIsNotSettled(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, c := context.Background(), newClock()
		slow, other := onClock(db, c.now), onClock(db, c.now)
		for _, v := range []verdict{done, again, dead, released} {
			add(t, db, slow, Task{Kind: "note"})
			j := take(t, slow, "note", 1)[0]
			c.add(lease + 2*time.Second)
			if _, _, err := other.exchange(ctx, ask{recover: true}); err != nil {
				t.Fatal(err)
			}
			got := take(t, other, "note", 1)
			if len(got) != 1 || got[0].Attempt != 2 {
				t.Fatalf("got %+v, want attempt 2", got)
			}
			late := ask{fates: []fate{{job: j, verdict: v, runAt: c.now()}}, held: []string{j.ID}, extend: true}
			if _, _, err := slow.exchange(ctx, late); err != nil {
				t.Fatal(err)
			}
			wantStats(t, other, Stats{Running: 1})
			var holder string
			if _, err := db.Reader().Get(ctx, &holder, `SELECT leased_by FROM job`); err != nil || holder != other.name {
				t.Errorf("verdict %d: got holder %q, %v, want the other queue", v, holder, err)
			}
			if _, _, err := other.exchange(ctx, ask{fates: []fate{{job: got[0]}}}); err != nil {
				t.Fatal(err)
			}
		}
		wantStats(t, slow, Stats{})
	})
}

// A stall of the whole process must not hand out what it still runs.
func TestOwnLeasesAreExtendedBeforeLostJobsAreSought(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := newClock()
		q := onClock(db, c.now)
		add(t, db, q, Task{Kind: "note"})
		j := take(t, q, "note", 1)[0]
		c.add(time.Hour)
		jobs, _, err := q.exchange(context.Background(), ask{held: []string{j.ID}, recover: true, claim: []claim{{"note", 1}}})
		if err != nil || len(jobs) != 0 {
			t.Errorf("got %v, %v, want nothing handed out", jobs, err)
		}
		wantStats(t, q, Stats{Running: 1})
	})
}

func TestEachJobIsDoneOnceUnderThreeQueues(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const jobs = 600
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		var mu sync.Mutex
		runs := map[string]int{}
		var queues, adders sync.WaitGroup
		handle := func(_ context.Context, j Job) error {
			mu.Lock()
			defer mu.Unlock()
			if runs[string(j.Payload)]++; len(runs) == jobs {
				stop()
			}
			return nil
		}
		for i := range 3 {
			own := db
			if !db.Postgres() { // a pool of its own, as another process has
				own = open(t, db.Path())
			}
			q := New(own, quiet(), time.Now)
			q.Handle("count", handle)
			queues.Go(func() {
				if err := q.Run(ctx, 10); err != nil {
					t.Error(err)
				}
			})
			adders.Go(func() {
				for n := range jobs / 3 {
					add(t, own, q, Task{Kind: "count", Payload: fmt.Sprint(i, "/", n)})
				}
			})
		}
		adders.Wait()
		queues.Wait()
		for payload, n := range runs {
			if n != 1 {
				t.Errorf("job %s ran %d times", payload, n)
			}
		}
		if len(runs) != jobs {
			t.Errorf("got %d jobs done, want %d", len(runs), jobs)
		}
		wantStats(t, onClock(db, time.Now), Stats{})
	})
}

func open(t testing.TB, path string) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Forty posts at once ask for the same keyed job while it is being done over and over.
func TestKeyedJobNeverRunsTwiceAtATimeAndSeesTheLastCommit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		const posts = 40
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var mu sync.Mutex
		running, q := 0, onClock(db, time.Now)
		q.Handle("sign", func(context.Context, Job) error {
			mu.Lock()
			running++
			twice := running > 1
			mu.Unlock()
			var committed int
			if _, err := db.Reader().Get(ctx, &committed, `SELECT COALESCE(SUM(n), 0) FROM counter`); err != nil {
				return err
			}
			if twice {
				t.Error("one key ran twice at a time")
			}
			if committed == posts {
				stop()
			}
			mu.Lock()
			running--
			mu.Unlock()
			return nil
		})
		var posters sync.WaitGroup
		for range posts {
			posters.Go(func() {
				ctx := context.WithoutCancel(ctx) // the job may see the last commit before its poster hears of it
				err := db.InTx(ctx, func(tx *database.Tx) error {
					_, err := tx.Exec(ctx, `INSERT INTO counter (name, window_start, n) VALUES ('post', ?, 1) ON CONFLICT (name, window_start) DO UPDATE SET n = counter.n + 1`, begin)
					if err != nil {
						return err
					}
					return q.Add(ctx, tx, Task{Kind: "sign", Key: "award"})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		go func() { // the test's own deadline: the last commit is seen long before
			<-time.After(20 * time.Second)
			stop()
		}()
		if err := q.Run(ctx, 8); err != nil {
			t.Error(err)
		}
		posters.Wait()
		if drain(t, q); ctx.Err() == nil {
			t.Error("no run saw the last commit")
		}
	})
}

// The plan must walk the ready index and sort nothing, or a backlog slows every claim.
func TestClaimDoesNotSortTheBacklog(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		backlog(t, db, 20_000)
		if db.Postgres() {
			if _, err := db.SQL().Exec(`ANALYZE job`); err != nil {
				t.Fatal(err)
			}
		}
		now := time.Now().UTC().Truncate(time.Second)
		for name, plan := range map[string]string{
			"claim": planOf(t, db, readyQuery, "work", "", now, 64),
			"lanes": planOf(t, db, lanesQuery, "work", "work"),
			"peek":  planOf(t, db, dueQuery(2), "later", "work", now),
		} {
			sorted := strings.Replace(plan, "Sort Key: \"*VALUES*\".column1", "", 1) // the few kinds may be
			if !strings.Contains(plan, "job_ready") && !strings.Contains(plan, "job_lane") || strings.Contains(plan, "SCAN job") || strings.Contains(plan, "Seq Scan on job") || strings.Contains(sorted, "Sort Key") {
				t.Errorf("%s: got plan\n%s", name, plan)
			}
		}
	})
}

func planOf(t *testing.T, db *database.DB, query string, args ...any) string {
	t.Helper()
	if db.Postgres() {
		var lines []string
		if err := db.Reader().Select(context.Background(), &lines, `EXPLAIN `+query, args...); err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	var lines []struct {
		ID, Parent, Notused int
		Detail              string
	}
	if err := db.Reader().Select(context.Background(), &lines, `EXPLAIN QUERY PLAN `+query, args...); err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&plan, l.Detail)
	}
	return plan.String()
}

// backlog inserts ready jobs of the kind "work" and waiting ones of the kind "later", half each.
func backlog(t testing.TB, db *database.DB, n int) {
	t.Helper()
	ctx, q := context.Background(), onClock(db, time.Now)
	for n > 0 {
		tasks := make([]Task, 0, 10_000)
		for range min(n/2, 5_000) {
			tasks = append(tasks, Task{Kind: "work"}, Task{Kind: "later", RunAt: time.Now().Add(time.Hour)})
		}
		if err := db.InTx(ctx, func(tx *database.Tx) error { return q.Add(ctx, tx, tasks...) }); err != nil {
			t.Fatal(err)
		}
		n -= len(tasks)
	}
}
