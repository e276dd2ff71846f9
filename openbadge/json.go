package openbadge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may be nested in a document that UnmarshalStrict reads.
// The deepest credential of the official test material needs less than 20.
const MaxDepth = 64

// ErrJSON is wrapped by every error about bytes that are not one strict JSON value.
var ErrJSON = errors.New("not strict JSON")

// UnmarshalStrict decodes one JSON value into v and refuses what readers disagree about: a member
// name that occurs twice in an object (also when one of them is written with escapes), invalid
// UTF-8, half a surrogate pair, nesting deeper than MaxDepth, anything after the value. Numbers that land in an any keep
// their text as json.Number. Decode foreign documents into maps: encoding/json ignores the case of
// names when it fills a struct. Errors wrap ErrJSON.
func UnmarshalStrict(data []byte, v any) error {
	if err := checkStrict(data); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	return nil
}

func checkStrict(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("invalid UTF-8")
	}
	if !json.Valid(data) {
		return errors.New("malformed")
	}
	if halfCharacter(data) {
		return errors.New("half of a surrogate pair")
	}
	s := scanner{data: data}
	return s.value(0)
}

// scanner walks over JSON that json.Valid has accepted, so it trusts the grammar and only looks for
// repeated names and depth.
type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) value(depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	s.space()
	switch s.data[s.pos] {
	case '{':
		return s.object(depth)
	case '[':
		return s.array(depth)
	case '"':
		s.text()
	default:
		s.scalar()
	}
	return nil
}

func (s *scanner) object(depth int) error {
	seen := map[string]bool{}
	for s.next('}') {
		name := s.name()
		if seen[name] {
			return fmt.Errorf("member %.40q occurs twice", name)
		}
		seen[name] = true
		s.space()
		s.pos++ // the colon
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) array(depth int) error {
	for s.next(']') {
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
	return nil
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

func (s *scanner) name() string {
	raw := s.text()
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var name string
	_ = json.Unmarshal(raw, &name) // valid: json.Valid has seen it
	return name
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

// marshal writes v as JSON without escaping <, > and & and without a line end: a signed document is
// no HTML, and its bytes are kept as made.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
