package verifier

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// trail is what a request met on its way: how many redirects, how long they may be believed, and the
// time that is left.
type trail struct {
	count int
	fresh time.Duration
	clock *clock
}

func (w *web) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if hops, found := next.Context().Value(trail{}).(*trail); found {
		hops.count++
		hops.fresh = min(hops.fresh, hopFreshness(next.Response))
	}
	for _, name := range []string{"Referer", "If-None-Match", "If-Modified-Since"} {
		next.Header.Del(name) // a version's name means something only where it came from
	}
	return w.allowed(next.URL)
}

// allowed judges the address before anything is looked up, and turns http into https; the dialled
// address is judged by guard.
func (w *web) allowed(u *url.URL) error {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	address, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
	switch {
	case u.User != nil || host == "":
		return errAddress
	case local && !w.options.Loopback:
		return errHere
	case u.Scheme == "http" && !(w.options.Loopback && local):
		if port := u.Port(); port != "" && port != "80" {
			return fmt.Errorf("%w: plain http", errAddress)
		}
		u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%w: not https", errAddress)
	}
	if err == nil {
		return w.safe(address)
	}
	if last := host[strings.LastIndexByte(host, '.')+1:]; last == "" || last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("%w: a number that some read as an address", errAddress) // 127.1, 0x7f000001, 2130706433
	}
	return nil
}

// safe judges an address that is known before it is dialled.
func (w *web) safe(address netip.Addr) error {
	network := "tcp6"
	if address.Unmap().Is4() {
		network, address = "tcp4", address.Unmap()
	}
	if err := w.guard.Safe(network, netip.AddrPortFrom(address.WithZone(""), 443).String(), nil); err != nil {
		return fmt.Errorf("%w: %w", errAddress, err)
	}
	return nil
}
