package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// keyAt fetches the document at a key's address and takes the key from it: a controller document, one
// verification method of it, or for a token a JWK or JWK Set. owner is who has to own the key.
func (x *examination) keyAt(ctx context.Context, address string, n keyName, owner string) (crypto.PublicKey, *fault) {
	body, m, f := x.keyDocument(ctx, address, n)
	switch {
	case f != nil:
		return nil, f
	case m["verificationMethod"] != nil || m["assertionMethod"] != nil:
		if textOf(m["id"]) == owner && address != homeOf(owner) {
			return x.listedKey(ctx, n, owner)
		}
		return x.controllerKey(body, m, n, owner)
	case m["publicKeyMultibase"] != nil || m["publicKeyJwk"] != nil:
		return x.methodKey(ctx, m, n, owner)
	case !n.bare:
		return nil, n.missing("There is no controller document at the key's address.")
	}
	jwk := pickJWK(m, n.id)
	if alg, found := jwk["alg"]; found && alg != n.alg {
		return nil, &fault{verdict: Invalid, code: BadSignature, property: n.property, message: "The key at the key's address is for another algorithm."}
	}
	if claimed, found := jwk["iss"]; found && claimed != owner {
		return nil, &fault{code: KeyOwner, property: "iss", message: "The key says that it belongs to another issuer."}
	}
	raw, _ := json.Marshal(jwk)
	key, _, err := openbadge.ParseJWK(raw)
	if err != nil {
		return nil, n.unusable(err, "The key at the key's address cannot be used.")
	}
	return key, nil
}

func (x *examination) keyDocument(ctx context.Context, address string, n keyName) ([]byte, map[string]any, *fault) {
	response, f := x.get(ctx, address, acceptKey)
	if f != nil {
		f = f.as(KeyFetch)
		f.property = n.property
		return nil, nil, f
	}
	if !staysAt(address, response.URL) {
		return nil, nil, n.notOwned("The key's address leads on to another host.")
	}
	body := trim(response.Body)
	var m map[string]any
	if tooComplex(body) || openbadge.UnmarshalStrict(body, &m) != nil {
		return nil, nil, n.missing("There is no key document at the key's address.")
	}
	return body, m, nil
}

// pickJWK gives the key that kid names: the document itself, or of a JWK Set the key with this kid or
// fragment, or the only one when kid has no fragment.
func pickJWK(m map[string]any, kid string) map[string]any {
	members, isSet := m["keys"].([]any)
	if !isSet {
		return m
	}
	_, fragment, named := strings.Cut(kid, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	for _, key := range objectsOf(members) {
		if id := textOf(key["kid"]); id == kid || named && fragment != "" && id == fragment {
			return key
		}
	}
	if only := objectsOf(members); !named && len(members) == 1 && len(only) == 1 {
		return only[0]
	}
	return nil
}

// controllerKey takes a key from a controller document: it must be the owner's own, name the key under
// assertionMethod and say that the owner controls it (spec 3.0 sections 5 and 7).
func (x *examination) controllerKey(data []byte, m map[string]any, n keyName, owner string) (crypto.PublicKey, *fault) {
	c, err := openbadge.ReadController(data)
	if err != nil {
		return nil, n.missing("There is no key document at the key's address.")
	}
	method, found := c.Method(n.id)
	switch {
	case c.ID != owner:
		return nil, n.notOwned("The key stands in a document of somebody else than the issuer.")
	case !found:
		return nil, n.missing("The issuer's document has no such key.")
	case !c.MayAssert(n.id):
		return nil, n.notOwned("The issuer does not use this key to make assertions.")
	case method.Controller != "" && method.Controller != owner:
		return nil, &fault{code: KeyOwner, property: "controller", message: "The key says that it belongs to somebody else."}
	case method.Key == nil:
		return nil, n.unusable(method.KeyError, "The issuer's key cannot be read.")
	case x.withdrawn(m, c.ID, n.id):
		// A date of signing proves nothing here: whoever stole the key sets it.
		return nil, n.notOwned("The issuer has withdrawn this key, or its time is over.")
	}
	return method.Key, nil
}

// listedKey is for a key whose name leads to a controller document elsewhere on the owner's host: that may
// be anybody's upload, whoever it says it is, so that only the owner's own document counts.
func (x *examination) listedKey(ctx context.Context, n keyName, owner string) (crypto.PublicKey, *fault) {
	body, m, f := x.keyDocument(ctx, homeOf(owner), n)
	if f != nil {
		return nil, f
	}
	key, f := x.controllerKey(body, m, n, owner)
	if f != nil && f.code == KeyFetch {
		return nil, n.notOwned("The issuer's own document does not list the key.")
	}
	return key, f
}

// homeOf is the one address of an identity's own document.
func homeOf(owner string) string {
	address := owner
	if strings.HasPrefix(owner, "did:web:") {
		address, _ = openbadge.DIDWebURL(owner)
	}
	if u, isWeb := webURL(address); isWeb {
		return u.String()
	}
	return address
}

// withdrawn reports whether a method of a controller document has a date of revocation or expiry that
// is over, or that cannot be read.
func (x *examination) withdrawn(m map[string]any, owner, id string) bool {
	for _, list := range []string{"verificationMethod", "publicKey", "assertionMethod"} {
		for _, method := range objectsOf(m[list]) {
			name := textOf(method["id"])
			if name != id && owner+name != id {
				continue
			}
			if slices.ContainsFunc([]any{method["revoked"], method["expires"]}, x.over) {
				return true
			}
		}
	}
	return false
}

func (x *examination) over(date any) bool {
	if date == nil {
		return false
	}
	t, err := openbadge.ParseTimestamp(textOf(date))
	return err != nil || !t.Time.After(x.at)
}

// methodKey is for an address that serves one verification method alone. That its controller knows it
// has to stand in the controller's own document; what a key says about itself proves nothing.
func (x *examination) methodKey(ctx context.Context, m map[string]any, n keyName, owner string) (crypto.PublicKey, *fault) {
	switch {
	case textOf(m["id"]) != n.id:
		return nil, n.missing("The document at the key's address is another key's.")
	case textOf(m["controller"]) != owner:
		return nil, &fault{code: KeyOwner, property: "controller", message: "The key says that it belongs to somebody else."}
	}
	_, document, f := x.keyDocument(ctx, homeOf(owner), n)
	if f != nil {
		return nil, f
	}
	if textOf(document["id"]) != owner || !slices.Contains(textsOf(document["assertionMethod"]), n.id) {
		return nil, n.notOwned("The issuer does not use this key to make assertions.")
	}
	// What the controller's document says itself about the key comes first.
	methods, _ := document["verificationMethod"].([]any)
	document["verificationMethod"] = append(methods, m)
	raw, _ := json.Marshal(document)
	return x.controllerKey(raw, document, n, owner)
}
