package verifier

import (
	"slices"
	"testing"

	"golang.org/x/net/idna"

	"github.com/open-insignia/insignia/email/emailtest"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// TestRecipientInEverySpelling: badges of others hash an address as their issuer wrote it, and whoever checks
// types it as they write it.
func TestRecipientInEverySpelling(t *testing.T) {
	for _, m := range emailtest.Mailboxes {
		readable, err := idna.ToUnicode(m.Canonical)
		if err != nil {
			t.Fatal(err)
		}
		for _, hashed := range []string{m.Canonical, readable} {
			identity := openbadge.HashIdentity(hashed, "s")
			subject := openbadge.ReceivedSubject{Identifiers: []openbadge.IdentityObject{openbadge.HashedEmail(identity, "s")}}
			plain := openbadge.ReceivedSubject{ID: "mailto:" + hashed}
			r := ob2.Recipient{Type: "email", Hashed: true, Identity: identity, Salt: "s"}
			for _, asked := range append(slices.Clone(m.Spellings), "mailto:"+m.Canonical) {
				if !subjectMatches(subject, asked) || !slices.ContainsFunc(spellings(asked), r.Matches) {
					t.Errorf("%q, hashed, is not found for %q", hashed, asked)
				}
				if !subjectMatches(plain, asked) {
					t.Errorf("%q, in clear, is not found for %q", hashed, asked)
				}
			}
			if other := "x" + m.Canonical; subjectMatches(subject, other) || subjectMatches(plain, other) || slices.ContainsFunc(spellings(other), r.Matches) {
				t.Errorf("%q is found for %q", hashed, other)
			}
		}
	}
}
