package jsonld

import (
	"strings"
	"testing"
)

// What strict means, the tests of strictjson say.
func TestDecode(t *testing.T) {
	for _, text := range []string{`{`, `{"a":1,"a":1}`, `"\ud800"`, "\"\xff\"", `{}{}`} {
		v, err := Decode([]byte(text))
		if wantKind(t, text, err, Malformed); v != nil {
			t.Errorf("%s: got %v beside an error", text, v)
		}
	}
	for name, text := range map[string]string{
		"long":    `"` + strings.Repeat("x", MaxBytes) + `"`,
		"arrays":  strings.Repeat("[", MaxDepth+2) + strings.Repeat("]", MaxDepth+2),
		"objects": strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"many":    "[" + strings.Repeat("1,", MaxValues) + "1]",
	} {
		_, err := Decode([]byte(text))
		wantKind(t, name, err, TooLarge)
	}
	for name, text := range map[string]string{
		"longest": `"` + strings.Repeat("x", MaxBytes-2) + `"`,
		"deepest": strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"most":    "[" + strings.Repeat("1,", MaxValues-2) + "1]",
	} {
		if _, err := Decode([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
