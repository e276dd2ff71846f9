package openbadge

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"
)

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
