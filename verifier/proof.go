package verifier

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// credentialProof reports whether the token's signature is by a key of its issuer.
func (x *examination) credentialProof(ctx context.Context, token *openbadge.JWS, issuer string) bool {
	if f := x.tokenFault(ctx, token, issuer); f != nil {
		name := CheckKey
		if f.code == BadSignature || f.code == BadValue {
			name = CheckProof
		}
		x.refuse(name, f)
		return false
	}
	x.pass(CheckKey, "The key belongs to the issuer.")
	x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
	return true
}

// tokenFault is nil when the token is signed by a key of the issuer, else the reason.
func (x *examination) tokenFault(ctx context.Context, token *openbadge.JWS, issuer string) *fault {
	if !slices.Contains(tokenAlgorithms, token.Header.Alg) {
		// Not "altered": nobody can tell what was signed, if anything was.
		return &fault{verdict: Invalid, code: BadSignature, property: "alg", message: "The token is signed with an algorithm that proves nothing, or one that is not allowed."}
	}
	if !slices.Contains(tokenTypes, strings.TrimPrefix(strings.ToLower(token.Header.Typ), "application/")) {
		return &fault{code: BadValue, property: "typ", message: "The token says that it is for something else than a credential."}
	}
	key, f := x.tokenKey(ctx, token.Header, issuer)
	if f != nil {
		return f
	}
	switch err := token.Verify(key, tokenAlgorithms...); {
	case err == nil:
		return nil
	case errors.Is(err, openbadge.ErrAlgorithm):
		return &fault{verdict: Invalid, code: BadSignature, property: "alg", message: "The algorithm does not belong to the issuer's key."}
	}
	return &fault{code: BadSignature, message: "The signature does not fit: the document was changed, or signed with another key."}
}

var (
	tokenAlgorithms = []string{openbadge.RS256, openbadge.ES256, openbadge.PS256, openbadge.ES384, openbadge.EdDSA}
	// Types of OB 3.0 (none, JWT) and of VC-JOSE-COSE with its drafts (spec 3.0 section 6).
	tokenTypes = []string{"", "jwt", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"}
)
