// Package email knows how e-mail addresses are spelled. Whoever stores, compares, hashes or mails to an address
// does so in the one spelling that Canonical gives; Spellings is for what others have written. It must not decide
// anything else about addresses.
package email

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

const (
	most      = 254 // bytes of an address, RFC 5321 errata 1690
	mostLocal = 64  // RFC 5321 §4.5.3.1.1
	mostLabel = 63  // RFC 1035 §2.3.4
)

// Canonical is the one spelling of an address: no blanks around it, what was typed in full width in plain letters,
// the local part composed (NFC) and in lower case, the domain in lower-case A-labels (RFC 5891). ok is false for
// what no letter can be sent to; whether mail arrives there only a letter can tell. A letter must go to the
// canonical spelling, since that is what a code proves.
func Canonical(typed string) (canonical string, ok bool) {
	local, domain, ok := split(typed)
	if !ok {
		return "", false
	}
	if domain, ok = asciiDomain(domain); !ok {
		return "", false
	}
	local = lower(local)
	canonical = local + "@" + domain
	if len(local) > mostLocal || len(canonical) > most {
		return "", false
	}
	return canonical, true
}

// split parts an address at its at sign, in the letters that were meant. Dots may follow each other or end the
// local part: mobile operators gave out such addresses, and people have them. They are written in quotes where
// they are sent to (RFC 5322 §3.4.1).
func split(typed string) (local, domain string, ok bool) {
	if len(typed) > 4*most || !utf8.ValidString(typed) {
		return "", "", false
	}
	address := norm.NFC.String(strings.Map(plainLetter, strings.TrimSpace(typed)))
	local, domain, ok = strings.Cut(address, "@")
	if !ok || local == "" || local[0] == '.' || strings.Contains(domain, "@") || strings.ContainsFunc(address, notInAddress) {
		return "", "", false
	}
	return local, domain, true
}

// plainLetter undoes what keyboards for East Asian scripts make of letters, digits and signs, and of full stops
// (UTS #46 §2.3).
func plainLetter(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '。' || r == '｡':
		return '.'
	}
	return r
}

// notInAddress refuses what a mail header or a reader could take for something else.
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`<>()[],;:\"`, r)
}

// lower is in lower case and composed. The letters are changed one by one without their marks: İ is i with a dot
// above, which is another letter than i.
func lower(s string) string { return norm.NFC.String(strings.ToLower(norm.NFD.String(s))) }

// labels maps as browsers and mail programs do before they look a name up. Hyphens stand where they like, since
// domains with two in the third and fourth place are registered and in use.
var labels = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// asciiDomain is a domain in lower-case A-labels. ASCII needs no IDNA.
func asciiDomain(domain string) (string, bool) {
	list := strings.Split(domain, ".")
	for i, label := range list {
		mapped := strings.ToLower(label)
		if strings.HasPrefix(mapped, "xn--") || strings.ContainsFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }) {
			var err error
			if mapped, err = labels.ToASCII(label); err != nil {
				return "", false
			}
		}
		if mapped == "" || len(mapped) > mostLabel || mapped[0] == '-' || mapped[len(mapped)-1] == '-' || strings.ContainsFunc(mapped, notInLabel) {
			return "", false
		}
		list[i] = mapped
	}
	return strings.Join(list, "."), true
}

// notInLabel leaves the letters, digits and hyphens of host names, and the underscore that some have.
func notInLabel(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

// Spellings are those under which others may have hashed the address that somebody typed, each once: as typed, in
// lower case, canonical, with the domain in A-labels and in U-labels, composed and decomposed. No standard
// normalises addresses before they are hashed. What is no address comes as typed and in lower case.
func Spellings(typed string) []string {
	typed = strings.TrimSpace(typed)
	canonical, ok := Canonical(typed)
	all := []string{typed, strings.ToLower(typed)}
	if ok {
		at := strings.LastIndexByte(canonical, '@')
		domains := []string{canonical[at+1:]}
		if readable, err := labels.ToUnicode(domains[0]); err == nil {
			domains = append(domains, readable)
		}
		local, _, _ := split(typed)
		for _, l := range []string{canonical[:at], local} {
			for _, domain := range domains {
				all = append(all, l+"@"+domain)
			}
		}
	}
	var each []string
	for _, s := range all {
		for _, form := range []string{s, norm.NFC.String(s), norm.NFD.String(s)} {
			mailbox, _ := Canonical(form)
			if mailbox == canonical && !slices.Contains(each, form) { // lower case may make another address of it
				each = append(each, form)
			}
		}
	}
	return each
}
