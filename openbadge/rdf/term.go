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
	"strings"
	"unicode/utf8"
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

// Valid reports whether N-Quads can carry t without confusion; the zero Term is valid as a graph.
func (t Term) Valid() bool {
	switch t.Kind {
	case None:
		return t == Term{}
	case IRI:
		return ValidIRI(t.Value) && t.Datatype == "" && t.Language == ""
	case Blank:
		return validLabel(t.Value) && t.Datatype == "" && t.Language == ""
	case Literal:
		return utf8.ValidString(t.Value) && t.validTag()
	}
	return false
}

// validTag checks datatype and language, which exclude each other but for rdf:langString.
func (t Term) validTag() bool {
	if t.Language != "" {
		return validLanguage(t.Language) && (t.Datatype == "" || t.Datatype == RDFLangString)
	}
	return t.Datatype == "" || t.Datatype != RDFLangString && ValidIRI(t.Datatype)
}

// ValidIRI reports whether s is an absolute IRI that N-Quads can carry: a scheme, a colon, and no
// control character, space or one of <>"{}|^`\ (N-Quads grammar, IRIREF; RFC 3987 §2.2 scheme).
// It does not check the rest of RFC 3987.
func ValidIRI(s string) bool {
	return scheme(s) > 0 && validIRIText(s)
}

// scheme is the length of the scheme of an absolute IRI, 0 if it has none.
func scheme(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// forbidden are the ASCII characters that IRIREF excludes.
var forbidden = func() (table [utf8.RuneSelf]bool) {
	for c := range byte(' ' + 1) {
		table[c] = true
	}
	for _, c := range []byte("<>\"{}|^`\\") {
		table[c] = true
	}
	return table
}()

func validIRIText(s string) bool {
	ascii := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf {
			ascii = false
		} else if forbidden[c] {
			return false
		}
	}
	return ascii || utf8.ValidString(s)
}

// validLanguage follows LANGTAG of the N-Quads grammar, which is wider than BCP 47.
func validLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if part == "" {
			return false
		}
		for _, c := range []byte(part) {
			digit := '0' <= c && c <= '9'
			if letter := 'a' <= c|0x20 && c|0x20 <= 'z'; !letter && (i == 0 || !digit) {
				return false
			}
		}
	}
	return true
}

// validLabel follows BLANK_NODE_LABEL of the N-Quads grammar.
func validLabel(s string) bool {
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			return false
		case labelStart(r) || '0' <= r && r <= '9':
		case i > 0 && labelPart(r):
		case i > 0 && r == '.' && i+1 < len(s):
		default:
			return false
		}
	}
	return s != ""
}

// labelStart is PN_CHARS_U.
func labelStart(r rune) bool {
	for _, b := range [...][2]rune{{'A', 'Z'}, {'_', '_'}, {':', ':'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF},
		{0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
		{0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}} {
		if b[0] <= r && r <= b[1] {
			return true
		}
	}
	return false
}

// labelPart is what PN_CHARS adds to PN_CHARS_U and digits.
func labelPart(r rune) bool {
	return r == '-' || r == 0xB7 || 0x300 <= r && r <= 0x36F || 0x203F <= r && r <= 0x2040
}

// appendQuad appends the canonical N-Quads line of q to b, line end included (RDFC-1.0 appendix A).
// It does not check the terms: Canonicalize and Sorted do.
func appendQuad(b []byte, q Quad) []byte {
	b = append(q.Subject.append(b), ' ')
	b = append(q.Predicate.append(b), ' ')
	b = append(q.Object.append(b), ' ')
	if q.Graph.Kind != None {
		b = append(q.Graph.append(b), ' ')
	}
	return append(b, ".\n"...)
}

// String is the canonical N-Quads line of q, line end included.
func (q Quad) String() string { return string(appendQuad(nil, q)) }

func (t Term) append(b []byte) []byte {
	switch t.Kind {
	case IRI:
		return appendIRI(b, t.Value)
	case Blank:
		return append(append(b, "_:"...), t.Value...)
	case Literal:
		return t.appendLiteral(b)
	}
	return b
}

func appendIRI(b []byte, iri string) []byte {
	return append(append(append(b, '<'), iri...), '>')
}

func (t Term) appendLiteral(b []byte) []byte {
	b = append(b, '"')
	b = appendEscaped(b, t.Value)
	b = append(b, '"')
	if t.Language != "" {
		return append(append(b, '@'), t.Language...)
	}
	if t.Datatype != "" && t.Datatype != XSDString {
		return appendIRI(append(b, "^^"...), t.Datatype)
	}
	return b
}

// appendEscaped writes what stands between the quotation marks: ECHAR where there is one, UCHAR
// for the other control characters and for U+FFFE and U+FFFF, everything else as it is.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7F && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			if r != 0xFFFE && r != 0xFFFF {
				i += size
				continue
			}
		}
		b = appendEscape(append(b, s[from:i]...), r)
		i += size
		from = i
	}
	return append(b, s[from:]...)
}

func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '\b':
		return append(b, `\b`...)
	case '\t':
		return append(b, `\t`...)
	case '\n':
		return append(b, `\n`...)
	case '\f':
		return append(b, `\f`...)
	case '\r':
		return append(b, `\r`...)
	case '"':
		return append(b, `\"`...)
	case '\\':
		return append(b, `\\`...)
	}
	const hex = "0123456789ABCDEF"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
