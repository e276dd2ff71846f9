package openbadge

import (
	"crypto"
	"slices"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

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
