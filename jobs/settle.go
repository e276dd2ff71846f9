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
	for _, f := range fates {
		id := f.job.ID
		switch f.verdict {
		case done:
			finished, ended = append(finished, id), append(ended, id)
		case released:
			back = append(back, id)
		case again:
			if err := retryLater(ctx, t, id, q.name, f.err, f.runAt); err != nil {
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
