package rdf

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	s, p, o := iri("urn:s"), iri("urn:p"), iri("urn:o")
	text := func(v string) Term { return Term{Kind: Literal, Value: v} }
	for line, want := range map[string][]Quad{
		"":                             nil,
		" \t# a comment\r\n\n":         nil,
		"<urn:s> <urn:p> <urn:o> .":    {{Subject: s, Predicate: p, Object: o}},
		"<urn:s><urn:p><urn:o>.#end\n": {{Subject: s, Predicate: p, Object: o}},
		"\t_:a\t<urn:p>\t_:a-1.b.\r\n": {{Subject: Term{Kind: Blank, Value: "a"}, Predicate: p, Object: Term{Kind: Blank, Value: "a-1.b"}}},
		"_:1:é <urn:p> _:_ _:g . # x":  {{Subject: Term{Kind: Blank, Value: "1:é"}, Predicate: p, Object: Term{Kind: Blank, Value: "_"}, Graph: Term{Kind: Blank, Value: "g"}}},
		`<urn:s> <urn:p> "x" <urn:o> .` + "\n" + `<urn:s> <urn:p> "x" <urn:o> .`: {{s, p, text("x"), o}, {s, p, text("x"), o}},
		`<urn:s> <urn:p> "\t\b\n\r\f\"\'\\\u00e9\U0001F600 #." .`:                {{Subject: s, Predicate: p, Object: text("\t\b\n\r\f\"'\\é😀 #.")}},
		`<urn:s> <urn:p> "x"@en-GB-1 .`:                                          {{Subject: s, Predicate: p, Object: Term{Kind: Literal, Value: "x", Language: "en-GB-1"}}},
		`<urn:s> <urn:p> "x"@en.`:                                                {{Subject: s, Predicate: p, Object: Term{Kind: Literal, Value: "x", Language: "en"}}},
		`<urn:s> <urn:p> "1"^^<urn:d> <urn:o>.`:                                  {{s, p, Term{Kind: Literal, Value: "1", Datatype: "urn:d"}, o}},
		`<urn:s> <urn:p> "1"^^<` + XSDString + `> .`:                             {{Subject: s, Predicate: p, Object: text("1")}},
		`<urn:\u00E9> <urn:p> "\uFFFD" .`:                                        {{Subject: iri("urn:é"), Predicate: p, Object: text("\uFFFD")}},
	} {
		got, err := Parse([]byte(line))
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{
		"<urn:s> <urn:p> <urn:o>", "<urn:s> <urn:p> .", "<urn:s> .", ".", "x", "<urn:s> <urn:p> <urn:o> . x", "<urn:s> <urn:p> <urn:o> <urn:g> <urn:h> .",
		"<urn:s> <urn:p> <urn:o> . <urn:s> <urn:p> <urn:o> .",
		"<s> <urn:p> <urn:o> .", "<urn:s <urn:p> <urn:o> .", "<urn:a b> <urn:p> <urn:o> .", `<urn:\u0020> <urn:p> <urn:o> .`, `<urn:\n> <urn:p> <urn:o> .`,
		`<urn:\u003e> <urn:p> <urn:o> .`, "<urn:{> <urn:p> <urn:o> .", "<urn:s> _:p <urn:o> .", `"s" <urn:p> <urn:o> .`, `<urn:s> "p" <urn:o> .`, `<urn:s> <urn:p> <urn:o> "g" .`,
		"_: <urn:p> <urn:o> .", "_:-a <urn:p> <urn:o> .", "_:.a <urn:p> <urn:o> .", "_:a.. <urn:p> <urn:o> .", "_:a/b <urn:p> <urn:o> .", "1s:a <urn:p> <urn:o> .",
		`<urn:s> <urn:p> "x .`, `<urn:s> <urn:p> "x\" .`, `<urn:s> <urn:p> "\q" .`, `<urn:s> <urn:p> "\u12G4" .`, `<urn:s> <urn:p> "\u+123" .`, `<urn:s> <urn:p> "\u12" .`,
		`<urn:s> <urn:p> "\uD800" .`, `<urn:s> <urn:p> "\uD83D\uDE00" .`, `<urn:s> <urn:p> "\U00110000" .`, `<urn:s> <urn:p> "\U0000D800" .`, `<urn:s> <urn:p> "\`,
		`<urn:s> <urn:p> "x"@ .`, `<urn:s> <urn:p> "x"@e1 .`, `<urn:s> <urn:p> "x"@en- .`, `<urn:s> <urn:p> "x"@en--a .`, `<urn:s> <urn:p> "x"@en`, `<urn:s> <urn:p> "x"@.`,
		`<urn:s> <urn:p> "x"^^urn:d .`, `<urn:s> <urn:p> "x"^^<d> .`, `<urn:s> <urn:p> "x"^^<` + RDFLangString + `> .`, "<urn:s> <urn:p> \"a\nb\" .", "\xFF", "<urn:s> <urn:p> \"\xC3\" .",
		"\u00a0<urn:s> <urn:p> <urn:o> .", "<9urn:s> <urn:p> <urn:o> .", "<:s> <urn:p> <urn:o> .", "<> <urn:p> <urn:o> .",
	} {
		if got, err := Parse([]byte(line)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: got %v, %v, want ErrSyntax", line, got, err)
		}
	}
	if _, err := Parse([]byte(strings.Repeat("_:a <urn:p> _:a.\n", maxQuads+1))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if quads, err := Parse([]byte(strings.Repeat("_:a <urn:p> _:a.\n", maxQuads))); len(quads) != maxQuads || err != nil {
		t.Errorf("got %d quads, %v, want the most that are allowed", len(quads), err)
	}
}

// The escapes of the canonical form (RDFC-1.0 appendix A), which json-gold leaves out for control
// characters.
func TestCanonicalEscapes(t *testing.T) {
	for value, want := range map[string]string{
		"plain é 😀 \u0080 \uFFFD":  "plain é 😀 \u0080 \uFFFD",
		"\b\t\n\f\r\"\\":           `\b\t\n\f\r\"\\`,
		"\x00\x01\x07\x0b\x0e\x1f": `\u0000\u0001\u0007\u000B\u000E\u001F`,
		"a\x7fb":                   `a\u007Fb`,
		"\uFFFE\uFFFF":             `\uFFFE\uFFFF`,
		"'/":                       "'/",
	} {
		q := Quad{Subject: iri("urn:s"), Predicate: iri("urn:p"), Object: Term{Kind: Literal, Value: value}}
		if got, want := q.String(), `<urn:s> <urn:p> "`+want+"\" .\n"; got != want {
			t.Errorf("%q: got %s want %s", value, got, want)
		}
		back, err := Parse([]byte(q.String()))
		if err != nil || len(back) != 1 || back[0] != q {
			t.Errorf("%q: comes back as %v, %v", value, back, err)
		}
	}
}

func TestString(t *testing.T) {
	q := Quad{Subject: blank(0), Predicate: iri("urn:p"), Object: Term{Kind: Literal, Value: "x", Datatype: "urn:d"}, Graph: blank(1)}
	if got, want := q.String(), "_:e0 <urn:p> \"x\"^^<urn:d> _:e1 .\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	q.Object, q.Graph = Term{Kind: Literal, Value: "x", Language: "en", Datatype: RDFLangString}, iri("urn:g")
	if got, want := q.String(), "_:e0 <urn:p> \"x\"@en <urn:g> .\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}
