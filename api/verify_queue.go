package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

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
func (s *Server) verify(ctx context.Context, network string, in verifier.Input) (*verifier.Report, error) {
	way := s.checking
	if s.isOwn(in) {
		way = s.checkingOwn
	}
	p := &checkPlace{server: s, way: way, network: network}
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.leave()
	in.Waiting = p.wait
	report := s.o.Verifier.Verify(ctx, in)
	if p.sentAway != nil {
		return nil, p.sentAway
	}
	s.verdicts.add(report.Verdict)
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

// write writes the counts as metrics.
func (n *verdicts) write(w *strings.Builder) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprint(w, "# HELP insignia_checks_total Badges that were checked, by verdict.\n# TYPE insignia_checks_total counter\n")
	for _, v := range slices.Sorted(maps.Keys(n.each)) {
		fmt.Fprintf(w, "insignia_checks_total{verdict=%q} %d\n", v, n.each[v])
	}
}

// checkPlace is the place for judging of one check.
type checkPlace struct {
	server   *Server
	way      gate
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
	if leave, err = p.way.enter(ctx); err != nil {
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
	if errors.Is(context.Cause(ctx), errBusy) {
		p.sentAway = errBusy
	}
	return p.sentAway
}

// isOwn reports whether a short text is an address of ours.
func (s *Server) isOwn(in verifier.Input) bool {
	if len(in.Data) > addressMost {
		return false
	}
	_, ours := s.own(string(in.Data))
	return ours
}

// shares are gates of callers who ask right now.
type shares struct {
	mu   sync.Mutex
	most int
	each map[string]*share
}

type share struct {
	gate
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
	out, err := own.enter(ctx)
	if err != nil {
		l.part(caller)
		if errors.Is(err, errBusy) {
			err = later(codeTooMany, "Your network has enough of this under way.", gatePatience)
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
		own = &share{gate: make(gate, l.most)}
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
