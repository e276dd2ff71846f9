package api

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/open-insignia/insignia/verifier"
)

// One network has its share of the places; another, and this machine, still find room.
func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, ctx := newShares(2), context.Background()
		enter := func(network string) func() {
			t.Helper()
			leave, err := l.enter(ctx, network)
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		first, second := enter("a"), enter("a")
		_, err := l.enter(ctx, "a")
		var p *problem
		if !errors.As(err, &p) || p.status != http.StatusTooManyRequests || p.retry != gatePatience {
			t.Errorf("got %v, want to be sent away", err)
		}
		other := enter("b")
		for range 9 {
			enter("")
		}
		left, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := l.enter(left, "a"); !errors.Is(err, context.Canceled) {
			t.Error("somebody who left:", err)
		}
		waiting := make(chan func())
		go func() { waiting <- enter("a") }()
		synctest.Wait()
		first()
		third := <-waiting
		for _, leave := range []func(){second, third, other} {
			leave()
		}
		if len(l.each) != 0 {
			t.Error("not forgotten:", l.each)
		}
	})
}

// Who waits for a place too long is told when to come back.
func TestFullGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(gate, 1)
		g <- struct{}{}
		_, err := g.enter(t.Context())
		p := new(Server).problemOf(nil, err)
		if p.status != http.StatusServiceUnavailable || p.code != codeUnavailable || p.retry != gatePatience {
			t.Errorf("got %v, want to be sent away: %+v", err, p)
		}
	})
}

// Our own addresses wait for nobody.
func TestOwnAddressesGoPast(t *testing.T) {
	s := newSite(t)
	for range checksAtOnce {
		s.checking <- struct{}{}
	}
	in := verifier.Input{Data: []byte(s.o.BaseURL + "/badges/2222222222aaaaaaaaaa")}
	if r, err := s.verify(context.Background(), in); err != nil || r.Verdict != verifier.NotShared {
		t.Error(r, err)
	}
}
