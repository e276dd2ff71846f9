package egress

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// tunnel is a proxy that knows one server, whatever it is asked for.
type tunnel struct {
	to string // host and port
	mu sync.Mutex
	// What it was asked for, and with which password.
	asked []string
	auth  string
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked, p.auth = append(p.asked, r.Method+" "+r.Host), r.Header.Get("Proxy-Authorization")
	p.mu.Unlock()
	if p.to == "" {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		panic(err)
	}
	here, sent, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, sent); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func (p *tunnel) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// names is a name server with a few names.
var names = map[string][]string{
	"example.com": {"93.184.215.14"}, "private.test": {"10.0.0.1"}, "metadata.test": {"169.254.169.254", "fd00::1"}, "mixed.test": {"127.0.0.1", "93.184.215.14"},
	"loopback.test": {"127.0.0.1"}, "six.test": {"::1"},
}

// nameServer is a resolver that knows these names and no others.
func nameServer(known map[string][]string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go answerNames(there, known)
		return here, nil
	}}
}

// answerNames speaks DNS over a stream, as over TCP (RFC 1035 §4.2.2).
func answerNames(conn net.Conn, known map[string][]string) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(question); err != nil {
			return
		}
		q := m.Questions[0]
		addresses, found := known[strings.TrimSuffix(q.Name.String(), ".")]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if !found {
			m.RCode = dnsmessage.RCodeNameError
		}
		for _, text := range addresses {
			address, header := netip.MustParseAddr(text), dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
			switch {
			case address.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
			case address.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
			}
		}
		answer, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func throughProxy(t *testing.T, proxy string, change func(o *Options)) *web {
	at, err := ParseProxy(proxy)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Proxy: at, resolver: nameServer(names)}
	if change != nil {
		change(&o)
	}
	w := newWeb(o)
	t.Cleanup(w.breaker.next.(*http.Transport).CloseIdleConnections)
	return w
}

// TestProxy: everything goes through the proxy, which is asked for addresses that were judged here:
// neither literal private ones nor names that lead to them get as far as that.
//
// proves: limits judged: addresses of this machine and private networks: as literals, names, redirects, changing DNS, through a proxy
func TestProxy(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello "+r.Host) }))
	defer server.Close()
	p := &tunnel{to: server.Listener.Addr().String()}
	proxy := httptest.NewServer(p)
	defer proxy.Close()
	at, _ := url.Parse(proxy.URL)
	at.User = url.UserPassword("me", "secret")
	w := throughProxy(t, at.String(), func(o *Options) { o.Roots = rootsOf(server) })
	for _, address := range []string{
		"https://10.0.0.1/", "https://[::1]/", "https://127.0.0.1/", "https://localhost/", "https://a.localhost/", "https://169.254.169.254/",
		"https://private.test/", "https://metadata.test/", "https://loopback.test/", "https://six.test/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1]/",
	} {
		if _, err := get(w, address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if _, err := get(w, "https://unknown.test/"); err == nil {
		t.Error("a name that nobody knows was visited")
	}
	if asked := p.take(); len(asked) != 0 {
		t.Errorf("the proxy was asked for %v", asked)
	}
	r, err := get(w, "https://example.com/x")
	if err != nil || string(r.Body) != "hello example.com" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if asked := p.take(); !slices.Equal(asked, []string{"CONNECT 93.184.215.14:443"}) || p.auth != "Basic bWU6c2VjcmV0" {
		t.Errorf("the proxy was asked for %v with %q", asked, p.auth)
	}
	_, _ = get(w, "https://mixed.test:8443/x")
	_, _ = get(w, "https://8.8.8.8/x")
	if asked := p.take(); !slices.Equal(asked, []string{"CONNECT 93.184.215.14:8443", "CONNECT 8.8.8.8:443"}) {
		t.Errorf("the proxy was asked for %v", asked)
	}
}

// TestProxyResolves: in a network without names the proxy gets the name, and still no private address.
//
// proves: limits judged: addresses of this machine and private networks: as literals, names, redirects, changing DNS, through a proxy
func TestProxyResolves(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer server.Close()
	p := &tunnel{to: server.Listener.Addr().String()}
	proxy := httptest.NewTLSServer(p)
	defer proxy.Close()
	w := throughProxy(t, proxy.URL, func(o *Options) { o.Roots, o.ProxyResolves = rootsOf(server), true })
	w.options.Roots.AddCert(proxy.Certificate())
	if r, err := get(w, "https://example.com/"); err != nil || string(r.Body) != "hello" {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, address := range []string{"https://10.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/"} {
		if _, err := get(w, address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if asked := p.take(); !slices.Equal(asked, []string{"CONNECT example.com:443"}) {
		t.Errorf("the proxy was asked for %v", asked)
	}
}

// TestProxyFails: whatever a proxy does, the fetch ends, and no server is blamed.
func TestProxyFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	answers := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, <-answers)
			_ = conn.Close()
		}
	}()
	w := throughProxy(t, "http://"+listener.Addr().String(), nil)
	for _, answer := range []string{"", "HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nbefore the time", "nonsense\r\n\r\n", "HTTP/1.1 502 Bad\r\n\r\n"} {
		answers <- answer
		if _, err := get(w, "https://example.com/"); !errors.Is(err, errProxy) {
			t.Errorf("%q: got %v", answer, err)
		}
	}
	if len(w.breaker.servers) != 0 {
		t.Error("a server is blamed for what the proxy does")
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := w.Fetch(ctx, Request{URL: "https://example.com/"}); err == nil {
		t.Error("a silent proxy answered")
	}
	answers <- ""
	_ = listener.Close()
	if _, err := get(w, "https://example.com/"); !errors.Is(err, errProxy) {
		t.Errorf("got %v", err)
	}
	if _, err := w.dialProxy(context.Background(), "tcp", "no port"); err == nil {
		t.Error("dialled")
	}
}

func TestParseProxy(t *testing.T) {
	for _, text := range []string{"http://proxy.test:3128", "https://me:secret@proxy.test", "http://10.0.0.1:3128/"} {
		if u, err := ParseProxy(text); err != nil || u.Host == "" {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"", "proxy.test:3128", "socks5://proxy.test", "http://", "http://a.test/path", "http://a.test?x=1", "http://secret\x7f@a.test"} {
		if u, err := ParseProxy(text); err == nil {
			t.Errorf("%q became %s", text, u)
		}
	}
}
