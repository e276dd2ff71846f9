package openbadge

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

// IdentifierEntry is a further identifier; Type is the string "IdentifierEntry".
type IdentifierEntry struct {
	Type           string `json:"type"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifierType"`
}

// NewIdentifier makes an IdentifierEntry. kind is one of spec 3.0 section 2.3 ("systemId",
// "identifier", …) or begins with "ext:".
func NewIdentifier(kind, identifier string) IdentifierEntry {
	return IdentifierEntry{Type: "IdentifierEntry", Identifier: identifier, IdentifierType: kind}
}
