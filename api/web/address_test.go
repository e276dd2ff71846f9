package web

import (
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestAddressOf(t *testing.T) {
	for _, c := range []struct {
		proxies, remote, forwarded, want string
	}{
		{"", "203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.0/8", "203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.0/8", "10.1.2.3:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.0/8", "10.1.2.3:1", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
		{"10.0.0.0/8", "127.0.0.1:1", "198.51.100.1", "127.0.0.1"},
		{"fd00::/8", "[fd00::1]:1", "2001:db8::7", "2001:db8::7"},
	} {
		var proxies []netip.Prefix
		if c.proxies != "" {
			proxies = append(proxies, netip.MustParsePrefix(c.proxies))
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set(echo.HeaderXForwardedFor, c.forwarded)
		if got := addressOf(proxies, true, slog.New(slog.DiscardHandler))(r); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
