package verifier

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Bounds of what is under way at once, and of the patience with a server that does not answer.
const (
	maxUnderWay  = 64 // requests to all servers together
	maxToOne     = 6  // requests to one server
	maxFailures  = 4  // in a row, then the server is left alone
	firstPause   = 30 * time.Second
	longestPause = 5 * time.Minute
	maxServers   = 4096 // servers that are remembered
)

// gate stands before every request, redirected ones included. It lets only so many through at once,
// since hundreds of verifications may wait for the same slow server, and refuses quickly what leads to
// a server that has not answered lately. After a pause one request may try again; its success opens the
// way for all, its failure makes the next pause longer.
type gate struct {
	next    http.RoundTripper
	now     func() time.Time
	all     chan struct{}
	mu      sync.Mutex
	servers map[string]*server
}

// server is the memory of one origin.
type server struct {
	slots    chan struct{}
	users    int // requests that hold or want a slot
	failures int // in a row
	pause    time.Duration
	closed   time.Time // left alone until then; zero: open
	trying   bool      // one request is out to see whether it answers again
}

func newGate(next http.RoundTripper, now func() time.Time) *gate {
	return &gate{next: next, now: now, all: make(chan struct{}, maxUnderWay), servers: map[string]*server{}}
}

// outcome is what a request showed about its server; none when it ended for a reason of ours.
type outcome int

const (
	none outcome = iota
	alive
	dead
)

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if !budgetOf(r.Context()).request() {
		return nil, errBudget
	}
	v := &visit{gate: g, name: origin(r.URL)}
	v.server = g.enter(v.name)
	if err := v.start(r.Context()); err != nil {
		v.end(none)
		return nil, err
	}
	if hops, found := r.Context().Value(trail{}).(*trail); found {
		hops.clock.begin()
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		v.end(verdictOf(r.Context(), err))
		return nil, err
	}
	answer.Body = &heldBody{ReadCloser: answer.Body, ctx: r.Context(), visit: v}
	return answer, nil
}

// verdictOf says what an error tells about the server: nothing when we gave up for another reason than
// its slowness, or never got as far as asking it.
func verdictOf(ctx context.Context, err error) outcome {
	if isRefused(err) || errors.Is(err, errBudget) || errors.Is(err, errProxy) {
		return none
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errSlow) {
		return none
	}
	return dead
}

func (g *gate) enter(name string) *server {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, known := g.servers[name]
	if !known {
		g.forget()
		s = &server{slots: make(chan struct{}, maxToOne)}
		g.servers[name] = s
	}
	s.users++
	return s
}

// forget makes room: first for servers that are due to be tried again, else for any that nobody uses.
func (g *gate) forget() {
	if len(g.servers) < maxServers {
		return
	}
	now := g.now()
	for _, due := range []bool{true, false} {
		for name, s := range g.servers {
			if s.users == 0 && (!due || s.closed.Before(now)) {
				delete(g.servers, name)
			}
			if len(g.servers) < maxServers*3/4 {
				return
			}
		}
	}
}
