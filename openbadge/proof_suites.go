package openbadge

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
	"github.com/mr-tron/base58"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
	"github.com/open-insignia/insignia/openbadge/strictjson"
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

// rdfForms keeps the RDF of a document and the hashes of its canonical form.
type rdfForms struct {
	quads  []rdf.Quad
	err    error
	hashes map[crypto.Hash][]byte
}

// verifyRDFC makes the verifier of a suite that signs the hashes of two canonical RDF datasets, the
// proof's options first (Data Integrity EdDSA Cryptosuites section 3.2, ECDSA section 3.2).
func verifyRDFC(allowed ...string) verifySuite {
	return func(s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) error {
		alg, err := suiteKey(pub, allowed...)
		if err != nil {
			return err
		}
		signature, err := decodeValue(p.Value, signatureSize(alg))
		if err != nil {
			return err
		}
		hash := suiteHash(alg)
		options, err := s.optionsHash(p, hash)
		if err != nil {
			return err
		}
		document, err := s.documentHash(previous, hash)
		if err != nil {
			return err
		}
		return verifySignature(alg, pub, slices.Concat(options, document), signature)
	}
}

// optionsHash is the hash of the canonical proof options, read under the document's context.
func (s *Secured) optionsHash(p Proof, hash crypto.Hash) ([]byte, error) {
	quads, err := jsonld.ToRDF(p.options(s.context), s.contexts)
	if err != nil {
		return nil, err
	}
	c, err := s.canonical(quads, hash)
	if err != nil {
		return nil, err
	}
	return digest(hash, c.Text()), nil
}

// documentHash is the hash of the canonical document.
func (s *Secured) documentHash(previous [][]byte, hash crypto.Hash) ([]byte, error) {
	if sum, found := s.plain.hashes[hash]; found && len(previous) == 0 {
		return sum, nil
	}
	quads, err := s.quads(previous)
	if err != nil {
		return nil, err
	}
	c, err := s.canonical(quads, hash)
	if err != nil {
		return nil, err
	}
	sum := digest(hash, c.Text())
	if len(previous) == 0 {
		s.plain.hashes[hash] = sum
	}
	return sum, nil
}

// quads is the document without its proofs but the previous ones; without any it is expanded once.
func (s *Secured) quads(previous [][]byte) ([]rdf.Quad, error) {
	if len(previous) > 0 {
		doc := s.document(nil, previous)
		if err := s.spend(len(doc) / bytesPerEffort); err != nil {
			return nil, err
		}
		return jsonld.ToRDF(doc, s.contexts)
	}
	if s.plain.hashes == nil {
		s.plain.quads, s.plain.err = jsonld.ToRDF(s.document(nil, nil), s.contexts)
		s.plain.hashes = map[crypto.Hash][]byte{}
	}
	return s.plain.quads, s.plain.err
}

func (s *Secured) canonical(quads []rdf.Quad, hash crypto.Hash) (*rdf.Canonical, error) {
	if err := s.spend(len(quads) * effortQuad); err != nil {
		return nil, err
	}
	return rdf.Canonicalize(quads, rdf.Options{Hash: hash})
}

// verifyJCS verifies eddsa-jcs-2022 (Data Integrity EdDSA Cryptosuites section 3.3): the canonical
// form is that of the JSON, no context is read.
func verifyJCS(s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) error {
	alg, err := suiteKey(pub, EdDSA)
	if err != nil {
		return err
	}
	signature, err := decodeValue(p.Value, signatureSize(alg))
	if err != nil {
		return err
	}
	context, err := s.jcsContext(p)
	if err != nil {
		return err
	}
	unsigned := s.document(context, previous)
	if err := s.spend(len(unsigned) / bytesPerEffort); err != nil {
		return err
	}
	options, err := canonicalJSON(p.options(nil))
	if err != nil {
		return err
	}
	document, err := canonicalJSON(unsigned)
	if err != nil {
		return err
	}
	first, second := sha256.Sum256(options), sha256.Sum256(document)
	return verifySignature(alg, pub, slices.Concat(first[:], second[:]), signature)
}

// jcsContext gives the proof's @context, which the document's must begin with: a later holder may
// have added some. Nil when the proof has none.
func (s *Secured) jcsContext(p Proof) ([]byte, error) {
	members, _ := strictjson.Split(p.Raw)
	own := strictjson.Value(members, "@context")
	if own == nil {
		return nil, nil
	}
	signed, present := rawList(own), rawList(s.context)
	if len(signed) > len(present) || !slices.EqualFunc(signed, present[:len(signed)], sameJSON) {
		return nil, fmt.Errorf("%w: @context of the proof is not that of the document", ErrMalformed)
	}
	return own, nil
}

func sameJSON(a, b json.RawMessage) bool {
	first, err := canonicalJSON(a)
	if err != nil {
		return false
	}
	second, err := canonicalJSON(b)
	return err == nil && bytes.Equal(first, second)
}

// canonicalJSON is RFC 8785. It knows numbers as IEEE doubles, so large integers that are not written as
// the double next to them is are refused first: the signature would not cover their last digits.
func canonicalJSON(data []byte) ([]byte, error) {
	if err := checkNumbers(data); err != nil {
		return nil, err
	}
	out, err := jcs.Transform(data)
	if err != nil {
		return nil, fmt.Errorf("%w: no canonical form (RFC 8785)", ErrMalformed)
	}
	return out, nil
}

// maxExact is the first number that a double cannot tell from its neighbour.
const maxExact = 1 << 53

// checkNumbers looks at every number of valid JSON that is written out in digits.
func checkNumbers(data []byte) error {
	for number := range strictjson.Numbers(data) {
		f, err := strconv.ParseFloat(number, 64)
		large := !strings.ContainsAny(number, "eE") && (f >= maxExact || f <= -maxExact)
		if err != nil || large && number != strconv.FormatFloat(f, 'f', -1, 64) {
			return fmt.Errorf("%w: number beyond 2^53 - 1 that is no double", ErrMalformed)
		}
	}
	return nil
}
