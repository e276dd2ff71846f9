package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The signature algorithms (JWA names) that this package knows. We write ES256 and RS256.
const (
	ES256 = "ES256"
	ES384 = "ES384"
	RS256 = "RS256"
	PS256 = "PS256"
	EdDSA = "EdDSA"
)

// ErrKey is wrapped by every error about a key that cannot be read or used.
var ErrKey = errors.New("unusable key")

const minRSABits, maxRSABits = 2048, 8192

// maxPEM is the longest text in bytes that is looked at for a public key.
const maxPEM = 32 << 10

// KeyAlgorithm names the algorithm that pub signs with by default: ES256 (P-256), ES384 (P-384),
// RS256 (RSA of 2,048 to 8,192 bits) or EdDSA (Ed25519); "" for every other key.
func KeyAlgorithm(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch {
		case k == nil || k.Curve == nil:
		case k.Curve == elliptic.P256():
			return ES256
		case k.Curve == elliptic.P384():
			return ES384
		}
	case *rsa.PublicKey:
		if k != nil && k.N != nil && k.N.BitLen() >= minRSABits && k.N.BitLen() <= maxRSABits && k.E >= 3 && k.E&1 == 1 {
			return RS256
		}
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return EdDSA
		}
	}
	return ""
}

// PublicKeyPEM writes pub as SubjectPublicKeyInfo in PEM with LF line ends, the form that the
// publicKeyPem of Open Badges 2.0 needs (section 2, CryptographicKey).
func PublicKeyPEM(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// ParsePublicKeyPEM reads a public key of a 2.0 issuer: SubjectPublicKeyInfo, or the PKCS #1 form
// that some write. A private key, a certificate and a key that KeyAlgorithm does not know are errors.
func ParsePublicKeyPEM(text string) (crypto.PublicKey, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("%w: PEM longer than %d bytes", ErrKey, maxPEM)
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM block", ErrKey)
	}
	var pub any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		pub, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		pub, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%w: PEM block is no public key", ErrKey)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return known(pub)
}

func known(pub crypto.PublicKey) (crypto.PublicKey, error) {
	if KeyAlgorithm(pub) == "" {
		return nil, fmt.Errorf("%w: type or size not supported", ErrKey)
	}
	return pub, nil
}
