package web

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
)

// TestNetworks names the network that a request counts for: what cannot be told apart is one network, which is
// limited, and only this machine under an address of this machine is free.
func TestNetworks(t *testing.T) {
	const public, local = "https://badges.test", "http://127.0.0.1:8080"
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		base, peer string
		proxies    []netip.Prefix
		forwarded  []string
		want       string
	}{
		{public, "203.0.113.9:4711", nil, nil, "203.0.113.0/24"},
		{public, "203.0.113.9:4711", nil, []string{"198.51.100.7"}, "203.0.113.0/24"},
		{public, "203.0.113.9:4711", proxies, []string{"198.51.100.7"}, "203.0.113.0/24"},
		{public, "127.0.0.1:1", nil, nil, "unknown"}, // a proxy that is not trusted
		{public, "[::1]:1", nil, []string{"198.51.100.7"}, "unknown"},
		{local, "127.0.0.1:1", nil, nil, ""},
		{local, "[::1]:1", nil, nil, ""},
		{local, "[::ffff:127.0.0.1]:1", nil, nil, ""},
		{local, "203.0.113.9:4711", nil, nil, "203.0.113.0/24"},
		{public, "@", nil, nil, "unknown"}, // a socket of this machine's files
		{public, "127.0.0.1:1", proxies, []string{"198.51.100.7"}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"198.51.100.7:51234"}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{` "198.51.100.7:51234" `}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"2001:db8:1:2::1"}, "2001:db8:1::/48"},
		{public, "127.0.0.1:1", proxies, []string{"[2001:db8:1:2::1]"}, "2001:db8:1::/48"},
		{public, "127.0.0.1:1", proxies, []string{"[2001:db8:1:2::1]:443"}, "2001:db8:1::/48"},
		{public, "127.0.0.1:1", proxies, []string{`"[2001:db8:1:2::1]:80"`}, "2001:db8:1::/48"},
		{public, "127.0.0.1:1", proxies, []string{"::ffff:198.51.100.7"}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"1.2.3.4, 198.51.100.7, 10.1.2.3"}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"1.2.3.4", "198.51.100.7:80, 10.1.2.3:81"}, "198.51.100.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"10.1.2.3"}, "10.1.2.0/24"},
		{public, "127.0.0.1:1", proxies, []string{"127.0.0.1"}, "unknown"},
		{local, "127.0.0.1:1", proxies, nil, "unknown"},
		{public, "127.0.0.1:1", proxies, nil, "unknown"},
		{public, "127.0.0.1:1", proxies, []string{""}, "unknown"},
		{public, "127.0.0.1:1", proxies, []string{"unknown"}, "unknown"},
		{public, "127.0.0.1:1", proxies, []string{"198.51.100.7,"}, "unknown"},
		{public, "127.0.0.1:1", proxies, []string{"198.51.100.7, unknown, 10.1.2.3"}, "unknown"},
		{public, "127.0.0.1:1", proxies, []string{"0.0.0.0"}, "unknown"},
	} {
		var log bytes.Buffer
		s := New(Options{BaseURL: test.base, TrustedProxies: test.proxies, Log: slog.New(slog.NewTextHandler(&log, nil))})
		e := echo.New()
		e.IPExtractor = s.CallerAddress()
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		for _, f := range test.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		for range 2 {
			if got := Network(e.NewContext(r, httptest.NewRecorder())); got != test.want {
				t.Errorf("%+v: got %q", test, got)
			}
		}
		warned := strings.Count(log.String(), "cannot be told apart")
		if want := map[bool]int{true: 1}[test.want == "unknown"]; warned != want {
			t.Errorf("%+v: warned %d times, want %d", test, warned, want)
		}
	}
}

// TestManyNetworksOfOneProvider finds that a /32 of IPv6 is limited however many /48 it has.
func TestManyNetworksOfOneProvider(t *testing.T) {
	const perSecond, burst = 5, 20
	c := echo.New().NewContext(httptest.NewRequest("GET", "/", nil), httptest.NewRecorder())
	checks, allowed := NewThrottle(perSecond, burst, func() time.Time { return time.Unix(0, 0) }), 0
	for k := range 0x200 {
		addr := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(k >> 8), byte(k)})
		if checks.Allow(c, earner.Network(addr)) == nil {
			allowed++
		}
	}
	if allowed != 8*burst {
		t.Errorf("one provider's 512 networks made %d checks, want %d", allowed, 8*burst)
	}
}
