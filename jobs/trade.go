package jobs

import (
	"context"
	"errors"
	"time"
)

// trade starts an exchange with the database when there is reason to, not more often than every
// pace: what ends or comes meanwhile goes together. A backlog is taken without a pause.
func (r *run) trade(ctx context.Context) {
	if r.exchanging || r.failed != nil && !r.extend {
		return
	}
	claims, hurry := r.claims()
	if len(r.fates) == 0 && len(claims) == 0 && !r.extend && !r.recover && !r.redate {
		return
	}
	hurry = hurry || r.extend || r.stopping
	if wait := pace - time.Since(r.last); wait > 0 && !hurry {
		r.pause.Reset(wait)
		return
	}
	a := ask{fates: r.fates, extend: r.extend, recover: r.recover, redate: r.redate, claim: claims}
	for id := range r.held {
		a.held = append(a.held, id)
	}
	for _, c := range claims {
		delete(r.look, c.kind)
	}
	r.exchanging, r.fates, r.extend, r.recover, r.redate = true, nil, false, false, false
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), store)
		defer cancel()
		taken, more, err := r.exchange(ctx, a)
		r.answers <- answer{taken, a.fates, more, err}
	}()
}

// claims is what may be taken now: nothing before the local heap is half gone, and of a kind that
// is bounded no more than may run and as many again. hurry reports a known backlog.
func (r *run) claims() (claims []claim, hurry bool) {
	free := r.room - r.queued - r.busy
	if r.stopping || r.queued > r.room/2 || free <= 0 {
		return nil, false
	}
	for _, kind := range r.kinds {
		n := free
		if most := r.handled[kind].atMost; most > 0 {
			n = min(n, 2*most-len(r.waiting[kind])-r.running[kind])
		}
		if n > 0 && r.look[kind] > 0 {
			claims = append(claims, claim{kind, n})
			hurry = hurry || r.look[kind] == surely
		}
	}
	return claims, hurry
}

// receive takes over what an exchange brought.
func (r *run) receive(a answer) {
	r.exchanging, r.last, r.failed = false, time.Now(), a.err
	if a.err != nil {
		r.fates = append(a.stored, r.fates...)
		r.lookAll()
		r.recover = true
		r.log.Warn("job table cannot be reached", "error", a.err)
		return
	}
	for _, f := range a.stored {
		delete(r.held, f.job.ID)
	}
	for _, kind := range a.more {
		r.look[kind] = surely
	}
	for _, j := range a.taken {
		r.keep(j)
	}
}

// keep puts a taken job on the local heap.
func (r *run) keep(j Job) {
	if _, here := r.held[j.ID]; here { // its lease was lost and came back while it ran on
		return
	}
	r.held[j.ID] = struct{}{}
	switch {
	case r.stopping:
		r.giveBack([]Job{j})
	case j.Attempt > attempts: // each of them took the process down with it
		r.fates = append(r.fates, r.judge(context.Background(), j, Permanent(errors.New("never came to an end"))))
	default:
		r.waiting[j.Kind] = append(r.waiting[j.Kind], j)
		r.queued++
	}
}
