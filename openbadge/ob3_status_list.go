package openbadge

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// MinStatusList is the smallest number of entries that a bitstring status list may have, however few
// are used (Bitstring Status List 1.0 section 6.1): smaller lists give away who is meant.
const MinStatusList = 131072

// ErrStatusList is wrapped by every error about an encoded list that cannot be read.
var ErrStatusList = errors.New("unusable status list")

// StatusList is a bitstring of one bit an entry; entry 0 is the most significant bit of byte 0. It is
// not safe for concurrent changes.
type StatusList struct {
	bits []byte
}

// NewStatusList makes a list of n clear entries, rounded up to whole bytes and to MinStatusList.
func NewStatusList(n int) *StatusList {
	return &StatusList{bits: make([]byte, (max(n, MinStatusList)+7)/8)}
}

// Len is the number of entries.
func (s *StatusList) Len() int { return len(s.bits) * 8 }

// Bit tells whether entry i is set; found is false when the list has no such entry (RANGE_ERROR).
func (s *StatusList) Bit(i int) (set, found bool) {
	if i < 0 || i >= s.Len() {
		return false, false
	}
	return s.bits[i/8]&(0x80>>(i%8)) != 0, true
}

// Value reads entry i of a list whose entries are size bits wide (statusSize, 1 to 32), most
// significant bit first; found is false when the list has no such entry.
func (s *StatusList) Value(i, size int) (value uint32, found bool) {
	if size < 1 || size > 32 || i < 0 || i >= s.Len()/size {
		return 0, false
	}
	for bit := i * size; bit < (i+1)*size; bit++ {
		set, _ := s.Bit(bit)
		value <<= 1
		if set {
			value |= 1
		}
	}
	return value, true
}

// SetBit sets or clears entry i and reports whether the list has such an entry.
func (s *StatusList) SetBit(i int, set bool) bool {
	if i < 0 || i >= s.Len() {
		return false
	}
	if set {
		s.bits[i/8] |= 0x80 >> (i % 8)
		return true
	}
	s.bits[i/8] &^= 0x80 >> (i % 8)
	return true
}

// Encode writes the list as encodedList: "u" and the base64url of the gzipped bits, without padding
// (spec 3.0 section 8). The same bits give the same text.
func (s *StatusList) Encode() string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(s.bits) // a bytes.Buffer takes everything
	_ = w.Close()
	return "u" + b64.EncodeToString(b.Bytes())
}

// DecodeStatusList reads an encodedList, of BitstringStatusList ("u" in front) or of StatusList2021
// (none). A list that unpacks to more than maxBytes is refused without unpacking it; errors wrap
// ErrStatusList. The caller checks the length against MinStatusList.
func DecodeStatusList(text string, maxBytes int) (*StatusList, error) {
	packed, err := decodeList(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64", ErrStatusList)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: not gzip", ErrStatusList)
	}
	bits, err := io.ReadAll(io.LimitReader(r, int64(maxBytes)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: broken gzip", ErrStatusList)
	}
	if len(bits) > maxBytes {
		return nil, fmt.Errorf("%w: unpacks to more than %d bytes", ErrStatusList, maxBytes)
	}
	return &StatusList{bits: bits}, nil
}

// decodeList tells the two spellings apart by the first bytes of gzip (1f 8b), which are "H4s" in
// base64: a text without prefix never begins with u. StatusList2021 asks for base64 and shows base64url, so
// there are lists of both.
func decodeList(text string) ([]byte, error) {
	text = strings.TrimRight(text, "=")
	if text, isMultibase := strings.CutPrefix(text, "u"); isMultibase {
		return b64.DecodeString(text)
	}
	if strings.ContainsAny(text, "+/") {
		return base64.RawStdEncoding.Strict().DecodeString(text)
	}
	return b64.DecodeString(text)
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
		ValidFrom:  wholeSeconds(from),
		ValidUntil: wholeSeconds(until),
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
