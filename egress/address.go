package egress

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// WebURL reads an absolute http or https address without user information; an address of any other
// kind leads nowhere. The fragment is cut off.
func WebURL(text string) (*url.URL, bool) {
	if len(text) > 4096 || strings.ContainsAny(text, " \t\r\n\\") {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return nil, false
	}
	u.Fragment, u.RawFragment = "", ""
	return u, true
}

// Origin is what a same-origin rule compares: scheme, host in lower case, port unless the usual one.
func Origin(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + host + ":" + port
}

// allowed judges the address before anything is looked up, and turns http into https; the dialled
// address is judged by guard (see dialled).
func (w *web) allowed(u *url.URL) error {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	address, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
	switch {
	case u.User != nil || host == "":
		return ErrAddress
	case local && !w.options.Loopback:
		return ErrLoopback
	case u.Scheme == "http" && !(w.options.Loopback && local):
		if port := u.Port(); port != "" && port != "80" {
			return fmt.Errorf("%w: plain http", ErrAddress)
		}
		u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%w: not https", ErrAddress)
	}
	if err == nil {
		return w.safe(address)
	}
	if last := host[strings.LastIndexByte(host, '.')+1:]; last == "" || last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("%w: a number that some read as an address", ErrAddress) // 127.1, 0x7f000001, 2130706433
	}
	return nil
}

// safe judges an address that is known before it is dialled.
func (w *web) safe(address netip.Addr) error {
	network := "tcp6"
	if address.Unmap().Is4() {
		network, address = "tcp4", address.Unmap()
	}
	return w.dialled(network, netip.AddrPortFrom(address.WithZone(""), 443).String(), nil)
}

// dialled judges the address that a connection is about to be made to (net.Dialer.Control).
func (w *web) dialled(network, address string, c syscall.RawConn) error {
	if err := w.guard.Safe(network, address, c); err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return nil
}
