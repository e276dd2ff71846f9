package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"math/big"
	"strings"

	"github.com/mr-tron/base58"
)

// suiteName tells the ways of making a proof apart: suite is empty for proof types of their own.
type suiteName struct{ kind, suite string }

type verifySuite func(s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) error

// suites are the kinds of proof that are understood (spec 3.0 section 5).
var suites = map[suiteName]verifySuite{
	{dataIntegrityProof, eddsaRDFC}:         verifyRDFC(EdDSA),
	{dataIntegrityProof, "eddsa-2022"}:      verifyRDFC(EdDSA), // its name in drafts
	{dataIntegrityProof, "ecdsa-rdfc-2019"}: verifyRDFC(ES256, ES384),
	{dataIntegrityProof, "eddsa-jcs-2022"}:  verifyJCS,
	{dataIntegrityProof, "ecdsa-sd-2023"}:   verifySD,
	{kind: "Ed25519Signature2020"}:          verifyRDFC(EdDSA),
}

// suiteHash is the hash that goes with the kind of key.
func suiteHash(alg string) crypto.Hash {
	if alg == ES384 {
		return crypto.SHA384
	}
	return crypto.SHA256
}

// suiteKey gives the algorithm of a key, which must be one of those that the suite allows.
func suiteKey(pub crypto.PublicKey, allowed ...string) (string, error) {
	alg := KeyAlgorithm(pub)
	for _, one := range allowed {
		if alg == one {
			return alg, nil
		}
	}
	return "", fmt.Errorf("%w: proof with %T", ErrAlgorithm, pub)
}

// verifySignature checks signature over data; alg belongs to pub.
func verifySignature(alg string, pub crypto.PublicKey, data, signature []byte) error {
	valid := false
	switch k := pub.(type) {
	case ed25519.PublicKey:
		valid = ed25519.Verify(k, data, signature)
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
		valid = ecdsa.Verify(k, digest(suiteHash(alg), data), r, s)
	}
	if !valid {
		return ErrSignature
	}
	return nil
}

func digest(hash crypto.Hash, data ...[]byte) []byte {
	h := hash.New()
	for _, d := range data {
		h.Write(d)
	}
	return h.Sum(nil)
}

// signatureSize is the length in bytes of a signature as Data Integrity writes it.
func signatureSize(alg string) int {
	if alg == ES384 {
		return 96
	}
	return 64
}

// decodeValue reads a proofValue of size bytes in base58btc with its multibase header.
func decodeValue(value string, size int) ([]byte, error) {
	encoded, found := strings.CutPrefix(value, "z")
	// Decoding takes quadratic time; 1.38 digits make a byte.
	if !found || len(encoded) > size*138/100+1 {
		return nil, fmt.Errorf("%w: proofValue", ErrMalformed)
	}
	raw, err := base58.Decode(encoded)
	if err != nil || len(raw) != size {
		return nil, fmt.Errorf("%w: proofValue", ErrMalformed)
	}
	return raw, nil
}

func encodeValue(signature []byte) string { return "z" + base58.Encode(signature) }
