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

	"github.com/open-insignia/insignia/egress"
)

// TestHundredSlow: a hundred verifications of slow servers end in time, and one of a quick server is
// not kept waiting by them.
//
// proves: limits judged: a server that fails is left alone and tried again; bounds for each server and for all
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
	roots := slow.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	roots.AddCert(quick.Certificate())
	v := New(Options{Fetch: egress.New(egress.Options{Loopback: true, Roots: roots, Patience: 2 * time.Second}), Now: func() time.Time { return today }})
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
