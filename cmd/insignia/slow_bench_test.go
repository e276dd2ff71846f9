package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkSlowHosts compares how long the badge page takes while 100 verifications wait for servers that
// do not answer with how long it takes when there is nothing else to do: p99 of the one by p99 of the
// other. Each of the 100 is about another server, so that no circuit protects us from them.
func BenchmarkSlowHosts(b *testing.B) {
	w := startBench(b, "", func(c *config) { c.insecureFetch = true })
	defer w.stop()
	ctx := context.Background()
	award, err := w.postResult(ctx, w.key, demoResults(time.Now())[0])
	if err != nil {
		b.Fatal(err)
	}
	if err := w.acceptAs(ctx, "ana@home.test", "Ana Ruiz", award); err != nil {
		b.Fatal(err)
	}
	page := w.base + "/badges/" + award
	var ratios, quiet, busy []float64
	for range slowTurns {
		idle := p99(b, w, page)
		hosts := slowHosts(b, 100)
		finish := w.verifyAll(b, hosts)
		loaded := p99(b, w, page)
		finish()
		ratios, quiet, busy = append(ratios, loaded/idle), append(quiet, idle), append(busy, loaded)
	}
	b.ReportMetric(median(ratios), "p99/idle")
	b.ReportMetric(median(quiet)*1000, "idle-ms")
	b.ReportMetric(median(busy)*1000, "busy-ms")
	b.ReportMetric(0, "ns/op")
}

const slowTurns = 3 // each waits for servers that do not answer

// p99 is the slowest of a hundred readings of a page, in seconds, by a few readers for a turn.
func p99(b *testing.B, w *bench, page string) float64 {
	b.Helper()
	var times []time.Duration
	perSecond(b, 4, func() error { return get(w.client, page, &times) })
	slices.Sort(times)
	return times[len(times)*99/100].Seconds()
}

// slowHosts are servers that take requests and answer when the test ends.
func slowHosts(b *testing.B, n int) (addresses []string) {
	b.Helper()
	for range n {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		b.Cleanup(server.Close)
		addresses = append(addresses, server.URL+"/assertion.json")
	}
	return addresses
}

// verifyAll has the addresses checked, all at once, and waits until those that found a place have asked.
// finish waits for the answers: reports, or that there is too much to do.
func (w *bench) verifyAll(b *testing.B, addresses []string) (finish func()) {
	b.Helper()
	var group sync.WaitGroup
	for _, address := range addresses {
		group.Go(func() {
			answer, err := w.client.Post(w.base+"/api/v1/verify", "application/json", strings.NewReader(fmt.Sprintf(`{"input":%q}`, address)))
			if err != nil {
				b.Error(err)
				return
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			full := answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != ""
			if err != nil || answer.StatusCode != http.StatusOK && !full || answer.StatusCode == http.StatusOK && !strings.Contains(string(body), `"undetermined"`) {
				b.Errorf("%s: %s %s, %v", address, answer.Status, body, err)
			}
		})
	}
	return group.Wait
}
