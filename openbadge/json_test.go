package openbadge

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestUnmarshalStrict(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, c := range map[string]struct {
		data string
		ok   bool
	}{
		"object":                    {`{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`, true},
		"empty":                     {` { } `, true},
		"empty array":               {`{"a":[ ]}`, true},
		"scalars":                   {`[true , null,-1.5e3,"x"]`, true},
		"quote in name":             {`{"a\"":1,"a\\":2,"a":3}`, true},
		"same name elsewhere":       {`{"a":{"b":1},"b":{"b":1}}`, true},
		"names in other case":       {`{"a":1,"A":2}`, true},
		"depth at limit":            {nested(MaxDepth), true},
		"twice":                     {`{"a":1,"a":1}`, false},
		"twice by escape":           {`{"alg":1,"\u0061lg":2}`, false},
		"twice by broken surrogate": {`{"\ud800":1,"\ufffd":2}`, false},
		"twice inside":              {`[{"x":{"a":1,"b":2,"a":3}}]`, false},
		"too deep":                  {nested(MaxDepth + 2), false},
		"too deep objects":          {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), false},
		"trailing":                  {`{} {}`, false},
		"trailing comma":            {`{"a":1,}`, false},
		"nothing":                   {``, false},
		"invalid UTF-8":             {"{\"a\":\"\xff\"}", false},
		"byte order mark":           {"\ufeff{}", false},
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			err := UnmarshalStrict([]byte(c.data), &v)
			if (err == nil) != c.ok {
				t.Fatalf("got error %v, want success %v", err, c.ok)
			}
			if err != nil && !errors.Is(err, ErrJSON) {
				t.Errorf("error %v does not wrap ErrJSON", err)
			}
		})
	}
}

func TestUnmarshalStrictKeepsNumbers(t *testing.T) {
	var v any
	if err := UnmarshalStrict([]byte(`12345678901234567890`), &v); err != nil {
		t.Fatal(err)
	}
	if v != json.Number("12345678901234567890") {
		t.Errorf("got %v, want the digits as written", v)
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
