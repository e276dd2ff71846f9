package programme

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func exam(code string) Requirement              { return Requirement{Exam: code} }
func all(of ...Requirement) Requirement         { return Requirement{All: of} }
func anyOf(of ...Requirement) Requirement       { return Requirement{Any: of} }
func certified(code string) Requirement         { return Requirement{Certification: code} }
func some(n int, of ...Requirement) Requirement { return Requirement{AtLeast: &AtLeast{n, of}} }

func among(codes string) func(Subject) bool {
	return func(s Subject) bool { return slices.Contains(strings.Fields(codes), s.Code) }
}

func TestConvert(t *testing.T) {
	for want, r := range map[string]Requirement{
		"E1": exam("E1"), "c1": certified("c1"), "all(E1 c1)": all(exam("E1"), certified("c1")), "all(E1)": all(exam("E1")),
		"any(E1 all(E2 E3))": anyOf(exam("E1"), all(exam("E2"), exam("E3"))), "2(E1 E2)": some(2, exam("E1"), exam("E2")), "all()": {},
	} {
		got := Convert(r, func(s Subject) string { return s.Code }, func(all, any []string, n int, of []string) string {
			switch {
			case of != nil:
				return fmt.Sprint(n, "(", strings.Join(of, " "), ")")
			case any != nil:
				return "any(" + strings.Join(any, " ") + ")"
			}
			return "all(" + strings.Join(all, " ") + ")"
		})
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMissing(t *testing.T) {
	a, b, c, d, e := exam("A"), exam("B"), exam("C"), exam("D"), certified("e")
	for _, test := range []struct {
		r            Requirement
		have, closed string
		want         string // nothing: satisfied
	}{
		{a, "", "", "A"},
		{a, "A", "", ""},
		{all(a, b, e), "A", "", "(B and e)"},
		{all(a, b), "A", "", "B"},
		{anyOf(a, b), "", "", "(A or B)"},
		{anyOf(a, b), "", "A", "B"},
		{anyOf(a, b), "", "A B", "(A or B)"},
		{anyOf(all(a, b), all(c, d)), "A C", "", "(B or D)"},
		{anyOf(all(a, b), all(c, d)), "A", "C", "B"},
		{anyOf(all(a, b), all(c, d)), "A", "A C", "B"}, // passed before it was retired
		{all(a, all(b, all(c, d))), "C", "", "(A and B and D)"},
		{anyOf(a, anyOf(b, anyOf(c))), "", "", "(A or B or C)"},
		{all(anyOf(a, b), anyOf(a, c)), "", "", "((A or B) and (A or C))"},
		{all(all(a, b), all(b, c)), "A", "", "(B and C)"},
		{all(anyOf(a, b), c), "", "A", "(B and C)"},
		{some(3, a, b, c, d), "", "", "3 of (A B C D)"},
		{some(3, a, b, c, d), "A", "", "2 of (B C D)"},
		{some(3, a, b, c, d), "A B", "", "(C or D)"},
		{some(3, a, b, c, d), "A", "B", "(C and D)"},
		{some(3, a, b, c, d), "A", "B C", "2 of (B C D)"},
		{some(3, a, b, c, d), "A B D", "", ""},
		{some(2, all(a, b), all(a, c), d), "A", "", "2 of (B C D)"},
		{some(1, a, b), "", "", "(A or B)"},
		{some(2, a, b), "", "", "(A and B)"},
		{all(some(2, a, b, c), e), "A", "", "((B or C) and e)"},
	} {
		got := ""
		if rest := test.r.Missing(among(test.have), func(s Subject) bool { return !among(test.closed)(s) }); rest != nil {
			got = spoken(*rest)
		}
		if got != test.want {
			t.Errorf("%s with %q, without %q: got %q, want %q", spoken(test.r), test.have, test.closed, got, test.want)
		}
	}
	if got := spoken(*anyOf(a, b).Missing(among(""), nil)); got != "(A or B)" {
		t.Errorf("with everything open: got %q", got)
	}
}

// Two requirements are equal where they are written alike.
func TestRequirementEqual(t *testing.T) {
	a, b := exam("A"), exam("B")
	trees := []Requirement{
		a, b, certified("A"), all(a, b), all(b, a), all(a), anyOf(a, b), anyOf(a), some(1, a, b), some(2, a, b), some(1, a), some(1, b, a),
		all(a, some(1, a, b)), all(a, some(1, b, a)), all(a, anyOf(a, b)),
	}
	for i, r := range trees {
		for j, s := range trees {
			if got := r.Equal(s); got != (i == j) {
				t.Errorf("%s and %s: got %v, want %v", spoken(r), spoken(s), got, i == j)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	r := all(exam("A"), some(1, certified("A"), anyOf(exam("B"), exam("A"))))
	want := []Subject{{KindExam, "A"}, {KindCertification, "A"}, {KindExam, "B"}}
	if diff := cmp.Diff(want, r.Named()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEmptyRequirementIsNotMet(t *testing.T) {
	everything := func(Subject) bool { return true }
	for _, r := range []Requirement{{}, {All: []Requirement{}}, {Any: []Requirement{}}, {AtLeast: &AtLeast{}}} {
		if r.satisfied(everything) {
			t.Errorf("%+v is satisfied", r)
		}
	}
}

// trees are requirements over the exams A to E.
func trees(depth int) *rapid.Generator[Requirement] {
	return rapid.Custom(func(t *rapid.T) Requirement {
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		if kind == 0 || depth == 0 {
			return exam(rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}).Draw(t, "exam"))
		}
		of := rapid.SliceOfN(trees(depth-1), 1, 4).Draw(t, "of")
		switch kind {
		case 1:
			return all(of...)
		case 2:
			return anyOf(of...)
		}
		return some(rapid.IntRange(1, len(of)).Draw(t, "n"), of...)
	})
}

// With what is missing, and with nothing less, the requirement is met.
func TestMissingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := trees(3).Draw(t, "r")
		codes := rapid.SliceOf(rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}))
		have, more := strings.Join(codes.Draw(t, "have"), " "), strings.Join(codes.Draw(t, "more"), " ")
		open := strings.Join(codes.Draw(t, "open"), " ")
		rest := r.Missing(among(have), among(open))
		if (rest == nil) != r.satisfied(among(have)) {
			t.Fatalf("%s with %q: rest %v", spoken(r), have, rest)
		}
		if rest == nil {
			return
		}
		if whole := r.Missing(among(have), nil); r.satisfied(among(have+" "+more)) != whole.satisfied(among(more)) {
			t.Fatalf("%s with %q lacks %s; %q tells them apart", spoken(r), have, spoken(*whole), more)
		}
		if rest.satisfied(among(more)) && !r.satisfied(among(have+" "+more)) {
			t.Fatalf("%s with %q: %q meets the rest %s and not the whole", spoken(r), have, more, spoken(*rest))
		}
		var back Requirement
		if data, err := json.Marshal(rest); err != nil || json.Unmarshal(data, &back) != nil || !back.Equal(*rest) {
			t.Fatalf("%s came back as %s", spoken(*rest), spoken(back))
		}
	})
}
