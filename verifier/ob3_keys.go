package verifier

import (
	"context"
	"crypto"
	"errors"
	"strings"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// ob3Keys finds the keys of issuers of 3.0, and who has signed.
type ob3Keys struct {
	docs        *documents
	notes       *notes
	at          time.Time
	given       []byte // Input.JWK
	keyGiven    bool   // it was used
	placeWarned bool   // that only its address speaks for a key has been said
}

// tokenKey finds the key that a token names and makes sure that it is the issuer's (spec 3.0 sections
// 6 and 7, holes a to c of section 17): a kid must belong to the issuer's DID or origin, and a key in
// the header is believed only where the issuer's id is that key.
func (k *ob3Keys) tokenKey(ctx context.Context, h openbadge.Header, issuer string) (crypto.PublicKey, *fault) {
	if len(h.JWK) > 0 {
		if _, _, err := openbadge.ParseJWK(h.JWK); err != nil && !errors.Is(err, openbadge.ErrUnsupported) {
			return nil, &fault{code: KeyNotOwned, property: "jwk",
				message: "The token's header holds a key that is no public key."}
		}
	}
	if h.KID == "" {
		return k.keyWithoutName(h.JWK, issuer)
	}
	key, f := k.namedKey(ctx, keyName{id: absoluteKID(h.KID, issuer), bare: true, alg: h.Alg, property: "kid"}, issuer)
	if f != nil && (f.unknown() || f.unlisted) && len(k.given) > 0 {
		return k.givenKey() // who asks vouches for it
	}
	return key, f
}

// keyName names a key: the kid of a token or the verificationMethod of a proof. bare allows a JWK or JWK
// Set at its address, which say nothing of their controller: the standard takes that for tokens; alg is
// then the token's algorithm. property is where the name stands.
type keyName struct {
	id       string
	bare     bool
	alg      string
	property string
}

func (n keyName) missing(message string) *fault {
	return &fault{code: KeyFetch, property: n.property, message: message}
}

func (n keyName) notOwned(message string) *fault {
	return &fault{code: KeyNotOwned, property: n.property, message: message}
}

// absoluteKID completes a kid that is only a fragment, as VC-JOSE-COSE allows.
func absoluteKID(kid, issuer string) string {
	if strings.Contains(kid, ":") {
		return kid
	}
	return issuer + "#" + strings.TrimPrefix(kid, "#")
}

// keyWithoutName is for a header without kid.
func (k *ob3Keys) keyWithoutName(header []byte, issuer string) (crypto.PublicKey, *fault) {
	if len(k.given) > 0 {
		return k.givenKey()
	}
	if openbadge.IsForeignDID(issuer) {
		return nil, foreignDID("issuer")
	}
	for _, parse := range []func(string) (crypto.PublicKey, error){openbadge.ParseDIDKey, openbadge.ParseDIDJWK} {
		key, err := parse(issuer)
		if err == nil {
			return key, nil // the issuer is a key, whatever the header says
		}
		if errors.Is(err, openbadge.ErrUnsupported) {
			return nil, keyName{property: "issuer"}.unusable(err, "")
		}
	}
	if len(header) == 0 {
		return nil, &fault{code: KeyFetch, property: "kid",
			message: "The token does not say which key it is signed with."}
	}
	return nil, &fault{code: KeyNotOwned, property: "jwk",
		message: "The token brings its own key, and nothing shows that it is the issuer's."}
}

func (k *ob3Keys) givenKey() (crypto.PublicKey, *fault) {
	key, _, err := openbadge.ParseJWK(k.given)
	if err != nil {
		return nil, keyName{property: "jwk"}.unusable(err, "The key that was handed in cannot be read.")
	}
	if !k.keyGiven {
		k.notes.warn(CheckKey, "", "Checked with the key that was handed in.")
	}
	k.keyGiven = true
	return key, nil
}

// controllerOf is the document that a verification method belongs to by its name.
func controllerOf(method string) string {
	owner, _, _ := strings.Cut(method, "#")
	return owner
}

// namedKey gets the key with a name, if it is owner's. What can be read from the name is not fetched; of
// all others the owner's document decides, whatever the fragment looks like (hole a).
func (k *ob3Keys) namedKey(ctx context.Context, n keyName, owner string) (crypto.PublicKey, *fault) {
	switch {
	case openbadge.IsForeignDID(owner):
		return nil, foreignDID(n.property) // whose keys only a document lists that cannot be had here
	case !strings.HasPrefix(n.id, "did:"):
		return k.webKey(ctx, n, owner)
	case controllerOf(n.id) != owner:
		return nil, n.notOwned("The key belongs to another identity than the issuer's.")
	case strings.HasPrefix(n.id, "did:key:"):
		return n.own(openbadge.ParseDIDKey(n.id))
	case strings.HasPrefix(n.id, "did:jwk:"):
		return n.own(openbadge.ParseDIDJWK(n.id))
	case strings.HasPrefix(n.id, "did:web:"):
		if _, err := openbadge.DIDWebURL(n.id); err != nil {
			return nil, n.missing("The issuer's did:web is malformed.")
		}
		return k.keyOf(ctx, owner, n)
	}
	return nil, foreignDID(n.property)
}

func foreignDID(property string) *fault {
	return unsupported(property, "The issuer is named by a kind of DID that cannot be looked up here.")
}

// unusable says why there is no key where one was read; message is for one that is malformed.
func (n keyName) unusable(err error, message string) *fault {
	if errors.Is(err, openbadge.ErrUnsupported) {
		return unsupported(n.property, "The key is of a kind that is not known here.")
	}
	return n.missing(message)
}

func (n keyName) own(key crypto.PublicKey, err error) (crypto.PublicKey, *fault) {
	if err != nil {
		return nil, n.unusable(err, "The DID holds no usable key.")
	}
	return key, nil
}

// notOwned is for the 2.0 side, where a key has no name of its own.
func notOwned(message string) *fault { return keyName{property: "kid"}.notOwned(message) }

// webKey gets a key from a web address of the owner's own origin.
func (k *ob3Keys) webKey(ctx context.Context, n keyName, owner string) (crypto.PublicKey, *fault) {
	at, isWeb := egress.WebURL(n.id)
	if !isWeb {
		return nil, n.missing("The key is not named by an address that can be fetched.")
	}
	if u, isWeb := egress.WebURL(homeOf(owner)); !isWeb || egress.Origin(u) != egress.Origin(at) {
		return nil, n.notOwned("The key lies on another host than the issuer.")
	}
	return k.keyOf(ctx, owner, n)
}
