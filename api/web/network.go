package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
)

// Network is the part of the caller's address that limits count by: see earner.Network.
func Network(c echo.Context) string {
	addr, _ := netip.ParseAddr(c.RealIP()) // where it cannot be told the zero address, which is one network
	return earner.Network(addr)
}

// addressOf says where a request comes from, or "" where that cannot be told. Without trusted proxies it is the
// connection's other end, whatever headers claim. Loopback is this machine only where the site is here too:
// under a public address it is a proxy that is not trusted, with the world behind it. What cannot be told is said once
// in the log, since all of it shares one limit.
func addressOf(proxies []netip.Prefix, here bool, log *slog.Logger) echo.IPExtractor {
	var once sync.Once
	return func(r *http.Request) string {
		client := clientOf(r, proxies)
		if client.IsValid() && !client.IsUnspecified() && (here || !client.IsLoopback()) {
			return client.String()
		}
		once.Do(func() {
			log.Warn("callers cannot be told apart and share one limit: set INSIGNIA_TRUSTED_PROXIES, and let the proxy send X-Forwarded-For",
				"peer", r.RemoteAddr)
		})
		return ""
	}
}

// clientOf reads X-Forwarded-For from its end, as far as trusted proxies wrote it. The address is not valid where
// they named nobody, or nobody that can be read.
func clientOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	trusted := func(a netip.Addr) bool {
		for _, p := range proxies {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	client := readAddr(r.RemoteAddr)
	if !client.IsValid() || !trusted(client) {
		return client
	}
	named := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
	for k := len(named) - 1; k >= 0; k-- {
		if client = readAddr(named[k]); !client.IsValid() || !trusted(client) {
			break
		}
	}
	return client
}

// readAddr reads an address with or without a port, brackets and quotation marks, as proxies write them. Such of
// IPv4 in IPv6 are of IPv4.
func readAddr(text string) netip.Addr {
	text = strings.Trim(strings.TrimSpace(text), `"`)
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone("")
}

// ThisMachine reports whether nobody but this machine reaches a host, which may come with a port.
func ThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
