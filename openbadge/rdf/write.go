package rdf

import "unicode/utf8"

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
