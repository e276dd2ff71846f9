package earner

import (
	"net/netip"
)

// Network is the part of a client's address that throttles count by: a /24 of IPv4, a /48 of IPv6.
// It is "", which is not limited, for an address that is not known and for loopback: behind a proxy
// that is not trusted everybody comes from there.
func Network(client netip.Addr) string {
	client = client.Unmap()
	if !client.IsValid() || client.IsLoopback() || client.IsUnspecified() {
		return ""
	}
	bits := 48
	if client.Is4() {
		bits = 24
	}
	prefix, err := client.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
