package ob2

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// SignedAssertion is a badge for a JWS (spec 2.0 section 7). It carries its badge class as it was on
// the day of issue; ID is a urn:uuid of version 4, as UUID makes it.
type SignedAssertion struct {
	Context      string       `json:"@context"`
	Type         string       `json:"type"`
	ID           string       `json:"id"`
	Recipient    Identity     `json:"recipient"`
	Badge        BadgeClass   `json:"badge"`
	Verification Verification `json:"verification"`
	IssuedOn     time.Time    `json:"issuedOn"`
	Image        string       `json:"image,omitempty"`
	Evidence     []Evidence   `json:"evidence,omitempty"`
	Narrative    string       `json:"narrative,omitempty"`
	Expires      time.Time    `json:"expires,omitzero"`
}

// NewSignedAssertion makes the payload of a signed badge. Creator is the URL of the CryptographicKey:
// both official validators fail without it. badge comes from BadgeClass.ForKey: its issuer is the
// profile that lists this key.
func NewSignedAssertion(id string, badge BadgeClass, creator string, recipient Identity, issuedOn, expires time.Time) SignedAssertion {
	badge.Context = ""
	return SignedAssertion{
		Context: Context, Type: "Assertion", ID: id, Recipient: recipient, Badge: badge,
		Verification: Verification{Type: "SignedBadge", Creator: creator},
		IssuedOn:     whole(issuedOn), Expires: whole(expires),
	}
}

// Payload gives the bytes to sign, by RS256 and with the key that creator names. An error means that
// a validator would refuse the badge: it must not be signed.
func (a SignedAssertion) Payload() ([]byte, error) {
	b := &a.Badge
	switch {
	case !uuidForm.MatchString(a.ID):
		return nil, errors.New("signed assertion without a urn:uuid")
	case !isWeb(a.Verification.Creator):
		return nil, errors.New("signed assertion without the address of its key")
	case !isWeb(b.ID) || b.Context != "":
		return nil, errors.New("badge class without an address, or with a context of its own")
	case !isWeb(b.Issuer) || b.Name == "" || b.Description == "" || b.Image == "" || b.Criteria == Criteria{}:
		return nil, errors.New("badge class lacks issuer, name, description, image or criteria")
	case !openbadge.IsIdentityHash(a.Recipient.Identity) || a.IssuedOn.IsZero():
		return nil, errors.New("signed assertion without recipient or date")
	}
	return openbadge.Document(a)
}

// uuidForm has the versions that the official validator knows (spec 2.0 section 16).
var uuidForm = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// UUID makes a urn:uuid of version 4 (RFC 9562 §5.4) from 16 bytes that nobody can guess.
func UUID(random [16]byte) string {
	b := random
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
