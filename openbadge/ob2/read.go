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

// detect is the official version detection, but an array of contexts is looked into.
func detect(m map[string]any) string {
	context, found := m["@context"]
	if !found {
		if _, isText := one(m["recipient"]).(string); isText {
			return "0.5"
		}
		return "1.0"
	}
	urls := strings.Join(texts(context), " ")
	if strings.Contains(urls, "v1") && !strings.Contains(urls, "v2") {
		return "1.1"
	}
	return "2.0"
}

// checkContext wants one of the standard's contexts, or an object that defines the terms inside the
// document.
func (o *Object) checkContext(context any) {
	if context == nil && (o.Version == "0.5" || o.Version == "1.0") || namesStandard(context) {
		return
	}
	o.problems = append(o.problems, openbadge.Problem{
		Code: openbadge.ContextProblem, Property: "@context", Message: "no known Open Badges context",
	})
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
