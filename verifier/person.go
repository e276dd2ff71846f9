package verifier

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/openbadge"
)

// person answers whether the badge was issued to somebody of the name that was asked about. match compares
// it with the names that the document says: a badge that names nobody is not somebody else's. Of a badge
// of ours that names nobody, as those of 2.0 do, the record says the name.
func (x *examination) person(ctx context.Context, match func(name string) nameMatch) {
	name := strings.Join(strings.Fields(x.in.Person), " ")
	if name == "" {
		return
	}
	m := match(name)
	if m == nameUnsaid {
		if r, found := x.record(ctx); found {
			m = compareNames(r.Holder, name)
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
