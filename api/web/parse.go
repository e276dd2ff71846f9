package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// node is a JSON value as it stands, members in order.
type node struct {
	kind    string
	text    string // of strings, numbers and booleans
	members []member
	items   []*node // of an array
}

type member struct {
	name  string
	value *node
}

// Kinds of nodes, as people call them.
const (
	kindObject = "an object"
	kindArray  = "an array"
	kindString = "a string"
	kindNumber = "a number"
	kindBool   = "true or false"
	kindNull   = "null"
)

const (
	maxDepth   = 32
	maxMembers = 1000 // of the whole body; the largest wire type has a dozen
)

// parse reads one JSON value. Its error is a problem, which names the place where that helps.
func parse(body []byte) (*node, error) {
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return nil, Unreadable("The body begins with a byte order mark, which JSON does not have.")
	}
	if !utf8.Valid(body) {
		return nil, Unreadable("The body is not valid UTF-8.")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, Unreadable(place(body, err))
	}
	if strictjson.HalfSurrogate(body) {
		return nil, Unreadable("A string in the body has half of a surrogate pair.")
	}
	p := tree{Decoder: json.NewDecoder(bytes.NewReader(body)), left: maxMembers}
	p.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, Unreadable("The body is JSON, but " + err.Error() + ".")
	}
	return n, nil
}

// Unreadable is a request that is not what it says.
func Unreadable(detail string) *Problem {
	return NewProblem(CodeUnreadable, detail)
}

// place says where the body stops being JSON and why.
func place(body []byte, err error) string {
	before := body
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before = body[:min(int(syntax.Offset), len(body))]
	}
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("This is not JSON, line %d, column %d: %s.", line, column, err)
}

type tree struct {
	*json.Decoder
	left int
}

func (p *tree) value(depth int) (*node, error) {
	t, err := p.Token()
	if err != nil {
		return nil, err
	}
	switch v := t.(type) {
	case json.Delim:
		if depth == maxDepth {
			return nil, errors.New("its values are nested too deep")
		}
		if v == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case string:
		return &node{kind: kindString, text: v}, nil
	case json.Number:
		return &node{kind: kindNumber, text: v.String()}, nil
	case bool:
		return &node{kind: kindBool, text: fmt.Sprint(v)}, nil
	}
	return &node{kind: kindNull}, nil
}

func (p *tree) object(depth int) (*node, error) {
	n := &node{kind: kindObject}
	for p.More() {
		if p.left--; p.left < 0 {
			return nil, errors.New("it has too many members")
		}
		name, err := p.Token()
		if err != nil {
			return nil, err
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		text, _ := name.(string) // Token gives nothing else here
		n.members = append(n.members, member{text, v})
	}
	_, err := p.Token()
	return n, err
}

// itemsKept is how much of an array is kept, more than any wire type may have.
const itemsKept = 1000

func (p *tree) array(depth int) (*node, error) {
	n := &node{kind: kindArray}
	for p.More() {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if len(n.items) < itemsKept {
			n.items = append(n.items, v)
		}
	}
	_, err := p.Token()
	return n, err
}
