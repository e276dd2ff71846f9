package api

import (
	"context"
	"slices"
	"sync"
)

// waits are the checks that wait for other people's servers. When there are too many, the network that has
// most of them loses its oldest to one that has fewer: whoever fills the room with slow servers, from however
// many networks, waits for nobody but himself.
type waits struct {
	most   int
	shares *shares

	mu  sync.Mutex
	all []*waiting // the oldest first
}

type waiting struct {
	network string
	end     context.CancelCauseFunc
}

func newWaits(most, ofOne int) *waits { return &waits{most: most, shares: newShares(ofOne)} }

// enter waits for the network's share and takes a place. The context ends with errBusy when the place is
// needed for another network; the caller calls leave in any case.
func (w *waits) enter(ctx context.Context, network string) (_ context.Context, leave func(), err error) {
	out, err := w.shares.enter(ctx, network)
	if err != nil {
		return nil, nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) >= w.most && !w.makeRoom(network) {
		out()
		return nil, nil, errBusy
	}
	ctx, end := context.WithCancelCause(ctx)
	one := &waiting{network, end}
	w.all = append(w.all, one)
	return ctx, func() { w.part(one); end(nil); out() }, nil
}

// makeRoom ends the oldest wait of the network that has most of them; false: none has more than this one.
func (w *waits) makeRoom(network string) bool {
	count := map[string]int{}
	for _, one := range w.all {
		count[one.network]++
	}
	oldest := -1
	for n, one := range w.all {
		if count[one.network] > count[network] && (oldest < 0 || count[one.network] > count[w.all[oldest].network]) {
			oldest = n
		}
	}
	if oldest < 0 {
		return false
	}
	w.all[oldest].end(errBusy)
	w.all = slices.Delete(w.all, oldest, oldest+1)
	return true
}

func (w *waits) part(one *waiting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := slices.Index(w.all, one); n >= 0 {
		w.all = slices.Delete(w.all, n, n+1)
	}
}
