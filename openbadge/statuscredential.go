package openbadge

import (
	"errors"
	"time"
)

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
	if err := s.complete(); err != nil {
		return nil, err
	}
	return write(struct {
		*StatusListCredential
		claims
	}{s, newClaims(s.Issuer.ID, s.ID, s.Subject.ID, s.ValidFrom, s.ValidUntil)})
}

// JSON gives the list as a document of its own, which a Data Integrity proof is added to.
func (s *StatusListCredential) JSON() ([]byte, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	return write(s)
}

func (s *StatusListCredential) complete() error {
	switch {
	case s.ID == "" || s.Issuer.ID == "" || s.ValidFrom.IsZero() || s.Subject.EncodedList == "":
		return errors.New("status list credential without id, issuer, validFrom or list")
	case s.Subject.ID == s.ID:
		return errors.New("status list with the id of its credential")
	case !s.ValidUntil.IsZero() && s.ValidUntil.Before(s.ValidFrom):
		return errors.New("status list credential that ends before it begins")
	}
	return nil
}
