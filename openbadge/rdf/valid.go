package rdf

import (
	"strings"
	"unicode/utf8"
)

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
