package openbadge

import "encoding/json"

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

// Related names the same thing elsewhere, for example the 2.0 BadgeClass of an achievement (spec 3.0
// section 15).
type Related struct {
	ID         string   `json:"id"`
	Type       []string `json:"type"`
	InLanguage string   `json:"inLanguage,omitempty"`
	Version    string   `json:"version,omitempty"`
}

// IdentifierEntry is a further identifier; Type is the string "IdentifierEntry".
type IdentifierEntry struct {
	Type           string `json:"type"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifierType"`
}

// ResultDescription describes a Result. AllowedValue is ordered from low to high.
type ResultDescription struct {
	ID            string   `json:"id"`
	Type          []string `json:"type"`
	AllowedValue  []string `json:"allowedValue,omitempty"`
	Name          string   `json:"name"`
	RequiredValue string   `json:"requiredValue,omitempty"`
	ResultType    string   `json:"resultType"`
	ValueMax      string   `json:"valueMax,omitempty"`
	ValueMin      string   `json:"valueMin,omitempty"`
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

// VerificationMethod is one key of a controller document (spec 3.0 section 7): a Multikey with
// PublicKeyMultibase, or a JsonWebKey with PublicKeyJWK. ID is the full URL, fragment included.
type VerificationMethod struct {
	ID                 string          `json:"id"`
	Type               string          `json:"type"`
	Controller         string          `json:"controller"`
	PublicKeyMultibase string          `json:"publicKeyMultibase,omitempty"`
	PublicKeyJWK       json.RawMessage `json:"publicKeyJwk,omitempty"`
}

// IssuerDocument is what an https issuer id serves: Profile and controller document in one.
type IssuerDocument struct {
	Context []string `json:"@context"`
	Profile
	AlsoKnownAs        []string             `json:"alsoKnownAs,omitempty"`
	VerificationMethod []VerificationMethod `json:"verificationMethod,omitempty"`
	AssertionMethod    []string             `json:"assertionMethod,omitempty"`
}

// DIDDocument is what a did:web serves.
type DIDDocument struct {
	Context            []string             `json:"@context"`
	ID                 string               `json:"id"`
	AlsoKnownAs        []string             `json:"alsoKnownAs,omitempty"`
	VerificationMethod []VerificationMethod `json:"verificationMethod,omitempty"`
	AssertionMethod    []string             `json:"assertionMethod,omitempty"`
}

// Document writes any of this package's types as JSON: one line, members in the order of the type,
// nothing escaped that JSON does not ask for. The same value gives the same bytes.
func Document(v any) ([]byte, error) { return marshal(v) }
