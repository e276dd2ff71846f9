package openbadge

import (
	"cmp"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Controller is a controller document (a DID document, or what an https issuer serves) as a verifier
// sees it. Keys that cannot be read are kept without Key.
type Controller struct {
	ID          string
	AlsoKnownAs []string
	Methods     []Method
	Assertion   []string // ids allowed to make assertions, full URLs
	PublicKeys  []string // ids under publicKey, in a document that has no member of 3.0 about keys

	ended []Method // whatever in the document has a date of its end, under any member
}

// Method is one verification method. Revoked and Expires are zero when not stated, or not readable.
type Method struct {
	ID         string
	Type       string
	Controller string
	Key        crypto.PublicKey
	KeyError   error // why there is no Key
	Revoked    Timestamp
	Expires    Timestamp

	unreadable bool // a date of revocation or expiry that is there and cannot be read
}

// keyMembers are the members by which a document names keys: those of Controlled Identifiers and DIDs,
// that of Open Badges 2.0, those of a document that is a key itself, and those of JSON Web Keys (RFC 7517)
// and of the metadata that lead to them (RFC 8414).
var keyMembers = []string{"verificationMethod", "assertionMethod", "publicKey", "authentication", "keyAgreement",
	"capabilityInvocation", "capabilityDelegation",
	"publicKeyMultibase", "publicKeyJwk", "publicKeyPem", "publicKeyBase58", "publicKeyHex", "kty", "keys", "jwks", "jwks_uri"}

// NamesKeys reports whether a document says anything about keys, in the names of any edition, whole or
// with a prefix, at its top or in the document that it wraps. An empty list says that there are none;
// null says nothing.
func NamesKeys(document map[string]any) bool {
	for name, value := range document {
		if value != nil && slices.Contains(keyMembers, name[strings.LastIndexAny(name, "#/:")+1:]) {
			return true
		}
	}
	for _, wrapper := range []string{"@graph", "didDocument"} {
		for _, one := range list(document[wrapper]) {
			if inner, isObject := one.(map[string]any); isObject && NamesKeys(inner) {
				return true
			}
		}
	}
	return false
}

// ReadController reads a controller document (spec 3.0 section 7): methods of type Multikey,
// Ed25519VerificationKey2020, JsonWebKey and JsonWebKey2020 and the CryptographicKey of 2.0, listed or
// embedded in assertionMethod; relative ids ("#key-1") are made full. An error means that
// it is no controller document at all.
func ReadController(data []byte) (*Controller, error) {
	var m map[string]any
	if err := UnmarshalStrict(data, &m); err != nil {
		return nil, err
	}
	m = OneForm(m)
	c := &Controller{ID: text(m["id"]), AlsoKnownAs: texts(m["alsoKnownAs"])}
	if c.ID == "" {
		return nil, fmt.Errorf("%w: controller document without id", ErrKey)
	}
	for _, name := range []string{"verificationMethod", "publicKey"} {
		for _, one := range list(m[name]) {
			c.addMethod(object(one))
		}
	}
	for _, one := range list(m["assertionMethod"]) {
		if embedded := object(one); len(embedded) > 1 { // else it only refers to one
			c.addMethod(embedded)
		}
		c.Assertion = append(c.Assertion, c.absoluteID(reference(one)))
	}
	if m["assertionMethod"] == nil && m["verificationMethod"] == nil {
		for _, one := range list(m["publicKey"]) {
			c.PublicKeys = append(c.PublicKeys, c.absoluteID(reference(one)))
		}
	}
	c.readEnds(m)
	return c, nil
}

// readEnds finds every object that says when something ends: a key that its owner has withdrawn is lost
// wherever that stands, in nested lists and without an id as well.
func (c *Controller) readEnds(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["revoked"] != nil || v["expires"] != nil {
			method := readMethod(v)
			method.ID = c.absoluteID(method.ID)
			c.ended = append(c.ended, method)
		}
		for _, inner := range v {
			c.readEnds(inner)
		}
	case []any:
		for _, inner := range v {
			c.readEnds(inner)
		}
	}
}

// ReadMethod reads a verification method, or a key of 2.0, that is a document of its own. found is false
// for any other document.
func ReadMethod(data []byte) (method Method, found bool) {
	var m map[string]any
	if UnmarshalStrict(data, &m) != nil {
		return Method{}, false
	}
	m = OneForm(m)
	if m["publicKeyMultibase"] == nil && m["publicKeyJwk"] == nil && m["publicKeyPem"] == nil {
		return Method{}, false
	}
	return readMethod(m), true
}

// Method finds a verification method by its full id.
func (c *Controller) Method(id string) (Method, bool) {
	i := slices.IndexFunc(c.Methods, func(m Method) bool { return m.ID == id })
	if i < 0 || id == "" {
		return Method{}, false
	}
	return c.Methods[i], true
}

// Withdrawn reports whether the owner has taken a key back before at, or let it expire: by its id, which
// may stand in several places of the document, or by naming the same key otherwise. A key that was
// revoked is lost under every name; one that only expired may have been listed anew.
func (c *Controller) Withdrawn(id string, key crypto.PublicKey, at time.Time) bool {
	return slices.ContainsFunc(c.ended, func(m Method) bool {
		return m.ID == id && id != "" && m.Ended(at) || m.revoked(at) && SameKey(m.Key, key)
	})
}

// KeyWithdrawn is Controller.Withdrawn for an owner's document of any edition, or that of a key: it needs no
// id and no other member of a controller document.
func KeyWithdrawn(document []byte, owner, id string, key crypto.PublicKey, at time.Time) bool {
	var m map[string]any
	if UnmarshalStrict(document, &m) != nil {
		return false
	}
	c := &Controller{ID: owner}
	c.readEnds(OneForm(m))
	return c.Withdrawn(id, key, at)
}

// Ended reports whether the method was revoked or has expired before at. A date that cannot be read
// counts as past.
func (m Method) Ended(at time.Time) bool {
	return m.revoked(at) || !m.Expires.IsZero() && !m.Expires.Time.After(at)
}

func (m Method) revoked(at time.Time) bool {
	return m.unreadable || !m.Revoked.IsZero() && !m.Revoked.Time.After(at)
}

// SameKey reports whether two public keys are one; a missing key is like no other.
func SameKey(a, b crypto.PublicKey) bool {
	comparable, is := a.(interface{ Equal(crypto.PublicKey) bool })
	return is && b != nil && comparable.Equal(b)
}

// MayAssert reports whether the method of this id is listed under assertionMethod.
func (c *Controller) MayAssert(id string) bool { return id != "" && slices.Contains(c.Assertion, id) }

func (c *Controller) absoluteID(id string) string {
	if strings.HasPrefix(id, "#") {
		return c.ID + id
	}
	return id
}

func (c *Controller) addMethod(m map[string]any) {
	if text(m["id"]) == "" {
		return
	}
	method := readMethod(m)
	method.ID = c.absoluteID(method.ID)
	c.Methods = append(c.Methods, method)
}

func readMethod(m map[string]any) Method {
	method := Method{ID: cmp.Or(text(m["id"]), text(m["@id"])), Type: text(first(m["type"])), Controller: reference(m["controller"])}
	method.Key, method.KeyError = methodKey(m)
	if m["controller"] == nil {
		method.Controller = reference(m["owner"]) // the name of 2.0
	}
	method.Revoked = method.date(m["revoked"])
	method.Expires = method.date(m["expires"])
	return method
}

// date reads a date of a method, which is zero when it is not stated.
func (m *Method) date(v any) Timestamp {
	if len(list(v)) == 0 {
		return Timestamp{}
	}
	t, err := ParseTimestamp(text(v))
	m.unreadable = m.unreadable || err != nil
	return t
}

// reference gives the id in a member that refers to somebody: the id itself, or an object that has it.
// Of what is no id it gives something that is like no other.
func reference(v any) string {
	switch values := list(v); {
	case len(values) == 0:
		return ""
	case len(values) > 1:
		return "several"
	}
	if id := text(first(v)); id != "" {
		return id
	}
	if id := text(object(v)["id"]); id != "" {
		return id
	}
	return "nobody"
}

// methodTypes are those whose members are known.
var methodTypes = []string{"Multikey", "Ed25519VerificationKey2020", "JsonWebKey", "JsonWebKey2020", "CryptographicKey"}

func methodKey(m map[string]any) (crypto.PublicKey, error) {
	if multibase := text(m["publicKeyMultibase"]); multibase != "" {
		return parseMultikey(multibase)
	}
	if key, isObject := m["publicKeyJwk"].(map[string]any); isObject {
		pub, _, err := readJWK(key)
		return pub, err
	}
	if pem := text(m["publicKeyPem"]); pem != "" {
		return ParsePublicKeyPEM(pem)
	}
	if m["publicKeyMultibase"] != nil || m["publicKeyJwk"] != nil || slices.Contains(methodTypes, text(first(m["type"]))) {
		return nil, fmt.Errorf("%w: neither text nor JWK", ErrKey)
	}
	return nil, fmt.Errorf("%w: %w: verification method that writes its key another way", ErrKey, ErrUnsupported)
}
