package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
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

// ParseJWK reads one public JSON Web Key: EC P-256, P-384 or P-521, OKP Ed25519, or RSA. A private or
// symmetric member, a point off its curve, a use other than sig, key_ops without verify, and an alg
// that does not belong to the key are errors, which wrap ErrKey; for another kind of key ErrUnsupported
// as well.
func ParseJWK(data []byte) (crypto.PublicKey, string, error) {
	var m map[string]any
	if err := UnmarshalStrict(data, &m); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return readJWK(OneForm(m))
}

func readJWK(m map[string]any) (crypto.PublicKey, string, error) {
	for _, secret := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, found := m[secret]; found {
			return nil, "", fmt.Errorf("%w: JWK holds the private member %q", ErrKey, secret)
		}
	}
	pub, err := jwkKey(m)
	if err != nil {
		return nil, "", err
	}
	if err := jwkPurpose(m, pub); err != nil {
		return nil, "", err
	}
	kid, isText := m["kid"].(string)
	if m["kid"] != nil && !isText {
		return nil, "", fmt.Errorf("%w: JWK kid is no string", ErrKey)
	}
	return pub, kid, nil
}

func jwkKey(m map[string]any) (crypto.PublicKey, error) {
	kty, _ := m["kty"].(string)
	crv, _ := m["crv"].(string)
	switch {
	case kty == "EC" && crv == "P-256":
		return jwkPoint(m, elliptic.P256(), 32)
	case kty == "EC" && crv == "P-384":
		return jwkPoint(m, elliptic.P384(), 48)
	case kty == "EC" && crv == "P-521":
		return jwkPoint(m, elliptic.P521(), 66)
	case kty == "OKP" && crv == "Ed25519":
		x, err := jwkBytes(m, "x", ed25519.PublicKeySize)
		if err != nil {
			return nil, err
		}
		return supportedKey(ed25519.PublicKey(x))
	case kty == "RSA":
		return jwkRSA(m)
	case kty == "" || kty == "oct" || crv == "" && (kty == "EC" || kty == "OKP"):
		return nil, fmt.Errorf("%w: JWK of kind %.20q, curve %.20q", ErrKey, kty, crv)
	}
	return nil, fmt.Errorf("%w: %w: JWK of kind %.20q, curve %.20q", ErrKey, ErrUnsupported, kty, crv)
}

func jwkPoint(m map[string]any, curve elliptic.Curve, size int) (crypto.PublicKey, error) {
	x, err := jwkBytes(m, "x", size)
	if err != nil {
		return nil, err
	}
	y, err := jwkBytes(m, "y", size)
	if err != nil {
		return nil, err
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, fmt.Errorf("%w: point is not on its curve", ErrKey)
	}
	return pub, nil
}

func jwkRSA(m map[string]any) (crypto.PublicKey, error) {
	n, err := jwkBytes(m, "n", 0)
	if err != nil {
		return nil, err
	}
	e, err := jwkBytes(m, "e", 0)
	if err != nil {
		return nil, err
	}
	exponent := new(big.Int).SetBytes(e)
	if len(n) > maxRSABits/8+1 || exponent.BitLen() > 31 {
		return nil, fmt.Errorf("%w: %w: RSA key too large", ErrKey, ErrUnsupported)
	}
	return supportedKey(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())})
}

// jwkBytes decodes one base64url member; size 0 means any length but none.
func jwkBytes(m map[string]any, name string, size int) ([]byte, error) {
	text, _ := m[name].(string)
	raw, err := b64.DecodeString(text)
	if err != nil || len(raw) == 0 || size > 0 && len(raw) != size {
		return nil, fmt.Errorf("%w: JWK member %q", ErrKey, name)
	}
	return raw, nil
}

func jwkPurpose(m map[string]any, pub crypto.PublicKey) error {
	if use, found := m["use"]; found && use != "sig" {
		return fmt.Errorf("%w: JWK is not for signatures", ErrKey)
	}
	if _, found := m["key_ops"]; found && !slices.Contains(texts(m["key_ops"]), "verify") {
		return fmt.Errorf("%w: JWK is not for verifying", ErrKey)
	}
	if alg, found := m["alg"]; found {
		name, _ := alg.(string)
		if !algorithmFits(name, pub) {
			return fmt.Errorf("%w: JWK names algorithm %.20q", ErrKey, name)
		}
	}
	return nil
}
