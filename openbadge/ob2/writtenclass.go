package ob2

import "slices"

// BadgeClass is what can be earned.
type BadgeClass struct {
	Context     string      `json:"@context,omitempty"`
	Type        string      `json:"type"`
	ID          string      `json:"id"`
	Language    string      `json:"@language,omitempty"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Image       string      `json:"image"`
	Criteria    Criteria    `json:"criteria"`
	Issuer      string      `json:"issuer"`
	Alignment   []Alignment `json:"alignment,omitempty"`
	Tags        []string    `json:"tags,omitempty"`
	Version     string      `json:"version,omitempty"`
	Related     []Related   `json:"related,omitempty"`
}

// NewBadgeClass makes the class served at id; image and issuer are URLs.
func NewBadgeClass(id, name, description, image, issuer string, criteria Criteria) BadgeClass {
	return BadgeClass{
		Context: Context, Type: "BadgeClass", ID: id, Name: name, Description: description,
		Image: image, Criteria: criteria, Issuer: issuer,
	}
}

// ForKey is the class, served at id, as it stands in assertions that are signed with the key that profile
// lists. It has an address of its own, since validators fetch an embedded class again from where its id
// says, and the class of hosted badges names a profile without keys; that class stays linked.
func (b BadgeClass) ForKey(id, profile string) BadgeClass {
	hosted := Related{ID: b.ID, Type: []string{typeBadgeClass}, Version: b.Version}
	b.Related = append(slices.Clone(b.Related), hosted)
	b.ID, b.Issuer = id, profile
	return b
}

// Criteria says how a badge is earned: a web page, a Markdown text, or both.
type Criteria struct {
	ID        string `json:"id,omitempty"`
	Narrative string `json:"narrative,omitempty"`
}

// Alignment points to a node of a framework.
type Alignment struct {
	TargetName        string `json:"targetName"`
	TargetURL         string `json:"targetUrl"`
	TargetDescription string `json:"targetDescription,omitempty"`
	TargetFramework   string `json:"targetFramework,omitempty"`
	TargetCode        string `json:"targetCode,omitempty"`
}

// Related names the same thing elsewhere, for example the 3.0 achievement of a class (spec 3.0
// section 15). Type holds full IRIs.
type Related struct {
	ID       string   `json:"id"`
	Type     []string `json:"type,omitempty"`
	Language string   `json:"@language,omitempty"`
	Version  string   `json:"version,omitempty"`
}

// Classes of what Related links to.
const (
	typeAchievement3 = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"
	typeProfile3     = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile"
	typeBadgeClass   = KindBadgeClass
	edition3         = "Open Badges v3p0"
)

// RelatedAchievement links the Open Badges 3.0 achievement of a class (spec 3.0 section 15).
func RelatedAchievement(url string) Related {
	return Related{ID: url, Type: []string{typeBadgeClass, typeAchievement3}, Version: edition3}
}

// RelatedProfile links the Open Badges 3.0 profile of an issuer.
func RelatedProfile(url string) Related {
	return Related{ID: url, Type: []string{"Profile", typeProfile3}, Version: edition3}
}

// Translation links the same class in another language (BCP 47).
func Translation(url, language string) Related {
	return Related{ID: url, Type: []string{typeBadgeClass}, Language: language}
}
