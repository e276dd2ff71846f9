package programme

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const current = `
exams:
  - {code: A, name: A, aliases: [OLD]}
  - {code: B, name: B}
  - {code: GONE, name: Gone, retired: 2020-01-01}
certifications:
  - {code: c, name: C, valid_for: 12 months, requires: {all: [{exam: A}, {exam: B}]}}
  - {code: d, name: D, requires: {certification: c}}
`

func TestMerge(t *testing.T) {
	was := parse(t, current)
	file := parse(t, `
issuer: {id: test, name: Tested, url: https://test.example, email: b@test.example}
exams:
  - {code: N, name: New}
  - {code: A, name: A, retired: 2026-01-01, aliases: [OLD]}
  - {code: GONE, name: Back again}
certifications:
  - {code: c, name: C, retired: 2026-01-01, valid_for: 24 months, renewal_window: 90 days, requires: {all: [{exam: A}, {exam: N}]}}
`)
	next, plan, err := Merge(was, file)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Added: []Subject{{KindExam, "N"}},
		Changed: []Change{
			{Subject{KindExam, "GONE"}, []string{"name", "retired"}},
			{Subject{KindCertification, "c"}, []string{"retired", "valid_for", "renewal_window", "requires"}},
		},
		Retired: []Subject{{KindExam, "A"}, {KindCertification, "c"}},
		Kept:    []Subject{{KindExam, "B"}, {KindCertification, "d"}},
		Issuer:  []string{"name"},
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if plan.Empty() {
		t.Error("the plan is empty")
	}
	var codes []string
	for _, e := range next.Exams {
		codes = append(codes, e.Code)
	}
	for _, c := range next.Certifications {
		codes = append(codes, c.Code)
	}
	if got := strings.Join(codes, " "); got != "N A GONE B c d" {
		t.Errorf("got %s: first the file's, then what is kept", got)
	}
	if e, found := next.Exam("OLD"); !found || e.Retired != day("2026-01-01") {
		t.Errorf("OLD: got %+v, %v", e, found)
	}
	if len(was.Exams) != 3 || !was.Exams[0].Retired.IsZero() {
		t.Error("the current version was changed")
	}
	stored, err := json.Marshal(next)
	if err != nil {
		t.Fatal(err)
	}
	if back := parse(t, string(stored)); !back.Equal(next) {
		t.Errorf("%s came back different", stored)
	}
}

func TestMergeTheSameAgain(t *testing.T) {
	for name, p := range map[string]*Programme{"examples": parse(t, examples), "sample": sampleProgramme(t)} {
		first, plan, err := Merge(nil, p)
		if err != nil || !first.Equal(p) {
			t.Fatalf("%s: the first version is the file: %v", name, err)
		}
		if got, want := len(plan.Added), len(p.Exams)+len(p.Certifications); got != want || plan.Issuer != nil {
			t.Errorf("%s: %d added, want %d", name, got, want)
		}
		again, plan, err := Merge(first, p)
		if err != nil || !plan.Empty() || !again.Equal(first) {
			t.Errorf("%s: once more is no change: got %+v, %v", name, plan, err)
		}
	}
}

// Whatever member changes, the plan names it, and nothing else.
func TestMergeTellsEveryMember(t *testing.T) {
	items := map[string]map[string][2]string{ // each member, once like this and once like that
		"issuer": {
			"id": {"test", "other"}, "name": {"A", "B"}, "description": {"A", "B"}, "url": {"https://a.example", "https://b.example"},
			"email": {"a@b.example", "b@b.example"}, "image": {"a.png", "b.png"}, "linkedin": {"1", "2"}, "results_kept": {"12 months", "24 months"}, "languages": {"[en]", "[en, es]"},
		},
		"exams": {
			"name": {"A", "B"}, "description": {"A", "B"}, "skills": {"[A]", "[B]"}, "badge": {"auto", "always"}, "retired": {"2030-01-01", "2031-01-01"},
			"in_programme_since": {"2020-01-01", "2021-01-01"}, "image": {"a.png", "b.png"}, "schedule_url": {"https://a.example", "https://b.example"},
			"aliases": {"[OLD]", "[OLDER]"},
		},
		"certifications": {
			"name": {"A", "B"}, "description": {"A", "B"}, "skills": {"[A]", "[B]"}, "level": {"A", "B"}, "badge": {"auto", "always"},
			"retired": {"2030-01-01", "2031-01-01"}, "in_programme_since": {"2020-01-01", "2021-01-01"}, "image": {"a.png", "b.png"},
			"schedule_url": {"https://a.example", "https://b.example"}, "valid_for": {"12 months", "24 months"},
			"renewal_window": {"90 days", "80 days"}, "requires": {"{exam: A}", "{any: [{exam: A}]}"},
		},
	}
	write := func(changed, member string) *Programme {
		item := func(name string) string {
			var b strings.Builder
			for m, value := range items[name] {
				which := 0
				if name == changed && m == member {
					which = 1
				}
				b.WriteString(m + ": " + value[which] + ", ")
			}
			return b.String()
		}
		return parse(t, "issuer: {"+item("issuer")+"}\nexams: [{code: A, "+item("exams")+"}]\ncertifications: [{code: c, "+item("certifications")+"}]\n")
	}
	for name, members := range items {
		for member := range members {
			_, got, _ := Merge(write("", ""), write(name, member)) // another id is refused, with the plan
			got.Warnings = nil
			want := map[string]Plan{
				"issuer":         {Issuer: []string{member}},
				"exams":          {Changed: []Change{{Subject{KindExam, "A"}, []string{member}}}},
				"certifications": {Changed: []Change{{Subject{KindCertification, "c"}, []string{member}}}},
			}[name]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, member, diff)
			}
		}
	}
}

// What the file leaves out falls back to the first language that the issuer has now.
func TestMergeOfAnotherFirstLanguage(t *testing.T) {
	const issuer = "issuer: {id: test, name: T, languages: [%s]}\n"
	was := parse(t, fmt.Sprintf(issuer, "en, es")+"exams: [{code: A, name: {en: Light, es: Luz}}]")
	next, _, err := Merge(was, parse(t, fmt.Sprintf(issuer, "es, en")))
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Exams[0].Name.In("fr"); got != "Luz" {
		t.Errorf("got %q, want Luz", got)
	}
}

// An alias that becomes an exam's code is a new exam, not a change of the old one.
func TestMergeOfAnAliasThatBecomesAnExam(t *testing.T) {
	_, plan, err := Merge(parse(t, current), parse(t, "exams: [{code: A, name: A}, {code: OLD, name: A}]"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Subject{{KindExam, "OLD"}}; !slices.Equal(plan.Added, want) || len(plan.Changed) != 1 {
		t.Errorf("added %v, changed %v; want %v and the aliases of A", plan.Added, plan.Changed, want)
	}
}

// A change of nothing but the retirement is told as that.
func TestMergeRetires(t *testing.T) {
	_, plan, err := Merge(parse(t, current), parse(t, "exams: [{code: B, name: B, retired: 2026-01-01}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{Retired: []Subject{{KindExam, "B"}}, Kept: []Subject{{KindExam, "A"}, {KindExam, "GONE"}, {KindCertification, "c"}, {KindCertification, "d"}}}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if plan.Empty() {
		t.Error("a retirement is a change")
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"another issuer", "issuer: {id: other, name: Test}\n", `test.yaml:1: the issuer was "test" and cannot become "other": its id is part of every badge; write "test"`},
		{"an alias that is a kept exam's code", "exams:\n- {code: N, name: N, aliases: [B]}\n",
			`test.yaml:3: alias "B" is there twice (the programme has it already and keeps it); codes and aliases are unique`},
		{"a code that is a kept exam's alias", "exams:\n- {code: OLD, name: N}\n",
			`test.yaml: "A", which the file leaves out and the programme keeps: alias "OLD" is there twice (first in line 3); codes and aliases are unique`},
		{"languages that the kept texts lack", "issuer: {id: test, name: Test, languages: [es]}\n", ""},
	} {
		_, plan, err := Merge(parse(t, current), parse(t, test.file))
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		var all *Problems
		if !errors.As(err, &all) || err.Error() != test.want {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
		if len(plan.Kept) == 0 {
			t.Errorf("%s: the plan is not complete: %+v", test.name, plan)
		}
	}
}

func TestMergeRefusesLanguagesThatKeptTextsLack(t *testing.T) {
	was := parse(t, "issuer: {id: test, name: T, languages: [en]}\nexams: [{code: A, name: {en: A}}]\ncertifications: [{code: c, name: {en: C}, requires: {exam: A}}]")
	_, _, err := Merge(was, parse(t, "issuer: {id: test, name: T, languages: [es]}\n"))
	want := block(`
		test.yaml: "A", which the file leaves out and the programme keeps: name lacks the issuer's first language, "es"; add es: ...
		test.yaml: "A", which the file leaves out and the programme keeps: "en" is not one of the issuer's languages; the issuer's languages are es
		test.yaml: "c", which the file leaves out and the programme keeps: name lacks the issuer's first language, "es"; add es: ...
		test.yaml: "c", which the file leaves out and the programme keeps: "en" is not one of the issuer's languages; the issuer's languages are es
	`)
	if err == nil || err.Error()+"\n" != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestMergeWarns(t *testing.T) {
	_, plan, err := Merge(parse(t, current), parse(t, "exams:\n- {code: A, name: A}\n- {code: N, name: N, aliases: [OLD]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Warnings) != 1 || plan.Warnings[0].String() != `test.yaml:4: "OLD" meant exam "A" until now and will mean "N"` {
		t.Errorf("got %v", plan.Warnings)
	}
	data, err := json.Marshal(Plan{})
	if string(data) != "{}" || err != nil {
		t.Errorf("got %s, %v", data, err)
	}
}

// A merged version has no file; applied to another issuer's it is refused all the same.
func TestMergeOfWhatHasNoFile(t *testing.T) {
	merged, _, err := Merge(nil, parse(t, current))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Merge(parse(t, "issuer: {id: other, name: Test}\n"), merged)
	if want := `the issuer was "other" and cannot become "test": its id is part of every badge; write "other"`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
