package egress

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// today is the moment of tests that have one.
var today = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

const acceptPart = "application/ld+json, application/json"

// counting counts what it passes on.
type counting struct {
	mu   sync.Mutex
	n    int
	next Fetcher
}

func (c *counting) Fetch(ctx context.Context, r Request) (*Response, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.next.Fetch(ctx, r)
}

type fetcherFunc func(ctx context.Context, r Request) (*Response, error)

func (f fetcherFunc) Fetch(ctx context.Context, r Request) (*Response, error) {
	return f(ctx, r)
}

// local is a web that may talk to a test server and believes its certificate.
func local(t *testing.T, server *httptest.Server) *web {
	w := newWeb(Options{Loopback: true, Roots: rootsOf(server)})
	t.Cleanup(w.breaker.next.(*http.Transport).CloseIdleConnections)
	return w
}

func rootsOf(server *httptest.Server) *x509.CertPool {
	return server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
}

func get(f Fetcher, address string) (*Response, error) {
	return f.Fetch(context.Background(), Request{URL: address, Accept: acceptPart})
}

// proves: limits judged: 5 redirects, 5 s and 2 MiB a document (also packed or announced), 15 s and 40 documents a badge
func TestWeb(t *testing.T) {
	var seen http.Header
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 4*maxBody))
	_ = z.Close()
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		w.Header().Set("Content-Type", "application/ld+json")
		w.Header().Set("Cache-Control", "max-age=60")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		fmt.Fprint(w, `{}`)
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410); fmt.Fprint(w, "why") })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBody+1)) })
	mux.HandleFunc("/declared", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000000000") })
	mux.HandleFunc("/full", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBody)) })
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		n := r.PathValue("n")
		if n == "1" {
			http.Redirect(w, r, "/ok", http.StatusFound)
			return
		}
		http.Redirect(w, r, "/hop/"+string(n[0]-1), http.StatusFound)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusFound)
	})
	w := local(t, server)

	response, err := get(w, server.URL+"/ok")
	if err != nil || response.Status != 200 || string(response.Body) != "{}" || response.ContentType != "application/ld+json" || response.fresh != time.Minute {
		t.Fatalf("got %+v, %v", response, err)
	}
	if seen.Get("User-Agent") != "Insignia-Verifier" || seen.Get("Accept") != acceptPart {
		t.Errorf("headers %v", seen)
	}
	if _, err = get(w, server.URL+"/ok"); err != nil || seen.Get("Cookie") != "" {
		t.Errorf("cookies are kept: %v, %v", seen, err)
	}
	if response, err = get(w, server.URL+"/gone"); err != nil || response.Status != 410 || string(response.Body) != "why" {
		t.Errorf("gone: %+v, %v", response, err)
	}
	if response, err = get(w, server.URL+"/full"); err != nil || len(response.Body) != maxBody {
		t.Errorf("full: %v", err)
	}
	if response, err = get(w, server.URL+"/hop/5"); err != nil || response.URL != server.URL+"/ok" || seen.Get("Referer") != "" {
		t.Errorf("five redirects: %+v, %v", response, err)
	}
	for path, reason := range map[string]error{
		"/big": ErrTooLarge, "/bomb": ErrTooLarge, "/declared": ErrTooLarge, "/hop/6": ErrRedirects,
		"/to?u=ftp://example.test/":                       ErrAddress,
		"/to?u=http://example.test:8080/":                 ErrAddress,
		"/to?u=" + url.QueryEscape("https://u@127.0.0.1"): ErrAddress,
	} {
		if _, err := get(w, server.URL+path); !errors.Is(err, reason) {
			t.Errorf("%s: got %v, want %v", path, err, reason)
		}
	}
	for _, address := range []string{"/to?u=https://10.0.0.1/", "/to?u=https://169.254.169.254/latest", "/to?u=https://[fd00::1]/"} {
		if _, err := get(w, server.URL+address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// TestWebRefuses: addresses that a server on the internet must never be sent to.
//
// proves: limits judged: addresses of this machine and private networks: as literals, names, redirects, changing DNS, through a proxy
func TestWebRefuses(t *testing.T) {
	w := New(Options{})
	for _, address := range []string{
		"https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1/",
		"https://169.254.169.254/", "https://100.64.0.1/", "https://0.0.0.0/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/",
		"https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "http://127.0.0.1/", "http://localhost:8080/", "ftp://example.test/", "file:///etc/passwd",
		"https://user@example.test/", "https://224.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://localhost./", "https://1.2.3.4.5/", "://", "https:///x",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if r, err := w.Fetch(ctx, Request{URL: address}); err == nil {
			t.Errorf("%s answered %+v", address, r)
		} else if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s was tried: %v", address, err)
		}
		cancel()
	}
}

// TestWebNames: a name that leads to a private address is refused when it is dialled, whatever it led to
// before, also behind a redirect.
//
// proves: limits judged: addresses of this machine and private networks: as literals, names, redirects, changing DNS, through a proxy
func TestWebNames(t *testing.T) {
	known := map[string][]string{"good.test": {"127.0.0.1"}}
	for name, addresses := range names {
		known[name] = addresses
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusFound)
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	strict := newWeb(Options{resolver: nameServer(known)})
	for _, address := range []string{"https://private.test/", "https://metadata.test/", "https://loopback.test/", "https://six.test/"} {
		if _, err := get(strict, address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if len(strict.breaker.servers) != 0 {
		t.Error("an address that is not visited counts as a server that fails")
	}
	loose := newWeb(Options{Loopback: true, resolver: nameServer(known), Roots: rootsOf(server)})
	loose.breaker.next.(*http.Transport).TLSClientConfig.ServerName = "example.com" // as in the test server's certificate
	for _, target := range []string{"https://private.test/", "https://metadata.test/", "https://169.254.169.254/", "https://[fd00::1]/", "http://10.0.0.1/"} {
		if _, err := get(loose, "https://good.test:"+port+"/?u="+target); !errors.Is(err, ErrAddress) {
			t.Errorf("redirect to %s: got %v", target, err)
		}
	}
	known["good.test"] = []string{"10.0.0.1"} // the name server's second thoughts
	loose.breaker.next.(*http.Transport).CloseIdleConnections()
	if _, err := get(loose, "https://good.test:"+port+"/"); !errors.Is(err, ErrAddress) {
		t.Errorf("after the name moved: got %v", err)
	}
}

// TestWebDrip: a server that sends a byte now and then has no more time than any other.
//
// proves: limits judged: 5 redirects, 5 s and 2 MiB a document (also packed or announced), 15 s and 40 documents a badge
func TestWebDrip(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	}))
	defer server.Close()
	w := newWeb(Options{Loopback: true, Roots: rootsOf(server), Patience: 100 * time.Millisecond})
	for range maxFailures {
		began := time.Now()
		if r, err := get(w, server.URL); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
			t.Errorf("got %+v, %v after %s", r, err, time.Since(began))
		}
	}
	if _, err := get(w, server.URL); !errors.Is(err, ErrUnresponsive) {
		t.Errorf("got %v", err)
	}
}

// TestWebUpgrades: an http address is asked by https; plain http only goes to this machine.
func TestWebUpgrades(t *testing.T) {
	w := &web{options: Options{}, guard: guardian(false)}
	for address, want := range map[string]string{
		"http://example.test/a": "https://example.test/a", "http://example.test:80/a": "https://example.test/a", "https://example.test:8443/a": "https://example.test:8443/a",
	} {
		u, _ := url.Parse(address)
		if err := w.allowed(u); err != nil || u.String() != want {
			t.Errorf("%s became %s, %v", address, u, err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer server.Close()
	if r, err := get(New(Options{Loopback: true}), server.URL); err != nil || string(r.Body) != "hello" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestResources(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("body.json", `{"from":"file"}`)
	m, err := Resources(write("r.json", `{"https://a.test/f":{"status":200,"headers":{"content-type":"application/json"},"file":"body.json"},
		"https://a.test":{"body":"root"},"http://a.test/301":{"status":301,"headers":{"Location":"/f"}},
		"https://a.test/loop":{"status":302,"headers":{"Location":"/loop"}},"https://a.test/ftp":{"status":302,"headers":{"Location":"ftp://x"}},
		"https://a.test/bad":{"status":302,"headers":{"Location":"%zz"}},"https://a.test/304":{"status":304}}`))
	if err != nil {
		t.Fatal(err)
	}
	m["https://a.test/big"] = Resource{Body: strings.Repeat("x", maxBody+1)}
	m["http://a.test/f"] = m["https://a.test/f"]
	for address, want := range map[string]string{
		"https://a.test/f": `{"from":"file"}`, "https://a.test/": "root", "https://a.test": "root", "http://a.test/301": `{"from":"file"}`, "https://a.test/304": "",
	} {
		if r, err := get(m, address); err != nil || string(r.Body) != want {
			t.Errorf("%s: %+v, %v", address, r, err)
		}
	}
	for address, want := range map[string]error{
		"https://a.test/none": errRefused, "https://a.test/f/": errRefused, "https://a.test/loop": ErrRedirects, "https://a.test/ftp": ErrAddress,
		"https://a.test/bad": ErrAddress, "https://a.test/big": ErrTooLarge, "urn:x": errRefused,
	} {
		if _, err := get(m, address); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", address, err, want)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Fetch(ended, Request{URL: "https://a.test/f"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, path := range []string{filepath.Join(folder, "none.json"), write("bad.json", "["), write("lost.json", `{"https://a.test/":{"file":"none"}}`)} {
		if _, err := Resources(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

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
	c := newCache(local(t, server), func() time.Time { return now })
	for range 3 {
		if r, err := get(c, server.URL); err != nil || string(r.Body) != "one" || sent != 1 {
			t.Errorf("got %+v, %v; sent %d", r, err, sent)
		}
		now = now.Add(time.Second)
	}
}

// TestRedirectSchemes: a redirect may go on to https, never to anything else but this machine's http in
// tests.
//
// proves: limits judged: addresses of this machine and private networks: as literals, names, redirects, changing DNS, through a proxy
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
	strict := newWeb(Options{resolver: nameServer(names)})
	next, _ := http.NewRequest(http.MethodGet, "http://example.com/x", nil)
	if err := strict.redirect(next, []*http.Request{next}); err != nil || next.URL.String() != "https://example.com/x" {
		t.Errorf("got %s, %v", next.URL, err)
	}
}
