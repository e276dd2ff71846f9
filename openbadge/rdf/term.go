// Package rdf holds RDF datasets as N-Quads and brings them into the one canonical form that
// signatures are made over: RDFC-1.0, "RDF Dataset Canonicalization" (W3C Recommendation, 2024).
//
// It is pure and knows nothing of JSON, contexts, badges or keys. It must not repair what it is given:
// a term that could not be written unambiguously as N-Quads is refused, because two datasets with
// the same canonical text would share a signature. It must not run long: graphs made to keep a
// canonicaliser busy for ever end in ErrWork.
package rdf

import (
	"errors"
	"fmt"
)

// TermKind says what a Term is.
type TermKind uint8

// The kinds of RDF 1.1 terms. The zero kind is no term at all; as the graph of a Quad it stands for
// the default graph.
const (
	None TermKind = iota
	IRI
	Blank
	Literal
)

// Term is one RDF term. Value is the IRI, the label of the blank node without "_:", or the lexical
// form. Datatype and Language belong to literals: an empty Datatype means xsd:string, or
// rdf:langString where there is a Language.
type Term struct {
	Kind                      TermKind
	Value, Datatype, Language string
}

// Quad is one statement of a dataset; the zero Graph is the default graph.
type Quad struct {
	Subject, Predicate, Object, Graph Term
}

// The datatypes that N-Quads do not write.
const (
	XSDString     = "http://www.w3.org/2001/XMLSchema#string"
	RDFLangString = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
)

// ErrTerm is wrapped when a quad holds a term that has no place there or no safe text: a blank
// predicate, a literal subject, an IRI with a space or an angle bracket, invalid UTF-8.
var ErrTerm = errors.New("no valid RDF term")

// check refuses a quad that RDF 1.1 does not allow or that N-Quads could not tell from another.
func (q *Quad) check() error {
	if k := q.Subject.Kind; k != IRI && k != Blank || !q.Subject.Valid() {
		return fmt.Errorf("%w: subject %.60q", ErrTerm, q.Subject.Value)
	}
	if q.Predicate.Kind != IRI || !q.Predicate.Valid() {
		return fmt.Errorf("%w: predicate %.60q", ErrTerm, q.Predicate.Value)
	}
	if q.Object.Kind == None || !q.Object.Valid() {
		return fmt.Errorf("%w: object %.60q", ErrTerm, q.Object.Value)
	}
	if q.Graph.Kind == Literal || !q.Graph.Valid() {
		return fmt.Errorf("%w: graph %.60q", ErrTerm, q.Graph.Value)
	}
	return nil
}
