package verifier

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// visit is one request on its way through the gate.
type visit struct {
	gate   *gate
	name   string
	server *server
	held   []chan struct{} // slots in hand
	trying bool
}

// start waits for the slots. The one of the server comes first: who waits for a slow server must not
// stand in the way of others.
func (v *visit) start(ctx context.Context) error {
	if err := v.take(ctx, v.server.slots); err != nil {
		return err
	}
	if !v.mayTry() {
		return errDead
	}
	return v.take(ctx, v.gate.all)
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
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	s := v.server
	if s.closed.IsZero() {
		return true
	}
	if s.trying || v.gate.now().Before(s.closed) {
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
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	s := v.server
	s.users--
	switch o {
	case alive:
		s.failures, s.pause, s.closed = 0, 0, time.Time{}
	case dead:
		s.failures++
		if v.trying || s.failures == maxFailures {
			s.pause = min(max(2*s.pause, firstPause), longestPause)
			s.closed = v.gate.now().Add(s.pause)
		}
	}
	if v.trying {
		s.trying = false
	}
	if s.users == 0 && s.failures == 0 && v.gate.servers[v.name] == s {
		delete(v.gate.servers, v.name)
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
	n, err := b.ReadCloser.Read(p[:min(len(p), paid.room()+1)])
	if !paid.receive(n) {
		return n, errBudget
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
