package earner

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress is the longest address that mail can carry, RFC 5321 §4.5.3.1.3 less its brackets.
const maxAddress = 254

// Canonical is the one spelling under which an address is stored and mailed: trimmed and in lower
// case. ok is false for what can be no address; whether mail arrives there only a letter can tell.
// A letter must go to the canonical form, since that is what a code proves.
func Canonical(address string) (canonical string, ok bool) {
	if len(address) > 2*maxAddress || !utf8.ValidString(address) {
		return "", false
	}
	canonical = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(canonical, '@')
	if at < 1 || at > 64 || at == len(canonical)-1 || len(canonical) > maxAddress {
		return "", false
	}
	return canonical, !strings.ContainsFunc(canonical, notInAddress) && !strings.ContainsRune(canonical[:at], '@') && plausibleDomain(canonical[at+1:])
}

// notInAddress refuses what a mail header or a reader could take for something else.
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`<>()[],;:\"`, r)
}

func plausibleDomain(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return true
}

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
