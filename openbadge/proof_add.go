package openbadge

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mr-tron/base58"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// ProofOptions say how AddProof signs. VerificationMethod is the full URL of the key; Created is
// written in UTC and whole seconds.
type ProofOptions struct {
	VerificationMethod string
	Created            time.Time
}

const eddsaRDFC = "eddsa-rdfc-2022"

// newProof has the members of the proof that we write (spec 3.0 section 5), in the order that we write
// them.
type newProof struct {
	Type               string    `json:"type"`
	Cryptosuite        string    `json:"cryptosuite"`
	Created            time.Time `json:"created"`
	VerificationMethod string    `json:"verificationMethod"`
	ProofPurpose       string    `json:"proofPurpose"`
	ProofValue         string    `json:"proofValue,omitempty"`
}

// AddProof signs a document that we wrote with eddsa-rdfc-2022 and gives it back with the member
// proof, a list of one, at its end; all other bytes stay as they are. The signer must own an Ed25519
// key and may be any crypto.Signer; its signature is verified before it is handed out. Errors wrap
// ErrAlgorithm (another kind of key), ErrJSON, ErrMalformed (no document to sign, or one that has a
// proof), ErrSignature (the signer made none), or are those of the signer, jsonld and rdf: a document
// with an undefined term or a relative address cannot be signed.
func AddProof(doc []byte, o ProofOptions, signer crypto.Signer) ([]byte, error) {
	pub := signer.Public()
	if KeyAlgorithm(pub) != EdDSA {
		return nil, fmt.Errorf("%w: cannot make a proof with %T", ErrAlgorithm, pub)
	}
	if o.VerificationMethod == "" || o.Created.IsZero() {
		return nil, errors.New("proof without verification method or date")
	}
	p := newProof{
		Type: dataIntegrityProof, Cryptosuite: eddsaRDFC, Created: wholeSeconds(o.Created),
		VerificationMethod: o.VerificationMethod, ProofPurpose: AssertionMethod,
	}
	data, err := p.signedBytes(doc)
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(rand.Reader, data, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("sign proof: %w", err)
	}
	if err := verifySignature(EdDSA, pub, data, signature); err != nil {
		return nil, err
	}
	p.ProofValue = encodeValue(signature)
	written, err := marshal(p)
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(doc, '}')
	return slices.Concat(doc[:end], []byte(`,"proof":[`), written, []byte(`]`), doc[end:]), nil
}

func encodeValue(signature []byte) string { return "z" + base58.Encode(signature) }

// signedBytes are the hash of the proof's options and that of the document.
func (p newProof) signedBytes(doc []byte) ([]byte, error) {
	if err := checkStrict(doc); err != nil {
		return nil, err
	}
	members, _ := strictjson.Split(doc)
	context := strictjson.Value(members, "@context")
	if context == nil || strictjson.Value(members, "proof") != nil {
		return nil, fmt.Errorf("%w: not an unsigned JSON-LD document", ErrMalformed)
	}
	document, err := canonicalHash(doc)
	if err != nil {
		return nil, err
	}
	raw, err := marshal(p)
	if err != nil {
		return nil, err
	}
	options, err := canonicalHash((&Proof{Raw: raw}).options(context))
	if err != nil {
		return nil, err
	}
	return append(options, document...), nil
}

// canonicalHash is the SHA-256 of a document's canonical RDF.
func canonicalHash(doc []byte) ([]byte, error) {
	text, err := canonicalText(doc)
	if err != nil {
		return nil, err
	}
	return digest(crypto.SHA256, text), nil
}

func canonicalText(doc []byte) ([]byte, error) {
	quads, err := jsonld.ToRDF(doc, jsonld.Options{})
	if err != nil {
		return nil, err
	}
	c, err := rdf.Canonicalize(quads, rdf.Options{})
	if err != nil {
		return nil, err
	}
	return c.Text(), nil
}
