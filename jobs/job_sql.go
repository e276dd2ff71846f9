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

const readyQuery = `
		SELECT ` + columns + `
		FROM job
		WHERE state = 'ready' AND kind = ? AND lane = ? AND run_at <= ?
		ORDER BY run_at, id
		LIMIT ?`

// expired are leases that have run out, and those of a clock that was wrong: none is longer than lease.
const expired = `state = 'running' AND (leased_until < ? OR leased_until > ?)`

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

// redate makes misdated jobs due.
func redate(ctx context.Context, t *database.Tx, kinds []string, now time.Time) (int64, error) {
	return t.Exec(ctx, `
		UPDATE job
		SET run_at = ?
		WHERE `+misdated, append([]any{now}, misdatedArgs(kinds, now)...)...)
}

const entriesTogether = 500

// dueNow makes a job due, and begins anew one that was given up, unless another one of its key stands for it.
const dueNow = `
		UPDATE job
		SET state = 'ready', run_at = ?, attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END, doubts = 0
		WHERE (state = 'ready' AND run_at > ? OR state = 'dead' AND NOT EXISTS (
				SELECT 1
				FROM job o
				WHERE o.kind = job.kind AND o.unique_key = job.unique_key AND o.id <> job.id AND (o.state <> 'dead' OR o.id > job.id)
			)) AND kind IN (?)`

func retry(ctx context.Context, t *database.Tx, kinds []string, id string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, dueNow+` AND id = ?`, now, now, kinds, id)
	return n == 1, err
}
