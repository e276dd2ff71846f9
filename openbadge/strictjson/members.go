package strictjson

import (
	"bytes"
	"encoding/json"
	"iter"
)

// Member is one member of an object as it was written: the decoded name, and the bytes of name and value.
type Member struct {
	Name  string
	Key   []byte
	Value []byte
}

// Split cuts an object into its members. data must have passed Check; isObject is false when it holds another
// kind of value.
func Split(data []byte) (members []Member, isObject bool) {
	s := scanner{data: data}
	s.space()
	if s.data[s.pos] != '{' {
		return nil, false
	}
	for s.next('}') {
		m := Member{Key: s.text()}
		m.Name = Text(m.Key)
		s.space()
		s.pos++ // the colon
		s.space()
		from := s.pos
		s.skip()
		m.Value = data[from:s.pos]
		members = append(members, m)
	}
	return members, true
}

// Value is the bytes of a member's value, nil without such a member.
func Value(members []Member, name string) []byte {
	for _, m := range members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Join writes an object of the members' bytes.
func Join(members []Member) []byte {
	size := 2
	for _, m := range members {
		size += len(m.Key) + len(m.Value) + 2
	}
	out := append(make([]byte, 0, size), '{')
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, m.Key...), ':'), m.Value...)
	}
	return append(out, '}')
}

// Text decodes a text that Check has accepted, with its quotation marks.
func Text(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	_ = json.Unmarshal(quoted, &text)
	return text
}

// Numbers gives every number in data, as it is written.
func Numbers(data []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s := (scanner{data: data}); ; {
			s.space()
			if s.pos >= len(data) {
				return
			}
			switch c := s.data[s.pos]; {
			case c == '"':
				s.text()
			case c == '-' || '0' <= c && c <= '9':
				from := s.pos
				s.scalar()
				if !yield(string(data[from:s.pos])) {
					return
				}
			default:
				s.pos++
			}
		}
	}
}

// scanner walks over JSON that Check has accepted, so it trusts the grammar.
type scanner struct {
	data []byte
	pos  int
}

// next moves past the opening bracket or a comma and says whether an element follows; it moves past
// the closing bracket otherwise.
func (s *scanner) next(end byte) bool {
	s.space()
	if s.data[s.pos] == end {
		s.pos++
		return false
	}
	s.pos++
	s.space()
	if s.data[s.pos] == end {
		s.pos++
		return false
	}
	return true
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

func (s *scanner) text() []byte {
	from := s.pos
	for s.pos++; s.data[s.pos] != '"'; s.pos++ {
		if s.data[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
	return s.data[from:s.pos]
}

func (s *scanner) scalar() {
	for s.pos < len(s.data) && !bytes.ContainsRune([]byte(",]} \t\r\n"), rune(s.data[s.pos])) {
		s.pos++
	}
}

func (s *scanner) space() {
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\t' || s.data[s.pos] == '\n' || s.data[s.pos] == '\r') {
		s.pos++
	}
}
