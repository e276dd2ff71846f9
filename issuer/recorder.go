package issuer

import (
	"context"
	"slices"
	"sync"
	"time"
)

// recorder lets posts that wait for the database share one transaction, and so one durable commit:
// whoever gets a lane records all that wait by then, the others find their answer ready. It has no
// goroutine of its own.
type recorder struct {
	lanes   chan struct{} // one batch in each lane at a time
	mu      sync.Mutex
	waiting []*posting
}

const (
	batchMost    = 256              // postings a transaction
	batchTimeout = 30 * time.Second // a batch is nobody's request, so it has a limit of its own
)

func newRecorder(lanes int) recorder { return recorder{lanes: make(chan struct{}, lanes)} }

// do has the posting recorded by run, alone or with others.
func (r *recorder) do(ctx context.Context, p *posting, run func(context.Context, []*posting)) (Receipt, error) {
	r.mu.Lock()
	r.waiting = append(r.waiting, p)
	r.mu.Unlock()
	for {
		select {
		case <-p.done:
			return p.receipt, p.err
		case <-ctx.Done(): // a batch that has it already may record it all the same; a repeat will tell
			r.withdraw(p)
			return Receipt{}, ctx.Err()
		case r.lanes <- struct{}{}:
			r.lead(ctx, run)
		}
	}
}

// withdraw takes back a posting that still waits: nobody is to find it recorded by somebody else's
// post much later.
func (r *recorder) withdraw(p *posting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = slices.DeleteFunc(slices.Clone(r.waiting), func(q *posting) bool { return q == p })
}

// lead records what waits now. It is not ended by the leader's own request going away.
func (r *recorder) lead(ctx context.Context, run func(context.Context, []*posting)) {
	defer func() { <-r.lanes }()
	r.mu.Lock()
	n := min(len(r.waiting), batchMost)
	batch := r.waiting[:n:n]
	r.waiting = r.waiting[n:]
	r.mu.Unlock()
	if n == 0 {
		return
	}
	defer func() {
		for _, p := range batch {
			close(p.done)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTimeout)
	defer cancel()
	run(ctx, batch)
}
