package openbadge

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
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
	typeRefresh       = "1EdTechCredentialRefresh"
	typeSchema        = "1EdTechJsonSchemaValidator2019"
	schemaAchievement = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
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
	c.Schema = []Service{{ID: schemaAchievement, Type: typeSchema}}
	c.extend()
}

// RefreshFrom says where anybody gets the newest edition, in the same form as this one and without
// authorisation (spec 3.0 section 9).
func (c *Credential) RefreshFrom(url string) {
	c.RefreshService = &Service{ID: url, Type: typeRefresh}
	c.extend()
}

// extend adds the context of the 1EdTech types behind the two that must come first (section 3).
func (c *Credential) extend() {
	if !slices.Contains(c.Context, ContextExtensions) {
		c.Context = append(slices.Clone(c.Context), ContextExtensions)
	}
}

// complete says what the standard requires and c lacks. What only a reader's rules know (Conformance)
// is for tests.
func (c *Credential) complete() error {
	a := &c.Subject.Achievement
	extended := len(c.Schema) > 0 || c.RefreshService != nil
	switch {
	case len(c.Context) < 2 || c.Context[0] != ContextVC2 || c.Context[1] != ContextOB3:
		return errors.New("contexts missing or out of order")
	case extended && !slices.Contains(c.Context, ContextExtensions):
		return errors.New("context of the 1EdTech types missing")
	case c.ID == "" || len(c.Type) == 0 || blank(c.Name):
		return errors.New("no id, type or name")
	case c.Issuer.ID == "" || len(c.Issuer.Type) == 0 || blank(c.Issuer.Name):
		return errors.New("issuer without id, type or name")
	case c.ValidFrom.IsZero():
		return errors.New("no validFrom")
	case !c.ValidUntil.IsZero() && c.ValidUntil.Before(c.ValidFrom):
		return errors.New("validUntil before validFrom")
	case len(c.Subject.Type) == 0 || c.Subject.ID == "" && len(c.Subject.Identifier) == 0:
		return errors.New("subject without type, or without id and identifier")
	case a.ID == "" || len(a.Type) == 0 || blank(a.Name) || blank(a.Description):
		return errors.New("achievement without id, type, name or description")
	case a.Criteria.ID == "" && blank(a.Criteria.Narrative):
		return errors.New("achievement without criteria")
	case slices.ContainsFunc(c.Subject.Result, func(r Result) bool { return !a.describes(r) }):
		return errors.New("result without its description")
	case slices.ContainsFunc(c.Endorsement, func(e json.RawMessage) bool { return len(withoutControls(e)) != len(e) }):
		return errors.New("endorsement with control characters, whose proof would break")
	case c.Status != nil && c.Status.ID == c.Status.StatusListCredential:
		return errors.New("status entry with the id of its list")
	}
	return nil
}

// describes reports whether a result refers to nothing, or to a description of this achievement.
func (a *Achievement) describes(r Result) bool {
	return r.ResultDescription == "" || slices.ContainsFunc(a.ResultDescription, func(d ResultDescription) bool {
		return d.ID == r.ResultDescription
	})
}

// blank reports whether nothing is left to be seen of a text.
func blank(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) == ""
}

// claims are what a VC-JWT has beside the credential's own members (spec 3.0 section 6).
type claims struct {
	Iss string `json:"iss"`
	JTI string `json:"jti"`
	Sub string `json:"sub,omitempty"`
	NBF int64  `json:"nbf"`
	Exp int64  `json:"exp,omitempty"`
}

func newClaims(issuer, id, subject string, from, until time.Time) claims {
	c := claims{Iss: issuer, JTI: id, Sub: subject, NBF: from.Unix()}
	if !until.IsZero() {
		c.Exp = until.Unix()
	}
	return c
}

// Payload gives the bytes to sign as VC-JWT (spec 3.0 section 6): the credential's members at top
// level and the claims iss, jti, sub (when the subject has an id), nbf and, with ValidUntil, exp, all
// taken from the credential; there is no vc claim, which belongs to VC Data Model 1.1. The same
// credential gives the same bytes; c is not changed. Control characters but for tab, LF and CR are
// taken out (section 18, trap 4). An error means that c must not be issued: a required member is
// missing or empty.
func Payload(c *Credential) ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.withWholeSeconds()
	return write(struct {
		*Credential
		claims
	}{&w, newClaims(w.Issuer.ID, w.ID, w.Subject.ID, w.ValidFrom, w.ValidUntil)})
}

// JSON gives the credential as a document of its own, without claims: what a Data Integrity proof is
// added to. Otherwise as Payload.
func (c *Credential) JSON() ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.withWholeSeconds()
	return write(&w)
}

// withWholeSeconds is the credential with its times as we write them.
func (c *Credential) withWholeSeconds() Credential {
	w := *c
	w.ValidFrom, w.ValidUntil, w.AwardedDate = wholeSeconds(c.ValidFrom), wholeSeconds(c.ValidUntil), wholeSeconds(c.AwardedDate)
	w.Subject.ActivityStartDate = wholeSeconds(c.Subject.ActivityStartDate)
	w.Subject.ActivityEndDate = wholeSeconds(c.Subject.ActivityEndDate)
	return w
}

// Document writes any of this package's types, and of package ob2's, as JSON: one line, members in the
// order of the type, nothing escaped that JSON does not ask for, control characters but for tab, LF
// and CR left out of all texts. The same value gives the same bytes.
func Document(v any) ([]byte, error) {
	data, err := marshal(v)
	return withoutControls(data), err
}

// write is Document for what is signed, where nothing may be null or empty (spec 3.0 section 2).
func write(v any) ([]byte, error) {
	data, err := Document(v)
	if err != nil {
		return nil, err
	}
	if !nothingEmpty(data) {
		return nil, errors.New("a member is null or empty")
	}
	return data, nil
}

// withoutControls takes control characters out of the texts of JSON that marshal wrote, where they
// stand as escapes or, above 7E, as themselves. Canonicalisers disagree about them (section 18, trap 4).
func withoutControls(data []byte) []byte {
	var kept []byte // nil as long as there is nothing to take out
	from := 0
	for i := 0; i < len(data); {
		n, control := character(data[i:])
		if control {
			kept = append(kept, data[from:i]...)
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return data
	}
	return append(kept, data[from:]...)
}

// character is the length of the first character of valid JSON, or of its escape, and whether it is a
// control character that is not to be written.
func character(s []byte) (n int, control bool) {
	switch {
	case s[0] == 0x7f:
		return 1, true
	case s[0] == 0xc2 && len(s) > 1 && s[1] < 0xa0: // U+0080 to U+009F
		return 2, true
	case s[0] != '\\' || len(s) < 2:
		return 1, false
	case s[1] != 'u' || len(s) < 6:
		return 2, s[1] == 'b' || s[1] == 'f'
	}
	r, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return 6, err == nil && (r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0)
}

// nothingEmpty reports whether valid JSON without white space has neither null nor empty arrays, objects and
// texts.
func nothingEmpty(data []byte) bool {
	inText := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			if !inText && data[i+1] == '"' {
				return false
			}
			inText = !inText
		case inText:
		case c == 'n', c == '[' && data[i+1] == ']', c == '{' && data[i+1] == '}':
			return false
		}
	}
	return true
}
