package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"testing/synctest"

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
	if r, err := s.verify(context.Background(), "", in); err != nil || r.Verdict != verifier.NotShared {
		t.Error(r, err)
	}
}

// A network's requests count before their bodies are read, which may take memory for as long as it likes, and
// so do pictures of its own size before they are drawn.
func TestCountedBeforeRead(t *testing.T) {
	s := newSite(t)
	award := awardID(s.want(201, "POST", "/results", passOf("R-1", "E4")))
	s.accept(award, issuer.Public)
	s.checks = newThrottle(0.001, 1, s.Clock.Now)
	s.sizes = newThrottle(0.001, 1, s.Clock.Now)
	unread := func(method, path string) int {
		r := httptest.NewRequest(method, path, iotest.ErrReader(errors.New("the body was read")))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	if got := unread("POST", "/verify"); got == 429 {
		t.Error("the first one was refused")
	}
	for _, path := range []string{"/verify", "/verify/many", "/verify/record"} {
		if got := unread("POST", path); got != 429 {
			t.Errorf("POST %s: got %d, want 429", path, got)
		}
	}
	for n, want := range []int{200, 429} {
		if got := s.ask("GET", fmt.Sprintf("/badges/%s/image.png?size=%d", award, 64+n), "").Code; got != want {
			t.Errorf("picture %d: got %d, want %d", n, got, want)
		}
	}
	if got := s.ask("GET", "/badges/"+award+"/image.png", "").Code; got != 200 {
		t.Errorf("the stored picture: got %d", got)
	}
}
