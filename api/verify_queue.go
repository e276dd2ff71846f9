package api

import (
	"context"
	"errors"
	"sync"

	"github.com/open-insignia/insignia/verifier"
)

// Verifications wait for other people's servers and may hold large documents meanwhile, so only so many
// run at a time, and of these not all for one network.
const (
	checksAtOnce    = 16
	networkAtOnce   = 8
	ownChecksAtOnce = 4 // of addresses of ours, which wait for nobody: slow servers of others do not hold them up
)

// verify has a document judged.
func (s *Server) verify(ctx context.Context, in verifier.Input) (*verifier.Report, error) {
	way := s.checking
	if s.isOwn(in) {
		way = s.checkingOwn
	}
	leave, err := way.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.o.Verifier.Verify(ctx, in), nil
}

// isOwn reports whether a short text is an address of ours.
func (s *Server) isOwn(in verifier.Input) bool {
	if len(in.Data) > addressMost {
		return false
	}
	_, ours := s.own(string(in.Data))
	return ours
}

// verifyFor is verify for a network, which has its share of the places and waits for one of these.
func (s *Server) verifyFor(ctx context.Context, network string, in verifier.Input) (*verifier.Report, error) {
	leave, err := s.shares.enter(ctx, network)
	if err != nil {
		return nil, err
	}
	defer leave()
	report, err := s.verify(ctx, in)
	if err == nil {
		s.metrics.checked(report.Verdict)
	}
	return report, err
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
