package ob2

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// upgrade brings a document of 0.5, 1.0 or 1.1 up to 2.0 (spec 2.0 section 11). Dates stay as they
// are written; reading them knows the version.
func (o *Object) upgrade(from, want string) {
	switch o.Version {
	case "0.5":
		o.upgrade05(from)
	case "1.0":
		o.upgrade10(from, want)
	case "1.1":
		o.upgrade11()
	}
	if o.Version != "2.0" {
		o.upgradeAlignments(o.m)
	}
}

func (o *Object) upgrade05(from string) {
	m := o.m
	setDefault(m, "id", from)
	m["type"] = KindAssertion
	rename(m, "issued_on", "issuedOn")
	identity := text(m["recipient"])
	recipient := map[string]any{"identity": identity, "type": "email", "hashed": !strings.Contains(identity, "@")}
	if salt, found := m["salt"]; found {
		recipient["salt"] = salt
	}
	m["recipient"] = recipient
	m["verification"] = map[string]any{"type": "HostedBadge"}
	badge := object(m["badge"])
	if badge == nil {
		return
	}
	badge["type"] = KindBadgeClass
	if issuer := object(badge["issuer"]); issuer != nil {
		upgradeIssuer05(issuer)
	}
}

func upgradeIssuer05(issuer map[string]any) {
	issuer["type"] = KindProfile
	rename(issuer, "contact", "email")
	rename(issuer, "origin", "url")
	if org := text(issuer["org"]); org != "" {
		issuer["name"] = text(issuer["name"]) + ": " + org
	}
}

func (o *Object) upgrade10(from, want string) {
	m := o.m
	if _, typed := m["type"]; !typed {
		setDefault(m, "type", class10(m, want))
	}
	setDefault(m, "id", from)
	verification := object(m["verification"])
	switch {
	case text(m["id"]) != "":
	case text(verification["type"]) == "HostedBadge" && text(verification["url"]) != "":
		m["id"] = verification["url"]
	case text(m["uid"]) != "":
		m["id"] = "uid:" + text(m["uid"])
	}
	if text(m["id"]) == "" {
		delete(m, "id")
	}
}

// upgrade11 gives a signed assertion of 1.1 that has no id the one it is known by (spec 2.0 section 7).
func (o *Object) upgrade11() {
	m := o.m
	if text(object(m["verification"])["type"]) == "SignedBadge" && text(m["uid"]) != "" {
		setDefault(m, "id", "uid:"+text(m["uid"]))
	}
}

// class10 tells the class by the kind asked for, else by its members.
func class10(m map[string]any, want string) string {
	switch {
	case want == KindEndorser:
		return KindProfile
	case want != "":
		return want
	case m["recipient"] != nil:
		return KindAssertion
	case m["criteria"] != nil:
		return KindBadgeClass
	case m["url"] != nil:
		return KindProfile
	}
	return ""
}

// upgradeAlignments gives the members of 1.x alignments their 2.0 names, in a badge class or in the
// one that an assertion embeds.
func (o *Object) upgradeAlignments(m map[string]any) {
	for _, value := range list(m["alignment"]) {
		if a := object(value); a != nil {
			rename(a, "url", "targetUrl")
			rename(a, "name", "targetName")
			rename(a, "description", "targetDescription")
		}
	}
	if badge := object(m["badge"]); badge != nil {
		o.upgradeAlignments(badge)
	}
}

func rename(m map[string]any, old, name string) {
	value, found := m[old]
	if _, taken := m[name]; found && !taken {
		m[name] = value
		delete(m, old)
	}
}

func setDefault(m map[string]any, name, value string) {
	if _, found := m[name]; !found && value != "" {
		m[name] = value
	}
}

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
