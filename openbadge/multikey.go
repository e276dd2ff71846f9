package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
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
	codecP521    = "\x82\x24"
	codecRSA     = "\x85\x24"     // PKCS #1
	codecJWK     = "\xd1\xd6\x03" // jwk_jcs-pub, a JWK as text
)

// maxMultikey bounds the text of a multikey: base58 decoding takes quadratic time.
const maxMultikey = 2048

// maxPadding is how many characters of padding a text of base64 can have.
const maxPadding = 2

// Multikey writes pub as publicKeyMultibase: multicodec prefix and raw (Ed25519) or compressed
// (P-256, P-384, P-521) key in base58btc. RSA has no agreed multikey and is an error.
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
	case ES512:
		return compressed(codecP521, pub)
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

// parseMultikey reads a publicKeyMultibase of Ed25519, P-256, P-384, P-521, RSA or a JWK, in base58btc
// (z) or base64url (u). Wrong lengths and points off the curve are errors, which wrap ErrKey; for
// another kind of key ErrUnsupported as well.
func parseMultikey(text string) (crypto.PublicKey, error) {
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
	codec, size := binary.Uvarint(raw)
	if size <= 0 || size == len(raw) {
		return nil, fmt.Errorf("%w: multikey names no kind or no key", ErrKey)
	}
	key := raw[size:]
	switch string(raw[:size]) {
	case codecEd25519:
		if len(key) == ed25519.PublicKeySize {
			return supportedKey(ed25519.PublicKey(key))
		}
	case codecP256:
		return decompress(elliptic.P256(), key)
	case codecP384:
		return decompress(elliptic.P384(), key)
	case codecP521:
		return decompress(elliptic.P521(), key)
	case codecRSA:
		if pub, err := x509.ParsePKCS1PublicKey(key); err == nil {
			return supportedKey(pub)
		}
	case codecJWK:
		pub, _, err := ParseJWK(key)
		return pub, err
	default:
		return nil, fmt.Errorf("%w: %w: multikey of kind %#x", ErrKey, ErrUnsupported, codec)
	}
	return nil, fmt.Errorf("%w: length of multikey", ErrKey)
}

func multibase(text string) ([]byte, error) {
	var raw []byte
	var err error
	switch text[0] {
	case 'z':
		raw, err = base58.Decode(text[1:])
	case 'u':
		bare := strings.TrimRight(text[1:], string(base64.StdPadding))
		if len(text)-1-len(bare) > maxPadding {
			return nil, fmt.Errorf("%w: padding of multikey", ErrKey)
		}
		raw, err = b64.DecodeString(bare)
	default:
		err = fmt.Errorf("multibase %q", text[:1])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return raw, nil
}

func decompress(curve elliptic.Curve, point []byte) (crypto.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(curve, point) // nil for a wrong length, too
	if x == nil {
		return nil, fmt.Errorf("%w: point is not on its curve", ErrKey)
	}
	size := len(point) - 1
	return ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x.FillBytes(make([]byte, size)), y.FillBytes(make([]byte, size))))
}
