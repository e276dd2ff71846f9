package egress

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// proves: limits judged: answers kept as HTTP allows and two minutes at most, never for another Accept; one fetch for all who wait
func TestCache(t *testing.T) {
	now := today
	answer := Response{Status: 200, fresh: time.Minute}
	source := &counting{next: fetcherFunc(func(_ context.Context, r Request) (*Response, error) {
		if strings.HasSuffix(r.URL, "down") {
			return nil, errRefused
		}
		n := answer
		n.Body = []byte(r.URL + " " + r.Accept)
		return &n, nil
	})}
	c := newCache(source, func() time.Time { return now })
	ask := func(address string, want int) {
		t.Helper()
		_, _ = get(c, address)
		if source.n != want {
			t.Errorf("%s: %d fetches, want %d", address, source.n, want)
		}
	}
	ask("a", 1)
	ask("a", 1)
	ask("b", 2)
	now = now.Add(time.Minute)
	ask("a", 3)
	ask("down", 4)
	ask("down", 5)
	answer.Status = 404
	ask("missing", 6)
	ask("missing", 7)
	answer = Response{Status: 200}
	ask("c", 8)
	ask("c", 9)
	answer = Response{Status: 200, fresh: time.Minute, noStore: true}
	ask("d", 10)
	ask("d", 11)
	c.atLeast = time.Minute
	answer = Response{Status: 200}
	ask("e", 12)
	ask("e", 12)
	answer.noStore = true
	ask("f", 13)
	ask("f", 14)
}

// TestCacheKeepsReadersApart: what was fetched for one reader is never given to one that wants another
// form of it.
//
// proves: limits judged: answers kept as HTTP allows and two minutes at most, never for another Accept; one fetch for all who wait
func TestCacheKeepsReadersApart(t *testing.T) {
	c := newCache(fetcherFunc(func(_ context.Context, r Request) (*Response, error) {
		return &Response{Status: 200, Body: []byte(r.Accept), fresh: time.Minute}, nil
	}), time.Now)
	for range 2 {
		for _, accept := range []string{"image/png", acceptPart, "application/jwk+json", "text/plain"} {
			if r, err := c.Fetch(context.Background(), Request{URL: "https://a.test/", Accept: accept}); err != nil || string(r.Body) != accept {
				t.Errorf("asked for %s, got %s, %v", accept, r.Body, err)
			}
		}
	}
}

// TestCacheBounds: neither many answers nor large ones fill the memory.
func TestCacheBounds(t *testing.T) {
	size := maxKeptBody
	source := &counting{next: fetcherFunc(func(context.Context, Request) (*Response, error) {
		return &Response{Status: 200, Body: make([]byte, size), fresh: time.Minute}, nil
	})}
	c := newCache(source, time.Now)
	for i := range 40 {
		_, _ = get(c, fmt.Sprint(i))
	}
	if c.bytes > maxKeptBytes || c.kept.Len() != maxKeptBytes/maxKeptBody {
		t.Errorf("%d bytes in %d answers", c.bytes, c.kept.Len())
	}
	size++
	_, _ = get(c, "large")
	_, _ = get(c, "large")
	if source.n != 42 {
		t.Errorf("%d fetches: a large answer is kept", source.n)
	}
	size = 1
	for i := range 2 * maxKept {
		_, _ = get(c, fmt.Sprint("small", i))
	}
	if c.kept.Len() > maxKept || c.bytes > maxKeptBytes || c.bytes < maxKept {
		t.Errorf("%d bytes in %d answers", c.bytes, c.kept.Len())
	}
	c.kept.Purge()
	if c.bytes != 0 {
		t.Errorf("%d bytes in an empty cache", c.bytes)
	}
}

// TestCacheForgets: what nobody asks for is not kept for ever, though its version has a name.
func TestCacheForgets(t *testing.T) {
	now := today
	c := newCache(fetcherFunc(func(_ context.Context, r Request) (*Response, error) {
		return &Response{Status: 200, etag: `"1"`}, nil
	}), func() time.Time { return now })
	_, _ = get(c, "a")
	_, _ = get(c, "b")
	now = now.Add(maxStale + time.Second)
	_, _ = get(c, "c")
	if c.kept.Len() != 1 {
		t.Errorf("%d answers are kept", c.kept.Len())
	}
}

// TestCacheShares: many who ask at once cause one fetch, and one who gives up does not spoil it.
//
// proves: limits judged: answers kept as HTTP allows and two minutes at most, never for another Accept; one fetch for all who wait
func TestCacheShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &counting{next: fetcherFunc(func(ctx context.Context, _ Request) (*Response, error) {
			select {
			case <-time.After(time.Second):
				return &Response{Status: 200}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})}
		c := newCache(source, time.Now)
		impatient, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := c.Fetch(impatient, Request{URL: "a"}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		for range 10 {
			wait.Go(func() {
				if _, err := c.Fetch(context.Background(), Request{URL: "a"}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if source.n != 1 {
			t.Errorf("%d fetches", source.n)
		}
	})
}

// proves: limits judged: answers kept as HTTP allows and two minutes at most, never for another Accept; one fetch for all who wait
func TestFreshness(t *testing.T) {
	const date, soon = "Wed, 04 Mar 2026 10:00:00 GMT", "Wed, 04 Mar 2026 10:00:30 GMT"
	for _, c := range []struct {
		control, age, expires string
		want                  time.Duration
		noStore               bool
	}{
		{"", "", "", 0, false}, {"max-age=30", "", "", 30 * time.Second, false}, {"public, Max-Age=\"30\"", "10", "", 20 * time.Second, false},
		{"max-age=31536000", "", "", maxFresh, false}, {"max-age=31536000", "86400", "", maxFresh, false}, {"max-age=60, no-store", "", "", 0, true},
		{"private, max-age=60", "", "", 0, true}, {"no-cache, max-age=60", "", "", 0, false}, {"max-age=-5", "", "", 0, false},
		{"max-age=x", "", "", 0, false}, {"max-age=9", "10", "", 0, false}, {"max-age=99999999999999999999", "", "", maxFresh, false},
		{"max-age=10", "-100", "", 10 * time.Second, false}, {"max-age=10, s-maxage=20", "", "", 20 * time.Second, false}, {"s-maxage=0, max-age=9", "", "", 0, false},
		{"", "", soon, 30 * time.Second, false}, {"max-age=10", "", soon, 10 * time.Second, false}, {"", "20", soon, 10 * time.Second, false},
		{"", "", "0", 0, false}, {"", "", date, 0, false}, {"no-cache", "", soon, 0, false},
	} {
		h := http.Header{"Date": {date}}
		h.Set("Cache-Control", c.control)
		h.Set("Age", c.age)
		h.Set("Expires", c.expires)
		if got := freshness(h); got != c.want || forbidsStore(h) != c.noStore {
			t.Errorf("%q, age %q, expires %q: got %s, %v, want %s, %v", c.control, c.age, c.expires, got, forbidsStore(h), c.want, c.noStore)
		}
	}
	if h := (http.Header{"Vary": {"Accept", "*"}}); !forbidsStore(http.Header{"Vary": {"*"}}) || forbidsStore(http.Header{"Vary": {"Accept"}}) || h == nil {
		t.Error("Vary")
	}
	if untilExpires(http.Header{"Expires": {soon}}) != 0 {
		t.Error("Expires without Date")
	}
	for _, c := range []struct {
		status  int
		control string
		want    time.Duration
	}{
		{301, "", maxFresh}, {308, "", maxFresh}, {301, "no-store", 0}, {302, "", 0}, {302, "max-age=5", 5 * time.Second}, {307, "", 0},
	} {
		if got := hopFreshness(&http.Response{StatusCode: c.status, Header: http.Header{"Cache-Control": {c.control}}}); got != c.want {
			t.Errorf("redirect %d %q: got %s, want %s", c.status, c.control, got, c.want)
		}
	}
	if hopFreshness(nil) != 0 {
		t.Error("no redirect")
	}
}

// TestCacheAsksAgain: a stale document is asked about by the name of its version, and sent once.
func TestCacheAsksAgain(t *testing.T) {
	now := today
	sent, asked := 0, 0
	body, version := "one", `"v1"`
	control := "max-age=60"
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("ETag", version)
		w.Header().Set("Cache-Control", control)
		if r.Header.Get("If-None-Match") == version {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent++
		fmt.Fprint(w, body)
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a", http.StatusFound) })
	c := newCache(local(t, server), func() time.Time { return now })
	want := func(path, text string, wantSent, wantAsked int) {
		t.Helper()
		r, err := get(c, server.URL+path)
		if err != nil || string(r.Body) != text || r.Status != 200 || sent != wantSent || asked != wantAsked {
			t.Errorf("got %+v, %v; sent %d, asked %d, want %d, %d", r, err, sent, asked, wantSent, wantAsked)
		}
	}
	want("/a", "one", 1, 1)
	now = now.Add(59 * time.Second)
	want("/a", "one", 1, 1)
	now = now.Add(time.Second)
	want("/a", "one", 1, 2) // not changed
	now = now.Add(59 * time.Second)
	want("/a", "one", 1, 2) // and fresh again
	now = now.Add(time.Second)
	control = "no-cache"
	want("/a", "one", 1, 3)
	want("/a", "one", 1, 4) // the new answer asks to be asked each time
	body, version = "two", `"v2"`
	want("/a", "two", 2, 5)
	control = "no-store"
	want("/a", "two", 2, 6) // still the same, but not to be kept any more
	want("/a", "two", 3, 7)
	// Behind a redirect the name of a version means nothing.
	control = "max-age=60"
	want("/moved", "two", 4, 8)
	want("/moved", "two", 5, 9)
}

// A fetch belongs to all who wait for it, and ends when the last of them leaves: it would take a place of
// the fetcher for nobody. Who comes then begins anew.
func TestFetchEndsWithTheLastWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, ended := 0, 0
		c := newCache(fetcherFunc(func(ctx context.Context, _ Request) (*Response, error) {
			if begun++; begun > 1 {
				return &Response{Status: 200}, nil
			}
			<-ctx.Done()
			ended++
			return nil, ctx.Err()
		}), time.Now)
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{first, second} {
			go func() { _, _ = c.Fetch(ctx, Request{URL: "https://a.test"}) }()
		}
		synctest.Wait()
		leaveFirst()
		synctest.Wait()
		if begun != 1 || ended != 0 {
			t.Errorf("one still waits: %d begun, %d ended", begun, ended)
		}
		leaveSecond()
		synctest.Wait()
		if r, err := c.Fetch(t.Context(), Request{URL: "https://a.test"}); err != nil || r.Status != 200 {
			t.Errorf("who comes then: %v, %v", r, err)
		}
		synctest.Wait()
		if begun != 2 || ended != 1 || len(c.flights) != 0 {
			t.Errorf("%d begun, %d ended, %d kept", begun, ended, len(c.flights))
		}
	})
}
