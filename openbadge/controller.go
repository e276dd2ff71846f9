package openbadge

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
)

// Controller is a controller document (a DID document, or what an https issuer serves) as a verifier
// sees it. Keys that cannot be read are kept without Key.
type Controller struct {
	ID          string
	AlsoKnownAs []string
	Methods     []Method
	Assertion   []string // ids allowed to make assertions, full URLs
}

// Method is one verification method. Revoked and Expires are zero when not stated.
type Method struct {
	ID         string
	Type       string
	Controller string
	Key        crypto.PublicKey
	KeyError   error // why there is no Key
	Revoked    Timestamp
	Expires    Timestamp
}

// ReadController reads a controller document (spec 3.0 section 7): methods of type Multikey,
// Ed25519VerificationKey2020, JsonWebKey and JsonWebKey2020, listed or embedded in assertionMethod;
// relative ids ("#key-1") are made full. An error means that it is no controller document at all.
func ReadController(data []byte) (*Controller, error) {
	var m map[string]any
	if err := UnmarshalStrict(data, &m); err != nil {
		return nil, err
	}
	c := &Controller{ID: text(m["id"]), AlsoKnownAs: texts(m["alsoKnownAs"])}
	if c.ID == "" {
		return nil, fmt.Errorf("%w: controller document without id", ErrKey)
	}
	for _, name := range []string{"verificationMethod", "publicKey"} {
		for _, one := range list(m[name]) {
			c.add(object(one))
		}
	}
	for _, one := range list(m["assertionMethod"]) {
		id := text(one)
		if embedded := object(one); embedded != nil {
			id = text(embedded["id"])
			c.add(embedded)
		}
		c.Assertion = append(c.Assertion, c.full(id))
	}
	return c, nil
}

// Method finds a verification method by its full id.
func (c *Controller) Method(id string) (Method, bool) {
	i := slices.IndexFunc(c.Methods, func(m Method) bool { return m.ID == id })
	if i < 0 || id == "" {
		return Method{}, false
	}
	return c.Methods[i], true
}

// MayAssert reports whether the method of this id is listed under assertionMethod.
func (c *Controller) MayAssert(id string) bool { return id != "" && slices.Contains(c.Assertion, id) }

func (c *Controller) full(id string) string {
	if strings.HasPrefix(id, "#") {
		return c.ID + id
	}
	return id
}

func (c *Controller) add(m map[string]any) {
	if text(m["id"]) == "" {
		return
	}
	method := Method{ID: c.full(text(m["id"])), Type: text(first(m["type"])), Controller: text(first(m["controller"]))}
	method.Key, method.KeyError = methodKey(m)
	method.Revoked, _ = ParseTimestamp(text(m["revoked"]))
	method.Expires, _ = ParseTimestamp(text(m["expires"]))
	c.Methods = append(c.Methods, method)
}

// methodTypes are those whose members are known.
var methodTypes = []string{"Multikey", "Ed25519VerificationKey2020", "JsonWebKey", "JsonWebKey2020"}

func methodKey(m map[string]any) (crypto.PublicKey, error) {
	if multibase := text(m["publicKeyMultibase"]); multibase != "" {
		return ParseMultikey(multibase)
	}
	if key := object(m["publicKeyJwk"]); key != nil {
		pub, _, err := readJWK(key)
		return pub, err
	}
	if m["publicKeyMultibase"] != nil || m["publicKeyJwk"] != nil || slices.Contains(methodTypes, text(first(m["type"]))) {
		return nil, fmt.Errorf("%w: neither text nor JWK", ErrKey)
	}
	return nil, fmt.Errorf("%w: %w: verification method that writes its key another way", ErrKey, ErrUnsupported)
}
