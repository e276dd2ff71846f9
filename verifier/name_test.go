package verifier

import "testing"

func TestCompareNames(t *testing.T) {
	for _, c := range []struct {
		written, typed string
		want           NameMatch
	}{
		{"Ana Ruiz", " ana  RUIZ ", NameSame},
		{"Ana Ru\u00edz", "Ana Rui\u0301z", NameSame},
		{"Ana Ruiz", "Ana Ruíz", NameSimilar},
		{"Ana Ruiz", "Ruiz, Ana", NameSimilar},
		{"Ana Ruiz", "Ana María Ruiz", NameSimilar},
		{"Jean-Luc Sørensen", "Sorensen Jean Luc", NameSimilar},
		{"Chloé", "chloe", NameSimilar},
		{"Ana Ruiz", "Ana", NameDifferent},
		{"Ana Ruiz", "Ana Ruizo", NameDifferent},
		{"Ana Ana", "Ana Ruiz", NameDifferent},
		{"Ana Ruiz", "Ben Okafor", NameDifferent},
		{"", "Ana", NameUnsaid},
		{"Ana", " ", NameUnsaid},
	} {
		if got := CompareNames(c.written, c.typed); got != c.want {
			t.Errorf("%q, %q: got %d, want %d", c.written, c.typed, got, c.want)
		}
		if got := CompareNames(c.typed, c.written); got != c.want {
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
