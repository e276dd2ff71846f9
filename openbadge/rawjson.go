package openbadge

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// rawMember is one member of an object as it was written: the decoded name, and the bytes of name
// and value.
type rawMember struct {
	name  string
	key   []byte
	value []byte
}

// splitObject cuts an object into its members. data must have passed checkStrict; isObject is false
// when it holds another kind of value.
func splitObject(data []byte) (members []rawMember, isObject bool) {
	s := scanner{data: data}
	s.space()
	if s.data[s.pos] != '{' {
		return nil, false
	}
	for s.next('}') {
		from := s.pos
		m := rawMember{name: s.name()}
		m.key = data[from:s.pos]
		s.space()
		s.pos++ // the colon
		s.space()
		from = s.pos
		s.skip()
		m.value = data[from:s.pos]
		members = append(members, m)
	}
	return members, true
}

// memberValue is the bytes of a member's value, nil without such a member.
func memberValue(members []rawMember, name string) []byte {
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func joinObject(members []rawMember) []byte {
	size := 2
	for _, m := range members {
		size += len(m.key) + len(m.value) + 2
	}
	out := append(make([]byte, 0, size), '{')
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, m.key...), ':'), m.value...)
	}
	return append(out, '}')
}

// skip moves past one value.
func (s *scanner) skip() {
	for depth := 0; ; {
		switch s.data[s.pos] {
		case '"':
			s.text()
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			depth--
			s.pos++
		case ',', ':', ' ', '\t', '\r', '\n':
			s.pos++
			continue
		default:
			s.scalar()
		}
		if depth == 0 {
			return
		}
	}
}

// halfCharacter finds an escape of one half of a surrogate pair without the other. Decoders put all
// kinds of things in its place, so that different documents read alike. data must be valid JSON.
func halfCharacter(data []byte) bool {
	for {
		at := bytes.IndexByte(data, '\\')
		if at < 0 {
			return false
		}
		data = data[at:]
		switch unit := escapedUnit(data); {
		case unit < 0:
			data = data[2:]
		case unit >= 0xDC00 && unit < 0xE000:
			return true
		case unit >= 0xD800 && unit < 0xDC00:
			if low := escapedUnit(data[6:]); low < 0xDC00 || low >= 0xE000 {
				return true
			}
			data = data[12:]
		default:
			data = data[6:]
		}
	}
}

// escapedUnit is the number in the escape that data begins with, -1 without one.
func escapedUnit(data []byte) int {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}

// unquote decodes the inside of a text of valid JSON, without its quotation marks.
func unquote(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	var s string
	_ = json.Unmarshal(slices.Concat([]byte{'"'}, inside, []byte{'"'}), &s)
	return s
}
