package verifier

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/openbadge"
)

// person answers whether the badge was issued to somebody of the name that was asked about. match compares
// it with the names that the document says: a badge that names nobody is not somebody else's.
func (x *examination) person(match func(name string) NameMatch) {
	name := strings.Join(strings.Fields(x.in.Person), " ")
	if name != "" {
		x.apply(match(name))
	}
}

func (x *examination) apply(match NameMatch) {
	if match == NameDifferent {
		x.findings = append(x.findings, WrongRecipient)
	}
	x.add(match.Check())
}

// subjectNamed compares a name with those of a 3.0 subject: identifiers of type name, plain or hashed
// (spec 3.0 section 2.3), and the name that many issuers add to the subject. The closest one counts.
func subjectNamed(s openbadge.ReceivedSubject, name string) NameMatch {
	best := NameUnsaid
	for _, written := range textsOf(s.Members["name"]) {
		best = max(best, CompareNames(written, name))
	}
	for _, i := range s.Identifiers {
		switch {
		case i.IdentityType != "name":
		case !i.Hashed:
			best = max(best, CompareNames(i.IdentityHash, name))
		case hashedName(i, name):
			best = NameSame
		default:
			best = max(best, NameDifferent)
		}
	}
	return best
}

// hashedName tries the name as typed and in lower case, composed as most keyboards do.
func hashedName(i openbadge.IdentityObject, name string) bool {
	composed := norm.NFC.String(name)
	for _, try := range []string{name, composed, strings.ToLower(composed)} {
		if openbadge.MatchIdentity(i.IdentityHash, try, i.Salt) {
			return true
		}
	}
	return false
}
