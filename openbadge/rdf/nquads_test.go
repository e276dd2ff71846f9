package rdf

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrSyntax is wrapped by every error of Parse about text that is no N-Quads document.
var ErrSyntax = errors.New("not N-Quads")

// Parse is what the W3C suite and the tests that read canonical forms back need. It reads an N-Quads document (RDF 1.1 N-Quads), strictly: every IRI is absolute and without the
// characters that IRIREF forbids, also when they are written as escapes. Statements come in the
// order of the text, repeated ones are kept, xsd:string is written as no datatype. Errors name the
// line and wrap ErrSyntax, or are ErrTooLarge.
func Parse(nquads []byte) ([]Quad, error) {
	if !utf8.Valid(nquads) {
		return nil, fmt.Errorf("%w: invalid UTF-8", ErrSyntax)
	}
	var quads []Quad
	number := 0
	for line := range strings.FieldsFuncSeq(string(nquads), func(r rune) bool { return r == '\n' || r == '\r' }) {
		number++
		r := reader{line}
		q, found, err := r.quad()
		if err != nil {
			return nil, fmt.Errorf("%w: %w at %.40q in line %d", ErrSyntax, err, r.rest, number)
		}
		if !found {
			continue
		}
		if quads = append(quads, q); len(quads) > maxQuads {
			return nil, ErrTooLarge
		}
	}
	return quads, nil
}

var (
	errIRI     = errors.New("no absolute IRI")
	errTerm    = errors.New("unexpected term")
	errLiteral = errors.New("bad literal")
	errEscape  = errors.New("bad escape")
	errEnd     = errors.New("no full stop and line end")
)

// reader reads one line; rest is what is left of it.
type reader struct{ rest string }

func (r *reader) space() { r.rest = strings.TrimLeft(r.rest, " \t") }

func (r *reader) skip(prefix string) bool {
	rest, found := strings.CutPrefix(r.rest, prefix)
	r.rest = rest
	return found
}

func (r *reader) quad() (q Quad, found bool, err error) {
	if r.space(); r.rest == "" || r.rest[0] == '#' {
		return q, false, nil
	}
	for _, t := range []*Term{&q.Subject, &q.Predicate, &q.Object, &q.Graph} {
		if r.space(); t == &q.Graph && strings.HasPrefix(r.rest, ".") {
			break
		}
		if *t, err = r.term(); err != nil {
			return q, false, err
		}
	}
	r.space()
	if !r.skip(".") {
		return q, false, errEnd
	}
	if r.space(); r.rest != "" && r.rest[0] != '#' {
		return q, false, errEnd
	}
	return q, true, q.check()
}

func (r *reader) term() (Term, error) {
	switch {
	case r.skip("<"):
		iri, err := r.iri()
		return Term{Kind: IRI, Value: iri}, err
	case r.skip("_:"):
		return Term{Kind: Blank, Value: r.label()}, nil
	case r.skip(`"`):
		return r.literal()
	}
	return Term{}, errTerm
}

// iri reads what follows "<".
func (r *reader) iri() (string, error) {
	text, rest, found := strings.Cut(r.rest, ">")
	if !found {
		return "", errIRI
	}
	iri, err := unescape(text, false)
	if err != nil {
		return "", err
	}
	if !ValidIRI(iri) {
		return "", errIRI
	}
	r.rest = rest
	return iri, nil
}

// label reads what follows "_:"; a full stop at the end belongs to the statement.
func (r *reader) label() string {
	end := strings.IndexFunc(r.rest, func(c rune) bool {
		return !labelStart(c) && !labelPart(c) && c != '.' && (c < '0' || c > '9')
	})
	if end < 0 {
		end = len(r.rest)
	}
	label := strings.TrimRight(r.rest[:end], ".")
	r.rest = r.rest[len(label):]
	return label
}

// literal reads what follows the opening quotation mark.
func (r *reader) literal() (Term, error) {
	end := closing(r.rest)
	if end < 0 {
		return Term{}, errLiteral
	}
	value, err := unescape(r.rest[:end], true)
	if err != nil {
		return Term{}, err
	}
	t := Term{Kind: Literal, Value: value}
	r.rest = r.rest[end+1:]
	switch {
	case r.skip("@"):
		end := strings.IndexAny(r.rest, " \t.")
		if end < 0 {
			return t, errLiteral
		}
		if t.Language, r.rest = r.rest[:end], r.rest[end:]; t.Language == "" {
			return t, errLiteral
		}
	case r.skip("^^<"):
		if t.Datatype, err = r.iri(); t.Datatype == XSDString {
			t.Datatype = ""
		}
	}
	return t, err
}

// closing finds the quotation mark that ends a literal, or -1.
func closing(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}
