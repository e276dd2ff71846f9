package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// tripper is a network of one function.
type tripper func(r *http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := f(r)
	if answer != nil {
		answer.Request = r
	}
	return answer, err
}

func answerOK() *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}
}

// through is a web whose network is next.
func through(next http.RoundTripper, now func() time.Time) *web {
	w := newWeb(Options{now: now})
	w.breaker = newBreaker(next, now, maxUnderWay)
	w.client.Transport = w.breaker
	return w
}

// TestBreakerCircuit: a server that fails four times in a row is left alone, tried again by one request
// after a pause, and asked by all once it answers.
//
// proves: limits judged: a server that fails is left alone and tried again; bounds for each server and for all
func TestBreakerCircuit(t *testing.T) {
	now, tries, down := today, 0, true
	w := through(tripper(func(r *http.Request) (*http.Response, error) {
		tries++
		if down && r.URL.Host == "slow.test" {
			return nil, errors.New("no route")
		}
		return answerOK(), nil
	}), func() time.Time { return now })
	ask := func(address string, wantTries int, ok bool) {
		t.Helper()
		_, err := get(w, address)
		if (err == nil) != ok || tries != wantTries {
			t.Errorf("got %v after %d tries, want %d", err, tries, wantTries)
		}
	}
	const slow = "https://slow.test/a"
	for i := range maxFailures {
		ask(slow, i+1, false)
	}
	ask(slow, 4, false) // left alone
	if _, err := get(w, "https://slow.test/other"); !errors.Is(err, ErrUnresponsive) {
		t.Errorf("got %v", err)
	}
	ask("https://fine.test/", 5, true)
	ask("https://slow.test:8443/", 6, true) // another server of the same host
	now = now.Add(firstPause - time.Second)
	ask(slow, 6, false)
	now = now.Add(time.Second)
	ask(slow, 7, false) // tried again, without success
	now = now.Add(firstPause)
	ask(slow, 7, false) // the pause is longer now
	now = now.Add(firstPause)
	down = false
	ask(slow, 8, true)
	ask(slow, 9, true)
	if len(w.breaker.servers) != 0 {
		t.Errorf("%d servers are remembered", len(w.breaker.servers))
	}
}

// TestBreakerTriesOnce: while one request finds out whether a server answers again, others are refused.
//
// proves: limits judged: a server that fails is left alone and tried again; bounds for each server and for all
func TestBreakerTriesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		fail := true
		w := through(tripper(func(r *http.Request) (*http.Response, error) {
			tries.Add(1)
			if fail {
				return nil, errors.New("no route")
			}
			time.Sleep(time.Second)
			return answerOK(), nil
		}), time.Now)
		for range maxFailures {
			_, _ = get(w, "https://a.test/")
		}
		time.Sleep(firstPause)
		fail = false
		var refused atomic.Int32
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if _, err := get(w, "https://a.test/"); errors.Is(err, ErrUnresponsive) {
					refused.Add(1)
				}
			})
		}
		wait.Wait()
		if tries.Load() != maxFailures+1 || refused.Load() != 9 {
			t.Errorf("%d tries, %d refused", tries.Load(), refused.Load())
		}
	})
}

// TestBreakerOurOwnReasons: what ends for a reason of ours says nothing about a server.
func TestBreakerOurOwnReasons(t *testing.T) {
	for name, err := range map[string]error{"address": ErrAddress, "proxy": fmt.Errorf("%w: down", errProxy)} {
		tries := 0
		w := through(tripper(func(*http.Request) (*http.Response, error) { tries++; return nil, err }), time.Now)
		for range 10 {
			_, _ = get(w, "https://a.test/")
		}
		if tries != 10 {
			t.Errorf("%s: %d tries", name, tries)
		}
	}
	w := through(tripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}), time.Now)
	for range 10 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		if _, err := w.Fetch(ctx, Request{URL: "https://a.test/"}); err == nil || errors.Is(err, ErrUnresponsive) {
			t.Errorf("given up: got %v", err)
		}
	}
}

// TestBreakerSlow: a server that does not answer in time counts as one that fails, also when it stops in
// the middle of its answer.
//
// proves: limits judged: 5 redirects, 5 s and 2 MiB a document (also packed or announced), 15 s and 40 documents a badge
func TestBreakerSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		half := false
		w := through(tripper(func(r *http.Request) (*http.Response, error) {
			if half {
				r1, w1 := io.Pipe()
				context.AfterFunc(r.Context(), func() { _ = w1.CloseWithError(context.Cause(r.Context())) })
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: r1}, nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), time.Now)
		for i := range maxFailures {
			half = i%2 == 1
			began := time.Now()
			_, err := get(w, "https://a.test/")
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != fetchTime {
				t.Errorf("got %v after %s", err, time.Since(began))
			}
		}
		if _, err := get(w, "https://a.test/"); !errors.Is(err, ErrUnresponsive) {
			t.Errorf("got %v", err)
		}
	})
}

// TestBreakerBounds: a hundred requests to slow servers are under way only so many at a time, and those to
// another server do not wait for them.
//
// proves: limits judged: a server that fails is left alone and tried again; bounds for each server and for all
func TestBreakerBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all, most, one, mostOne atomic.Int32
		up := func(n, peak *atomic.Int32) {
			if now := n.Add(1); now > peak.Load() {
				peak.Store(now)
			}
		}
		w := through(tripper(func(r *http.Request) (*http.Response, error) {
			up(&all, &most)
			defer all.Add(-1)
			if r.URL.Host == "fast.test" {
				return answerOK(), nil
			}
			if r.URL.Host == "slow.test" {
				up(&one, &mostOne)
				defer one.Add(-1)
			}
			time.Sleep(time.Second)
			return answerOK(), nil
		}), time.Now)
		var wait sync.WaitGroup
		var busy atomic.Int32
		for i := range 100 {
			wait.Go(func() {
				if _, err := get(w, fmt.Sprintf("https://slow.test/%d", i)); errors.Is(err, ErrBusy) {
					busy.Add(1)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		if _, err := get(w, "https://fast.test/"); err != nil || time.Since(began) != 0 {
			t.Errorf("another server: %v after %s", err, time.Since(began))
		}
		for i := range 200 {
			wait.Go(func() { _, _ = get(w, fmt.Sprintf("https://h%d.test/", i)) })
		}
		wait.Wait()
		if mostOne.Load() != maxToOne || most.Load() != maxUnderWay {
			t.Errorf("%d to one server, %d in all", mostOne.Load(), most.Load())
		}
		// Six at a time, a second each (and a few among all the others): the rest waited for ten seconds.
		if n := 100 - busy.Load(); n < 40 || n > 66 {
			t.Errorf("%d requests had their turn", n)
		}
		if len(w.breaker.servers) != 0 || len(w.breaker.all) != 0 {
			t.Errorf("%d servers, %d slots are left behind", len(w.breaker.servers), len(w.breaker.all))
		}
	})
}

// TestBreakerForgets: the memory for servers that fail is bounded, and those in use stay.
func TestBreakerForgets(t *testing.T) {
	now := today
	b := newBreaker(tripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }), func() time.Time { return now }, maxUnderWay)
	kept := b.enter("https://used.test")
	for i := range 2 * maxServers {
		at, _ := url.Parse(fmt.Sprintf("https://h%d.test/", i))
		_, _ = b.RoundTrip((&http.Request{URL: at}).WithContext(context.Background()))
	}
	if len(b.servers) > maxServers || b.servers["https://used.test"] != kept {
		t.Errorf("%d servers", len(b.servers))
	}
}

// TestBreakerLive: the same with real servers, under the race detector: slow ones, one that refuses, and
// a good one that stays quick.
func TestBreakerLive(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	good := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	defer good.Close()
	w := local(t, slow)
	w.breaker.next.(*http.Transport).TLSClientConfig.RootCAs.AddCert(good.Certificate())
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() { _, _ = get(w, fmt.Sprintf("%s/%d", slow.URL, i)) })
	}
	for range 20 {
		began := time.Now()
		if r, err := get(w, good.URL); err != nil || string(r.Body) != "{}" || time.Since(began) > 2*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	}
	close(release)
	wait.Wait()
	dead := httptest.NewTLSServer(nil)
	address := dead.URL
	dead.Close()
	for range maxFailures {
		_, _ = get(w, address)
	}
	if _, err := get(w, address); !errors.Is(err, ErrUnresponsive) {
		t.Errorf("got %v", err)
	}
}
