package egress

import (
	"context"
	"errors"
	"io"
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

// breaker stands before every request, redirected ones included. It lets only so many through at once,
// since hundreds of verifications may wait for the same slow server, and refuses quickly what leads to
// a server that has not answered lately. After a pause one request may try again; its success opens the
// way for all, its failure makes the next pause longer.
type breaker struct {
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

func newBreaker(next http.RoundTripper, now func() time.Time, underWay int) *breaker {
	return &breaker{next: next, now: now, all: make(chan struct{}, underWay), servers: map[string]*server{}}
}

// outcome is what a request showed about its server; none when it ended for a reason of ours.
type outcome int

const (
	none outcome = iota
	alive
	dead
)

func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	if !budgetOf(r.Context()).request() {
		return nil, refuse(r, ErrBudget)
	}
	v := &visit{breaker: b, name: Origin(r.URL)}
	v.server = b.enter(v.name)
	if err := v.start(r.Context()); err != nil {
		v.end(none)
		return nil, refuse(r, err)
	}
	if hops, found := r.Context().Value(trail{}).(*trail); found {
		hops.clock.begin()
	}
	answer, err := b.next.RoundTrip(r)
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
	if errors.Is(err, ErrAddress) || errors.Is(err, ErrBudget) || errors.Is(err, errProxy) {
		return none
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errSlow) {
		return none
	}
	return dead
}

func (b *breaker) enter(name string) *server {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, known := b.servers[name]
	if !known {
		b.forget()
		s = &server{slots: make(chan struct{}, maxToOne)}
		b.servers[name] = s
	}
	s.users++
	return s
}

// forget makes room: first for servers that are due to be tried again, else for any that nobody uses.
func (b *breaker) forget() {
	if len(b.servers) < maxServers {
		return
	}
	now := b.now()
	for _, due := range []bool{true, false} {
		for name, s := range b.servers {
			if s.users == 0 && (!due || s.closed.Before(now)) {
				delete(b.servers, name)
			}
			if len(b.servers) < maxServers*3/4 {
				return
			}
		}
	}
}

// visit is one request on its way through the breaker.
type visit struct {
	breaker *breaker
	name    string
	server  *server
	held    []chan struct{} // slots in hand
	trying  bool
}

// start waits for the slots. The one of the server comes first: who waits for a slow server must not
// stand in the way of others.
func (v *visit) start(ctx context.Context) error {
	if err := v.take(ctx, v.server.slots); err != nil {
		return err
	}
	if !v.mayTry() {
		return ErrUnresponsive
	}
	return v.take(ctx, v.breaker.all)
}

func (v *visit) take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		v.held = append(v.held, slots)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// mayTry is asked with a slot in hand, so that those who waited for one learn of failures meanwhile.
func (v *visit) mayTry() bool {
	v.breaker.mu.Lock()
	defer v.breaker.mu.Unlock()
	s := v.server
	if s.closed.IsZero() {
		return true
	}
	if s.trying || v.breaker.now().Before(s.closed) {
		return false
	}
	s.trying, v.trying = true, true
	return true
}

// end gives everything back and writes down what the visit showed.
func (v *visit) end(o outcome) {
	for _, slots := range v.held {
		<-slots
	}
	v.breaker.mu.Lock()
	defer v.breaker.mu.Unlock()
	s := v.server
	s.users--
	switch o {
	case alive:
		s.failures, s.pause, s.closed = 0, 0, time.Time{}
	case dead:
		s.failures++
		if v.trying || s.failures == maxFailures {
			s.pause = min(max(2*s.pause, firstPause), longestPause)
			s.closed = v.breaker.now().Add(s.pause)
		}
	}
	if v.trying {
		s.trying = false
	}
	if s.users == 0 && s.failures == 0 && v.breaker.servers[v.name] == s {
		delete(v.breaker.servers, v.name)
	}
}

// heldBody keeps the slots of a request until its answer was read.
type heldBody struct {
	io.ReadCloser
	ctx    context.Context
	visit  *visit
	once   sync.Once
	failed outcome
}

func (b *heldBody) Read(p []byte) (int, error) {
	paid := budgetOf(b.ctx)
	n, err := b.ReadCloser.Read(p[:min(len(p), paid.Room()+1)])
	if !paid.receive(n) {
		return n, ErrBudget
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = verdictOf(b.ctx, err)
	}
	return n, err
}

func (b *heldBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() {
		o := b.failed
		switch err := b.ctx.Err(); {
		case o == none && err != nil:
			o = verdictOf(b.ctx, err)
		case o == none:
			o = alive
		}
		b.visit.end(o)
	})
	return err
}
