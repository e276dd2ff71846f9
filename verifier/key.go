package verifier

import (
	"context"
	"crypto"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// tokenKey finds the key that a token names and makes sure that it is the issuer's (spec 3.0 sections
// 6 and 7, holes a to c of section 17): a kid must belong to the issuer's DID or origin, and a key in
// the header is believed only where the issuer's id is that key.
func (x *examination) tokenKey(ctx context.Context, h openbadge.Header, issuer string) (crypto.PublicKey, *fault) {
	if h.KID == "" {
		return x.keyWithoutName(h.JWK, issuer)
	}
	key, f := x.namedKey(ctx, absoluteKID(h.KID, issuer), issuer)
	if f != nil && f.unknown() && len(x.in.JWK) > 0 {
		return x.givenKey()
	}
	return key, f
}

// absoluteKID completes a kid that is only a fragment, as VC-JOSE-COSE allows.
func absoluteKID(kid, issuer string) string {
	if strings.Contains(kid, ":") {
		return kid
	}
	return issuer + "#" + strings.TrimPrefix(kid, "#")
}

// keyWithoutName is for a header without kid.
func (x *examination) keyWithoutName(header []byte, issuer string) (crypto.PublicKey, *fault) {
	if len(x.in.JWK) > 0 {
		return x.givenKey()
	}
	for _, parse := range []func(string) (crypto.PublicKey, error){openbadge.ParseDIDKey, openbadge.ParseDIDJWK} {
		if key, err := parse(issuer); err == nil {
			return key, nil // the issuer is a key, whatever the header says
		}
	}
	if len(header) == 0 {
		return nil, &fault{code: KeyFetch, property: "kid", message: "The token does not say which key it is signed with."}
	}
	return nil, &fault{code: KeyNotOwned, property: "jwk", message: "The token brings its own key, and nothing shows that it is the issuer's."}
}

func (x *examination) givenKey() (crypto.PublicKey, *fault) {
	key, _, err := openbadge.ParseJWK(x.in.JWK)
	if err != nil {
		return nil, &fault{code: KeyFetch, message: "The key that was handed in cannot be read."}
	}
	if !x.keyGiven {
		x.warn(CheckKey, "", "Checked with the key that was handed in.")
	}
	x.keyGiven = true
	return key, nil
}

// namedKey gets the key of a kid.
func (x *examination) namedKey(ctx context.Context, kid, issuer string) (crypto.PublicKey, *fault) {
	owner, _, _ := strings.Cut(kid, "#")
	switch {
	case !strings.HasPrefix(kid, "did:"):
		return x.webKey(ctx, kid, issuer)
	case owner != issuer:
		return nil, notOwned("The key belongs to another identity than the issuer's.")
	case strings.HasPrefix(kid, "did:key:"):
		return ownKey(openbadge.ParseDIDKey(kid))
	case strings.HasPrefix(kid, "did:jwk:"):
		return ownKey(openbadge.ParseDIDJWK(kid))
	case strings.HasPrefix(kid, "did:web:"):
		address, err := openbadge.DIDWebURL(kid)
		if err != nil {
			return nil, &fault{code: KeyFetch, property: "kid", message: "The issuer's did:web is malformed."}
		}
		return x.keyAt(ctx, address, kid, issuer)
	}
	return nil, &fault{verdict: unproven, code: KeyFetch, property: "kid", message: "The key is named by a kind of DID that cannot be looked up here."}
}

func ownKey(key crypto.PublicKey, err error) (crypto.PublicKey, *fault) {
	if err != nil {
		return nil, &fault{code: KeyFetch, property: "kid", message: "The DID holds no usable key."}
	}
	return key, nil
}

func notOwned(message string) *fault {
	return &fault{code: KeyNotOwned, property: "kid", message: message}
}

// webKey gets a key from a web address of the issuer's own origin.
func (x *examination) webKey(ctx context.Context, kid, issuer string) (crypto.PublicKey, *fault) {
	at, isWeb := webURL(kid)
	if !isWeb {
		return nil, &fault{code: KeyFetch, property: "kid", message: "The key is not named by an address that can be fetched."}
	}
	if strings.HasPrefix(issuer, "did:web:") {
		issuer, _ = openbadge.DIDWebURL(issuer)
	}
	home, isWeb := webURL(issuer)
	if !isWeb || origin(home) != origin(at) {
		return nil, notOwned("The key lies on another host than the issuer.")
	}
	return x.keyAt(ctx, at.String(), kid, issuer)
}
