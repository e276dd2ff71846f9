package openbadge

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
