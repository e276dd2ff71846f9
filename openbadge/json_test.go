package openbadge

import (
	"errors"
	"strings"
	"testing"
)

// What strict means, the tests of strictjson say.
func TestUnmarshalStrict(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for text, want := range map[string]error{
		`{"a":1}`: nil, nested(MaxDepth + 1): nil,
		nested(MaxDepth + 2): ErrJSON, `{"a":1,"a":1}`: ErrJSON, `"\ud800"`: ErrJSON, "\"\xff\"": ErrJSON, `{} {}`: ErrJSON, `{`: ErrJSON, ``: ErrJSON,
	} {
		var v any
		if err := UnmarshalStrict([]byte(text), &v); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", text, err, want)
		}
	}
	var n int
	if err := UnmarshalStrict([]byte(`"x"`), &n); !errors.Is(err, ErrJSON) {
		t.Errorf("got %v, want ErrJSON for the wrong type", err)
	}
}

func TestProblemString(t *testing.T) {
	if got := (Problem{Code: BadValue, Property: "issuedOn"}).String(); got != "BAD_VALUE:issuedOn" {
		t.Errorf("got %s", got)
	}
	if got := (Problem{Code: "EXPIRED"}).String(); got != "EXPIRED" {
		t.Errorf("got %s", got)
	}
}
