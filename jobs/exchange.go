package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

const (
	lease = 10 * time.Second // after a crash jobs are begun again this much later
	beat  = lease / 4
)

// ask is all that one transaction is to do: background work shares the disk with the answers to
// partners, so that every commit counts.
type ask struct {
	fates   []fate
	held    []string // jobs begun or waiting here; their leases are kept
	extend  bool     // leases are due for extension
	recover bool     // look for leases of others that have run out
	claim   []claim
}

// claim asks for up to n jobs of a kind.
type claim struct {
	kind string
	n    int
}

// exchange stores what became of jobs, keeps leases, and takes new jobs, in at most one
// transaction and in none if there is nothing to write. more names the kinds that may have further
// jobs due.
func (q *Queue) exchange(ctx context.Context, a ask) (taken []Job, more []string, err error) {
	due, expired, err := q.peek(ctx, a)
	if err != nil || len(due) == 0 && len(a.fates) == 0 && !a.extend && !expired {
		return nil, nil, err
	}
	err = q.db.InTx(ctx, func(t *database.Tx) error {
		wanted, err := q.settle(ctx, t, a.fates)
		if err != nil {
			return fmt.Errorf("store finished jobs: %w", err)
		}
		if a.extend || expired { // own leases first, or a stall would hand out what still runs here
			if err := extendLeases(ctx, t, a.held, q.name, q.time().Add(lease)); err != nil {
				return fmt.Errorf("extend leases: %w", err)
			}
		}
		if expired {
			if err := q.recover(ctx, t); err != nil {
				return fmt.Errorf("recover lost jobs: %w", err)
			}
		}
		taken, more, err = q.take(ctx, t, due)
		if wanted || expired {
			more = q.kinds
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return taken, more, nil
}

// peek reads, without a transaction, whether there is anything to take or to recover.
func (q *Queue) peek(ctx context.Context, a ask) (due []claim, expired bool, err error) {
	if due, err = q.due(ctx, a.claim); err != nil {
		return nil, false, fmt.Errorf("look for jobs: %w", err)
	}
	if a.recover {
		if expired, err = leaseExpired(ctx, q.db.Reader(), q.time()); err != nil {
			return nil, false, fmt.Errorf("look for lost jobs: %w", err)
		}
	}
	return due, expired, nil
}

// due reduces claims to the kinds that have something to do, and shares out the total among them.
func (q *Queue) due(ctx context.Context, claims []claim) ([]claim, error) {
	if len(claims) == 0 {
		return nil, nil
	}
	kinds := make([]string, 0, len(claims))
	room := map[string]int{}
	total := 0
	for _, c := range claims {
		kinds = append(kinds, c.kind)
		room[c.kind] = c.n
		total = max(total, c.n)
	}
	names, err := dueKinds(ctx, q.db.Reader(), kinds, q.time())
	if err != nil {
		return nil, err
	}
	due := make([]claim, 0, len(names))
	for _, name := range names {
		due = append(due, claim{name, min(room[name], max(1, total/len(names)))})
	}
	return due, nil
}

func (q *Queue) recover(ctx context.Context, t *database.Tx) error {
	n, err := recoverJobs(ctx, t, q.time())
	if n > 0 {
		t.OnCommit(func() { q.log.Warn("jobs of a process that is gone are ready again", "jobs", n) })
	}
	return err
}

func (q *Queue) take(ctx context.Context, t *database.Tx, claims []claim) (taken []Job, more []string, err error) {
	var ids []string
	now := q.time()
	for _, c := range claims {
		rows, err := readyJobs(ctx, t, c.kind, now, c.n)
		if err != nil {
			return nil, nil, fmt.Errorf("claim %s jobs: %w", c.kind, err)
		}
		if len(rows) == c.n {
			more = append(more, c.kind)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
			taken = append(taken, r.job())
		}
	}
	if err := leaseJobs(ctx, t, ids, q.name, now.Add(lease)); err != nil {
		return nil, nil, fmt.Errorf("lease jobs: %w", err)
	}
	return taken, more, nil
}

func (r row) job() Job {
	j := Job{ID: r.ID, Kind: r.Kind, Payload: []byte(r.Payload), Attempt: r.Attempts + 1}
	if r.Key != nil {
		j.Key = *r.Key
	}
	return j
}
