package jobs

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

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
			n, err := bury(ctx, t, id, q.name, f.err, q.time())
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
