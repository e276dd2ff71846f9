package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

var b64 = base64.RawURLEncoding.Strict()

// jwk has the members of RFC 7517 that we write, in the order that we write them.
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
	Kid string `json:"kid,omitempty"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
}

// PublicJWK writes pub as a JSON Web Key (RFC 7517) with kid (left out when empty), alg and use=sig.
// The same key gives the same bytes. An error means that the key is none of KeyAlgorithm's.
func PublicJWK(pub crypto.PublicKey, kid string) ([]byte, error) {
	k, err := bareJWK(pub)
	if err != nil {
		return nil, err
	}
	k.Kid, k.Alg, k.Use = kid, KeyAlgorithm(pub), "sig"
	return marshal(k)
}

func bareJWK(pub crypto.PublicKey) (jwk, error) {
	if KeyAlgorithm(pub) == "" {
		return jwk{}, fmt.Errorf("%w: type or size not supported", ErrKey)
	}
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			return jwk{}, fmt.Errorf("%w: %w", ErrKey, err)
		}
		half := len(point) / 2
		return jwk{Kty: "EC", Crv: k.Curve.Params().Name, X: b64.EncodeToString(point[1 : half+1]), Y: b64.EncodeToString(point[half+1:])}, nil
	case *rsa.PublicKey:
		return jwk{Kty: "RSA", N: b64.EncodeToString(k.N.Bytes()), E: b64.EncodeToString(big.NewInt(int64(k.E)).Bytes())}, nil
	default:
		return jwk{Kty: "OKP", Crv: "Ed25519", X: b64.EncodeToString(pub.(ed25519.PublicKey))}, nil
	}
}

// JWKSet puts keys written by PublicJWK into a JWK Set (RFC 7517 section 5), in the given order.
func JWKSet(keys ...[]byte) ([]byte, error) {
	set := struct {
		Keys []json.RawMessage `json:"keys"`
	}{Keys: make([]json.RawMessage, 0, len(keys))}
	for _, k := range keys {
		set.Keys = append(set.Keys, k)
	}
	return marshal(set)
}
