package issuer

import (
	"context"
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

// posting is one result on its way into the ledger. The batch that takes it fills receipt and err
// before it closes done.
type posting struct {
	caller  Caller
	result  Result
	exam    string // what result.Exam means
	digest  string
	receipt Receipt
	err     error
	done    chan struct{}
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
		case <-ctx.Done(): // the result may be recorded all the same; a repeat will tell
			return Receipt{}, ctx.Err()
		case r.lanes <- struct{}{}:
			r.lead(ctx, run)
		}
	}
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTimeout)
	defer cancel()
	run(ctx, batch)
	for _, p := range batch {
		close(p.done)
	}
}
