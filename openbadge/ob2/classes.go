package ob2

import (
	"net/url"
	"regexp"
	"strings"
)

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
	return len(s) <= maxIRI && (schemeForm.MatchString(s) || blankNode.MatchString(s)) && !strings.HasPrefix(strings.ToLower(s), "javascript:")
}
