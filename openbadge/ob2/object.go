package ob2

import (
	"errors"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// The classes that a verifier meets, as the kind of an Object. Endorser is a Profile that issues no
// badge, for which id and type are enough.
const (
	KindAssertion      = "Assertion"
	KindBadgeClass     = "BadgeClass"
	KindProfile        = "Profile"
	KindEndorser       = "Endorser"
	KindKey            = "CryptographicKey"
	KindRevocationList = "RevocationList"
	KindEndorsement    = "Endorsement"
)

// ErrNoObject is wrapped when JSON that was read is no object.
var ErrNoObject = errors.New("not an Open Badges object")

// Object is one document, or one object embedded in another, of any edition, in the names of 2.0.
// Raw holds the bytes of a whole document as they came (nil for an embedded one); nobody may change them.
type Object struct {
	Version string // of the document: 0.5, 1.0, 1.1 or 2.0
	Kind    string // one of the Kind constants or another class of section 2; "" when unknown
	ID      string
	Types   []string
	Raw     []byte
	Nulls   []string // paths of members that are null: they count as absent

	m        map[string]any
	problems []openbadge.Problem
	document *Document // as it came; nil for an embedded object, and where there is no extension
}

// Read takes in one document that needs no foreign context (see Document). An error means that there is
// nothing to judge (it wraps openbadge.ErrJSON or ErrNoObject); all other faults are told by Problems.
func Read(data []byte, from, want string) (*Object, error) {
	d, err := Parse(data)
	if err != nil {
		return nil, err
	}
	return d.Read(from, want, nil), nil
}

// settle fills the members that say what the object is.
func (o *Object) settle(want string) {
	o.ID, o.Types = text(o.m["id"]), texts(o.m["type"])
	o.Kind = want
	if want == "" {
		o.Kind = kindOf(o.Types)
	}
}

// embedded makes an Object of a member's value; version and context come from the document around it.
func (o *Object) embedded(m map[string]any, want string) *Object {
	e := &Object{Version: o.Version, m: m}
	e.settle(want)
	return e
}

func kindOf(types []string) string {
	for _, t := range types {
		if t == "Issuer" {
			return KindProfile
		}
		if _, known := classes[t]; known {
			return t
		}
	}
	return ""
}

// Home is the address where a document says that it is hosted: its id, else the url of a 1.0 verify
// object; "" when it names none. Nothing else of a document that was handed in is to be trusted (spec
// 2.0 section 6, step 1).
func (o *Object) Home() string {
	for _, address := range []string{o.ID, text(object(o.m["verification"])["url"])} {
		if isWeb(address) {
			return address
		}
	}
	return ""
}

// Link is a reference to another object: its id, and the embedded copy if one stands there. An
// embedded object without id has an empty ID.
type Link struct {
	ID       string
	Embedded *Object
}

// Text gives a member that is a string, "" otherwise.
func (o *Object) Text(name string) string { return text(o.m[name]) }

// Texts gives the strings of a one-or-many member.
func (o *Object) Texts(name string) []string { return texts(o.m[name]) }

func (o *Object) links(name, kind string) []Link {
	var all []Link
	for _, value := range list(o.m[name]) {
		if m := object(value); m != nil {
			e := o.embedded(m, kind)
			all = append(all, Link{ID: e.ID, Embedded: e})
		} else if id := text(value); id != "" {
			all = append(all, Link{ID: id})
		}
	}
	return all
}

func (o *Object) link(name, kind string) Link {
	all := o.links(name, kind)
	if len(all) == 0 {
		return Link{}
	}
	return all[0]
}

// Badge is the badge class of an assertion.
func (o *Object) Badge() Link { return o.link("badge", KindBadgeClass) }

// Issuer is the profile behind a badge class or an endorsement. That of an endorsement is an Endorser.
func (o *Object) Issuer() Link {
	if o.Kind == KindEndorsement {
		return o.link("issuer", KindEndorser)
	}
	return o.link("issuer", KindProfile)
}

// PublicKeys are the keys that a profile lists. Trust only those of a hosted profile (spec 2.0
// section 7, step 4).
func (o *Object) PublicKeys() []Link { return o.links("publicKey", KindKey) }

// RevocationList is where a profile tells which of its signed badges it has withdrawn. Read it at its id: a copy
// inside the profile may be older.
func (o *Object) RevocationList() Link { return o.link("revocationList", KindRevocationList) }

// Owners are the ids of those to whom a key says it belongs; "" for what is no id.
func (o *Object) Owners() []string {
	var all []string
	for _, value := range list(o.m["owner"]) {
		id := text(value)
		if m := object(value); m != nil {
			id = o.embedded(m, "").ID
		}
		all = append(all, id)
	}
	return all
}

// Endorsements are the endorsements of any primary object.
func (o *Object) Endorsements() []Link { return o.links("endorsement", KindEndorsement) }

// Claim is what an endorsement is about: the id of the object, and what is said of it.
func (o *Object) Claim() (about, comment string) {
	m := object(o.m["claim"])
	return text(m["id"]), text(m["endorsementComment"])
}

// IssuedOn is when an assertion or endorsement was issued; zero when absent or unreadable.
func (o *Object) IssuedOn() openbadge.Timestamp {
	t, _ := o.time("issuedOn")
	return t
}

// Expires is when an assertion ends; zero when absent or unreadable.
func (o *Object) Expires() openbadge.Timestamp {
	t, _ := o.time("expires")
	return t
}

// Revoked tells whether the document says so of itself, and why.
func (o *Object) Revoked() (revoked bool, reason string) {
	revoked, _ = o.m["revoked"].(bool)
	return revoked, o.Text("revocationReason")
}

// VerificationType is HostedBadge or SignedBadge, or whatever an assertion names instead.
func (o *Object) VerificationType() string { return text(object(o.m["verification"])["type"]) }

// Creator is the id of the key that a signed assertion names, "" without.
func (o *Object) Creator() string {
	creator := object(o.m["verification"])["creator"]
	if m := object(creator); m != nil {
		return text(m["id"])
	}
	return text(creator)
}

// VerificationURL is the url of a 1.x verify object: the hosted assertion, or the PEM of a signed one.
func (o *Object) VerificationURL() string { return text(object(o.m["verification"])["url"]) }

// Picture is an image by address or data URI, with its text alternative.
type Picture struct {
	URL     string
	Caption string
}

// Image is the object's picture; the zero Picture when there is none.
func (o *Object) Image() Picture {
	if m := object(o.m["image"]); m != nil {
		return Picture{URL: text(m["id"]), Caption: text(m["caption"])}
	}
	return Picture{URL: text(o.m["image"])}
}

// IsData reports whether the picture stands inside the document.
func (p Picture) IsData() bool { return strings.HasPrefix(strings.ToLower(p.URL), "data:") }

// Criteria gives the page and the text that say how a badge class is earned.
func (o *Object) Criteria() (page, narrative string) {
	if m := object(o.m["criteria"]); m != nil {
		return text(m["id"]), text(m["narrative"])
	}
	return text(o.m["criteria"]), ""
}

// Recipient is whom an assertion names.
type Recipient struct {
	Type     string
	Identity string
	Salt     string
	Hashed   bool
}

// Recipient reads the recipient of an assertion.
func (o *Object) Recipient() Recipient {
	m := object(o.m["recipient"])
	hashed, _ := m["hashed"].(bool)
	return Recipient{Type: text(m["type"]), Identity: text(m["identity"]), Salt: text(m["salt"]), Hashed: hashed}
}

// Matches reports whether the assertion was issued to this address (or other value of the property
// that Type names), spelled so: the standard normalises nothing, and the caller tries other spellings.
func (r Recipient) Matches(value string) bool {
	if r.Hashed {
		return openbadge.MatchIdentity(r.Identity, value, r.Salt)
	}
	return r.Identity == value && value != ""
}
