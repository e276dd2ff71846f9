package verifier

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// recipient compares every address that was asked about; the badge is the person's if one is.
func (x *examination) recipient(matches func(address string) bool) {
	people := x.in.people()
	switch {
	case len(people) == 0:
	case slices.ContainsFunc(people, matches):
		x.pass(CheckRecipient, "The badge was issued to this person.")
	default:
		x.fail(CheckRecipient, RecipientMismatch, "The badge was not issued to this person.")
	}
}

// credentialRecipient answers whether the badge was issued to the address that was asked about (spec
// 3.0 section 10, step 5).
func (x *ob3Examination) credentialRecipient(ctx context.Context, r *openbadge.Received) {
	x.recipient(func(address string) bool {
		return subjectMatches(r.Subject, address) || r.Claims != nil && sameIdentity(r.Claims.Subject, address)
	})
	x.person(ctx, func(name string) nameMatch { return subjectNamed(r.Subject, name) })
}

// subjectMatches compares an address with everything that names the subject. The standard normalises
// nothing, so a hash is tried with each spelling.
func subjectMatches(s openbadge.ReceivedSubject, address string) bool {
	if sameIdentity(s.ID, address) {
		return true
	}
	asked := email.Spellings(identityOf(address))
	for _, i := range s.Identifiers {
		if !i.Hashed && sameIdentity(i.IdentityHash, address) {
			return true
		}
		if slices.ContainsFunc(asked, i.Matches) {
			return true
		}
	}
	return false
}

// assertionRecipient does the same for 2.0, whatever kind of address the badge names (spec 2.0 section
// 5): the standard normalises nothing, so each is tried in the spellings that issuers use.
func (x *ob2Examination) assertionRecipient(ctx context.Context, o *ob2.Object) {
	r := o.Recipient()
	x.recipient(func(address string) bool {
		return slices.ContainsFunc(spellings(address), r.Matches) || !r.Hashed && sameIdentity(r.Identity, address)
	})
	x.person(ctx, func(name string) nameMatch {
		named := r.Type == "name" || r.Type == "schema:name" || r.Type == "http://schema.org/name"
		switch {
		case !named:
			return nameUnsaid
		case !r.Hashed:
			return max(nameDifferent, compareNames(r.Identity, name))
		case slices.ContainsFunc(nameSpellings(name), r.Matches):
			return nameSame
		}
		return nameDifferent
	})
}

// spellings of an address: as typed, an e-mail address as others may have hashed it, and a telephone number or
// web address as it is often written down.
func spellings(address string) []string {
	all := append([]string{address}, email.Spellings(identityOf(address))...)
	if digits, isPhone := telephone(address); isPhone {
		all = append(all, digits, "tel:"+digits)
	}
	for _, scheme := range []string{"mailto:", "tel:"} {
		if rest, found := strings.CutPrefix(address, scheme); found {
			all = append(all, rest)
		}
	}
	if _, isWeb := egress.WebURL(address); isWeb {
		if bare, slash := strings.CutSuffix(address, "/"); slash {
			return append(all, bare)
		}
		return append(all, address+"/")
	}
	for _, spelling := range all {
		if strings.Contains(spelling, "@") && !strings.HasPrefix(spelling, "mailto:") {
			all = append(all, "mailto:"+spelling)
		}
	}
	return all
}

// telephone gives the digits of a telephone number (E.164 with a plus sign, where it was typed).
func telephone(text string) (digits string, isPhone bool) {
	plain := strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "").Replace(strings.TrimPrefix(text, "tel:"))
	number := strings.TrimPrefix(plain, "+")
	if len(number) < 5 || len(number) > 15 || strings.Trim(number, "0123456789") != "" {
		return "", false
	}
	return plain, true
}

// sameIdentity compares what two texts name.
func sameIdentity(a, b string) bool {
	a, b = identityOf(a), identityOf(b)
	if mailbox, is := email.Canonical(a); is {
		if other, is := email.Canonical(b); is {
			return mailbox == other
		}
	}
	return a != "" && strings.EqualFold(a, b)
}

// identityOf gives what a text names, decoded as its scheme asks: the address of a mailto:, which is
// percent-encoded and may carry header fields (RFC 6068 section 2), the number of a tel: without what
// separates its digits for the eye (RFC 3966 section 5.1.1), a DID without escapes. A bare address is
// what it is: a percent sign may stand in one.
func identityOf(text string) string {
	text = strings.TrimSpace(text)
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return text
	}
	switch strings.ToLower(scheme) {
	case "mailto":
		rest, _, _ = strings.Cut(rest, "?")
		if plain, err := url.PathUnescape(rest); err == nil {
			return plain
		}
		return rest
	case "tel":
		rest, _, _ = strings.Cut(rest, ";")
		if digits, isPhone := telephone(rest); isPhone {
			return digits
		}
		return rest
	case "did", "urn":
		return plainID(text)
	}
	return text
}

// person answers whether the badge was issued to somebody of the name that was asked about. match compares
// it with the names that the document says: a badge that names nobody is not somebody else's. Of a badge
// of ours that names nobody, as those of 2.0 do, or says initials only, the record says the name.
func (x *examination) person(ctx context.Context, match func(name string) nameMatch) {
	name := strings.Join(strings.Fields(x.in.Person), " ")
	if name == "" {
		return
	}
	m := match(name)
	if m != nameSame {
		if r, found := x.record(ctx); found {
			m = max(m, compareNames(cmp.Or(r.Named, r.Holder), name))
		}
	}
	if m == nameDifferent {
		x.findings = append(x.findings, WrongRecipient)
	}
	x.add(m.check())
}

// subjectNamed compares a name with those of a 3.0 subject: identifiers of type name, plain or hashed
// (spec 3.0 section 2.3), and the name that many issuers add to the subject. The closest one counts.
func subjectNamed(s openbadge.ReceivedSubject, name string) nameMatch {
	best := nameUnsaid
	for _, written := range textsOf(s.Members["name"]) {
		best = max(best, compareNames(written, name))
	}
	for _, i := range s.Identifiers {
		switch {
		case i.IdentityType != "name":
		case !i.Hashed:
			best = max(best, compareNames(i.IdentityHash, name))
		case slices.ContainsFunc(nameSpellings(name), i.Matches):
			best = nameSame
		default:
			best = max(best, nameDifferent)
		}
	}
	return best
}

// nameSpellings are those under which others may have hashed a name: as typed and in lower case, composed as
// most keyboards do.
func nameSpellings(name string) []string {
	composed := norm.NFC.String(name)
	return []string{name, composed, strings.ToLower(name), strings.ToLower(composed)}
}
