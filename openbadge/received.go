package openbadge

import (
	"encoding/json"
	"errors"
	"slices"
)

// ErrNoCredential is wrapped when JSON that was read is no credential at all: not an object, or one
// without any of the members that make a verifiable credential.
var ErrNoCredential = errors.New("not a credential")

// Received is a credential of any issuer as a tolerant reader sees it: VC Data Model 2.0 or 1.1, one
// value or a list of one, with or without JWT claims. Raw holds the bytes of the credential object as
// they came; nothing here is ever marshalled back. Problems are departures of the envelope and its
// claims from the standard; Conformance adds those of the badge inside.
type Received struct {
	Raw            json.RawMessage
	Model          int      // 2: VC Data Model 2.0, 1: 1.1, 0: no credentials context
	Context        []string // the context URLs in order
	InlineContext  bool     // some context is an object instead of a URL: never to be trusted
	ID             string
	Types          []string
	Name           string
	Description    string
	Image          string // id of the credential's own image
	Issuer         Party
	Subject        ReceivedSubject
	ValidFrom      Timestamp // issuanceDate or validFrom in 1.1, the later
	ValidUntil     Timestamp // expirationDate or validUntil in 1.1, the earlier
	AwardedDate    Timestamp
	Status         []Status
	Schema         []Service
	Refresh        []Service
	Endorsement    []json.RawMessage // embedded endorsements of the credential itself
	EndorsementJWT []string
	Proof          []json.RawMessage
	Claims         *Claims  // nil unless it came as a JWT
	Nulls          []string // paths of members that are null: they count as absent
	Problems       []Problem

	members map[string]any
}

// Party is an issuer: its id, and what an object says about it. IsObject is false for a bare URI.
type Party struct {
	ID       string
	Types    []string
	Name     string
	URL      string
	Email    string
	Image    string
	IsObject bool
}

// ReceivedSubject is the (first) credentialSubject. Members holds all of it, for lists and
// endorsements.
type ReceivedSubject struct {
	ID          string
	Types       []string
	Identifiers []IdentityObject
	Achievement ReceivedAchievement
	Results     []ReceivedResult
	Members     map[string]any
}

// ReceivedResult is a result with what its description says of it: the value, the status or the name of the
// level that was achieved, and the highest value there is, if that is told.
type ReceivedResult struct {
	Name  string
	Value string
	Max   string
}

// ReceivedAchievement is what a badge page shows of an achievement.
type ReceivedAchievement struct {
	ID              string
	Types           []string
	Name            string
	Description     string
	AchievementType string
	CriteriaID      string
	Criteria        string // narrative, Markdown of a stranger
	Image           string
	ImageCaption    string
	Tags            []string
}

// Status is one credentialStatus entry of any kind. Index is -1 when there is none or it is no
// non-negative number; a JSON number is accepted beside the string that the standard asks for.
type Status struct {
	ID         string
	Type       string
	Purpose    string
	Index      int
	List       string // statusListCredential
	Size       int    // statusSize in bits, 1 when absent, 0 when it is no positive number
	HasMessage bool   // statusMessage or statusReference is there
}

// Member follows a path of names to a member, in the one form: a list of one is the value in it.
func (r *Received) Member(path ...string) any {
	var v any = r.members
	for _, name := range path {
		v = object(v)[name]
	}
	return v
}

// IsBadge reports whether the types make this an OpenBadgeCredential (AchievementCredential).
func (r *Received) IsBadge() bool {
	return slices.Contains(r.Types, "OpenBadgeCredential") || slices.Contains(r.Types, "AchievementCredential")
}

// IsEndorsement reports whether the types make this an EndorsementCredential.
func (r *Received) IsEndorsement() bool { return slices.Contains(r.Types, "EndorsementCredential") }

// IsStatusList reports whether the types make this a status list (Bitstring or StatusList2021).
func (r *Received) IsStatusList() bool {
	return slices.Contains(r.Types, "BitstringStatusListCredential") || slices.Contains(r.Types, "StatusList2021Credential")
}
