package openbadge

import (
	"errors"
	"fmt"
	"time"
)

// claims are what a VC-JWT has beside the credential's own members (spec 3.0 section 6).
type claims struct {
	Iss string `json:"iss"`
	JTI string `json:"jti"`
	Sub string `json:"sub,omitempty"`
	NBF int64  `json:"nbf"`
	Exp int64  `json:"exp,omitempty"`
}

func newClaims(issuer, id, subject string, from, until time.Time) claims {
	c := claims{Iss: issuer, JTI: id, Sub: subject, NBF: from.Unix()}
	if !until.IsZero() {
		c.Exp = until.Unix()
	}
	return c
}

// Payload gives the bytes to sign as VC-JWT (spec 3.0 section 6): the credential's members at top
// level and the claims iss, jti, sub (when the subject has an id), nbf and, with ValidUntil, exp, all
// taken from the credential. The same credential gives the same bytes; c is not changed. An error
// means that a member which the standard requires is missing: c must not be issued.
func Payload(c *Credential) ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.written()
	return marshal(struct {
		*Credential
		claims
	}{&w, newClaims(w.Issuer.ID, w.ID, w.Subject.ID, w.ValidFrom, w.ValidUntil)})
}

// JSON gives the credential as a document of its own, without claims and without proof. Errors as
// for Payload.
func (c *Credential) JSON() ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.written()
	return marshal(&w)
}

// written is the credential with its times as we write them.
func (c *Credential) written() Credential {
	w := *c
	w.ValidFrom, w.ValidUntil, w.AwardedDate = whole(c.ValidFrom), whole(c.ValidUntil), whole(c.AwardedDate)
	w.Subject.ActivityStartDate = whole(c.Subject.ActivityStartDate)
	w.Subject.ActivityEndDate = whole(c.Subject.ActivityEndDate)
	return w
}

func (c *Credential) complete() error {
	a := &c.Subject.Achievement
	switch {
	case len(c.Context) < 2 || c.Context[0] != ContextVC2 || c.Context[1] != ContextOB3:
		return errors.New("contexts missing or out of order")
	case c.ID == "" || len(c.Type) == 0 || c.Name == "":
		return errors.New("no id, type or name")
	case c.Issuer.ID == "" || len(c.Issuer.Type) == 0 || c.Issuer.Name == "":
		return errors.New("issuer without id, type or name")
	case c.ValidFrom.IsZero():
		return errors.New("no validFrom")
	case !c.ValidUntil.IsZero() && c.ValidUntil.Before(c.ValidFrom):
		return errors.New("validUntil before validFrom")
	case len(c.Subject.Type) == 0 || c.Subject.ID == "" && len(c.Subject.Identifier) == 0:
		return errors.New("subject without type, or without id and identifier")
	case a.ID == "" || len(a.Type) == 0 || a.Name == "" || a.Description == "":
		return errors.New("achievement without id, type, name or description")
	case a.Criteria == Criteria{}:
		return errors.New("achievement without criteria")
	}
	return nil
}

// StatusListCredential is the credential that carries a status list (spec 3.0 section 8). NewStatus-
// ListCredential fills the fixed members.
type StatusListCredential struct {
	Context    []string          `json:"@context"`
	ID         string            `json:"id"`
	Type       []string          `json:"type"`
	Issuer     Profile           `json:"issuer"`
	ValidFrom  time.Time         `json:"validFrom"`
	ValidUntil time.Time         `json:"validUntil,omitzero"`
	Subject    StatusListSubject `json:"credentialSubject"`
}

// StatusListSubject holds the encoded list. TTL is in milliseconds.
type StatusListSubject struct {
	ID            string `json:"id"`
	Type          string `json:"type"`
	StatusPurpose string `json:"statusPurpose"`
	EncodedList   string `json:"encodedList"`
	TTL           int64  `json:"ttl,omitempty"`
}

// NewStatusListCredential makes the list credential served at id, for one purpose ("revocation"),
// from a list made by StatusList.Encode. It says nothing about a time to live; set Subject.TTL.
func NewStatusListCredential(id string, issuer Profile, purpose, encodedList string, from, until time.Time) *StatusListCredential {
	return &StatusListCredential{
		Context:    []string{ContextVC2, ContextOB3},
		ID:         id,
		Type:       []string{"VerifiableCredential", "BitstringStatusListCredential"},
		Issuer:     issuer,
		ValidFrom:  whole(from),
		ValidUntil: whole(until),
		Subject: StatusListSubject{
			ID: id + "#list", Type: "BitstringStatusList", StatusPurpose: purpose, EncodedList: encodedList,
		},
	}
}

// Payload gives the bytes to sign as VC-JWT, with the same claims as a badge's.
func (s *StatusListCredential) Payload() ([]byte, error) {
	if s.ID == "" || s.Issuer.ID == "" || s.ValidFrom.IsZero() || s.Subject.EncodedList == "" {
		return nil, errors.New("status list credential without id, issuer, validFrom or list")
	}
	return marshal(struct {
		*StatusListCredential
		claims
	}{s, newClaims(s.Issuer.ID, s.ID, s.Subject.ID, s.ValidFrom, s.ValidUntil)})
}
