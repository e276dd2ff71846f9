package rdf

import (
	"crypto"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustParse(t testing.TB, text string) []Quad {
	t.Helper()
	quads, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return quads
}

func mustCanonicalize(t interface {
	Helper()
	Fatal(...any)
}, quads []Quad, o Options) *Canonical {
	t.Helper()
	c, err := Canonicalize(quads, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The example of RDFC-1.0 §4.6: two nodes told apart by what is said of them.
func TestCanonicalize(t *testing.T) {
	quads := mustParse(t, `<http://example.com/#p> <http://example.com/#q> _:e0 .
<http://example.com/#p> <http://example.com/#r> _:e1 .
_:e0 <http://example.com/#s> <http://example.com/#u> .
_:e1 <http://example.com/#t> <http://example.com/#u> .
_:e1 <http://example.com/#t> <http://example.com/#u> .`)
	c := mustCanonicalize(t, quads, Options{})
	want := `<http://example.com/#p> <http://example.com/#q> _:c14n0 .
<http://example.com/#p> <http://example.com/#r> _:c14n1 .
_:c14n0 <http://example.com/#s> <http://example.com/#u> .
_:c14n1 <http://example.com/#t> <http://example.com/#u> .
`
	if got := string(c.Text()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if diff := cmp.Diff(map[string]string{"e0": "c14n0", "e1": "c14n1"}, c.Labels); diff != "" {
		t.Error(diff)
	}
}

func TestCanonicalizeNothing(t *testing.T) {
	c := mustCanonicalize(t, nil, Options{})
	if len(c.Lines) != 0 || len(c.Text()) != 0 || len(c.Labels) != 0 {
		t.Errorf("got %v, want nothing", c)
	}
}

// Repetitions and the two ways to give a datatype make no difference, also for the hashes.
func TestRepetition(t *testing.T) {
	q := Quad{Subject: blank(0), Predicate: iri("urn:p"), Object: Term{Kind: Literal, Value: "x"}}
	explicit := q
	explicit.Object.Datatype = XSDString
	tagged := q
	tagged.Object.Language = "en"
	explicitTag := tagged
	explicitTag.Object.Datatype = RDFLangString
	other := Quad{Subject: blank(1), Predicate: iri("urn:p"), Object: Term{Kind: Literal, Value: "y"}}
	once := mustCanonicalize(t, []Quad{q, tagged, other}, Options{})
	twice := mustCanonicalize(t, []Quad{explicit, other, q, tagged, explicitTag, other}, Options{})
	if diff := cmp.Diff(once, twice); diff != "" {
		t.Error(diff)
	}
}

// What N-Quads can carry, by the productions of its grammar.
func TestTermValid(t *testing.T) {
	// PN_CHARS_BASE, PN_CHARS_U and PN_CHARS
	const base = `A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}` +
		`\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}`
	const start = base + `_:`
	const chars = start + `0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}-`
	label := regexp.MustCompile(`^[` + start + `0-9](?:[` + chars + `.]*[` + chars + `])?$`)
	language := regexp.MustCompile(`^[a-zA-Z]+(?:-[a-zA-Z0-9]+)*$`)
	address := regexp.MustCompile("^[A-Za-z][A-Za-z0-9+.-]*:[^\\x00-\\x20<>\"{}|^`\\\\]*$") // IRIREF, of an absolute IRI
	check := func(term Term, want bool) {
		if got := term.Valid(); got != want {
			t.Errorf("%+v: got %v, want %v", term, got, want)
		}
	}
	for r := range utf8.MaxRune + 1 {
		if !utf8.ValidRune(r) || 0x10100 < r && r < 0xEFF00 {
			continue
		}
		for _, form := range []string{"%c", "a%c", "a%cb"} {
			s := fmt.Sprintf(form, r)
			check(Term{Kind: Blank, Value: s}, label.MatchString(s))
			if r < 0x400 {
				check(Term{Kind: Literal, Language: s}, language.MatchString(s))
				check(Term{Kind: Literal, Language: "en-" + s}, language.MatchString("en-"+s))
				check(iri(s+":x"), address.MatchString(s+":x"))
				check(iri("x:"+s), address.MatchString("x:"+s))
			}
		}
	}
	for _, term := range []Term{
		{Value: "x"}, {Kind: IRI}, {Kind: IRI, Value: ":x"}, {Kind: IRI, Value: "x:\xff"}, {Kind: IRI, Value: "a:b", Datatype: XSDString}, {Kind: IRI, Value: "a:b", Language: "en"},
		{Kind: Blank}, {Kind: Blank, Value: "a."}, {Kind: Blank, Value: "a\xff"}, {Kind: Blank, Value: "a", Datatype: XSDString}, {Kind: Blank, Value: "a", Language: "en"},
		{Kind: Literal, Value: "\xff"}, {Kind: Literal, Datatype: "x"}, {Kind: Literal, Datatype: RDFLangString}, {Kind: Literal, Language: "en", Datatype: XSDString},
		{Kind: Literal, Language: "en-"}, {Kind: 99},
	} {
		check(term, false)
	}
	for _, term := range []Term{{}, iri("x:"), blank(1), {Kind: Blank, Value: "a..b"}, {Kind: Literal}, {Kind: Literal, Datatype: XSDString}, {Kind: Literal, Language: "en", Datatype: RDFLangString}} {
		check(term, true)
	}
}

func TestCanonicalizeRefuses(t *testing.T) {
	good := Quad{Subject: iri("urn:s"), Predicate: iri("urn:p"), Object: iri("urn:o")}
	literal := Term{Kind: Literal, Value: "x"}
	change := func(f func(q *Quad)) []Quad {
		q := good
		f(&q)
		return []Quad{good, q}
	}
	for name, quads := range map[string][]Quad{
		"no subject":         change(func(q *Quad) { q.Subject = Term{} }),
		"literal subject":    change(func(q *Quad) { q.Subject = literal }),
		"blank predicate":    change(func(q *Quad) { q.Predicate = blank(0) }),
		"no predicate":       change(func(q *Quad) { q.Predicate = Term{} }),
		"no object":          change(func(q *Quad) { q.Object = Term{} }),
		"literal graph":      change(func(q *Quad) { q.Graph = literal }),
		"line in an IRI":     change(func(q *Quad) { q.Object.Value = "urn:o> .\n<urn:s> <urn:p> <urn:x" }),
		"invalid UTF-8 IRI":  change(func(q *Quad) { q.Object.Value = "urn:\xC3" }),
		"relative IRI":       change(func(q *Quad) { q.Graph = iri("g") }),
		"IRI with datatype":  change(func(q *Quad) { q.Object.Datatype = "urn:d" }),
		"blank language":     change(func(q *Quad) { q.Object = Term{Kind: Blank, Value: "a", Language: "en"} }),
		"empty label":        change(func(q *Quad) { q.Object = Term{Kind: Blank} }),
		"line in a label":    change(func(q *Quad) { q.Object = Term{Kind: Blank, Value: "a .\n_:b"} }),
		"half a label":       change(func(q *Quad) { q.Object = Term{Kind: Blank, Value: "a\xC3"} }),
		"invalid UTF-8":      change(func(q *Quad) { q.Object = Term{Kind: Literal, Value: "\xFF"} }),
		"bad datatype":       change(func(q *Quad) { q.Object = Term{Kind: Literal, Datatype: "a b"} }),
		"bad language":       change(func(q *Quad) { q.Object = Term{Kind: Literal, Language: "en_GB"} }),
		"language, datatype": change(func(q *Quad) { q.Object = Term{Kind: Literal, Language: "en", Datatype: "urn:d"} }),
		"langString alone":   change(func(q *Quad) { q.Object = Term{Kind: Literal, Datatype: RDFLangString} }),
		"unknown kind":       change(func(q *Quad) { q.Object = Term{Kind: 9, Value: "x"} }),
		"none with a value":  change(func(q *Quad) { q.Graph = Term{Value: "x"} }),
	} {
		if _, err := Canonicalize(quads, Options{}); !errors.Is(err, ErrTerm) {
			t.Errorf("%s: got %v, want ErrTerm", name, err)
		}
		if _, err := Sorted(quads, nil); !errors.Is(err, ErrTerm) {
			t.Errorf("%s: Sorted gives %v, want ErrTerm", name, err)
		}
	}
	if _, err := Canonicalize([]Quad{good}, Options{Hash: crypto.SHA1}); !errors.Is(err, ErrHash) {
		t.Errorf("got %v, want ErrHash", err)
	}
	if _, err := Canonicalize(make([]Quad, maxQuads+1), Options{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if _, err := Canonicalize(cycle(3, 1), Options{Work: 5}); !errors.Is(err, ErrWork) {
		t.Errorf("got %v, want ErrWork", err)
	}
}

// Wherever the limit of work falls, the answer is ErrWork or the right form.
func TestEveryLimit(t *testing.T) {
	quads := slices.Concat(cycle(5, 1), star(4))
	want := mustCanonicalize(t, quads, Options{})
	for work, done := 1, false; !done; work++ {
		c, err := Canonicalize(quads, Options{Work: work})
		if done = err == nil; done && !slices.Equal(c.Lines, want.Lines) || !done && !errors.Is(err, ErrWork) {
			t.Errorf("work %d: got %v, %v", work, c, err)
		}
		if work > defaultWork {
			t.Fatal("never done")
		}
	}
}

func TestSorted(t *testing.T) {
	quads := mustParse(t, `_:b <urn:p> _:a _:g .
_:a <urn:p> "_:b" .
_:a <urn:p> "_:b" .`)
	got, err := Sorted(quads, map[string]string{"a": "z1", "b": "z0"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"_:z0 <urn:p> _:z1 _:g .\n", "_:z1 <urn:p> \"_:b\" .\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Sorted(quads, map[string]string{"a": "x y"}); !errors.Is(err, ErrTerm) {
		t.Errorf("got %v, want ErrTerm", err)
	}
}

// dataset draws small graphs with few words, so that many nodes look alike.
func dataset(t *rapid.T) []Quad {
	node := rapid.Custom(func(t *rapid.T) Term {
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			return iri(rapid.SampledFrom([]string{"urn:a", "urn:b"}).Draw(t, "iri"))
		}
		return blank(rapid.IntRange(0, 5).Draw(t, "node"))
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Quad {
		q := Quad{Subject: node.Draw(t, "subject"), Predicate: iri(rapid.SampledFrom([]string{"urn:p", "urn:q"}).Draw(t, "predicate")), Object: node.Draw(t, "object")}
		switch rapid.IntRange(0, 9).Draw(t, "form") {
		case 0:
			q.Object = Term{Kind: Literal, Value: rapid.String().Draw(t, "text")}
		case 1:
			q.Graph = node.Draw(t, "graph")
		}
		return q
	}), 0, 14).Draw(t, "quads")
}

// Other labels, another order and repetitions never change the form, and the form is its own form.
func TestFormIsIndependentOfLabelsAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quads := dataset(t)
		o := Options{Hash: rapid.SampledFrom([]crypto.Hash{0, crypto.SHA256, crypto.SHA384}).Draw(t, "hash")}
		c := mustCanonicalize(t, quads, o)
		labels := rapid.Permutation([]string{"x", "e0", "b1", "c14n0", "e5", "_"}).Draw(t, "labels")
		renamed := slices.Clone(quads)
		for i := range renamed {
			for _, term := range []*Term{&renamed[i].Subject, &renamed[i].Object, &renamed[i].Graph} {
				if term.Kind == Blank {
					term.Value = labels[term.Value[1]-'0']
				}
			}
		}
		if len(renamed) > 0 {
			renamed = append(renamed, renamed[rapid.IntRange(0, len(renamed)-1).Draw(t, "repeated")])
		}
		shuffled := rapid.Permutation(renamed).Draw(t, "order")
		other := mustCanonicalize(t, shuffled, o)
		if !slices.Equal(c.Lines, other.Lines) {
			t.Fatalf("got\n%s\nwant\n%s", other.Text(), c.Text())
		}
		if lines, err := Sorted(quads, c.Labels); err != nil || !slices.Equal(lines, c.Lines) {
			t.Fatalf("the labels give %v, %v", lines, err)
		}
		again, err := Parse(c.Text())
		if err != nil {
			t.Fatal(err)
		}
		if c2 := mustCanonicalize(t, again, o); !slices.Equal(c2.Lines, c.Lines) {
			t.Fatalf("the form of the form is\n%s", c2.Text())
		}
		if got := slices.Sorted(maps.Values(c.Labels)); !slices.Equal(got, wantLabels(len(got))) {
			t.Fatalf("labels %v", got)
		}
	})
}

func wantLabels(n int) []string {
	var labels []string
	for i := range n {
		labels = append(labels, fmt.Sprint("c14n", i))
	}
	slices.Sort(labels)
	return labels
}

// Datasets that differ have different forms: with a change of one statement that adds or takes away
// something, the number of lines or their text changes.
func TestFormTellsDatasetsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quads := dataset(t)
		if len(quads) == 0 {
			return
		}
		c := mustCanonicalize(t, quads, Options{})
		i := rapid.IntRange(0, len(quads)-1).Draw(t, "changed")
		changed := slices.Clone(quads)
		changed[i].Predicate.Value += "x"
		if other := mustCanonicalize(t, changed, Options{}); slices.Equal(other.Lines, c.Lines) {
			t.Fatalf("the same form for\n%v\n%v", quads, changed)
		}
	})
}

// A large dataset without riddles takes time in proportion.
func TestLargeDataset(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "_:n%d <urn:p> \"%d\" .\n_:n%d <urn:next> _:n%d .\n", i, i, i, (i+1)%20_000)
	}
	quads := mustParse(t, b.String())
	from := time.Now()
	c := mustCanonicalize(t, quads, Options{})
	if took := time.Since(from); len(c.Lines) != 40_000 || took > 5*time.Second {
		t.Errorf("%d lines in %v", len(c.Lines), took)
	}
}
