package openbadge

import (
	"strconv"
	"time"
)

// Achievement is what can be earned (spec 3.0 section 2.4). ID, Type, Name, Description and Criteria
// are required.
type Achievement struct {
	ID                string              `json:"id"`
	Type              []string            `json:"type"`
	Alignment         []Alignment         `json:"alignment,omitempty"`
	AchievementType   string              `json:"achievementType,omitempty"`
	Creator           *Profile            `json:"creator,omitempty"`
	Criteria          Criteria            `json:"criteria"`
	Description       string              `json:"description"`
	FieldOfStudy      string              `json:"fieldOfStudy,omitempty"`
	HumanCode         string              `json:"humanCode,omitempty"`
	Image             *Image              `json:"image,omitempty"`
	InLanguage        string              `json:"inLanguage,omitempty"`
	Name              string              `json:"name"`
	OtherIdentifier   []IdentifierEntry   `json:"otherIdentifier,omitempty"`
	Related           []Related           `json:"related,omitempty"`
	ResultDescription []ResultDescription `json:"resultDescription,omitempty"`
	Specialization    string              `json:"specialization,omitempty"`
	Tag               []string            `json:"tag,omitempty"`
	Version           string              `json:"version,omitempty"`
}

// AchievementDocument is an achievement served on its own (contract section 4): the same members
// under a context.
type AchievementDocument struct {
	Context []string `json:"@context"`
	Achievement
}

// NewAchievementDocument puts an achievement under the contexts that a credential has.
func NewAchievementDocument(a Achievement) AchievementDocument {
	return AchievementDocument{Context: []string{ContextVC2, ContextOB3}, Achievement: a}
}

// NewAchievement makes an achievement of the fixed type.
func NewAchievement(id, name, description string, criteria Criteria) Achievement {
	return Achievement{ID: id, Type: []string{"Achievement"}, Name: name, Description: description, Criteria: criteria}
}

// Criteria says how an achievement is earned; the standard's validators want ID (a web page) or
// Narrative (Markdown), at least one.
type Criteria struct {
	ID        string `json:"id,omitempty"`
	Narrative string `json:"narrative,omitempty"`
}

// Image is a picture by its address or data URI, with its text alternative. Make it by NewImage.
type Image struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Caption string `json:"caption,omitempty"`
}

// NewImage makes an Image of the fixed type.
func NewImage(id, caption string) *Image {
	return &Image{ID: id, Type: "Image", Caption: caption}
}

// Alignment points to a node of a framework. Type contains "Alignment"; TargetName and TargetURL are
// required.
type Alignment struct {
	Type              []string `json:"type"`
	TargetCode        string   `json:"targetCode,omitempty"`
	TargetDescription string   `json:"targetDescription,omitempty"`
	TargetName        string   `json:"targetName"`
	TargetFramework   string   `json:"targetFramework,omitempty"`
	TargetType        string   `json:"targetType,omitempty"`
	TargetURL         string   `json:"targetUrl"`
}

// NewAlignment points to the definition of a skill or another node at url.
func NewAlignment(name, url string) Alignment {
	return Alignment{Type: []string{"Alignment"}, TargetName: name, TargetURL: url}
}

// Related names the same thing elsewhere, for example the 2.0 BadgeClass of an achievement (spec 3.0
// section 15).
type Related struct {
	ID         string   `json:"id"`
	Type       []string `json:"type"`
	InLanguage string   `json:"inLanguage,omitempty"`
	Version    string   `json:"version,omitempty"`
}

// RelatedBadgeClass links the Open Badges 2.0 BadgeClass of an achievement. The class links back by
// ob2.RelatedAchievement.
func RelatedBadgeClass(url string) Related {
	return Related{ID: url, Type: []string{"Related", "https://w3id.org/openbadges#BadgeClass"}, Version: "Open Badges v2p0"}
}

// Translation links the same achievement in another language (BCP 47, for example "es" or "pt-BR").
func Translation(url, language string) Related {
	return Related{ID: url, Type: []string{"Related"}, InLanguage: language}
}

// IdentifierEntry is a further identifier; Type is the string "IdentifierEntry". IdentifierType is one of spec 3.0
// section 2.3 ("systemId", "identifier", …) or begins with "ext:".
type IdentifierEntry struct {
	Type           string `json:"type"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifierType"`
}

// Result is one outcome that the award rests on (spec 3.0 section 2.5); ResultDescription is the id
// of a description in the same achievement. Status is needed where that is of type "Status".
type Result struct {
	Type              []string    `json:"type"`
	AchievedLevel     string      `json:"achievedLevel,omitempty"`
	Alignment         []Alignment `json:"alignment,omitempty"`
	ResultDescription string      `json:"resultDescription,omitempty"`
	Status            string      `json:"status,omitempty"`
	Value             string      `json:"value,omitempty"`
}

// ResultDescription describes a Result. AllowedValue is ordered from low to high.
type ResultDescription struct {
	ID                   string                 `json:"id"`
	Type                 []string               `json:"type"`
	Alignment            []Alignment            `json:"alignment,omitempty"`
	AllowedValue         []string               `json:"allowedValue,omitempty"`
	Name                 string                 `json:"name"`
	RequiredLevel        string                 `json:"requiredLevel,omitempty"`
	RequiredValue        string                 `json:"requiredValue,omitempty"`
	ResultType           string                 `json:"resultType"`
	RubricCriterionLevel []RubricCriterionLevel `json:"rubricCriterionLevel,omitempty"`
	ValueMax             string                 `json:"valueMax,omitempty"`
	ValueMin             string                 `json:"valueMin,omitempty"`
}

// RubricCriterionLevel is one level that a result can reach.
type RubricCriterionLevel struct {
	ID          string      `json:"id"`
	Type        []string    `json:"type"`
	Alignment   []Alignment `json:"alignment,omitempty"`
	Description string      `json:"description,omitempty"`
	Level       string      `json:"level,omitempty"`
	Name        string      `json:"name"`
	Points      string      `json:"points,omitempty"`
}

// NewScore makes the description of a score, which is named in the learner's language, and the result
// that refers to it. id is the description's; maximum may be empty.
func NewScore(id, name, value, maximum string) (ResultDescription, Result) {
	d := ResultDescription{ID: id, Type: []string{"ResultDescription"}, Name: name, ResultType: "RawScore", ValueMax: maximum}
	return d, Result{Type: []string{"Result"}, ResultDescription: id, Value: value}
}

// Profile is an issuer or another party (spec 3.0 section 2.5). We always send ID, Type and Name:
// the public validator refuses a bare URI as issuer.
type Profile struct {
	ID              string            `json:"id"`
	Type            []string          `json:"type"`
	Name            string            `json:"name,omitempty"`
	URL             string            `json:"url,omitempty"`
	Phone           string            `json:"phone,omitempty"`
	Description     string            `json:"description,omitempty"`
	Image           *Image            `json:"image,omitempty"`
	Email           string            `json:"email,omitempty"`
	OtherIdentifier []IdentifierEntry `json:"otherIdentifier,omitempty"`
}

// NewProfile makes a profile of the fixed type.
func NewProfile(id, name, url string) Profile {
	return Profile{ID: id, Type: []string{"Profile"}, Name: name, URL: url}
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
