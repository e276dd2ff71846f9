package verifier

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/egress"
)

// counting counts what it passes on.
type counting struct {
	mu   sync.Mutex
	n    int
	next egress.Fetcher
}

func (c *counting) Fetch(ctx context.Context, r egress.Request) (*egress.Response, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.next.Fetch(ctx, r)
}

// TestWebSlow: a server that sends a byte a second does not hold a verification.
//
// proves: limits judged: 5 redirects, 5 s and 2 MiB a document (also packed or announced), 15 s and 40 documents a badge
func TestWebSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := fetcherFunc(func(ctx context.Context, _ egress.Request) (*egress.Response, error) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		})
		began := time.Now()
		w := newWorld(t)
		badge := signedBadge(w)
		var many []string
		for i := range 100 {
			many = append(many, fmt.Sprintf("https://issuer.test/slow/%d", i))
		}
		w.change(profileID, set("publicKey", many))
		w.options.Fetch = fetcherFunc(func(ctx context.Context, r egress.Request) (*egress.Response, error) {
			if strings.Contains(r.URL, "/slow/") {
				return slow(ctx, r)
			}
			return w.network.Fetch(ctx, r)
		})
		want(t, w.verify(w.sign(edit(t, badge, set("verification", map[string]any{"type": "SignedBadge"})))), Undetermined, "KEY_FETCH")
		if took := time.Since(began); took != badgeTime {
			t.Errorf("took %s", took)
		}
	})
}

type fetcherFunc func(ctx context.Context, r egress.Request) (*egress.Response, error)

func (f fetcherFunc) Fetch(ctx context.Context, r egress.Request) (*egress.Response, error) {
	return f(ctx, r)
}

func TestReason(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{context.DeadlineExceeded, egress.ErrRedirects, egress.ErrTooLarge, egress.ErrAddress, egress.ErrBusy, egress.ErrUnresponsive, &net.DNSError{Name: "secret.internal"}} {
		text := reason(fmt.Errorf("get: %w", err))
		if seen[text] || strings.Contains(text, "secret") {
			t.Errorf("%v: %s", err, text)
		}
		seen[text] = true
	}
}

func TestStaysAt(t *testing.T) {
	for _, c := range []struct {
		asked, answered string
		want            bool
	}{
		{"https://a.test/x", "https://A.test:443/y", true}, {"http://a.test/x", "https://a.test/x", true}, {"http://a.test:80/x", "https://a.test/x", true},
		{"https://a.test/x", "http://a.test/x", false}, {"https://a.test/x", "https://b.test/x", false}, {"https://a.test/x", "https://a.test:8443/x", false},
		{"https://a.test/x", "", false}, {"urn:x", "urn:x", false},
	} {
		if got := staysAt(c.asked, c.answered); got != c.want {
			t.Errorf("%s to %s: got %v", c.asked, c.answered, got)
		}
	}
}
