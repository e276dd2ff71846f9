package jobs

import (
	"context"
	"fmt"
	"slices"
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
	redate  bool     // look for jobs that wait for a clock that was wrong
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
	due, expired, misdated, err := q.peek(ctx, a)
	if err != nil || len(due) == 0 && len(a.fates) == 0 && !a.extend && !expired && !misdated {
		return nil, nil, err
	}
	err = q.db.InTx(ctx, func(t *database.Tx) error {
		clock, err := q.leases(ctx, t)
		if err != nil {
			return fmt.Errorf("read the database's clock: %w", err)
		}
		wanted, err := q.settle(ctx, t, a.fates)
		if err != nil {
			return fmt.Errorf("store finished jobs: %w", err)
		}
		if a.extend || expired { // own leases first, or a stall would hand out what still runs here
			if err := extendLeases(ctx, t, a.held, q.name, clock.Add(lease)); err != nil {
				return fmt.Errorf("extend leases: %w", err)
			}
		}
		if expired {
			if err := q.recover(ctx, t, clock); err != nil {
				return fmt.Errorf("recover lost jobs: %w", err)
			}
		}
		if misdated {
			if err := q.redate(ctx, t); err != nil {
				return fmt.Errorf("date jobs anew: %w", err)
			}
		}
		taken, more, err = q.take(ctx, t, due, clock)
		if wanted || expired || misdated {
			more = q.kinds
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return taken, more, nil
}

func extendLeases(ctx context.Context, t *database.Tx, ids []string, holder string, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, `
		UPDATE job
		SET leased_until = ?
		WHERE state = 'running' AND leased_by = ? AND id IN (?)`, until, holder, ids)
	return err
}

// peek reads, without a transaction, whether there is anything to take or to recover.
func (q *Queue) peek(ctx context.Context, a ask) (due []claim, expired, misdated bool, err error) {
	t := q.db.Reader()
	if due, err = q.due(ctx, a.claim); err != nil {
		return nil, false, false, fmt.Errorf("look for jobs: %w", err)
	}
	if a.recover {
		clock, err := q.leases(ctx, t)
		if err == nil {
			expired, err = leaseExpired(ctx, t, clock)
		}
		if err != nil {
			return nil, false, false, fmt.Errorf("look for lost jobs: %w", err)
		}
	}
	if a.redate && len(q.kinds) > 0 {
		if misdated, err = anyMisdated(ctx, t, q.kinds, q.time()); err != nil {
			return nil, false, false, fmt.Errorf("look for misdated jobs: %w", err)
		}
	}
	return due, expired, misdated, nil
}

func leaseExpired(ctx context.Context, t *database.Tx, now time.Time) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM job WHERE `+expired+` LIMIT 1`, now, now.Add(2*lease))
}

func anyMisdated(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM job WHERE `+misdated+` LIMIT 1`, misdatedArgs(kinds, now)...)
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

// dueKinds returns which of the kinds have a job to begin, at the cost of one index look-up each.
func dueKinds(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (due []string, err error) {
	args := make([]any, 0, len(kinds)+1)
	for _, k := range kinds {
		args = append(args, k)
	}
	err = t.Select(ctx, &due, dueQuery(len(kinds)), append(args, now)...)
	return due, err
}

func (q *Queue) recover(ctx context.Context, t *database.Tx, clock time.Time) error {
	n, err := recoverJobs(ctx, t, clock)
	if n > 0 {
		t.OnCommit(func() { q.log.Warn("jobs of a process that is gone are ready again", "jobs", n) })
	}
	return err
}

// recoverJobs makes jobs ready whose holder is gone.
func recoverJobs(ctx context.Context, t *database.Tx, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET state = 'ready', leased_by = '', leased_until = NULL
		WHERE `+expired, now, now.Add(2*lease))
}

// redate is for a clock that was ahead when jobs were added, and has been set right.
func (q *Queue) redate(ctx context.Context, t *database.Tx) error {
	n, err := redate(ctx, t, q.kinds, q.time())
	if n > 0 {
		t.OnCommit(func() { q.log.Warn("jobs dated ahead by a clock that was wrong are due now", "jobs", n) })
	}
	return err
}

func (q *Queue) take(ctx context.Context, t *database.Tx, claims []claim, clock time.Time) (taken []Job, more []string, err error) {
	var ids []string
	for _, c := range claims {
		rows, err := q.ready(ctx, t, c)
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
	if err := leaseJobs(ctx, t, ids, q.name, clock.Add(lease)); err != nil {
		return nil, nil, fmt.Errorf("lease jobs: %w", err)
	}
	return taken, more, nil
}

func leaseJobs(ctx context.Context, t *database.Tx, ids []string, holder string, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, `
		UPDATE job
		SET state = 'running', attempts = attempts + 1, leased_by = ?, leased_until = ?
		WHERE state = 'ready' AND id IN (?)`, holder, until, ids)
	return err
}

// ready are the jobs that a claim gets, of the lanes in turn from where the last claim ended.
func (q *Queue) ready(ctx context.Context, t *database.Tx, c claim) ([]row, error) {
	lanes, err := readyLanes(ctx, t, c.kind)
	if err != nil {
		return nil, err
	}
	if last, known := q.turns.Load(c.kind); known {
		next, found := slices.BinarySearch(lanes, last.(string))
		if found {
			next++
		}
		lanes = slices.Concat(lanes[next:], lanes[:next])
	}
	var columns [][]row
	for _, lane := range lanes {
		rows, err := readyJobs(ctx, t, c.kind, lane, q.time(), c.n)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			columns = append(columns, rows)
		}
		if len(columns) == c.n {
			break
		}
	}
	rows := roundRobin(columns, c.n)
	if len(rows) > 0 {
		q.turns.Store(c.kind, rows[len(rows)-1].Lane)
	}
	return rows, nil
}

func readyLanes(ctx context.Context, t *database.Tx, kind string) (lanes []string, err error) {
	err = t.Select(ctx, &lanes, lanesQuery, kind, kind)
	return lanes, err
}

// readyJobs reads the next due jobs of a kind and lane, on PostgreSQL passing over those that another
// process is taking.
func readyJobs(ctx context.Context, t *database.Tx, kind, lane string, now time.Time, n int) (rows []row, err error) {
	query := readyQuery
	if t.Postgres() {
		query += ` FOR UPDATE SKIP LOCKED`
	}
	err = t.Select(ctx, &rows, query, kind, lane, now, n)
	return rows, err
}

// roundRobin takes one of each column, then the next of each, up to n.
func roundRobin(columns [][]row, n int) (rows []row) {
	for k := 0; len(rows) < n; k++ {
		before := len(rows)
		for _, column := range columns {
			if k < len(column) && len(rows) < n {
				rows = append(rows, column[k])
			}
		}
		if len(rows) == before {
			break
		}
	}
	return rows
}

func (r row) job() Job {
	j := Job{
		ID: r.ID, Kind: r.Kind, Lane: r.Lane, Payload: []byte(r.Payload), Attempt: r.Attempts + 1, doubts: r.Doubts,
		then: new([]func(context.Context, *database.Tx) error),
	}
	if r.Key != nil {
		j.Key = *r.Key
	}
	return j
}

// settle stores what became of jobs. One whose lease was lost meanwhile is somebody else's now and
// is left alone. wanted reports that some may have to run once more.
func (q *Queue) settle(ctx context.Context, t *database.Tx, fates []fate) (wanted bool, err error) {
	var finished, back, ended []string
	var gone int64
	var held map[string]bool
	if held, err = q.holds(ctx, t, fates); err != nil {
		return false, err
	}
	for _, f := range fates {
		id := f.job.ID
		if f.verdict == done && held[id] {
			for _, store := range *f.job.then {
				if err := store(ctx, t); err != nil {
					return false, err
				}
			}
		}
		switch f.verdict {
		case done:
			finished, ended = append(finished, id), append(ended, id)
		case released:
			back = append(back, id)
		case again:
			if err := retryLater(ctx, t, id, q.name, f.err, f.doubts, f.runAt); err != nil {
				return false, err
			}
		case dead:
			n, err := giveUp(ctx, t, id, q.name, f.err, q.time())
			if err != nil {
				return false, err
			}
			gone, ended = gone+n, append(ended, id)
		}
	}
	n, err := deleteDone(ctx, t, finished, q.name)
	if err != nil {
		return false, err
	}
	if wanted = gone+n < int64(len(ended)); wanted {
		if err := runAgain(ctx, t, ended, q.name); err != nil {
			return false, err
		}
	}
	return wanted, releaseJobs(ctx, t, back, q.name)
}

// runAgain makes jobs ready that were asked for while they ran.
func runAgain(ctx context.Context, t *database.Tx, ids []string, holder string) error {
	_, err := t.Exec(ctx, `
		UPDATE job
		SET state = 'ready', run_at = again_at, again_at = NULL, attempts = 0, doubts = 0, leased_by = '', leased_until = NULL, last_error = ''
		WHERE state = 'running' AND leased_by = ? AND again_at IS NOT NULL AND id IN (?)`, holder, ids)
	return err
}

func retryLater(ctx context.Context, t *database.Tx, id, holder, lastError string, doubts int, runAt time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE job
		SET state = 'ready', run_at = ?, doubts = ?, leased_by = '', leased_until = NULL, last_error = ?
		WHERE state = 'running' AND leased_by = ? AND id = ?`, runAt, doubts, lastError, holder, id)
	return err
}

// releaseJobs gives back jobs that were not begun, or not to their end, as if never taken.
func releaseJobs(ctx context.Context, t *database.Tx, ids []string, holder string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, `
		UPDATE job
		SET state = 'ready', attempts = attempts - 1, leased_by = '', leased_until = NULL
		WHERE state = 'running' AND leased_by = ? AND id IN (?)`, holder, ids)
	return err
}

// giveUp keeps a job that was given up, except one that is wanted once more.
func giveUp(ctx context.Context, t *database.Tx, id, holder, lastError string, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET state = 'dead', run_at = ?, leased_by = '', leased_until = NULL, last_error = ?
		WHERE state = 'running' AND leased_by = ? AND again_at IS NULL AND id = ?`, now, lastError, holder, id)
}

// deleteDone removes finished jobs except those that are wanted once more.
func deleteDone(ctx context.Context, t *database.Tx, ids []string, holder string) (int64, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	return t.Exec(ctx, `
		DELETE FROM job
		WHERE state = 'running' AND leased_by = ? AND again_at IS NULL AND id IN (?)`, holder, ids)
}

// holds are those of the jobs that succeeded with something to store, and whose leases were kept.
func (q *Queue) holds(ctx context.Context, t *database.Tx, fates []fate) (map[string]bool, error) {
	var ids []string
	for _, f := range fates {
		if f.verdict == done && len(*f.job.then) > 0 {
			ids = append(ids, f.job.ID)
		}
	}
	held, err := selectHeld(ctx, t, ids, q.name)
	set := make(map[string]bool, len(held))
	for _, id := range held {
		set[id] = true
	}
	return set, err
}

// selectHeld are those of the jobs that the holder still holds.
func selectHeld(ctx context.Context, t *database.Tx, ids []string, holder string) (held []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = t.Select(ctx, &held, `
		SELECT id
		FROM job
		WHERE state = 'running' AND leased_by = ? AND id IN (?)`, holder, ids)
	return held, err
}
