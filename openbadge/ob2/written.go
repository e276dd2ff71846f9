package ob2

import (
	"time"
)

// Context is the JSON-LD context of everything that we write.
const Context = "https://w3id.org/openbadges/v2"

// Assertion is a hosted badge (spec 2.0 section 2); ID is the URL where it is served.
type Assertion struct {
	Context      string       `json:"@context"`
	Type         string       `json:"type"`
	ID           string       `json:"id"`
	Recipient    Identity     `json:"recipient"`
	Badge        string       `json:"badge"`
	Verification Verification `json:"verification"`
	IssuedOn     time.Time    `json:"issuedOn"`
	Image        string       `json:"image,omitempty"`
	Evidence     []Evidence   `json:"evidence,omitempty"`
	Narrative    string       `json:"narrative,omitempty"`
	Expires      time.Time    `json:"expires,omitzero"`
}

// NewAssertion makes a hosted assertion served at id, of the badge class served at badge. Times are
// written in UTC and whole seconds; a zero expires means never.
func NewAssertion(id, badge string, recipient Identity, issuedOn, expires time.Time) Assertion {
	return Assertion{
		Context: Context, Type: "Assertion", ID: id, Recipient: recipient, Badge: badge,
		Verification: Verification{Type: "HostedBadge"}, IssuedOn: whole(issuedOn), Expires: whole(expires),
	}
}

// Revoked is the body that goes with status 410 (spec 2.0 section 8).
type Revoked struct {
	Context string `json:"@context"`
	Type    string `json:"type"`
	ID      string `json:"id"`
	Revoked bool   `json:"revoked"`
	Reason  string `json:"revocationReason,omitempty"`
}

// NewRevoked makes the body for the assertion that was served at id.
func NewRevoked(id, reason string) Revoked {
	return Revoked{Context: Context, Type: "Assertion", ID: id, Revoked: true, Reason: reason}
}

// Identity is the recipient of an assertion we write: always a salted sha256 hash of an address.
type Identity struct {
	Type     string `json:"type"`
	Hashed   bool   `json:"hashed"`
	Salt     string `json:"salt,omitempty"`
	Identity string `json:"identity"`
}

// HashedEmail makes the recipient for an address of which only the salted hash is told
// (openbadge.HashIdentity).
func HashedEmail(hash, salt string) Identity {
	return Identity{Type: "email", Hashed: true, Salt: salt, Identity: hash}
}

// Verification says how an assertion is to be checked.
type Verification struct {
	Type    string `json:"type"`
	Creator string `json:"creator,omitempty"`
}

// Evidence is a page or a text that supports an award.
type Evidence struct {
	ID          string `json:"id,omitempty"`
	Type        string `json:"type"`
	Narrative   string `json:"narrative,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

func whole(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
