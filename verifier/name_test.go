package verifier

import "testing"

func TestCompareNames(t *testing.T) {
	for _, c := range []struct {
		written, typed string
		want           nameMatch
	}{
		{"Ana Ruiz", " ana  RUIZ ", nameSame},
		{"Ana Ru\u00edz", "Ana Rui\u0301z", nameSame},
		{"Ana Ruiz", "Ana Ruíz", nameSimilar},
		{"Ana Ruiz", "Ruiz, Ana", nameSimilar},
		{"Ana Ruiz", "Ana María Ruiz", nameSimilar},
		{"Jean-Luc Sørensen", "Sorensen Jean Luc", nameSimilar},
		{"Chloé", "chloe", nameSimilar},
		{"Ana Ruiz", "Ana", nameDifferent},
		{"Ana Ruiz", "Ana Ruizo", nameDifferent},
		{"Ana Ana", "Ana Ruiz", nameDifferent},
		{"Ana Ruiz", "Ben Okafor", nameDifferent},
		{"", "Ana", nameUnsaid},
		{"Ana", " ", nameUnsaid},
	} {
		if got := compareNames(c.written, c.typed); got != c.want {
			t.Errorf("%q, %q: got %d, want %d", c.written, c.typed, got, c.want)
		}
		if got := compareNames(c.typed, c.written); got != c.want {
			t.Errorf("%q, %q: got %d, want %d", c.typed, c.written, got, c.want)
		}
	}
}

func TestSameDocument(t *testing.T) {
	class := map[string]any{"id": "https://a.example/c", "name": "C"}
	a := map[string]any{"@context": "x", "badge": class, "type": []any{"Assertion"}, "n": 1.0}
	if !sameDocument(a, map[string]any{"@context": "y", "badge": "https://a.example/c", "type": "Assertion", "n": 1.0}) {
		t.Error("spelling")
	}
	for _, b := range []map[string]any{{"badge": "https://a.example/d", "type": "Assertion", "n": 1.0}, {"badge": class, "type": "Assertion"}, {"badge": class, "type": "Assertion", "n": 1.0, "evidence": "z"}} {
		if sameDocument(a, b) {
			t.Error(b)
		}
	}
}
