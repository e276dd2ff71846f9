package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer"
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
		var p *web.Problem
		if !errors.As(err, &p) || p.Status != http.StatusTooManyRequests || p.Retry != web.GatePatience {
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

// Whatever waits for slow servers, and from however many networks: a check that fetches nothing is answered
// at once, for everybody, and so is one by another network that fetches.
func TestWhatWaitsHoldsNobodyUp(t *testing.T) {
	for _, c := range []struct{ networks, checks int }{{1, 7}, {1, 60}, {2, 40}, {5, 30}, {40, 1}, {100, 9}} {
		t.Run(fmt.Sprintf("%d checks from each of %d networks", c.checks, c.networks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				site := web.New(web.Options{BaseURL: "https://badges.test", Now: time.Now})
				s := New(site, Options{Issuer: new(issuer.Issuer), Verifier: verifier.New(verifier.Options{Fetch: slowHosts{}})})
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				for n := range c.networks {
					for k := range c.checks {
						go func() {
							in := verifier.Input{Data: fmt.Appendf(nil, "https://slow%d.test/%d", k, n)}
							_, err := s.verify(ctx, fmt.Sprint("network ", n), in)
							if err != nil && ctx.Err() == nil && s.site.ProblemOf(nil, err).Retry == 0 {
								t.Errorf("a slow one: %v", err)
							}
						}()
					}
				}
				synctest.Wait()
				begun := time.Now()
				at := func(network, data string) {
					t.Helper()
					r, err := s.verify(ctx, network, verifier.Input{Data: []byte(data)})
					if err != nil || r.Verdict == verifier.Undetermined || time.Since(begun) > 0 {
						t.Errorf("%q from %s: got %v, %v after %s", data, network, r, err, time.Since(begun))
					}
				}
				for range 20 {
					at("network 0", "{}")
					at("another", "{}")
					at("another", "https://quick.test/badge")
					at("", "https://quick.test/badge")
				}
			})
		})
	}
}

// slowHosts never answer; all others answer at once that there is nothing.
type slowHosts struct{}

func (slowHosts) Fetch(ctx context.Context, r egress.Request) (*egress.Response, error) {
	if strings.HasPrefix(r.URL, "https://slow") {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	return &egress.Response{Status: 404}, nil
}

// One network has a quarter of what may wait; the one that has most loses its oldest to one that has fewer.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaits(4, 2)
		enter := func(network string) (context.Context, func()) {
			t.Helper()
			ctx, leave, err := w.enter(t.Context(), network)
			if err != nil {
				t.Fatal(err)
			}
			return ctx, leave
		}
		oldest, first := enter("a")
		second, leave := enter("a")
		begun := time.Now()
		if _, _, err := w.enter(t.Context(), "a"); new(web.Site).ProblemOf(nil, err).Status != 429 || time.Since(begun) != web.GatePatience {
			t.Errorf("a third one of a network: got %v after %s", err, time.Since(begun))
		}
		enter("b")
		enter("c")
		enter("d")
		if !errors.Is(context.Cause(oldest), web.ErrBusy) || second.Err() != nil {
			t.Errorf("got %v, %v; want the oldest to go", context.Cause(oldest), second.Err())
		}
		if _, _, err := w.enter(t.Context(), "b"); !errors.Is(err, web.ErrBusy) {
			t.Errorf("all have one: got %v", err)
		}
		first()
		leave()
		enter("b")
		if len(w.all) != 4 {
			t.Errorf("got %d waiting", len(w.all))
		}
	})
}

// A check that waits holds no place, comes back to one, and leaves none behind.
func TestPlaceWhileWaiting(t *testing.T) {
	s := &Door{shares: newShares(1), waits: newWaits(1, 1)}
	p := &checkPlace{server: s, way: make(web.Gate, 1), network: "a"}
	if err := p.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := p.wait(t.Context(), func(context.Context) {
		if len(p.way) != 0 || len(s.shares.each) != 0 || len(s.waits.all) != 1 {
			t.Errorf("while it waits it holds %d places", len(p.way))
		}
	})
	if err != nil || len(p.way) != 1 || len(s.waits.all) != 0 {
		t.Errorf("after it waited: %v, %d places", err, len(p.way))
	}
	if p.leave(); len(p.way) != 0 || len(s.shares.each) != 0 || len(s.waits.shares.each) != 0 {
		t.Error("something is still held")
	}
}
