package ob2

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// aliases of member names: those of the 2.0 context and of JSON-LD itself.
var aliases = map[string]string{"@id": "id", "@type": "type", "verify": "verification"}

// normal copies an object into the names of 2.0: aliases resolved, one-element arrays opened (JSON-LD
// takes both for the same), classes without prefix. An alias beside the name itself is a problem.
func (o *Object) normal(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		if name == "@context" {
			continue
		}
		if plain, isAlias := aliases[name]; isAlias {
			if _, both := m[plain]; both {
				o.problems = append(o.problems, openbadge.Problem{
					Code: openbadge.BadValue, Property: plain, Message: "given twice, as " + name + " and " + plain,
				})
				continue
			}
			name = plain
		}
		out[name] = o.normalValue(value)
		if slices.Contains(idTerms, name) {
			out[name] = references(out[name])
		}
	}
	if about, isText := out["claim"].(string); isText {
		out["claim"] = map[string]any{"id": about} // JSON-LD writes an object that has no more than an id as that id
	}
	if types, found := out["type"]; found {
		out["type"] = plainTypes(types)
	}
	return out
}

func (o *Object) normalValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if plain, found := v["@value"]; found {
			return plain // a text with a language or a type
		}
		return o.normal(v)
	case []any:
		if len(v) == 1 {
			return o.normalValue(v[0])
		}
		values := make([]any, len(v))
		for i := range v {
			values[i] = o.normalValue(v[i])
		}
		return values
	}
	return value
}

// references writes an object that has no more than an id as that id, as JSON-LD does where a term is
// known to refer to something.
func references(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if id, isText := v["id"].(string); isText && len(v) == 1 {
			return id
		}
	case []any:
		for i := range v {
			v[i] = references(v[i])
		}
	}
	return value
}

var typeAliases = map[string]string{"hosted": "HostedBadge", "signed": "SignedBadge", "IssuerOrg": "Issuer"}

func plainTypes(types any) any {
	switch t := types.(type) {
	case string:
		for _, prefix := range []string{"https://w3id.org/openbadges#", "obi:"} {
			t = strings.TrimPrefix(t, prefix)
		}
		if plain, isAlias := typeAliases[t]; isAlias {
			return plain
		}
		return t
	case []any:
		for i := range t {
			t[i] = plainTypes(t[i])
		}
	}
	return types
}
