package verifier

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCacheAsksByDate: a document without an ETag is asked about by its date.
func TestCacheAsksByDate(t *testing.T) {
	now, sent := today, 0
	const changed = "Wed, 04 Mar 2026 09:00:00 GMT"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", changed)
		if r.Header.Get("If-Modified-Since") == changed {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent++
		fmt.Fprint(w, "one")
	}))
	defer server.Close()
	c := remember(local(t, server), func() time.Time { return now })
	for range 3 {
		if r, err := get(c, server.URL); err != nil || string(r.Body) != "one" || sent != 1 {
			t.Errorf("got %+v, %v; sent %d", r, err, sent)
		}
		now = now.Add(time.Second)
	}
}

// TestRedirectSchemes: a redirect may go on to https, never to anything else but this machine's http in
// tests.
func TestRedirectSchemes(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "plain") }))
	defer plain.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusMovedPermanently)
	}))
	defer server.Close()
	w := local(t, server)
	if r, err := get(w, server.URL+"?u="+plain.URL); err != nil || string(r.Body) != "plain" {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, target := range []string{"file:///etc/passwd", "gopher://127.0.0.1:70/", "javascript:alert(1)", "data:text/plain,x", "http://example.test:22/", "https://user:pass@127.0.0.1/", "//"} {
		if r, err := get(w, server.URL+"?u="+target); err == nil {
			t.Errorf("%s: got %+v", target, r)
		}
	}
	// Where plain http is not for this machine, it becomes https.
	strict := newWeb(WebOptions{resolver: nameServer(names)})
	next, _ := http.NewRequest(http.MethodGet, "http://example.com/x", nil)
	if err := strict.redirect(next, []*http.Request{next}); err != nil || next.URL.String() != "https://example.com/x" {
		t.Errorf("got %s, %v", next.URL, err)
	}
}

// TestHundredSlow: a hundred verifications of slow servers end in time, and one of a quick server is
// not kept waiting by them.
func TestHundredSlow(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	world := newWorld(t)
	publishHosted(world)
	quick := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := "https://" + r.Host
		for address, resource := range world.network {
			if strings.HasSuffix(address, r.URL.Path) && r.URL.Path != "/" {
				w.Header().Set("Content-Type", resource.Headers["Content-Type"])
				fmt.Fprint(w, strings.ReplaceAll(resource.Body, "https://issuer.test", host))
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer quick.Close()
	roots := rootsOf(slow)
	roots.AddCert(quick.Certificate())
	v := New(Options{Fetch: Web(WebOptions{Loopback: true, roots: roots, patience: 2 * time.Second}), Now: func() time.Time { return today }})
	done := make(chan []*Report)
	var inputs []Input
	for i := range 100 {
		inputs = append(inputs, Input{Data: []byte(fmt.Sprintf("%s/%d", slow.URL, i))})
	}
	go func() { done <- v.VerifyAll(context.Background(), inputs, 100, nil) }()
	var times []time.Duration
	for range 50 {
		began := time.Now()
		r := v.Verify(context.Background(), Input{Data: []byte(quick.URL + "/badges/b1/assertion.json")})
		want(t, r, Valid, "")
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	if times[len(times)-1] > 2*time.Second {
		t.Errorf("a quick badge took %s", times[len(times)-1])
	}
	t.Logf("quick badges: median %s, longest %s", times[len(times)/2], times[len(times)-1])
	close(release)
	for i, r := range <-done {
		if r.Valid || r.Verdict != Undetermined && r.Verdict != NotABadge {
			t.Errorf("slow badge %d is %s", i, r.Verdict)
		}
	}
}
