package ob2

import (
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// Problems gives every way in which the object departs from spec 2.0 sections 2 and 3, in the order
// of its class. A revoked object needs no more than its id. Embedded primary objects are only asked
// for an id: the hosted document counts, or the caller judges Link.Embedded itself.
func (o *Object) Problems() []openbadge.Problem {
	c := checker{o: o, problems: slices.Clone(o.problems)}
	c.types()
	if revoked, _ := o.Revoked(); revoked {
		if o.ID == "" {
			c.add(openbadge.MissingProperty, "id", "required")
		}
		return c.problems
	}
	if o.Kind != "" {
		c.class(o.m, o.Kind, "")
	}
	if o.Kind == KindRevocationList {
		c.entries()
	}
	return c.problems
}

type checker struct {
	o        *Object
	problems []openbadge.Problem
}

func (c *checker) add(code, path, message string) {
	c.problems = append(c.problems, openbadge.Problem{Code: code, Property: path, Message: message})
}

// types asks that a document says what it is: one of its types must be the class that is wanted, the
// others known classes or IRIs.
func (c *checker) types() {
	value, found := c.o.m["type"]
	if !found {
		c.add(openbadge.MissingProperty, "type", "required")
		return
	}
	wanted := map[string][]string{KindProfile: {"Profile", "Issuer"}, KindEndorser: {"Profile", "Issuer"}}[c.o.Kind]
	if wanted == nil {
		wanted = []string{c.o.Kind}
	}
	named := len(c.o.Types) == len(list(value)) && slices.ContainsFunc(c.o.Types, func(t string) bool { return slices.Contains(wanted, t) })
	for _, t := range c.o.Types {
		if _, known := classes[t]; !known && t != "Issuer" && !isIRI(t) {
			named = false
		}
	}
	if !named {
		c.add(openbadge.BadValue, "type", "not the class expected here, or an unknown one")
	}
}

func (c *checker) class(m map[string]any, class, path string) {
	for _, r := range classes[class] {
		value, found := m[r.name]
		c.member(r, value, found, path+r.name)
	}
	c.extra(m, class, path)
}

func (c *checker) member(r rule, value any, found bool, path string) {
	values := list(value)
	switch {
	case !found && r.required && r.name == "id" && c.o.Version == "0.5":
	case !found && r.required:
		c.add(openbadge.MissingProperty, path, "required")
	case len(values) == 0 && r.required:
		c.add(openbadge.BadValue, path, "empty")
	case len(values) > 1 && !r.many:
		c.add(openbadge.BadValue, path, "more than one value")
	default:
		for _, v := range values {
			c.value(r, v, path)
		}
	}
}

func (c *checker) value(r rule, v any, path string) {
	m := object(v)
	switch {
	case m == nil && r.test == anObject:
		c.add(openbadge.BadValue, path, "not an object")
	case m == nil:
		if !c.plain(r, v) {
			c.add(openbadge.BadValue, path, "not a value of its type")
		}
	case r.test == aPrimary:
		c.primary(m, path)
	case r.test == anObject || r.test == aLink || r.test == aPage:
		c.class(m, r.class, path+".")
	case r.test == aPicture || r.test == aWebPicture:
		id, found := m["id"]
		c.member(need("id", r.test), id, found, path+".id")
		c.class(m, "Image", path+".")
	default:
		c.add(openbadge.BadValue, path, "an object where a plain value belongs")
	}
}

// primary asks an embedded primary object for its id; 0.5 had none.
func (c *checker) primary(m map[string]any, path string) {
	id, found := m["id"]
	switch {
	case !found && c.o.Version != "0.5":
		c.add(openbadge.MissingProperty, path+".id", "required")
	case found && !isIRI(text(id)):
		c.add(openbadge.BadValue, path+".id", "not an IRI")
	}
}

func (c *checker) plain(r rule, v any) bool {
	s, isText := v.(string)
	switch r.test {
	case aText:
		return isText && (s != "" || !r.required)
	case aTextOrNumber:
		_, isNumber := number(v)
		return isText || isNumber
	case aFlag:
		_, isFlag := v.(bool)
		return isFlag
	case aDate:
		return c.date(v)
	case anEmail:
		return len(s) <= maxIRI && emailForm.MatchString(s)
	case aHost:
		return len(s) <= maxIRI && hostForm.MatchString(s)
	case anID:
		return isIRI(s) && (!strings.HasPrefix(strings.ToLower(s), "urn:uuid:") || uuidURN.MatchString(s))
	case aLanguage:
		return languageForm.MatchString(s)
	case aTelephone:
		return telephoneForm.MatchString(s)
	case aWebURL, aWebPicture, aPage:
		return isWeb(s)
	case aPicture:
		return isWeb(s) || dataPicture.MatchString(s)
	}
	return isIRI(s)
}

func (c *checker) date(v any) bool {
	if c.o.Version != "2.0" {
		_, err := parseDate1(v)
		return err == nil
	}
	_, err := ParseDateTime(text(v))
	return err == nil
}

// extra are the rules that bind several members of one object.
func (c *checker) extra(m map[string]any, class, path string) {
	switch class {
	case "IdentityObject":
		c.identity(m, path)
	case "AssertionVerification":
		if t := text(m["type"]); t != "" && t != "HostedBadge" && t != "SignedBadge" {
			c.add(openbadge.VerificationType, path+"type", "neither HostedBadge nor SignedBadge")
		}
	case "ProfileVerification":
		if p := m["verificationProperty"]; p != nil && p != "id" && p != "@id" {
			c.add(openbadge.BadValue, path+"verificationProperty", "only id is defined")
		}
	case "Criteria":
		if id := text(m["id"]); (id == "" || blankNode.MatchString(id)) && m["narrative"] == nil {
			c.add(openbadge.MissingProperty, path+"narrative", "neither page nor text")
		}
	}
}

func (c *checker) identity(m map[string]any, path string) {
	identity, isText := m["identity"].(string)
	hashed, isFlag := m["hashed"].(bool)
	if !isText || !isFlag {
		return
	}
	isHash := openbadge.IsIdentityHash(identity)
	switch {
	case hashed && !isHash:
		c.add(openbadge.IdentityFormat, path+"identity", "hashed, and not in the form of a hash")
	case !hashed && isHash:
		c.add(openbadge.IdentityFormat, path+"identity", "not hashed, but in the form of a hash")
	case !hashed && text(m["type"]) == "email" && len(identity) <= maxIRI && !emailForm.MatchString(identity):
		c.add(openbadge.IdentityFormat, path+"identity", "not an e-mail address")
	}
}

// entries judges the list of a RevocationList; being absent is a fault, being empty is none.
func (c *checker) entries() {
	value, found := c.o.m["revokedAssertions"]
	if !found && c.o.Version == "1.0" {
		return // a plain object of ids and reasons
	}
	if !found {
		c.add(openbadge.RevocationList, "revokedAssertions", "required")
		return
	}
	for _, entry := range list(value) {
		m := object(entry)
		if m == nil {
			m = map[string]any{"id": entry}
		}
		id, hasID := m["id"]
		_, isUID := m["uid"].(string)
		if hasID && !isIRI(text(id)) || !hasID && !isUID {
			c.add(openbadge.RevocationList, "revokedAssertions", "entry without usable id or uid")
		}
	}
}
