package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// The states of jobs in the table.
const (
	Ready   = "ready" // due, or due later
	Running = "running"
	Dead    = "dead" // given up
)

// Entry is a job as it stands in the table, for whoever looks after it.
type Entry struct {
	ID        string    `db:"id"`
	Kind      string    `db:"kind"`
	State     string    `db:"state"`
	Attempts  int       `db:"attempts"`
	Doubts    int       `db:"doubts"` // attempts after which it was probably done all the same
	RunAt     time.Time `db:"run_at"` // when it is due, or was given up
	LastError string    `db:"last_error"`
}

// List is a page of the jobs of some kinds in some states, in the order of adding, after the job of an id;
// empty: from the beginning. An empty page is the end.
func (q *Queue) List(ctx context.Context, kinds, states []string, after string) ([]Entry, error) {
	list, err := selectEntries(ctx, q.db.Reader(), kinds, states, after)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return list, nil
}

func selectEntries(ctx context.Context, t *database.Tx, kinds, states []string, after string) (list []Entry, err error) {
	err = t.Select(ctx, &list, `
		SELECT id, kind, state, attempts, doubts, run_at, last_error
		FROM job
		WHERE kind IN (?) AND state IN (?) AND id > ?
		ORDER BY id
		LIMIT ?`, kinds, states, after, entriesTogether)
	return list, err
}

// RetryAll makes those jobs of some kinds due that wait for a further attempt, and those that were given up, which
// begin anew, and says how many. What was probably done stays as it is.
func (q *Queue) RetryAll(ctx context.Context, kinds []string) (n int64, err error) {
	err = q.db.InTx(ctx, func(t *database.Tx) error {
		n, err = retryAll(ctx, t, kinds, q.time())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("retry jobs: %w", err)
	}
	return n, nil
}

func retryAll(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (int64, error) {
	return t.Exec(ctx, dueNow+` AND doubts = 0 AND (state = 'dead' OR attempts > 0)`, now, now, kinds)
}

// Retry does the same with one job of those kinds, also with one that was probably done. It is false for one that
// is not there, or runs, or stands back for another one of its key.
func (q *Queue) Retry(ctx context.Context, kinds []string, id string) (due bool, err error) {
	err = q.db.InTx(ctx, func(t *database.Tx) error {
		due, err = retry(ctx, t, kinds, id, q.time())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retry job %s: %w", id, err)
	}
	return due, nil
}

// Stats counts the jobs of all kinds, over all processes on the database.
type Stats struct {
	Ready   int64         // due, not begun
	Running int64         // taken by a queue
	Waiting int64         // due later, for the first or a further attempt
	Dead    int64         // given up; somebody should look
	Oldest  time.Duration // how long the longest-waiting ready job has been due
}

// Stats counts now.
func (q *Queue) Stats(ctx context.Context) (s Stats, err error) {
	now, t := q.time(), q.db.Reader()
	if s, err = countJobs(ctx, t, now); err != nil {
		return s, fmt.Errorf("count jobs: %w", err)
	}
	runAt, found, err := oldestReady(ctx, t, now)
	if err != nil {
		return s, fmt.Errorf("find oldest job: %w", err)
	}
	if found {
		s.Oldest = now.Sub(runAt)
	}
	return s, nil
}

func oldestReady(ctx context.Context, t *database.Tx, now time.Time) (runAt time.Time, found bool, err error) {
	found, err = t.Get(ctx, &runAt, `
		SELECT run_at
		FROM job
		WHERE state = 'ready' AND run_at <= ?
		ORDER BY run_at
		LIMIT 1`, now)
	return runAt, found, err
}

func countJobs(ctx context.Context, t *database.Tx, now time.Time) (s Stats, err error) {
	_, err = t.Get(ctx, &s, `
		SELECT
			(SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at <= ?) AS ready,
			(SELECT COUNT(*) FROM job WHERE state = 'running') AS running,
			(SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at > ?) AS waiting,
			(SELECT COUNT(*) FROM job WHERE state = 'dead') AS dead`, now, now)
	return s, err
}

// Drain does everything that is due, one job after the other, and what that adds, until nothing is
// due, and returns how many attempts it made. Failed ones are put off as ever. For tests and for
// start-up; it may run beside Run.
func (q *Queue) Drain(ctx context.Context) (made int, err error) {
	claims := make([]claim, 0, len(q.kinds))
	for _, kind := range q.kinds {
		claims = append(claims, claim{kind, 16})
	}
	var fates []fate
	for {
		jobs, more, err := q.exchange(ctx, ask{fates: fates, recover: made == 0, redate: made == 0, claim: claims})
		if err != nil || len(jobs) == 0 && len(more) == 0 {
			return made, err
		}
		fates = fates[:0]
		for _, j := range jobs {
			fates = append(fates, q.judge(ctx, j, q.perform(ctx, j)))
			made++
		}
	}
}
