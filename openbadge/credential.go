package openbadge

import (
	"encoding/json"
	"slices"
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

// Types that ContextExtensions defines, and the schema that they are used with (spec 3.0 section 4).
const (
	TypeRefresh       = "1EdTechCredentialRefresh"
	TypeSchema        = "1EdTechJsonSchemaValidator2019"
	SchemaAchievement = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)

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

// NewCredential makes a credential with both contexts and both types; the caller fills the rest.
func NewCredential(id string) *Credential {
	return &Credential{
		Context: []string{ContextVC2, ContextOB3},
		ID:      id,
		Type:    []string{"VerifiableCredential", "OpenBadgeCredential"},
	}
}

// NameSchema says that the credential follows the 1EdTech schema (spec 3.0 section 4).
func (c *Credential) NameSchema() {
	c.Schema = []Service{{ID: SchemaAchievement, Type: TypeSchema}}
	c.extend()
}

// RefreshFrom says where anybody gets the newest edition, in the same form as this one and without
// authorisation (spec 3.0 section 9).
func (c *Credential) RefreshFrom(url string) {
	c.RefreshService = &Service{ID: url, Type: TypeRefresh}
	c.extend()
}

// extend adds the context of the 1EdTech types behind the two that must come first (section 3).
func (c *Credential) extend() {
	if !slices.Contains(c.Context, ContextExtensions) {
		c.Context = append(slices.Clone(c.Context), ContextExtensions)
	}
}
