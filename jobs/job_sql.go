package jobs

import (
	"context"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
)

type row struct {
	ID       string    `db:"id"`
	Kind     string    `db:"kind"`
	Key      *string   `db:"unique_key"`
	Payload  string    `db:"payload"`
	Attempts int       `db:"attempts"`
	RunAt    time.Time `db:"run_at"`
	Doubts   int       `db:"doubts"`
	Lane     string    `db:"lane"`
}

const columns = `id, kind, unique_key, payload, attempts, run_at, doubts, lane`

// insertJobs adds rows. The conflict clause is what Task.Key promises; on PostgreSQL it also locks
// the row that was there, so that nobody begins it before the asking transaction has ended.
func insertJobs(ctx context.Context, t *database.Tx, rows []row, now time.Time) error {
	values := make([][]any, 0, len(rows))
	for _, r := range rows {
		values = append(values, []any{r.ID, r.Kind, r.Key, r.Payload, "ready", r.RunAt, 0, "", "", now, r.Lane})
	}
	_, err := t.InsertRows(ctx, `
		INSERT INTO job (id, kind, unique_key, payload, state, run_at, attempts, leased_by, last_error, created_at, lane)`, values, `
		ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'dead' DO UPDATE SET
			run_at = CASE WHEN job.state = 'ready' THEN excluded.run_at ELSE job.run_at END,
			again_at = CASE WHEN job.state = 'running' THEN excluded.run_at ELSE job.again_at END
		WHERE (job.state = 'ready' AND excluded.run_at < job.run_at)
		   OR (job.state = 'running' AND (job.again_at IS NULL OR excluded.run_at < job.again_at))`)
	return err
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

// dueQuery asks for the first row and not whether one exists, or PostgreSQL may prefer to read the
// table from its beginning.
func dueQuery(kinds int) string {
	return `
		SELECT column1
		FROM (VALUES ` + strings.TrimSuffix(strings.Repeat("(?),", kinds), ",") + `) AS asked
		WHERE (SELECT id FROM job WHERE state = 'ready' AND kind = column1 AND run_at <= ? ORDER BY run_at, id LIMIT 1) IS NOT NULL
		ORDER BY column1`
}

// lanesQuery finds the lanes of a kind that have jobs ready, one index look-up each.
const lanesQuery = `
		WITH RECURSIVE lanes (lane) AS (
			SELECT (SELECT lane FROM job WHERE state = 'ready' AND kind = ? ORDER BY lane LIMIT 1)
			UNION ALL
			SELECT (SELECT lane FROM job WHERE state = 'ready' AND kind = ? AND lane > lanes.lane ORDER BY lane LIMIT 1)
			FROM lanes
			WHERE lanes.lane IS NOT NULL
		)
		SELECT lane
		FROM lanes
		WHERE lane IS NOT NULL`

func readyLanes(ctx context.Context, t *database.Tx, kind string) (lanes []string, err error) {
	err = t.Select(ctx, &lanes, lanesQuery, kind, kind)
	return lanes, err
}

const readyQuery = `
		SELECT ` + columns + `
		FROM job
		WHERE state = 'ready' AND kind = ? AND lane = ? AND run_at <= ?
		ORDER BY run_at, id
		LIMIT ?`

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

// expired are leases that have run out, and those of a clock that was wrong: none is longer than lease.
const expired = `state = 'running' AND (leased_until < ? OR leased_until > ?)`

func leaseExpired(ctx context.Context, t *database.Tx, now time.Time) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM job WHERE `+expired+` LIMIT 1`, now, now.Add(2*lease))
}

// recoverJobs makes jobs ready whose holder is gone.
func recoverJobs(ctx context.Context, t *database.Tx, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET state = 'ready', leased_by = '', leased_until = NULL
		WHERE `+expired, now, now.Add(2*lease))
}

// misdated are jobs of those kinds that would wait for a clock that was wrong: made to run at once but dated
// ahead, or to be tried again later than any wait after an attempt.
const misdated = `state = 'ready' AND kind IN (?) AND run_at > ? AND (
			(created_at > ? AND run_at <= created_at)
			OR (attempts > 0 AND doubts = 0 AND run_at > ?)
			OR (doubts > 0 AND run_at > ?))`

func misdatedArgs(kinds []string, now time.Time) []any {
	soon := now.Add(time.Minute) // clocks of several machines differ a little
	return []any{kinds, soon, soon, now.Add(longestWait), now.Add(longestDoubt)}
}

func anyMisdated(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM job WHERE `+misdated+` LIMIT 1`, misdatedArgs(kinds, now)...)
}

// redate makes misdated jobs due.
func redate(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET run_at = ?
		WHERE `+misdated, append([]any{now}, misdatedArgs(kinds, now)...)...)
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

// deleteDone removes finished jobs except those that are wanted once more.
func deleteDone(ctx context.Context, t *database.Tx, ids []string, holder string) (int64, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	return t.Exec(ctx, `
		DELETE FROM job
		WHERE state = 'running' AND leased_by = ? AND again_at IS NULL AND id IN (?)`, holder, ids)
}

// giveUp keeps a job that was given up, except one that is wanted once more.
func giveUp(ctx context.Context, t *database.Tx, id, holder, lastError string, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET state = 'dead', run_at = ?, leased_by = '', leased_until = NULL, last_error = ?
		WHERE state = 'running' AND leased_by = ? AND again_at IS NULL AND id = ?`, now, lastError, holder, id)
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

func countJobs(ctx context.Context, t *database.Tx, now time.Time) (s Stats, err error) {
	_, err = t.Get(ctx, &s, `
		SELECT
			(SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at <= ?) AS ready,
			(SELECT COUNT(*) FROM job WHERE state = 'running') AS running,
			(SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at > ?) AS waiting,
			(SELECT COUNT(*) FROM job WHERE state = 'dead') AS dead`, now, now)
	return s, err
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

const entriesTogether = 500

func selectEntries(ctx context.Context, t *database.Tx, kinds, states []string, after string) (list []Entry, err error) {
	err = t.Select(ctx, &list, `
		SELECT id, kind, state, attempts, doubts, run_at, last_error
		FROM job
		WHERE kind IN (?) AND state IN (?) AND id > ?
		ORDER BY id
		LIMIT ?`, kinds, states, after, entriesTogether)
	return list, err
}

// dueNow makes a job due, and begins anew one that was given up, unless another one of its key stands for it.
const dueNow = `
		UPDATE job
		SET state = 'ready', run_at = ?, attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END, doubts = 0
		WHERE (state = 'ready' AND run_at > ? OR state = 'dead' AND NOT EXISTS (
				SELECT 1
				FROM job o
				WHERE o.kind = job.kind AND o.unique_key = job.unique_key AND o.id <> job.id AND (o.state <> 'dead' OR o.id > job.id)
			)) AND kind IN (?)`

func retryAll(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (int64, error) {
	return t.Exec(ctx, dueNow+` AND doubts = 0 AND (state = 'dead' OR attempts > 0)`, now, now, kinds)
}

func retry(ctx context.Context, t *database.Tx, kinds []string, id string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, dueNow+` AND id = ?`, now, now, kinds, id)
	return n == 1, err
}
