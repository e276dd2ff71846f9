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
		{"Siobhan O'Neill", "Siobhan ONeill", nameSimilar},
		{"Siobhan O’Neill", "Siobhan O'Neill", nameSimilar},
		{"Siobhan Oʼneill", "Siobhan O'Neill", nameSimilar},
		{"John Paul 2", "John Paul 3", nameDifferent},
		{"ｊｏｈｎ Smith", "John Smith", nameSame},
		{"नीता देवी", "नता दव", nameDifferent}, // a mark that is a vowel
		{"Ana Ruiz", "A. Ruiz", namePartial},
		{"Ana Ruiz", "Ana", namePartial},
		{"Ana Ruiz", "Ruiz", namePartial},
		{"Ana Ruiz", "R., Ana", namePartial},
		{"Ana María Ruiz", "A. M. Ruiz", namePartial},
		{"Ana M. Ruiz", "A. María Ruiz", namePartial},
		{"Ángel Núñez", "A. Nunez", namePartial},
		{"王小明", "王", nameDifferent}, // a letter more or less is another name
		{"Ana Ruiz", "B. Ruiz", nameDifferent},
		{"Ana Ruiz", "A. R.", nameDifferent}, // initials alone are anybody's
		{"Ana Ruiz", "A", nameDifferent},
		{"Ana Ruiz", "An Ruiz", nameDifferent},
		{"Ana Ruiz", "A. A. Ruiz", namePartial},
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

// A telephone number has five to fifteen digits, however they are grouped.
func TestTelephone(t *testing.T) {
	for text, want := range map[string]string{
		"+34 600 12-34.56": "+34600123456", "tel:(0034) 600/123456": "0034600123456", "12345": "12345", "1234": "", "123456789012345": "123456789012345",
		"+123456789012345": "+123456789012345", "1234567890123456": "", "12345a": "", "ana@home.test": "", "++12345": "", "": "",
	} {
		if got, isPhone := telephone(text); got != want || isPhone != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, isPhone, want)
		}
	}
}
