package issuer

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// CanonicalEmail is the one spelling under which an address is stored, compared and mailed: trimmed and in
// lower case. ok is false for what no letter can be sent to; whether mail arrives there only a letter can
// tell. A letter must go to the canonical form, since that is what a code proves.
func CanonicalEmail(address string) (canonical string, ok bool) {
	if len(address) > 2*maxEmail || !utf8.ValidString(address) {
		return "", false
	}
	canonical = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(canonical, '@')
	if at < 1 || at > 64 || at == len(canonical)-1 || len(canonical) > maxEmail || strings.ContainsFunc(canonical, notInEmail) {
		return "", false
	}
	_, err := mail.ParseAddress("<" + canonical + ">")
	return canonical, err == nil && plausibleDomain(canonical[at+1:])
}

// notInEmail refuses what a mail header or a reader could take for something else.
func notInEmail(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`<>()[],;:\"`, r)
}

func plausibleDomain(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	_, err := idna.Lookup.ToASCII(domain)
	return err == nil
}
