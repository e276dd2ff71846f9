package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// body counts how often it is closed.
type body struct {
	io.Reader
	closed atomic.Int32
}

func (b *body) Close() error {
	b.closed.Add(1)
	return nil
}

// TestRoundTripper: a request arrives as the caller wrote it, and the caller's own is left as it was.
func TestRoundTripper(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Webhook-Id"), r.UserAgent(), text)
	}))
	defer server.Close()
	c := New(Options{Loopback: true, Roots: rootsOf(server), UserAgent: "Insignia"})
	client := http.Client{Transport: c.RoundTripper(Limits{})}
	sent := &body{Reader: strings.NewReader("the event")}
	r, _ := http.NewRequest(http.MethodPost, server.URL+"/hook", sent)
	r.Header.Set("Webhook-Id", "evt_1")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Body.Close() != nil || answer.StatusCode != http.StatusAccepted || string(text) != "POST evt_1 Insignia the event" {
		t.Errorf("got %d %s, %v", answer.StatusCode, text, err)
	}
	if len(r.Header) != 1 || sent.closed.Load() == 0 {
		t.Errorf("headers %v, body closed %d times", r.Header, sent.closed.Load())
	}
	if n := len(c.web.breaker.all); n != 0 {
		t.Errorf("%d slots are left behind", n)
	}
}

// TestRoundTripperAddresses: nothing goes to a private network, under whatever name and behind whatever redirect; the
// body of what was refused is closed and the server that redirects is not blamed.
func TestRoundTripperAddresses(t *testing.T) {
	known := map[string][]string{"good.test": {"127.0.0.1"}}
	for name, addresses := range names {
		known[name] = addresses
	}
	var visits atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	strict := New(Options{resolver: nameServer(known)})
	loose := New(Options{Loopback: true, resolver: nameServer(known), Roots: rootsOf(server)})
	loose.web.breaker.next.(*http.Transport).TLSClientConfig.ServerName = "example.com" // as in the test server's certificate
	targets := []string{
		"https://private.test/", "https://metadata.test/", "https://10.0.0.1/", "http://10.0.0.1/", "https://[fd00::1]/",
		"https://169.254.169.254/latest", "https://2130706433/", "http://192.168.0.1:8080/", "https://user@example.test/",
	}
	for _, target := range targets {
		for how, ask := range map[string]struct {
			c       *Client
			address string
		}{
			"directly":   {strict, target},
			"redirected": {loose, "https://good.test:" + port + "/?u=" + url.QueryEscape(target)},
		} {
			sent := &body{Reader: strings.NewReader("secret")}
			r, _ := http.NewRequest(http.MethodPost, ask.address, sent)
			r.GetBody = func() (io.ReadCloser, error) { return sent, nil }
			client := http.Client{Transport: ask.c.RoundTripper(Limits{})}
			if answer, err := client.Do(r); !errors.Is(err, ErrAddress) {
				t.Errorf("%s to %s: got %v, %v", how, target, answer, err)
			}
			if sent.closed.Load() == 0 {
				t.Errorf("%s to %s: the body is still open", how, target)
			}
		}
	}
	for _, address := range []string{"https://loopback.test/", "https://six.test/", "https://localhost/", "https://127.0.0.1/", "http://[::1]/"} {
		if _, err := (&http.Client{Transport: strict.RoundTripper(Limits{})}).Get(address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if int(visits.Load()) != len(targets) || len(loose.web.breaker.servers)+len(strict.web.breaker.servers) != 0 {
		t.Errorf("%d visits, servers %v, %v", visits.Load(), loose.web.breaker.servers, strict.web.breaker.servers)
	}
}

// TestRoundTripperBounds: redirects, the size and the time of an answer and the budget end a request, and every slot
// comes back.
func TestRoundTripperBounds(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Referer()+"ok") })
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		to := "/ok"
		if n := r.PathValue("n"); n != "1" {
			to = "/hop/" + string(n[0]-1)
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("/ten", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // no length is told
		fmt.Fprint(w, "0123456789")
	})
	mux.HandleFunc("/declared", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000000000") })
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	c := New(Options{Loopback: true, Roots: rootsOf(server)})
	ask := func(ctx context.Context, path string, l Limits) (string, error) {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
		answer, err := (&http.Client{Transport: c.RoundTripper(l)}).Do(r)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return string(text), err
	}
	short := NewBudget(3, 1000)
	small := NewBudget(10, 15)
	for name, tc := range map[string]struct {
		ctx  context.Context
		path string
		l    Limits
		text string
		err  error
	}{
		"five redirects":       {t.Context(), "/hop/5", Limits{}, "ok", nil},
		"six redirects":        {t.Context(), "/hop/6", Limits{}, "", ErrRedirects},
		"as large as may be":   {t.Context(), "/ten", Limits{Body: 10}, "0123456789", nil},
		"too large":            {t.Context(), "/ten", Limits{Body: 9}, "012345678", ErrTooLarge},
		"said to be too large": {t.Context(), "/declared", Limits{}, "", ErrTooLarge},
		"too slow":             {t.Context(), "/drip", Limits{Patience: 50 * time.Millisecond}, "", context.DeadlineExceeded},
		"too many requests":    {short.In(t.Context()), "/hop/3", Limits{}, "", ErrBudget},
	} {
		text, err := ask(tc.ctx, tc.path, tc.l)
		if !errors.Is(err, tc.err) || strings.TrimSpace(text) != tc.text {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
	if text, err := ask(small.In(t.Context()), "/ten", Limits{}); err != nil || len(text) != 10 {
		t.Errorf("within the budget: %q, %v", text, err)
	}
	for range 2 {
		if text, err := ask(small.In(t.Context()), "/ten", Limits{}); !errors.Is(err, ErrBudget) {
			t.Errorf("beyond the budget: %q, %v", text, err)
		}
	}
	requests, bytes := short.Spent()
	if requests != 3 || bytes > 1000 {
		t.Errorf("%d requests, %d bytes were paid for", requests, bytes)
	}
	if n := len(c.web.breaker.all); n != 0 {
		t.Errorf("%d slots are left behind", n)
	}
}

// TestRoundTripperBreaker: what fails here is left alone by Fetch as well, and the other way round.
func TestRoundTripperBreaker(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	address, roots := server.URL, rootsOf(server)
	server.Close()
	c := New(Options{Loopback: true, Roots: roots})
	client := http.Client{Transport: c.RoundTripper(Limits{})}
	for range maxFailures / 2 {
		if _, err := client.Get(address); err == nil || errors.Is(err, ErrUnresponsive) {
			t.Errorf("got %v", err)
		}
		if _, err := get(c, address); err == nil || errors.Is(err, ErrUnresponsive) {
			t.Errorf("got %v", err)
		}
	}
	sent := &body{Reader: strings.NewReader("x")}
	if _, err := client.Post(address, "text/plain", sent); !errors.Is(err, ErrUnresponsive) || sent.closed.Load() == 0 {
		t.Errorf("got %v", err)
	}
	if _, err := get(c, address); !errors.Is(err, ErrUnresponsive) {
		t.Errorf("got %v", err)
	}
}

// TestRoundTripperProxy: the proxy is no way around the addresses.
func TestRoundTripperProxy(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello "+r.Host) }))
	defer server.Close()
	p := &tunnel{to: server.Listener.Addr().String()}
	proxy := httptest.NewServer(p)
	defer proxy.Close()
	at, _ := ParseProxy(proxy.URL)
	c := New(Options{Proxy: at, resolver: nameServer(names), Roots: rootsOf(server)})
	client := http.Client{Transport: c.RoundTripper(Limits{})}
	for _, address := range []string{"https://10.0.0.1/", "https://private.test/", "http://metadata.test/"} {
		if _, err := client.Get(address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if asked := p.take(); len(asked) != 0 {
		t.Errorf("the proxy was asked for %v", asked)
	}
	answer, err := client.Get("http://example.com/x")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || string(text) != "hello example.com" {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestPermits: an address is judged without asking it, by what its name leads to, as it will be when it is asked.
func TestPermits(t *testing.T) {
	known := map[string][]string{"good.test": {"93.184.215.14"}, "both.test": {"93.184.215.14", "10.0.0.1"}, "here.test": {"127.0.0.1"}}
	for name, addresses := range names {
		known[name] = addresses
	}
	strict, here := New(Options{resolver: nameServer(known)}), New(Options{Loopback: true, resolver: nameServer(known)})
	for address, want := range map[string][2]bool{ // on the internet, and where this machine may be asked
		"https://good.test/a?b=c": {true, true}, "https://good.test:8443/": {true, true}, "https://93.184.215.14/": {true, true},
		"https://nowhere.test/": {true, true}, // judged when it is asked
		"http://good.test/":     {false, false}, "https://both.test/": {false, false}, "https://private.test/": {false, false}, "https://metadata.test/": {false, false},
		"https://10.0.0.1/": {false, false}, "https://[fd00::1]/": {false, false}, "https://2130706433/": {false, false}, "ftp://good.test/": {false, false},
		"https://user@good.test/": {false, false}, "https://here.test/": {false, true}, "https://localhost:8443/": {false, true}, "http://127.0.0.1:9000/hook": {false, true},
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{strict.Permits(t.Context(), u) == nil, here.Permits(t.Context(), u) == nil}; got != want {
			t.Errorf("%s: permitted %v, want %v", address, got, want)
		}
	}
}
