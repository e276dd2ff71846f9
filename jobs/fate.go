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

// longestWait is the longest of backoff's.
const longestWait = time.Hour

// Of a job that was probably done: how long it waits before it is tried again, times how often this has happened,
// and when to leave it at that. What a slow or broken relay was handed then arrives three times at most.
const (
	doubtWait    = 8 * time.Hour
	doubtsMost   = 3
	longestDoubt = (doubtsMost - 1) * doubtWait
)

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

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that trying again cannot mend: the job is dead at once. nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

type doubtful struct{ error }

func (d doubtful) Unwrap() error { return d.error }

// Doubtful marks an error after which the work is probably done all the same, so that repeating it does harm:
// the job is tried again seldom and few times. nil stays nil.
func Doubtful(err error) error {
	if err == nil {
		return nil
	}
	return doubtful{err}
}

func isDoubtful(err error) bool {
	var d doubtful
	return errors.As(err, &d)
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
	doubts  int       // again
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
	doubtful := isDoubtful(err)
	if errors.Is(context.Cause(ctx), errStopped) && !doubtful {
		return fate{job: j, verdict: released}
	}
	log := q.log.With("job", j.ID, "kind", j.Kind, "key", j.Key, "attempt", j.Attempt, slog.Any("error", err))
	if isPermanent(err) || j.Attempt >= attempts {
		log.Error("job given up")
		return fate{job: j, verdict: dead, err: storable(err.Error())}
	}
	f := fate{job: j, verdict: again, doubts: j.doubts, err: storable(err.Error())}
	wait := backoff(j.Attempt, rand.Float64())
	if doubtful {
		f.doubts++
		if f.doubts == doubtsMost {
			log.Error("job given up; it was probably done")
			return fate{job: j, verdict: dead, err: f.err}
		}
		wait = time.Duration(f.doubts) * doubtWait
	}
	f.runAt = q.time().Add(wait).Truncate(time.Second)
	log.Warn("job will be tried again", "run_at", f.runAt)
	return f
}

// storable cuts a text from anywhere to what a TEXT column of PostgreSQL takes.
func storable(s string) string {
	const most = 1000
	s = s[:min(len(s), most)]
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}
