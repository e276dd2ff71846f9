package verifier

import (
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// credentialRecipient answers whether the badge was issued to the address that was asked about (spec
// 3.0 section 10, step 5).
func (x *examination) credentialRecipient(r *openbadge.Received) {
	x.recipient(func(address string) bool { return subjectMatches(r.Subject, address) })
}

// assertionRecipient does the same for 2.0 (spec 2.0 section 5).
func (x *examination) assertionRecipient(o *ob2.Object) {
	r := o.Recipient()
	x.recipient(func(address string) bool {
		return !r.Hashed && strings.EqualFold(r.Identity, address) || r.Matches(address)
	})
}

func (x *examination) recipient(matches func(address string) bool) {
	address := strings.TrimSpace(x.in.Recipient)
	switch {
	case address == "":
	case matches(address):
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
