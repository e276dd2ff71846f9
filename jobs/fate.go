package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"
)

// attempts after which a job is dead: with backoff's waits that is about three days.
const attempts = 100

// backoff is the wait after the n-th attempt, doubling from 2 s up to an hour. r in [0, 1) spreads
// it, so that what failed together is not tried together.
func backoff(n int, r float64) time.Duration {
	const most = 48 * time.Minute // times 1.25 is one hour
	d := most
	if n < 12 {
		d = min(most, time.Second<<n)
	}
	return time.Duration(float64(d) * (0.75 + r/2))
}

type verdict int

const (
	done verdict = iota
	again
	dead
	released
)

// fate is what becomes of a job after an attempt.
type fate struct {
	job     Job
	verdict verdict
	runAt   time.Time // again
	err     string    // again and dead
}

var errStopped = errors.New("the queue was stopped")

// perform makes one attempt. A panic is a failed attempt.
func (q *Queue) perform(ctx context.Context, j Job) (err error) {
	k := q.handled[j.Kind]
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return k.work(ctx, j)
}

// judge decides and logs what becomes of a job. An attempt that the end of the queue cut short does
// not count.
func (q *Queue) judge(ctx context.Context, j Job, err error) fate {
	if err == nil {
		return fate{job: j}
	}
	if errors.Is(context.Cause(ctx), errStopped) {
		return fate{job: j, verdict: released}
	}
	log := q.log.With("job", j.ID, "kind", j.Kind, "key", j.Key, "attempt", j.Attempt, slog.Any("error", err))
	if isPermanent(err) || j.Attempt >= attempts {
		log.Error("job given up")
		return fate{job: j, verdict: dead, err: storable(err.Error())}
	}
	runAt := q.time().Add(backoff(j.Attempt, rand.Float64())).Truncate(time.Second)
	log.Warn("job will be tried again", "run_at", runAt)
	return fate{job: j, verdict: again, runAt: runAt, err: storable(err.Error())}
}

// storable cuts a text from anywhere to what a TEXT column of PostgreSQL takes.
func storable(s string) string {
	const most = 1000
	s = s[:min(len(s), most)]
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}
