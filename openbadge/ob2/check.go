package ob2

import (
	"net/url"
	"regexp"
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
	isWanted := func(t string) bool { return slices.Contains(wanted, t) }
	named := len(c.o.Types) == len(list(value)) && slices.ContainsFunc(c.o.Types, isWanted)
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
	_, err := parseDateTime(text(v))
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

// test is how one value of a member is judged.
type test int

const (
	aText test = iota
	aTextOrNumber
	aFlag
	aDate
	aLanguage
	aTelephone
	anIRI
	anID  // IRI; a urn:uuid is a UUID
	aPage // web address, or object of a class, judged here
	aWebURL
	anEmail
	aHost
	aPicture    // URL, data URI or Image
	aWebPicture // URL or Image, no data URI
	anObject    // object of a class, judged here
	aLink       // IRI, or object of a class, judged here
	aPrimary    // IRI, or object that has an id and is judged on its own
)

// rule is one member of a class: `required` and `many` are its cardinality.
type rule struct {
	name     string
	test     test
	class    string
	required bool
	many     bool
}

func need(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, ""), required: true}
}

func may(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, "")}
}

func many(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, ""), many: true}
}

var common = []rule{may("version", aTextOrNumber), may("@language", aLanguage), many("related", aLink, "Related"), many("endorsement", aPrimary)}

// classes are the tables of spec 2.0 section 2, member by member.
var classes = map[string][]rule{
	KindAssertion: append([]rule{
		need("id", anID), need("recipient", anObject, "IdentityObject"), need("badge", aPrimary),
		need("verification", anObject, "AssertionVerification"), need("issuedOn", aDate), may("expires", aDate),
		may("image", aWebPicture), many("evidence", aLink, "Evidence"), may("narrative", aText),
		may("revoked", aFlag), may("revocationReason", aText),
	}, common...),
	KindBadgeClass: append([]rule{
		need("id", anIRI), need("name", aText), need("description", aText), need("image", aPicture),
		need("criteria", aPage, "Criteria"), need("issuer", aPrimary), many("alignment", anObject, "AlignmentObject"), many("tags", aText),
	}, common...),
	KindProfile: append([]rule{
		need("id", anIRI), need("name", aText), need("url", aWebURL), need("email", anEmail), may("telephone", aTelephone),
		may("description", aText), may("image", aPicture), many("publicKey", aPrimary),
		may("verification", anObject, "ProfileVerification"), may("revocationList", aLink),
	}, common...),
	KindEndorser: append([]rule{
		need("id", anIRI), may("name", aText), may("url", aWebURL), may("email", anEmail), may("image", aPicture),
		many("publicKey", aPrimary), may("verification", anObject, "ProfileVerification"),
	}, common...),
	KindKey:            {may("id", anIRI), may("owner", aLink), may("publicKeyPem", aText)},
	KindRevocationList: {may("id", anIRI), may("issuer", aLink)},
	KindEndorsement: append([]rule{
		need("id", anIRI), need("claim", anObject, "Claim"), need("issuer", aPrimary), need("issuedOn", aDate),
		need("verification", anObject, "AssertionVerification"), may("revoked", aFlag), may("revocationReason", aText),
	}, common...),
	"IdentityObject":        {need("identity", aText), need("type", aText), need("hashed", aFlag), may("salt", aText)},
	"AssertionVerification": {need("type", aText), may("creator", aLink)},
	"ProfileVerification":   {may("verificationProperty", aText), many("startsWith", aWebURL), many("allowedOrigins", aHost)},
	"Criteria":              {may("id", anIRI), may("narrative", aText)},
	"Related":               {need("id", anIRI)},
	"Evidence": {
		may("id", anIRI), may("narrative", aText), may("name", aText), may("description", aText), may("genre", aText), may("audience", aText),
	},
	"Image": {may("caption", aText), may("author", aLink)}, // its id is judged by where it stands
	"AlignmentObject": {
		need("targetName", aText), need("targetUrl", aWebURL), may("targetDescription", aText), may("targetFramework", aText), may("targetCode", aText),
	},
	"Claim": {need("id", anIRI), may("endorsementComment", aText)},
}

var (
	uuidURN       = regexp.MustCompile(`(?i)^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	languageForm  = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`) // RFC 5646 section 2.1, as far as form goes
	telephoneForm = regexp.MustCompile(`^[+0-9 ()./;=ext-]+$`)                // E.164 is only advised
	emailForm     = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	hostForm      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	dataPicture   = regexp.MustCompile(`(?i)^data:image/(png|svg\+xml)[;,]`)
	blankNode     = regexp.MustCompile(`^_:\S+$`)
	schemeForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^` + "`" + `]+$`)
)

// maxIRI is the longest address in bytes; pictures inside documents are no addresses.
const maxIRI = 8 << 10

func isWeb(s string) bool {
	if len(s) > maxIRI {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && schemeForm.MatchString(s)
}

// isIRI takes any absolute IRI: web addresses, urn:uuid of every version, and the blank nodes that
// embedded objects are named by. Addresses that run a script when they are followed are none.
func isIRI(s string) bool {
	if strings.HasPrefix(s, "http:") || strings.HasPrefix(s, "https:") {
		return isWeb(s)
	}
	return len(s) <= maxIRI && (schemeForm.MatchString(s) || blankNode.MatchString(s)) &&
		!strings.HasPrefix(strings.ToLower(s), "javascript:")
}
