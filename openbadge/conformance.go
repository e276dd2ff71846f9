package openbadge

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Conformance judges the whole document against spec 3.0 section 2: Problems, and every departure of
// the badge or endorsement inside, all at once. A credential that is neither gives only Problems.
func (r *Received) Conformance() []Problem {
	c := conformance{problems: slices.Clone(r.Problems)}
	switch {
	case r.IsBadge():
		c.class(r.members, "Credential", "")
	case r.IsEndorsement():
		c.class(r.members, "Endorsement", "")
	default:
		return c.problems
	}
	if name, needed := map[int]string{1: "name", 2: "validFrom"}[r.Model]; needed {
		if _, found := r.members[name]; !found {
			c.add(MissingProperty, name, "required")
		}
	}
	if r.IsBadge() && r.Subject.Members != nil {
		c.subject(r.Subject)
	}
	return dedupe(c.problems)
}

// dedupe keeps the first of equal code and property: the envelope reports some members itself.
func dedupe(problems []Problem) []Problem {
	seen := map[string]bool{}
	return slices.DeleteFunc(problems, func(p Problem) bool {
		again := seen[p.String()]
		seen[p.String()] = true
		return again
	})
}

type conformance struct {
	problems []Problem
}

func (c *conformance) add(code, path, message string) {
	c.problems = append(c.problems, Problem{Code: code, Property: path, Message: message})
}

// subject holds the rules that are in the text of the standard and in no schema (section 4).
func (c *conformance) subject(s ReceivedSubject) {
	if s.ID == "" && len(list(s.Members["identifier"])) == 0 {
		c.add(MissingProperty, "credentialSubject.id", "neither id nor identifier")
	}
	for _, i := range s.Identifiers {
		if i.Hashed != IsIdentityHash(i.IdentityHash) && i.IdentityHash != "" {
			c.add(IdentityFormat, "credentialSubject.identifier", "hashed and the form of identityHash contradict each other")
		}
	}
	achievement := object(s.Members["achievement"])
	if criteria := referred(achievement["criteria"]); criteria != nil && criteria["id"] == nil && criteria["narrative"] == nil {
		c.add(MissingProperty, "credentialSubject.achievement.criteria.narrative", "neither page nor text")
	}
	described := map[string]bool{}
	for _, d := range list(achievement["resultDescription"]) {
		described[text(object(d)["id"])] = true
	}
	for _, result := range list(s.Members["result"]) {
		if id := text(object(result)["resultDescription"]); id != "" && !described[id] {
			c.add(BadValue, "credentialSubject.result.resultDescription", "describes no result of this achievement")
		}
	}
}

func (c *conformance) class(m map[string]any, name, path string) {
	k := classes[name]
	if k.typ != "" {
		c.types(m, k, path)
	}
	for _, r := range k.rules {
		value, found := m[r.name]
		c.member(r, value, found, path+r.name)
	}
	if !k.closed {
		return
	}
	for _, member := range slices.Sorted(maps.Keys(m)) {
		if member != "type" && !slices.ContainsFunc(k.rules, func(r rule) bool { return r.name == member }) {
			c.add(BadValue, path+member, "not a member of "+k.typ)
		}
	}
}

func (c *conformance) types(m map[string]any, k class, path string) {
	value, found := m["type"]
	switch {
	case !found:
		c.add(MissingProperty, path+"type", "required")
	case k.exact && first(value) != any(k.typ), !slices.Contains(texts(value), k.typ):
		c.add(BadValue, path+"type", "not "+k.typ)
	}
}

func (c *conformance) member(r rule, value any, found bool, path string) {
	values := list(value)
	switch {
	case !found && r.required:
		c.add(MissingProperty, path, "required")
	case !found:
	case value == nil || len(values) == 0 && !r.many:
		c.add(BadValue, path, "empty")
	case len(values) > 1 && !r.many:
		c.add(BadValue, path, "more than one value")
	default:
		for i, v := range values {
			at := path
			if len(values) > 1 {
				at = fmt.Sprintf("%s[%d]", path, i)
			}
			c.value(r, v, at)
		}
	}
}

func (c *conformance) value(r rule, v any, path string) {
	m, isObject := v.(map[string]any)
	_, isText := v.(string)
	if isText && r.test == anObject && classes[r.class].typ == "" {
		m, isObject = referred(v), true
	}
	switch {
	case isObject && r.test == aParty && len(m) == 1 && isURI(text(m["id"])): // a reference
	case isObject && (r.test == anObject || r.test == aParty):
		c.class(m, r.class, path+".")
	case isObject && r.test == anyObject:
		if m["type"] == nil {
			c.add(MissingProperty, path+".type", "required")
		}
	case isObject || r.test == anObject || r.test == anyObject || !plain(r, v, isText):
		c.add(BadValue, path, "not a value of its type")
	}
}

func plain(r rule, v any, isText bool) bool {
	s := text(v)
	switch r.test {
	case aText:
		return isText && (r.form == nil || r.form.MatchString(s))
	case aDate:
		_, err := ParseTimestamp(s)
		return err == nil
	case aDay:
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	case aFlag:
		_, isFlag := v.(bool)
		return isFlag
	case aNumber:
		_, isNumber := v.(json.Number)
		return isNumber
	}
	return isURI(s)
}
