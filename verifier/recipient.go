package verifier

import (
	"context"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// credentialRecipient answers whether the badge was issued to the address that was asked about (spec
// 3.0 section 10, step 5).
func (x *examination) credentialRecipient(ctx context.Context, r *openbadge.Received) {
	x.recipient(func(address string) bool {
		return subjectMatches(r.Subject, address) || r.Claims != nil && strings.EqualFold(strings.TrimPrefix(r.Claims.Subject, "mailto:"), address)
	})
	x.person(ctx, func(name string) nameMatch { return subjectNamed(r.Subject, name) })
}

// assertionRecipient does the same for 2.0, whatever kind of address the badge names (spec 2.0 section
// 5): the standard normalises nothing, so each is tried in the spellings that issuers use.
func (x *examination) assertionRecipient(ctx context.Context, o *ob2.Object) {
	r := o.Recipient()
	x.recipient(func(address string) bool {
		return slices.ContainsFunc(spellings(address), r.Matches) || !r.Hashed && strings.EqualFold(r.Identity, address)
	})
	x.person(ctx, func(name string) nameMatch {
		named := r.Type == "name" || r.Type == "schema:name" || r.Type == "http://schema.org/name"
		switch {
		case !named:
			return nameUnsaid
		case !r.Hashed:
			return max(nameDifferent, compareNames(r.Identity, name))
		case r.Matches(name):
			return nameSame
		}
		return nameDifferent
	})
}

// spellings of an address: as typed, and a telephone number or web address as it is often written down.
func spellings(address string) []string {
	all := []string{address}
	if digits, isPhone := telephone(address); isPhone {
		all = append(all, digits, "tel:"+digits)
	}
	for _, scheme := range []string{"mailto:", "tel:"} {
		if rest, found := strings.CutPrefix(address, scheme); found {
			all = append(all, rest)
		}
	}
	if _, isWeb := webURL(address); isWeb {
		if bare, slash := strings.CutSuffix(address, "/"); slash {
			return append(all, bare)
		}
		return append(all, address+"/")
	}
	if strings.Contains(address, "@") {
		all = append(all, "mailto:"+address)
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

// subjectMatches compares an address with everything that names the subject. The standard normalises
// nothing, so a hash is tried with the address as typed and in lower case.
func subjectMatches(s openbadge.ReceivedSubject, address string) bool {
	if strings.EqualFold(strings.TrimPrefix(s.ID, "mailto:"), address) {
		return true
	}
	for _, i := range s.Identifiers {
		if !i.Hashed && strings.EqualFold(i.IdentityHash, address) {
			return true
		}
		if i.Hashed && (openbadge.MatchIdentity(i.IdentityHash, address, i.Salt) || openbadge.MatchIdentity(i.IdentityHash, strings.ToLower(address), i.Salt)) {
			return true
		}
	}
	return false
}
