package openbadge

import (
	"strconv"
	"time"
)

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

// Matches reports whether the object is the hash of this value, spelled so.
func (i IdentityObject) Matches(value string) bool {
	return i.Hashed && MatchIdentity(i.IdentityHash, value, i.Salt)
}

// HashedEmail makes the IdentityObject of an address of which only the salted hash is told (HashIdentity).
func HashedEmail(hash, salt string) IdentityObject {
	return IdentityObject{
		Type:         "IdentityObject",
		Hashed:       true,
		IdentityHash: hash,
		IdentityType: "emailAddress",
		Salt:         salt,
	}
}

// Named makes the IdentityObject of a recipient's name, which stands in clear.
func Named(name string) IdentityObject {
	return IdentityObject{Type: "IdentityObject", IdentityHash: name, IdentityType: "name"}
}

// Evidence leads to something that supports the award (spec 3.0 section 2.5). Type contains
// "Evidence".
type Evidence struct {
	ID          string   `json:"id,omitempty"`
	Type        []string `json:"type"`
	Narrative   string   `json:"narrative,omitempty"`
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Genre       string   `json:"genre,omitempty"`
	Audience    string   `json:"audience,omitempty"`
}

// NewEvidence makes evidence of the fixed type; id is its address, or empty where it has none.
func NewEvidence(id, name, description string) Evidence {
	return Evidence{ID: id, Type: []string{"Evidence"}, Name: name, Description: description}
}

// typeAssertion2 is the class of Open Badges 2.0 Assertions.
const typeAssertion2 = "https://w3id.org/openbadges#Assertion"

// AssertionEvidence links the Open Badges 2.0 hosted assertion of the same award (spec 3.0 section 15).
func AssertionEvidence(url string) Evidence {
	return Evidence{ID: url, Type: []string{"Evidence", typeAssertion2}}
}

// StatusEntry is the credentialStatus that we write (spec 3.0 section 8). Index is decimal digits.
type StatusEntry struct {
	ID                   string `json:"id,omitempty"`
	Type                 string `json:"type"`
	StatusPurpose        string `json:"statusPurpose"`
	StatusListIndex      string `json:"statusListIndex"`
	StatusListCredential string `json:"statusListCredential"`
}

// NewStatusEntry makes the one entry of a credential, for revocation (contract section 4). list is the
// address of the list; the entry's id is list and index, since it must not be the list's own.
func NewStatusEntry(list string, index int64) *StatusEntry {
	text := strconv.FormatInt(index, 10)
	return &StatusEntry{
		ID: list + "#" + text, Type: "BitstringStatusListEntry", StatusPurpose: "revocation",
		StatusListIndex: text, StatusListCredential: list,
	}
}

// Service is a member with only an address and a type: a refreshService of type
// "1EdTechCredentialRefresh", a credentialSchema of type "1EdTechJsonSchemaValidator2019".
type Service struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}
