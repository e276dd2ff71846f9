package jobs

import (
	"context"
	"errors"
	"time"
)

const (
	poll  = time.Second           // how often to look without being woken
	pace  = 25 * time.Millisecond // between commits, unless there is a backlog to work off
	grace = 20 * time.Second      // for running jobs when the queue stops
	store = 30 * time.Second      // for one transaction

	redateEvery = time.Minute
)

// run is the state of one Run. Only its loop touches it.
type run struct {
	*Queue
	workers, room int

	waiting map[string][]Job    // taken, not yet begun, by kind
	running map[string]int      // begun, by kind
	held    map[string]struct{} // taken, and its fate not yet stored
	busy    int                 // sum of running
	queued  int                 // sum of waiting
	turn    int                 // the kind whose turn it is

	fates    []fate // to be stored
	ended    chan fate
	answers  chan answer
	look     map[string]look // kinds that may have jobs due
	recover  bool
	redate   bool
	extend   bool
	stopping bool
	failed   error // of the last exchange; the next is made at the next poll

	exchanging bool
	last       time.Time // the last exchange ended
	pause      *time.Timer
}

// look says how much hope there is of finding jobs of a kind.
type look int

const (
	maybe  look = 1 + iota
	surely      // a backlog
)

type answer struct {
	taken  []Job
	stored []fate
	more   []string
	err    error
}

// Run works until the context ends: it then begins no further job, lets those that run finish for
// up to 20 s before their contexts end, and gives the rest back. A database that fails is waited
// for. The error is about what could not be stored at the end; those jobs are run again once their
// leases run out.
func (q *Queue) Run(ctx context.Context, workers int) error {
	if workers < 1 || !q.working.CompareAndSwap(false, true) {
		return errors.New("run jobs: no workers, or running already")
	}
	defer q.working.Store(false)
	r := q.newRun(workers)
	defer r.pause.Stop()
	polls, beats, dates := time.NewTicker(poll), time.NewTicker(beat), time.NewTicker(redateEvery)
	defer polls.Stop()
	defer beats.Stop()
	defer dates.Stop()
	stop, late := ctx.Done(), (<-chan time.Time)(nil)
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	for !r.finished() {
		r.begin(ctx)
		r.exchangeLoop(ctx)
		select {
		case f := <-r.ended:
			r.end(f)
		case a := <-r.answers:
			r.receive(a)
		case <-q.wake:
			r.lookAll()
		case <-polls.C:
			r.lookAll()
			r.recover, r.failed = true, nil
		case <-dates.C:
			r.redate = true
		case <-beats.C:
			r.extend = len(r.held) > 0
		case <-r.pause.C:
		case <-stop:
			r.stop()
			stop, late = nil, time.After(grace)
		case <-late:
			cancel(errStopped)
		}
	}
	return r.failed
}

func (q *Queue) newRun(workers int) *run {
	r := &run{
		Queue: q, workers: workers, room: max(workers, min(64, 8*workers)),
		waiting: map[string][]Job{}, running: map[string]int{}, held: map[string]struct{}{},
		answers: make(chan answer, 1), look: map[string]look{}, recover: true, redate: true, pause: time.NewTimer(0),
	}
	r.ended = make(chan fate, r.room)
	r.lookAll()
	return r
}

func (r *run) lookAll() {
	for _, kind := range r.kinds {
		r.look[kind] = max(maybe, r.look[kind])
	}
}

// finished reports that a stopping queue has nothing left that it could still do.
func (r *run) finished() bool {
	return r.stopping && r.busy == 0 && !r.exchanging && (len(r.fates) == 0 || r.failed != nil)
}

// begin starts waiting jobs while there are workers, kind by kind in turn.
func (r *run) begin(ctx context.Context) {
	for r.busy < r.workers && r.queued > 0 {
		j, found := r.next()
		if !found {
			return
		}
		r.busy++
		r.running[j.Kind]++
		go func() {
			err := errors.New("the handler ended its goroutine")
			defer func() { r.ended <- r.judge(ctx, j, err) }()
			err = r.perform(ctx, j)
		}()
	}
}

func (r *run) next() (Job, bool) {
	for range r.kinds {
		kind := r.kinds[r.turn%len(r.kinds)]
		r.turn++
		jobs, limit := r.waiting[kind], r.handled[kind].atMost
		if len(jobs) == 0 || limit > 0 && r.running[kind] >= limit {
			continue
		}
		r.waiting[kind] = jobs[1:]
		r.queued--
		return jobs[0], true
	}
	return Job{}, false
}

func (r *run) end(f fate) {
	r.busy--
	r.running[f.job.Kind]--
	r.fates = append(r.fates, f)
}

// stop gives back what waits.
func (r *run) stop() {
	r.stopping = true
	for kind, jobs := range r.waiting {
		r.giveBack(jobs)
		delete(r.waiting, kind)
	}
	r.queued = 0
}

func (r *run) giveBack(jobs []Job) {
	for _, j := range jobs {
		r.fates = append(r.fates, fate{job: j, verdict: released})
	}
}

// exchangeLoop starts an exchange with the database when there is reason to, not more often than every
// pace: what ends or comes meanwhile goes together. A backlog is taken without a pause.
func (r *run) exchangeLoop(ctx context.Context) {
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
		r.queueJob(j)
	}
}

// queueJob puts a taken job on the local heap.
func (r *run) queueJob(j Job) {
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
