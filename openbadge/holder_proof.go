package openbadge

import (
	"crypto"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// HolderProof is what a wallet shows to have a credential bound to its key: a proof of the type jwt (OpenID4VCI 1.0,
// Appendix F.1).
type HolderProof struct {
	Holder string // DID of the key, without a fragment: the id of the credential's subject
	Nonce  string
}

// HolderAlgorithms are those that a HolderProof may be signed with.
var HolderAlgorithms = []string{ES256, ES384, EdDSA, Ed25519}

const (
	holderProofType = "openid4vci-proof+jwt"
	holderProofMost = 16 << 10         // bytes
	holderProofLife = 10 * time.Minute // it has a nonce as well, whose life its maker sets
	holderProofSkew = 5 * time.Minute  // by which the clock of a wallet may be ahead
)

// ReadHolderProof reads a proof and checks its signature with the key that its header names, as did:key, did:jwk or
// jwk: that whoever made it holds the key. The audience is the issuer's identifier. Whether the nonce is a good one
// knows who gave it out. Errors wrap ErrMalformed, ErrAlgorithm, ErrSignature, ErrKey or ErrDID.
func ReadHolderProof(token, audience string, now time.Time) (HolderProof, error) {
	if len(token) > holderProofMost {
		return HolderProof{}, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, holderProofMost)
	}
	j, err := ParseJWS(token)
	if err != nil {
		return HolderProof{}, err
	}
	if j.Header.Typ != holderProofType {
		return HolderProof{}, fmt.Errorf("%w: typ is not %s", ErrMalformed, holderProofType)
	}
	holder, key, err := j.holder()
	if err != nil {
		return HolderProof{}, err
	}
	if err := j.Verify(key, HolderAlgorithms...); err != nil {
		return HolderProof{}, err
	}
	nonce, err := holderClaims(j.Payload, audience, now)
	return HolderProof{holder, nonce}, err
}

// holder is the key that the header names, and its DID. A key that is given as such has that of did:jwk.
func (j *JWS) holder() (did string, key crypto.PublicKey, err error) {
	kid := j.Header.KID
	did, _, _ = strings.Cut(kid, "#")
	switch {
	case (kid == "") == (j.Header.JWK == nil):
		return "", nil, fmt.Errorf("%w: header needs one of kid and jwk", ErrMalformed)
	case j.Header.JWK != nil:
		if key, _, err = ParseJWK(j.Header.JWK); err == nil {
			did, err = DIDJWK(key)
		}
	case strings.HasPrefix(kid, "did:key:"):
		key, err = ParseDIDKey(kid)
	case strings.HasPrefix(kid, "did:jwk:"):
		key, err = ParseDIDJWK(kid)
	default:
		err = fmt.Errorf("%w: %w: kid is neither did:key nor did:jwk", ErrDID, ErrUnsupported)
	}
	return did, key, err
}

// holderClaims reads what the proof says, whose iss is passed over: wallets are not known by name.
func holderClaims(payload []byte, audience string, now time.Time) (nonce string, err error) {
	var claims map[string]any
	if err := UnmarshalStrict(payload, &claims); err != nil {
		return "", fmt.Errorf("%w: claims: %w", ErrMalformed, err)
	}
	if to := list(claims["aud"]); len(to) != 1 || to[0] != audience {
		return "", fmt.Errorf("%w: aud is not %s", ErrMalformed, audience)
	}
	issued, isTime := secondsOf(claims["iat"])
	if age := float64(now.Unix()) - issued; !isTime || age > holderProofLife.Seconds() || age < -holderProofSkew.Seconds() {
		return "", fmt.Errorf("%w: iat is not the time now", ErrMalformed)
	}
	if until, isTime := secondsOf(claims["exp"]); claims["exp"] != nil && (!isTime || until <= float64(now.Unix())) {
		return "", fmt.Errorf("%w: exp is over", ErrMalformed)
	}
	nonce, isText := claims["nonce"].(string)
	if !isText || nonce == "" {
		return "", fmt.Errorf("%w: no nonce", ErrMalformed)
	}
	return nonce, nil
}

// secondsOf is a NumericDate (RFC 7519 §2).
func secondsOf(v any) (seconds float64, isTime bool) {
	n, isNumber := v.(json.Number)
	seconds, err := n.Float64()
	return seconds, isNumber && err == nil
}
