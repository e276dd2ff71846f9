package jobs

import (
	"context"
	"fmt"
	"time"
)

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
