package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Add writes tasks in the caller's transaction: they exist exactly if it commits, and this queue
// looks for them right then. Tasks of one kind that are due are begun in the order of adding.
func (q *Queue) Add(ctx context.Context, t *database.Tx, tasks ...Task) error {
	now := q.time()
	rows := make([]row, 0, len(tasks))
	for _, task := range tasks {
		r, err := q.row(task, now)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	if err := insertJobs(ctx, t, distinct(rows), now); err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	t.OnCommit(q.look)
	return nil
}

// look has the workers look for jobs soon.
func (q *Queue) look() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// time is the clock in UTC whole seconds.
func (q *Queue) time() time.Time { return q.now().UTC().Truncate(time.Second) }

func (q *Queue) row(t Task, now time.Time) (row, error) {
	if t.Kind == "" {
		return row{}, errors.New("add job: no kind")
	}
	payload, err := json.Marshal(t.Payload)
	if err != nil {
		return row{}, fmt.Errorf("add %s job: %w", t.Kind, err)
	}
	r := row{ID: q.newID(now), Kind: t.Kind, Payload: string(payload), RunAt: now, Lane: t.Lane}
	if t.Key != "" {
		r.Key = &t.Key
	}
	if t.RunAt.After(now) {
		r.RunAt = t.RunAt.UTC().Add(time.Second - 1).Truncate(time.Second) // never early
	}
	return r, nil
}

// newID sorts by time and, within one queue, by the order of asking.
func (q *Queue) newID(now time.Time) string {
	return fmt.Sprintf("job_%010x%08x%s", now.Unix(), q.count.Add(1), q.name[:8])
}

// distinct leaves one row for each key, with the earliest time: a statement may meet a row only once.
func distinct(rows []row) []row {
	first := map[[2]string]int{}
	kept := rows[:0]
	for _, r := range rows {
		if r.Key != nil {
			key := [2]string{r.Kind, *r.Key}
			if i, seen := first[key]; seen {
				if r.RunAt.Before(kept[i].RunAt) {
					kept[i].RunAt = r.RunAt
				}
				continue
			}
			first[key] = len(kept)
		}
		kept = append(kept, r)
	}
	return kept
}
