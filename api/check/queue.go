package check

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/verifier"
)

// A check computes and holds large documents for some milliseconds, and may wait for other people's servers
// for some seconds in between. These are two things to be short of: only so many are judged at a time, and
// only so many wait; whoever waits holds no place for judging.
const (
	checksAtOnce    = 16
	networkAtOnce   = 8
	ownChecksAtOnce = 4  // of addresses of ours, which wait for nobody
	waitsAtOnce     = 32 // fewer than the fetcher has requests under way
	networkWaits    = waitsAtOnce / 4
)

// verify has a document judged for a network, which has its share of the places.
func (d *Door) verify(ctx context.Context, network string, in verifier.Input) (*verifier.Report, error) {
	way := d.checking
	if d.isOwn(in) {
		way = d.checkingOwn
	}
	p := &checkPlace{server: d, way: way, network: network}
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.leave()
	in.Waiting = p.wait
	report := d.verifier.Verify(ctx, in)
	if p.sentAway != nil {
		return nil, p.sentAway
	}
	d.verdicts.add(report.Verdict)
	return report, nil
}

// verdicts counts badges that were judged for somebody.
type verdicts struct {
	mu   sync.Mutex
	each map[verifier.Verdict]int64
}

func newVerdicts() *verdicts { return &verdicts{each: map[verifier.Verdict]int64{}} }

func (n *verdicts) add(v verifier.Verdict) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.each[v]++
}

// Verdicts counts the badges that were judged for somebody, by verdict.
func (d *Door) Verdicts() map[string]int64 {
	d.verdicts.mu.Lock()
	defer d.verdicts.mu.Unlock()
	each := map[string]int64{}
	for v, n := range d.verdicts.each {
		each[string(v)] = n
	}
	return each
}

// checkPlace is the place for judging of one check.
type checkPlace struct {
	server   *Door
	way      web.Gate
	network  string
	held     []func()
	sentAway error // why the check cannot go on
}

func (p *checkPlace) take(ctx context.Context) error {
	leave, err := p.server.shares.enter(ctx, p.network)
	if err != nil {
		return err
	}
	p.held = append(p.held, leave)
	if leave, err = p.way.Enter(ctx); err != nil {
		p.leave()
		return err
	}
	p.held = append(p.held, leave)
	return nil
}

func (p *checkPlace) leave() {
	for _, leave := range slices.Backward(p.held) {
		leave()
	}
	p.held = nil
}

// wait gives the place to others while fetch waits for the network, and comes back to it: those who are
// there only compute, so it is free soon.
func (p *checkPlace) wait(ctx context.Context, fetch func(context.Context)) error {
	if p.sentAway != nil {
		return p.sentAway
	}
	p.leave()
	defer func() {
		for p.take(context.WithoutCancel(ctx)) != nil { // only out of patience
			continue
		}
	}()
	ctx, leave, err := p.server.waits.enter(ctx, p.network)
	if err != nil {
		p.sentAway = err
		return err
	}
	defer leave()
	fetch(ctx)
	if errors.Is(context.Cause(ctx), web.ErrBusy) {
		p.sentAway = web.ErrBusy
	}
	return p.sentAway
}

// shares are gates of callers who ask right now.
type shares struct {
	mu   sync.Mutex
	most int
	each map[string]*share
}

type share struct {
	web.Gate
	users int
}

func newShares(most int) *shares { return &shares{most: most, each: map[string]*share{}} }

// enter waits until the caller has room. Nobody in particular, which is how this machine is named, has
// as much as there is.
func (l *shares) enter(ctx context.Context, caller string) (leave func(), err error) {
	if caller == "" {
		return func() {}, nil
	}
	own := l.join(caller)
	out, err := own.Enter(ctx)
	if err != nil {
		l.part(caller)
		if errors.Is(err, web.ErrBusy) {
			err = web.Later(web.CodeTooMany, "Your network has enough of this under way.", web.GatePatience)
		}
		return nil, err
	}
	return func() { out(); l.part(caller) }, nil
}

func (l *shares) join(caller string) *share {
	l.mu.Lock()
	defer l.mu.Unlock()
	own, found := l.each[caller]
	if !found {
		own = &share{Gate: make(web.Gate, l.most)}
		l.each[caller] = own
	}
	own.users++
	return own
}

func (l *shares) part(caller string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if own := l.each[caller]; own.users > 1 {
		own.users--
		return
	}
	delete(l.each, caller)
}

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

// enter waits for the network's share and takes a place. The context ends with ErrBusy when the place is
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
		return nil, nil, web.ErrBusy
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
	w.all[oldest].end(web.ErrBusy)
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

// isOwn reports whether a short text is an address of ours.
func (d *Door) isOwn(in verifier.Input) bool {
	if len(in.Data) > addressMost {
		return false
	}
	_, ours := d.own(string(in.Data))
	return ours
}
