package verifier

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/openbadge"
)

// person answers whether the badge was issued to somebody of the name that was asked about. match says
// whether the document's names are that name, and whether it says any at all: a badge that names
// nobody is not somebody else's.
func (x *examination) person(match func(name string) (same, named bool)) {
	name := strings.Join(strings.Fields(x.in.Person), " ")
	if name == "" {
		return
	}
	switch same, named := match(name); {
	case same:
		x.pass(CheckRecipient, "The badge was issued to somebody of this name.")
	case named:
		x.fail(CheckRecipient, RecipientMismatch, "The badge was issued to somebody of another name.")
	default:
		x.warn(CheckRecipient, "", "The badge does not say its holder's name, so the name was not compared.")
	}
}

// subjectNamed compares a name with those of a 3.0 subject: identifiers of type name, plain or hashed
// (spec 3.0 section 2.3), and the name that many issuers add to the subject.
func subjectNamed(s openbadge.ReceivedSubject, name string) (same, named bool) {
	for _, written := range textsOf(s.Members["name"]) {
		named = named || strings.TrimSpace(written) != ""
		same = same || sameName(written, name)
	}
	for _, i := range s.Identifiers {
		if i.IdentityType != "name" {
			continue
		}
		named = true
		same = same || !i.Hashed && sameName(i.IdentityHash, name) || i.Hashed && hashedName(i, name)
	}
	return same, named
}

// sameName compares names without regard to case, spaces and ways of writing an accent.
func sameName(a, b string) bool { return plainName(a) != "" && plainName(a) == plainName(b) }

func plainName(name string) string {
	return cases.Fold().String(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
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
