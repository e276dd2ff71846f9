package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/mr-tron/base58"
)

// Multicodec prefixes of public keys (unsigned varint), spec 3.0 section 7.
const (
	codecEd25519 = "\xed\x01"
	codecP256    = "\x80\x24"
	codecP384    = "\x81\x24"
)

// maxMultikey bounds the text of a multikey: base58 decoding takes quadratic time.
const maxMultikey = 256

// Multikey writes pub as publicKeyMultibase: multicodec prefix and raw (Ed25519) or compressed
// (P-256, P-384) key in base58btc. RSA has no agreed multikey and is an error.
func Multikey(pub crypto.PublicKey) (string, error) {
	raw, err := multicodec(pub)
	if err != nil {
		return "", err
	}
	return "z" + base58.Encode(raw), nil
}

func multicodec(pub crypto.PublicKey) ([]byte, error) {
	switch KeyAlgorithm(pub) {
	case EdDSA:
		return append([]byte(codecEd25519), pub.(ed25519.PublicKey)...), nil
	case ES256:
		return compressed(codecP256, pub)
	case ES384:
		return compressed(codecP384, pub)
	}
	return nil, fmt.Errorf("%w: no multikey for this kind", ErrKey)
}

// compressed writes a point as its x and the parity of its y (SEC 1 section 2.3.3).
func compressed(codec string, pub crypto.PublicKey) ([]byte, error) {
	point, err := pub.(*ecdsa.PublicKey).Bytes() // 04, x, y
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	parity := 2 + point[len(point)-1]&1
	return append(append([]byte(codec), parity), point[1:len(point)/2+1]...), nil
}

// ParseMultikey reads a publicKeyMultibase of Ed25519, P-256 or P-384, in base58btc (z) or base64url
// (u). Wrong lengths and points off the curve are errors, which wrap ErrKey.
func ParseMultikey(text string) (crypto.PublicKey, error) {
	if len(text) < 2 || len(text) > maxMultikey {
		return nil, fmt.Errorf("%w: length of multikey", ErrKey)
	}
	raw, err := multibase(text)
	if err != nil {
		return nil, err
	}
	return parseMulticodec(raw)
}

func parseMulticodec(raw []byte) (crypto.PublicKey, error) {
	switch codec, key := string(raw[:min(2, len(raw))]), raw[min(2, len(raw)):]; {
	case codec == codecEd25519 && len(key) == ed25519.PublicKeySize:
		return ed25519.PublicKey(key), nil
	case codec == codecP256 && len(key) == 33:
		return decompress(elliptic.P256(), key)
	case codec == codecP384 && len(key) == 49:
		return decompress(elliptic.P384(), key)
	}
	return nil, fmt.Errorf("%w: kind or length of multikey", ErrKey)
}

func multibase(text string) ([]byte, error) {
	var raw []byte
	var err error
	switch text[0] {
	case 'z':
		raw, err = base58.Decode(text[1:])
	case 'u':
		raw, err = b64.DecodeString(strings.TrimRight(text[1:], string(base64.StdPadding)))
	default:
		err = fmt.Errorf("multibase %q", text[:1])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return raw, nil
}

func decompress(curve elliptic.Curve, point []byte) (crypto.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(curve, point)
	if x == nil {
		return nil, fmt.Errorf("%w: point is not on its curve", ErrKey)
	}
	size := len(point) - 1
	return ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x.FillBytes(make([]byte, size)), y.FillBytes(make([]byte, size))))
}
