package openbadge

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

// match reads the slots' texts from a document, which it refuses unless it is of the template's form.
func (t *Template) match(doc []byte, f *filling) bool {
	f.slots, f.at = f.slots[:0], f.at[:0]
	return len(doc) <= jsonld.MaxBytes && t.read(doc, func(i int, value []byte) bool {
		from := len(f.slots)
		switch {
		case !t.slots[i].isIRI:
			f.slots = appendLiteral(f.slots, value)
		case string(iriPrefix(value)) == t.slots[i].prefix:
			f.slots = append(f.slots, value...)
		default:
			return false
		}
		f.at = append(f.at, span{from, len(f.slots)})
		return true
	}) && !t.repeatsRoot(f)
}

// read hands out the value of each slot as long as the document fits.
func (t *Template) read(doc []byte, take func(slot int, value []byte) bool) bool {
	for i := range t.slots {
		if !bytes.HasPrefix(doc, t.fixed[i]) {
			return false
		}
		doc = doc[len(t.fixed[i]):]
		size := textSize(doc)
		if size < 0 {
			return false
		}
		value := doc[:size]
		if bytes.IndexByte(value, '\\') >= 0 {
			value = []byte(unquote(value))
		}
		if !take(i, value) {
			return false
		}
		doc = doc[size:]
	}
	return bytes.Equal(doc, t.fixed[len(t.slots)])
}

// repeatsRoot reports whether something else of which the document says more than a type has the
// document's own id. The JSON-LD processor looks closer at such a document, and may refuse it.
func (t *Template) repeatsRoot(f *filling) bool {
	id := func(s subject) []byte {
		if s.slot < 0 {
			return s.iri
		}
		return f.slot(s.slot)
	}
	root := id(t.about[0])
	return slices.ContainsFunc(t.about[1:], func(s subject) bool { return bytes.Equal(id(s), root) })
}

// textSize is the length of the JSON text that doc begins with, without its closing quotation mark;
// -1 if it is not one that UnmarshalStrict would read.
func textSize(doc []byte) int {
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case c == '"':
			if !utf8.Valid(doc[:i]) || bytes.IndexByte(doc[:i], '\\') >= 0 && checkStrict(slices.Concat([]byte{'"'}, doc[:i+1])) != nil {
				return -1
			}
			return i
		case c == '\\':
			i++
		case c < ' ':
			return -1
		}
	}
	return -1
}

// appendLiteral writes a text as it stands between the quotation marks of N-Quads.
func appendLiteral(b, text []byte) []byte {
	if plainLiteral(text) {
		return append(b, text...)
	}
	quad := rdf.AppendQuad(nil, rdf.Quad{Object: rdf.Term{Kind: rdf.Literal, Value: string(text)}})
	return append(b, quad[bytes.IndexByte(quad, '"')+1:bytes.LastIndexByte(quad, '"')]...)
}

// plainLiteral reports whether N-Quads surely write a text as it is.
func plainLiteral(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c == 0x7F || c == 0xEF { // U+FFFE and U+FFFF begin with EF
			return false
		}
	}
	return true
}

// iriPrefix gives the scheme of an IRI, with "//" where there is an authority. It is empty for texts
// that are no IRI beyond doubt: those are left to the JSON-LD processor.
func iriPrefix(iri []byte) []byte {
	scheme := 0
	for scheme < len(iri) && ('a' <= iri[scheme] && iri[scheme] <= 'z' || scheme > 0 && digit(iri[scheme])) {
		scheme++
	}
	if scheme == 0 || scheme == len(iri) || iri[scheme] != ':' {
		return nil
	}
	end := scheme + 1
	if bytes.HasPrefix(iri[end:], []byte("//")) {
		end += 2
	}
	for _, c := range iri[end:] {
		if !iriCharacters[c] {
			return nil
		}
	}
	if end == len(iri) || !letter(iri[end]) && !digit(iri[end]) {
		return nil
	}
	return iri[:end]
}

// iriCharacters are the unreserved and reserved characters of RFC 3986 that stand in our addresses.
var iriCharacters = func() (plain [256]bool) {
	for c := range 256 {
		plain[c] = letter(byte(c)) || digit(byte(c)) || strings.IndexByte("-._~:/?#@!$&'()*+,;=%", byte(c)) >= 0
	}
	return plain
}()

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
