package egress

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What a badge may cost.
const (
	maxFetches = 40
	maxBytes   = 12 << 20
)

// TestMeter: one badge costs the network no more than it may, whatever becomes of its documents.
func TestMeter(t *testing.T) {
	tooLarge := strings.Repeat("x", maxBody+1)
	for name, serve := range map[string]http.HandlerFunc{
		"documents that are too large": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush() // no length is told
			fmt.Fprint(w, tooLarge)
		},
		"redirects without end": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"r", http.StatusFound)
		},
		"large answers that say there is none": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, tooLarge[:maxBody])
		},
		"failures": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirects to what is too large": func(w http.ResponseWriter, r *http.Request) {
			if len(r.URL.Path) < 12 {
				http.Redirect(w, r, r.URL.Path+"r", http.StatusFound)
				return
			}
			fmt.Fprint(w, tooLarge)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				serve(w, r)
			}))
			defer server.Close()
			web := local(t, server)
			b := NewBudget(maxFetches, maxBytes)
			ctx := b.In(t.Context())
			for i := range 100 {
				_, _ = web.Fetch(ctx, Request{URL: fmt.Sprintf("%s/%d", server.URL, i)})
			}
			n, bytes := b.Spent()
			if requests.Load() > maxFetches || n > maxFetches || bytes > maxBytes+1 {
				t.Errorf("%d requests of %d, %d bytes of %d", requests.Load(), maxFetches, bytes, maxBytes)
			}
			if requests.Load() < 6 {
				t.Errorf("only %d requests were sent", requests.Load())
			}
		})
	}
}

// TestBudgetOfOthers: a badge that has spent what it may takes nothing from one that asks for the same.
func TestBudgetOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spent, other := &Budget{maxRequests: maxFetches, maxBytes: maxBytes, requests: maxFetches}, NewBudget(maxFetches, maxBytes)
		c := newCache(slowly{}, time.Now)
		go func() {
			if _, err := fetchWithin(spent.In(t.Context()), c); !errors.Is(err, ErrBudget) {
				t.Errorf("got %v for a badge that has spent what it may", err)
			}
		}()
		synctest.Wait()
		if _, err := fetchWithin(other.In(t.Context()), c); err != nil {
			t.Errorf("another badge: %v", err)
		}
		if requests, _ := other.Spent(); requests != 1 {
			t.Errorf("another badge paid for %d requests", requests)
		}
	})
}

func fetchWithin(ctx context.Context, f Fetcher) (*Response, error) {
	return f.Fetch(ctx, Request{URL: "https://issuer.test/"})
}

// slowly answers after a second, within the budget.
type slowly struct{}

func (slowly) Fetch(ctx context.Context, _ Request) (*Response, error) {
	time.Sleep(time.Second) // of the test's own clock
	if !budgetOf(ctx).request() {
		return nil, ErrBudget
	}
	return &Response{Status: http.StatusOK}, nil
}
