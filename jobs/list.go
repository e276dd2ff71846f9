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
