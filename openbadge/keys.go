package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The signature algorithms (JWA names) that this package knows. We write ES256 and RS256. Ed25519 is
// EdDSA under its newer, exact name (RFC 9864).
const (
	ES256   = "ES256"
	ES384   = "ES384"
	ES512   = "ES512"
	RS256   = "RS256"
	RS384   = "RS384"
	RS512   = "RS512"
	PS256   = "PS256"
	EdDSA   = "EdDSA"
	Ed25519 = "Ed25519"
)

// ErrKey is wrapped by every error about a key that cannot be read or used.
var ErrKey = errors.New("unusable key")

// ErrUnsupported is wrapped, beside ErrKey, ErrAlgorithm or ErrDID, where what was read may be as good as
// any, and is only of a kind (algorithm, key, cryptosuite) that this package does not know.
var ErrUnsupported = errors.New("not supported")

const minRSABits, maxRSABits = 2048, 8192

// maxPEM is the longest text in bytes that is looked at for a public key.
const maxPEM = 32 << 10

// KeyAlgorithm names the algorithm that pub signs with by default: ES256 (P-256), ES384 (P-384), ES512
// (P-521), RS256 (RSA of 2,048 to 8,192 bits) or EdDSA (Ed25519); "" for every other key.
func KeyAlgorithm(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch {
		case k == nil || k.Curve == nil:
		case k.Curve == elliptic.P256():
			return ES256
		case k.Curve == elliptic.P384():
			return ES384
		case k.Curve == elliptic.P521():
			return ES512
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
// that some write. The text is the PEM block and nothing else but white space around it: a key that is
// quoted in another text (a post in a forum) is nobody's statement. A private key, a certificate and a
// key that KeyAlgorithm does not know are errors.
func ParsePublicKeyPEM(text string) (crypto.PublicKey, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("%w: PEM longer than %d bytes", ErrKey, maxPEM)
	}
	text = strings.TrimSpace(text)
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(rest) > 0 || strings.Count(text, "-----BEGIN ") > 1 ||
		!strings.HasPrefix(text, "-----BEGIN "+block.Type+"-----") {
		return nil, fmt.Errorf("%w: not one PEM block", ErrKey)
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
	if err != nil && block.Type == "PUBLIC KEY" && isForeignKey(block.Bytes) {
		return nil, fmt.Errorf("%w: %w: %w", ErrKey, ErrUnsupported, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return supportedKey(pub)
}

// isForeignKey reports whether der is a well-formed key of a kind or curve that x509 does not know.
func isForeignKey(der []byte) bool {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if rest, err := asn1.Unmarshal(der, &spki); err != nil || len(rest) > 0 {
		return false
	}
	name := spki.Algorithm.Algorithm
	if name.Equal(oidECKey) {
		var curve asn1.ObjectIdentifier
		_, err := asn1.Unmarshal(spki.Algorithm.Parameters.FullBytes, &curve)
		return err == nil && !slices.ContainsFunc(oidCurves, curve.Equal)
	}
	return !name.Equal(oidRSAKey) && !name.Equal(oidEd25519Key)
}

// Names of the kinds of keys and the curves that are known (RFC 3279, 5480 and 8410).
var (
	oidRSAKey     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECKey      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidEd25519Key = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidCurves     = []asn1.ObjectIdentifier{{1, 2, 840, 10045, 3, 1, 7}, {1, 3, 132, 0, 34}, {1, 3, 132, 0, 35}}
)

// supportedKey refuses what KeyAlgorithm does not know. RSA keys of few bits are too weak to prove anything
// (RFC 7518 section 3.3), those of Ed25519 of small order fit every text; everything else is only not
// supported.
func supportedKey(pub crypto.PublicKey) (crypto.PublicKey, error) {
	if point, isEd := pub.(ed25519.PublicKey); isEd && KeyAlgorithm(pub) == EdDSA && smallOrder(point) {
		return nil, fmt.Errorf("%w: point of small order", ErrKey)
	}
	if KeyAlgorithm(pub) != "" {
		return pub, nil
	}
	if k, isRSA := pub.(*rsa.PublicKey); isRSA && k.N.BitLen() <= maxRSABits {
		return nil, fmt.Errorf("%w: RSA key too weak", ErrKey)
	}
	return nil, fmt.Errorf("%w: %w: type or size of key", ErrKey, ErrUnsupported)
}

// smallPoints are the y of the eight points of small order on edwards25519 in the spellings that decode,
// little endian, without the sign of x. With such a key one fixed signature fits every text, since the
// equation of verification no longer depends on the hash (Chalkias et al. 2020, "Taming the many EdDSAs").
var smallPoints = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func smallOrder(point ed25519.PublicKey) bool {
	y := slices.Clone(point)
	y[len(y)-1] &= 0x7f
	return slices.Contains(smallPoints, hex.EncodeToString(y))
}
