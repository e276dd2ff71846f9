package earner

import (
	"net/netip"
)

// unknownNetwork is where everybody comes from whose address cannot be told. It is limited like any other:
// else whoever hides an address would be free.
const unknownNetwork = "unknown"

// Network is the part of a client's address that throttles count by: a /24 of IPv4, a /48 of IPv6. It is "",
// which is not limited, for loopback; a server that others reach through this machine must not hand that in.
func Network(client netip.Addr) string {
	client = client.Unmap()
	switch {
	case client.IsLoopback():
		return ""
	case !client.IsValid() || client.IsUnspecified():
		return unknownNetwork
	}
	bits := 48
	if client.Is4() {
		bits = 24
	}
	prefix, err := client.WithZone("").Prefix(bits)
	if err != nil {
		return unknownNetwork
	}
	return prefix.String()
}

// WiderShare is how many times of what a network may its wider one may.
const WiderShare = 8

// WiderNetwork is the /32 of a /48 of IPv6, which a provider hands out to one customer of many networks as easily
// as to many customers; "" for any other network.
func WiderNetwork(network string) string {
	prefix, err := netip.ParsePrefix(network)
	if err != nil || prefix.Addr().Is4() {
		return ""
	}
	wider, err := prefix.Addr().Prefix(32)
	if err != nil {
		return ""
	}
	return wider.String()
}
