package programme

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"unicode/utf8"
)

// Whatever the bytes: no panic, problems that can be shown, and a programme that is stored and read back as the same one.
func FuzzParse(f *testing.F) {
	if data, err := os.ReadFile("../../cmd/insignia/sample/programme.yaml"); err == nil {
		f.Add(data)
	}
	for _, seed := range []string{
		"", "null", "[]", "{}", "issuer:\n\tid: x", "a: &a [*a]", "--- a\n--- b\n", "\xff\xfe", "? [a]\n: b", "{\"issuer\": {\"id\": \"\\ud83d\\ude00\\/\"}}",
		someIssuer + examples, someIssuer + before, someIssuer + current,
		"issuer: {id: i, name: {en: A, es: B}, languages: [en, es]}\nexams: [{code: \"a\\u2028b\", name: \"\\x85\", aliases: [~]}]",
		someIssuer + "exams: [{code: 1e3, name: |\n  two\n  lines\n}]",
		someIssuer + "certifications: [{code: c, name: C, requires: {at_least: {n: 1, of: [{certification: c}]}}}]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(bytes.NewReader(data), "f")
		if err != nil {
			var all *Problems
			if !errors.As(err, &all) || len(all.All) == 0 || p != nil {
				t.Fatalf("got %v and %T, want Problems and nothing else", p, err)
			}
			return
		}
		stored, err := json.Marshal(p)
		if err != nil || !utf8.Valid(stored) {
			t.Fatalf("%q does not marshal: %v", data, err)
		}
		back, err := Parse(bytes.NewReader(stored), "stored")
		if err != nil {
			t.Fatalf("%q was stored as %s and refused:\n%v", data, stored, err)
		}
		if !back.Equal(p) {
			t.Fatalf("%q was stored as %s and came back different", data, stored)
		}
		if again, plan, err := Merge(p, back); err != nil || !plan.Empty() || !again.Equal(p) {
			t.Fatalf("%s applied once more: %+v, %v", stored, plan, err)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2024-02-29", "0000-00-00", "9999-12-31", "2024-2-9", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDate(s); err == nil && d.String() != s {
			t.Fatalf("%q was read as %s", s, d)
		}
	})
}
