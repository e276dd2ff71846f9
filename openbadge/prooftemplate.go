package openbadge

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

// Template knows the canonical RDF of documents that differ only in the text of some members, so that
// the next one need not be expanded: the credentials of one achievement. It is made from the first
// document and safe for concurrent use.
//
// What may differ is every string outside of `@context`, `type`, `issuer`, `achievement`,
// `credentialSchema` and endorsements. All else, down to the white space and the number of list
// elements, must be the same bytes; a document of another form has its own template.
type Template struct {
	context []byte
	fixed   [][]byte // what stands around the slots: one more than there are slots
	slots   []slot
	closed  []string       // canonical lines without slot and blank node, sorted
	quads   []templateQuad // all others
	lines   []openLine     // the same as text, in the same order
	nodes   []openNode     // the blank nodes
	names   []string       // the canonical labels, as many
	size    int            // of the closed lines
	about   []subject      // what the statements are about, beyond types: the document's subject first
	options *Template      // of the proof's options under the same context
}

// subject is the text of a slot or, with slot -1, a fixed IRI or blank node.
type subject struct {
	slot int
	iri  []byte
}

// slot is one string that may differ. As an IRI its text must begin like that of the first document.
type slot struct {
	from, to int // in the first document, without quotation marks
	isIRI    bool
	prefix   string
}

// templateQuad is a quad and the slots of its subject and object, -1 where there is none.
type templateQuad struct {
	rdf.Quad
	subject, object int
}

// ErrTemplate is wrapped when no template can be made from a document.
var ErrTemplate = errors.New("no template from this document")

const rdfType = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

// slotHost is part of the texts that stand in for slots and blank nodes while a template is made.
const slotHost = "slot.invalid/"

// NewTemplate makes the template of documents like doc, which has no proof yet. It takes a few times
// as long as canonicalising doc the whole way. Errors wrap ErrJSON or ErrTemplate, and those of the
// packages jsonld and rdf pass: doc can then not be signed either.
func NewTemplate(doc []byte) (*Template, error) {
	t, err := newTemplate(doc)
	if err != nil {
		return nil, err
	}
	sample, err := marshal(newProof{Type: dataIntegrityProof, Cryptosuite: eddsaRDFC, VerificationMethod: "https://x.test/#key", ProofPurpose: AssertionMethod})
	if err != nil {
		return nil, err
	}
	t.options, err = newTemplate((&Proof{Raw: sample}).options(t.context))
	return t, err
}

func newTemplate(doc []byte) (*Template, error) {
	if err := checkStrict(doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJSON, err)
	}
	members, _ := splitObject(doc)
	t := &Template{context: slices.Clone(memberValue(members, "@context"))}
	if t.context == nil || memberValue(members, "type") == nil || memberValue(members, "proof") != nil || bytes.Contains(doc, []byte(slotHost)) {
		return nil, fmt.Errorf("%w: not an unsigned JSON-LD document", ErrTemplate)
	}
	t.findSlots(&scanner{data: doc}, true)
	for {
		quads, err := jsonld.ToRDF(t.probe(doc), jsonld.Options{})
		if err != nil {
			return nil, err
		}
		if t.learn(doc, quads) {
			break
		}
	}
	t.cut(doc)
	whole, err := canonicalText(doc)
	if err != nil {
		return nil, err
	}
	if text, found := t.Canonical(doc); !found || !bytes.Equal(text, whole) {
		return nil, fmt.Errorf("%w: its RDF does not follow from its text", ErrTemplate)
	}
	return t, nil
}

// canonicalText is the whole way.
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
