package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// keyAt fetches a key document and takes the key kid from it: a JWK, a JWK Set or a controller
// document. issuer is who has to own it.
func (x *examination) keyAt(ctx context.Context, address, kid, issuer string) (crypto.PublicKey, *fault) {
	response, f := x.get(ctx, address, acceptKey)
	if f != nil {
		return nil, f.as(KeyFetch)
	}
	if !staysAt(address, response.URL) {
		return nil, notOwned("The key's address leads on to another host.")
	}
	var m map[string]any
	if err := openbadge.UnmarshalStrict(response.Body, &m); err != nil {
		return nil, &fault{code: KeyFetch, property: "kid", message: "There is no key document at the key's address."}
	}
	if m["verificationMethod"] != nil || m["assertionMethod"] != nil {
		return x.controllerKey(response.Body, kid, issuer)
	}
	jwk := pickJWK(m, kid)
	if claimed, found := jwk["iss"]; found && claimed != issuer {
		return nil, &fault{code: KeyOwner, property: "iss", message: "The key says that it belongs to another issuer."}
	}
	raw, _ := json.Marshal(jwk)
	key, _, err := openbadge.ParseJWK(raw)
	if err != nil {
		return nil, &fault{code: KeyFetch, property: "kid", message: "The key at the key's address cannot be used."}
	}
	return key, nil
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
	for _, member := range members {
		key, _ := member.(map[string]any)
		if id, _ := key["kid"].(string); id == kid || named && fragment != "" && id == fragment {
			return key
		}
	}
	if only, _ := first(members).(map[string]any); !named && len(members) == 1 {
		return only
	}
	return nil
}

func first(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// controllerKey takes a key from the controller document of the issuer: the document must be the
// issuer's own, name the key under assertionMethod and say that it controls it.
func (x *examination) controllerKey(data []byte, kid, issuer string) (crypto.PublicKey, *fault) {
	c, err := openbadge.ReadController(data)
	if err != nil {
		return nil, &fault{code: KeyFetch, property: "kid", message: "There is no key document at the key's address."}
	}
	method, found := c.Method(kid)
	switch {
	case c.ID != issuer:
		return nil, notOwned("The key stands in a document of somebody else than the issuer.")
	case !found:
		return nil, &fault{code: KeyFetch, property: "kid", message: "The issuer's document has no such key."}
	case !c.MayAssert(kid):
		return nil, notOwned("The issuer does not use this key to make assertions.")
	case method.Controller != "" && method.Controller != issuer:
		return nil, &fault{code: KeyOwner, property: "controller", message: "The key says that it belongs to somebody else."}
	case method.Key == nil:
		return nil, &fault{code: KeyFetch, property: "kid", message: "The issuer's key is of a kind that cannot be used."}
	case !method.Revoked.IsZero() && !method.Revoked.Time.After(x.at), !method.Expires.IsZero() && !method.Expires.Time.After(x.at):
		// A date of signing proves nothing here: whoever stole the key sets it.
		return nil, notOwned("The issuer has withdrawn this key.")
	}
	return method.Key, nil
}
