package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"mime"
	"net/url"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// keyOf is the one way from an owner who has a document to its keys (contract section 5: whose key it
// is, only its owner says). The owner's own document at the owner's own id is read first. When that
// names keys in any form, nothing else counts, wherever it lies and whatever it says of itself; else a
// key on the owner's origin does, with a warning. did:key and did:jwk are their keys (see namedKey).
func (k *ob3Keys) keyOf(ctx context.Context, owner string, n keyName) (crypto.PublicKey, *fault) {
	c, f := k.statement(ctx, owner, n)
	switch {
	case f != nil:
		return nil, f
	case c == nil:
		return k.originKey(ctx, owner, n)
	case c.jwks != nil || c.jwksURI != "":
		return k.setKey(ctx, c, n)
	case n.mayAssert(c.Controller, n.id):
		return k.listedKey(ctx, c, n)
	case c.names(n.id):
		return nil, n.notOwned("The issuer does not use this key to make assertions.")
	case controllerOf(n.id) == owner || c.home == controllerOf(n.id):
		return nil, n.missing("The issuer's document has no such key.")
	}
	return k.equalKey(ctx, c, n)
}

// statement is what an owner says about its keys in its own document.
type statement struct {
	*openbadge.Controller
	home string // its address

	jwks    map[string]any // the JWK or JWK Set by which the document names its keys
	jwksURI string         // where it says that its JWK Set is
}

func (c *statement) names(id string) bool {
	_, found := c.Method(id)
	return found
}

// mayAssert: the key stands under assertionMethod (spec 3.0 section 5). A token asks only for an address
// (section 6), so that the list of a 2.0 profile will do.
func (n keyName) mayAssert(c *openbadge.Controller, id string) bool {
	return c.MayAssert(id) || n.bare && id != "" && slices.Contains(c.PublicKeys, id)
}

// statement reads the owner's document; nil when it says nothing about keys, is no JSON or does not
// exist. Of a document of this server's that is not shown nothing is told either.
func (k *ob3Keys) statement(ctx context.Context, owner string, n keyName) (*statement, *fault) {
	home := homeOf(owner)
	response, f := k.docs.get(ctx, home, acceptKey)
	switch {
	case f != nil && f.status >= 400 && f.status < 500 && !f.unknown() && f.verdict != NotShared:
		return nil, nil
	case f != nil:
		f = f.as(KeyFetch)
		f.property = n.property
		return nil, f
	case !staysAt(home, response.URL):
		return nil, n.notOwned("The issuer's address leads on to another host.")
	case detect(response.Body) != isJSON:
		return nil, nil
	}
	body := trim(response.Body)
	var m map[string]any
	if tooComplex(body) || openbadge.UnmarshalStrict(body, &m) != nil {
		return nil, n.missing("The issuer's document is no JSON object, or one that readers could understand differently.")
	}
	if !openbadge.NamesKeys(m) {
		return nil, nil
	}
	if s := ownKeySet(openbadge.OneForm(m), owner, home); s != nil {
		return s, nil
	}
	c, err := openbadge.ReadController(body)
	switch {
	case err != nil:
		return nil, n.missing("The issuer's document names keys, but not whose they are.")
	case c.ID != owner:
		return nil, n.notOwned("The key stands in a document of somebody else than the issuer.")
	}
	return &statement{Controller: c, home: home}, nil
}

// ownKeySet is for an owner whose document is, has or leads to JSON Web Keys and says nothing in the terms
// of a controller document; nil for any other. A JWK Set has no id, so that the address speaks for it.
func ownKeySet(m map[string]any, owner, home string) *statement {
	if m["verificationMethod"] != nil || m["assertionMethod"] != nil || m["publicKey"] != nil || m["id"] != nil && m["id"] != owner {
		return nil
	}
	s := &statement{Controller: &openbadge.Controller{ID: owner}, home: home, jwksURI: textOf(m["jwks_uri"])}
	if s.jwks, _ = m["jwks"].(map[string]any); s.jwks == nil && (m["keys"] != nil || m["kty"] != nil) {
		s.jwks = m
	}
	if s.jwks == nil && s.jwksURI == "" {
		return nil
	}
	return s
}

// setKey finds a token's key where the owner's document has or leads to a JWK Set: it counts if it stands
// there, or is the same as one that does.
func (k *ob3Keys) setKey(ctx context.Context, c *statement, n keyName) (crypto.PublicKey, *fault) {
	from := controllerOf(n.id)
	switch {
	case !n.bare:
		return nil, n.missing("There is no controller document of the issuer's that lists the key.")
	case from == c.jwksURI:
		return k.addressedKey(ctx, c.ID, n)
	case from == c.ID || from == c.home:
		return n.fromJWK(c.jwks, c.ID)
	}
	unlisted := n.notOwned("The issuer's own document does not list the key.")
	unlisted.unlisted = true
	key, f := k.addressedKey(ctx, c.ID, n)
	if f != nil && !f.unknown() {
		return nil, unlisted
	}
	if f != nil {
		return nil, f
	}
	listed := objectsOf(c.jwks["keys"])
	if c.jwks["keys"] == nil {
		listed = []map[string]any{c.jwks}
	}
	for _, jwk := range listed {
		raw, _ := json.Marshal(jwk)
		if other, _, err := openbadge.ParseJWK(raw); err == nil && openbadge.SameKey(other, key) {
			return key, nil
		}
	}
	return nil, unlisted
}

// homeOf is the one address of an identity's own document.
func homeOf(owner string) string {
	address := owner
	if strings.HasPrefix(owner, "did:web:") {
		address, _ = openbadge.DIDWebURL(owner)
	}
	if u, isWeb := egress.WebURL(address); isWeb {
		return u.String()
	}
	return address
}

// listedKey is for a key that the owner lists by its id: as a method in the owner's document, or by
// reference to an address.
func (k *ob3Keys) listedKey(ctx context.Context, c *statement, n keyName) (crypto.PublicKey, *fault) {
	method, embedded := c.Method(n.id)
	key := method.Key
	switch {
	case embedded && method.Controller != "" && method.Controller != c.ID:
		return nil, &fault{code: KeyOwner, property: "controller",
			message: "The key says that it belongs to somebody else."}
	case embedded && key == nil && !c.Withdrawn(n.id, nil, k.at):
		return nil, n.unusable(method.KeyError, "The issuer's key cannot be read.")
	case !embedded && (controllerOf(n.id) == c.ID || controllerOf(n.id) == c.home):
		return nil, n.missing("The issuer's document has no such key.")
	case !embedded:
		var f *fault
		if key, f = k.addressedKey(ctx, c.ID, n); f != nil {
			return nil, f
		}
	}
	if c.Withdrawn(n.id, key, k.at) {
		// A date of signing proves nothing here: whoever stole the key sets it.
		return nil, n.notOwned("The issuer has withdrawn this key, or its time is over.")
	}
	return key, nil
}

// equalKey is for a key whose name the owner's document does not have: it counts if it is the same as
// one that is listed there.
func (k *ob3Keys) equalKey(ctx context.Context, c *statement, n keyName) (crypto.PublicKey, *fault) {
	unlisted := n.notOwned("The issuer's own document does not list the key.")
	unlisted.unlisted = true
	key, f := k.addressedKey(ctx, c.ID, n)
	if f != nil && f.code == KeyFetch && !f.unknown() && f.status == 0 {
		return nil, unlisted
	}
	if f != nil {
		return nil, f
	}
	for _, id := range slices.Concat(c.Assertion, c.PublicKeys) {
		listed := n
		listed.id = id
		if !n.mayAssert(c.Controller, id) {
			continue
		}
		method, embedded := c.Method(id)
		if embedded && !openbadge.SameKey(method.Key, key) {
			continue
		}
		other, f := k.listedKey(ctx, c, listed)
		switch {
		case f != nil && (f.unknown() || embedded):
			return nil, f
		case f == nil && openbadge.SameKey(other, key):
			return key, nil
		}
	}
	return nil, unlisted
}

// keyTypes are how a key is served where the place alone speaks for it: who may lay down pictures and
// texts on a host does not decide on these.
var keyTypes = []string{"application/jwk+json", "application/jwk-set+json", "application/json"}

// originKey is for an owner whose own document says nothing about keys: a token's key at an address of
// the owner's origin (spec 3.0 section 6), which is as much as can be asked.
func (k *ob3Keys) originKey(ctx context.Context, owner string, n keyName) (crypto.PublicKey, *fault) {
	at, isWeb := egress.WebURL(n.id)
	if !isWeb || !n.bare {
		return nil, n.missing("There is no controller document of the issuer's that lists the key.")
	}
	response, f := k.keyAnswer(ctx, at.String(), n)
	if f != nil {
		return nil, f
	}
	if kind, _, _ := mime.ParseMediaType(response.ContentType); !slices.Contains(keyTypes, kind) {
		return nil, n.notOwned("What lies at the key's address is not served as a key, and the issuer's own document names none.")
	}
	m, f := n.object(response)
	if f != nil {
		return nil, f
	}
	key, f := n.fromJWK(m, owner)
	if f == nil && !k.placeWarned {
		k.placeWarned = true
		k.notes.add(Check{Name: CheckKey, Outcome: Warning, Code: KeyNotOwned, Property: n.property,
			Message: "The issuer's own document names no key: that this one is the issuer's shows only in its address, which lies on the issuer's host."})
	}
	return key, f
}

// addressedKey reads the key at an address of its own. Whose it is has to be shown otherwise: what a key
// says about itself can only speak against it.
func (k *ob3Keys) addressedKey(ctx context.Context, owner string, n keyName) (crypto.PublicKey, *fault) {
	at, isWeb := egress.WebURL(n.id)
	if !isWeb {
		return nil, n.missing("The issuer's document has no such key.")
	}
	response, f := k.keyAnswer(ctx, at.String(), n)
	if f != nil {
		return nil, f
	}
	m, f := n.object(response)
	if f != nil {
		return nil, f
	}
	method, found := openbadge.ReadMethod(trim(response.Body))
	switch {
	case !found && n.bare:
		return n.fromJWK(m, owner)
	case !found:
		return nil, n.missing("There is no verification method at the key's address.")
	case method.ID != n.id:
		return nil, n.missing("The document at the key's address is another key's.")
	case method.Controller != owner:
		return nil, &fault{code: KeyOwner, property: "controller",
			message: "The key says that it belongs to somebody else."}
	case method.Ended(k.at):
		return nil, n.notOwned("The issuer has withdrawn this key, or its time is over.")
	case method.Key == nil:
		return nil, n.unusable(method.KeyError, "The issuer's key cannot be read.")
	}
	return method.Key, nil
}

// keyAnswer fetches what lies at a key's address.
func (k *ob3Keys) keyAnswer(ctx context.Context, address string, n keyName) (*egress.Response, *fault) {
	response, f := k.docs.get(ctx, address, acceptKey)
	if f != nil {
		f = f.as(KeyFetch)
		f.property = n.property
		return nil, f
	}
	if !staysAt(address, response.URL) {
		return nil, n.notOwned("The key's address leads on to another host.")
	}
	return response, nil
}

func (n keyName) object(response *egress.Response) (map[string]any, *fault) {
	body := trim(response.Body)
	var m map[string]any
	if tooComplex(body) || openbadge.UnmarshalStrict(body, &m) != nil {
		return nil, n.missing("There is no key document at the key's address.")
	}
	return openbadge.OneForm(m), nil
}

// fromJWK takes the key out of a JWK or JWK Set.
func (n keyName) fromJWK(m map[string]any, owner string) (crypto.PublicKey, *fault) {
	jwk := pickJWK(m, n.id)
	if alg, found := jwk["alg"]; found && alg != n.alg {
		return nil, &fault{verdict: Invalid, code: BadSignature, property: n.property,
			message: "The key at the key's address is for another algorithm."}
	}
	if claimed, found := jwk["iss"]; found && claimed != owner {
		return nil, &fault{code: KeyOwner, property: "iss",
			message: "The key says that it belongs to another issuer."}
	}
	raw, _ := json.Marshal(jwk)
	key, _, err := openbadge.ParseJWK(raw)
	if err != nil {
		return nil, n.unusable(err, "The key at the key's address cannot be used.")
	}
	return key, nil
}

// pickJWK gives the key that kid names: the document itself, or of a JWK Set the key with this kid or
// fragment, or the only one when kid has no fragment.
func pickJWK(m map[string]any, kid string) map[string]any {
	if m["keys"] == nil {
		return m
	}
	members := objectsOf(m["keys"])
	_, fragment, named := strings.Cut(kid, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	for _, key := range members {
		if id := textOf(key["kid"]); id == kid || named && fragment != "" && id == fragment {
			return key
		}
	}
	if several, isList := m["keys"].([]any); !named && len(members) == 1 && (!isList || len(several) == 1) {
		return members[0]
	}
	return nil
}
