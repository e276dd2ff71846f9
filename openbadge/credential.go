package openbadge

import (
	"encoding/json"
	"time"
)

// The contexts that we write, in this order (spec 3.0 section 3).
const (
	ContextVC2        = "https://www.w3.org/ns/credentials/v2"
	ContextOB3        = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	ContextExtensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
)

// contextVC1 begins a credential of the VC Data Model 1.1; we only read it.
const contextVC1 = "https://www.w3.org/2018/credentials/v1"

// Credential is an OpenBadgeCredential as we write it (spec 3.0 section 2.1, VC Data Model 2.0). The
// members stand in the order of the specification; lists are always arrays, absent members are left
// out. NewCredential fills the fixed ones. Times are written in UTC and whole seconds.
type Credential struct {
	Context        []string          `json:"@context"`
	ID             string            `json:"id"`
	Type           []string          `json:"type"`
	Name           string            `json:"name"`
	Description    string            `json:"description,omitempty"`
	Image          *Image            `json:"image,omitempty"`
	Subject        Subject           `json:"credentialSubject"`
	Issuer         Profile           `json:"issuer"`
	ValidFrom      time.Time         `json:"validFrom"`
	ValidUntil     time.Time         `json:"validUntil,omitzero"`
	AwardedDate    time.Time         `json:"awardedDate,omitzero"`
	Evidence       []Evidence        `json:"evidence,omitempty"`
	Endorsement    []json.RawMessage `json:"endorsement,omitempty"`
	Schema         []Service         `json:"credentialSchema,omitempty"`
	Status         *StatusEntry      `json:"credentialStatus,omitempty"`
	RefreshService *Service          `json:"refreshService,omitempty"`
}

// NewCredential makes a credential with both contexts and both types; the caller fills the rest. A
// refresh service or schema needs ContextExtensions appended to Context.
func NewCredential(id string) *Credential {
	return &Credential{
		Context: []string{ContextVC2, ContextOB3},
		ID:      id,
		Type:    []string{"VerifiableCredential", "OpenBadgeCredential"},
	}
}

// Subject says who was awarded what (spec 3.0 section 2.2): ID (a URI of the recipient) or at least
// one Identifier, and the Achievement.
type Subject struct {
	ID                string           `json:"id,omitempty"`
	Type              []string         `json:"type"`
	Identifier        []IdentityObject `json:"identifier,omitempty"`
	ActivityStartDate time.Time        `json:"activityStartDate,omitzero"`
	ActivityEndDate   time.Time        `json:"activityEndDate,omitzero"`
	Achievement       Achievement      `json:"achievement"`
	Image             *Image           `json:"image,omitempty"`
	LicenseNumber     string           `json:"licenseNumber,omitempty"`
	Narrative         string           `json:"narrative,omitempty"`
	Result            []Result         `json:"result,omitempty"`
	Source            *Profile         `json:"source,omitempty"`
}

// NewSubject makes a subject of the fixed type for an achievement.
func NewSubject(a Achievement, identifiers ...IdentityObject) Subject {
	return Subject{Type: []string{"AchievementSubject"}, Identifier: identifiers, Achievement: a}
}

// IdentityObject names the recipient without an id (spec 3.0 section 2.3).
type IdentityObject struct {
	Type         string `json:"type"`
	Hashed       bool   `json:"hashed"`
	IdentityHash string `json:"identityHash"`
	IdentityType string `json:"identityType"`
	Salt         string `json:"salt,omitempty"`
}

// HashedEmail makes the IdentityObject of an address: sha256 with salt. The address is hashed as it
// is given (our canonical form is lower case).
func HashedEmail(address, salt string) IdentityObject {
	return IdentityObject{
		Type:         "IdentityObject",
		Hashed:       true,
		IdentityHash: HashIdentity(address, salt),
		IdentityType: "emailAddress",
		Salt:         salt,
	}
}

// Result is one outcome that the award rests on (spec 3.0 section 2.5); ResultDescription is the id
// of a description in the same achievement.
type Result struct {
	Type              []string `json:"type"`
	ResultDescription string   `json:"resultDescription,omitempty"`
	Status            string   `json:"status,omitempty"`
	Value             string   `json:"value,omitempty"`
}

// Evidence leads to something that supports the award (spec 3.0 section 2.5). Type contains
// "Evidence".
type Evidence struct {
	ID          string   `json:"id,omitempty"`
	Type        []string `json:"type"`
	Narrative   string   `json:"narrative,omitempty"`
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
}

// StatusEntry is the credentialStatus that we write (spec 3.0 section 8). Index is decimal digits.
type StatusEntry struct {
	ID                   string `json:"id,omitempty"`
	Type                 string `json:"type"`
	StatusPurpose        string `json:"statusPurpose"`
	StatusListIndex      string `json:"statusListIndex"`
	StatusListCredential string `json:"statusListCredential"`
}

// Service is a member with only an address and a type: a refreshService of type
// "1EdTechCredentialRefresh", a credentialSchema of type "1EdTechJsonSchemaValidator2019".
type Service struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}
