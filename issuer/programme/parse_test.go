package programme

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// problems parses what must be refused and writes what is wrong with it, one problem a line.
func problems(t *testing.T, src string) string {
	t.Helper()
	p, err := Parse(strings.NewReader(src), "f")
	var all *Problems
	if !errors.As(err, &all) {
		t.Fatalf("got %v and error %v, want Problems", p, err)
	}
	if p != nil {
		t.Error("a programme came with the problems")
	}
	return err.Error() + "\n"
}

func TestParseReportsEverythingAtOnce(t *testing.T) {
	got := problems(t, `issuer:
  id: north light
  name: {es: Luz, de: Licht}
  url: northlight.example
  email: nobody
  languages: [en, es, en, Englisch]
exams:
  - {code: A-100, name: A, badge: alway, colour: red}
  - {code: A-100, name: B, retired: 30.09.2023}
  - {name: C, aliases: [A-100, ""]}
  - {code: " D", name: "", retired: 2020-01-01, in_programme_since: 2021-01-01, skills: [""]}
certifications:
  - {code: c, name: C, valid_for: 1 year, requires: {exam: A-10O}}
  - {code: d, name: D, valid_for: 2 months, renewal_window: 59 days, requires: {any: [{exam: A-100}, {exam: A-100}]}}
  - {code: e, name: E, requires: {at_least: {n: 3, of: [{exam: A-100}, {certification: f}]}}}
  - {code: f, name: F, requires: {certification: e}}
  - {code: g, name: G}
  - {code: g, name: true, requires: {exam: c, certification: A-100}}
  - {code: h, name: H, requires: {all: []}}
`)
	want := block(`
		f:2: the issuer's id takes letters, digits, dots, dashes and underscores, not "north light"; it is part of addresses, such as northlight-institute
		f:3: name lacks the issuer's first language, "en"; add en: ...
		f:3: "de" is not one of the issuer's languages; the issuer's languages are en, es, en, Englisch
		f:4: "northlight.example" is no web address; write it like https://example.org/page
		f:5: "nobody" is no e-mail address
		f:6: language "en" is listed twice
		f:6: "Englisch" is no language; write it like en, es or pt-BR
		f:8: an exam has no member "colour"; known are code, name, description, skills, badge, retired, in_programme_since, image, schedule_url, aliases
		f:8: badge is auto, always or never, not "alway"; did you mean "always"?
		f:9: "30.09.2023" is no date written as YYYY-MM-DD; write it like 2026-09-30
		f:9: exam "A-100" is there twice (first in line 8); codes and aliases are unique
		f:10: code is missing
		f:10: alias "A-100" is there twice (first in line 8); codes and aliases are unique
		f:10: an alias is empty
		f:11: the text is empty
		f:11: the text is empty
		f:11: " D" has spaces around it; write "D"
		f:11: retired on 2020-01-01, before it was in the programme (in_programme_since 2021-01-01)
		f:13: "1 year" is no length of time written as "N months", with N from 1 to 1200; did you mean "12 months"?
		f:13: unknown exam "A-10O"; did you mean "A-100"?
		f:14: renewal_window must be shorter than valid_for: 2 months can have no more than 59 days; without it, it would be "30 days"
		f:14: the list has the same requirement twice; name it once
		f:15: n must be a number from 1 to 2, as many as are listed, not "3"
		f:15: certifications need each other in a circle: e -> f -> e
		f:17: requires is missing
		f:18: a text is needed, not true; write "true" in quotes if that is meant
		f:18: a requirement has exactly one of exam, certification, all, any and at_least; put several into all: [...] or any: [...]
		f:18: certification "g" is there twice (first in line 17); codes and aliases are unique
		f:19: the list is empty
	`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	with := func(certs string) string {
		return someIssuer + "exams: [{code: A, name: A, aliases: [OLD]}, {code: B, name: B}]\ncertifications:\n" + certs
	}
	cert := func(requires string) string { return with("- {code: c, name: C, requires: " + requires + "}\n") }
	tests := []struct{ name, src, want string }{
		{"nothing", "", `f: the file is empty; start with issuer:, exams: and certifications:`},
		{"only a comment", "# nothing\n", `f: the file is empty; start with issuer:, exams: and certifications:`},
		{"null", "null\n", `f: the file is empty; start with issuer:, exams: and certifications:`},
		{"no mapping", "- a\n", `f:1: a programme must be a mapping (name: value), not a list`},
		{"no YAML", "issuer: {id: a\nexams: [\n", `f:1: no readable YAML or JSON: did not find expected ',' or '}'`},
		{"no number", "issuer: {id: i, name: I, url: https://x.example, email: a@b.example, linkedin: https://linkedin.com/company/i}\n", `f:1: "https://linkedin.com/company/i" is no number of a page on LinkedIn; write it like 1234567, as the page's address has it for its administrators`},
		{"skills that are defined nowhere", someIssuer + "exams: [{code: A, name: A, skills: [{name: x, uri: esco}, {name: y, url: z}, {uri: z}]}]\n",
			"f:2: a skill has no member \"url\"; did you mean \"uri\"?\nf:2: skills/2 is missing\n" +
				"f:2: \"esco\" is no web address; write it like https://example.org/page\nf:2: \"z\" is no web address; write it like https://example.org/page"},
		{"a tab", "issuer:\n\tid: a\n", "f:2: tabs are not allowed; indent with spaces"},
		{"a tab in the first line", "\tissuer: a\n", "f:1: tabs are not allowed; indent with spaces"},
		{"a tab behind spaces", "issuer:\n  id: a\n  \tname: b\n", "f:3: tabs are not allowed; indent with spaces"},
		{"a tab in a list", "exams:\n  - code: a\n    name: b\n  -\tcode: c\n", "f:4: tabs are not allowed; indent with spaces"},
		{"another character that begins nothing", "a: @b\n", "f:1: no readable YAML or JSON: found character that cannot start any token"},
		{"two documents", someIssuer + "---\nissuer: {}\n", `f:2: a second document begins here; write one file for each issuer`},
		{"a broken second document", someIssuer + "---\n\t\n", "f:3: tabs are not allowed; indent with spaces"},
		{"no issuer", "exams: []\n", "f:1: id is missing\nf:1: name is missing"},
		{"a wrong member", "isuer: {}\n", "f:1: a programme has no member \"isuer\"; did you mean \"issuer\"?\nf:1: id is missing\nf:1: name is missing"},
		{"a member twice", someIssuer + "exams: []\nexams: []\n", `f:3: "exams" is written twice, in lines 2 and 3; keep one of them`},
		{"a member that is no word", someIssuer + "? [a]\n: b\n", `f:1: the name of a member must be a word, not a list`},
		{"exams as a mapping", someIssuer + "exams: {A: B}\ncertifications: [{code: c, name: C, requires: {exam: A}}]\n", `f:2: exams must be a list, not a mapping`},
		{"an exam as a word", someIssuer + "exams: [A]\n", `f:2: an exam must be a mapping (name: value), not a single value`},
		{"an anchor", someIssuer + "exams: [&x {code: A, name: A}, *x]\n", `f:2: an exam must be a mapping (name: value), not a YAML alias (*x); write it out`},
		{"a merge key", someIssuer + "exams: [{<<: {code: A}, code: A, name: A}]\n", `f:2: an exam has no member "<<"; known are code, name, description, skills, badge, retired, in_programme_since, image, schedule_url, aliases`},
		{"a code as a list", someIssuer + "exams: [{code: [A], name: A}]\n", `f:2: a text is needed, not a list`},
		{"binary", someIssuer + "exams: [{code: !!binary QQ==, name: A}]\n", `f:2: a text is needed, not binary`},
		{"null in a list", someIssuer + "exams: [{code: A, name: A, skills: [~]}]\n", `f:2: a text is needed, not null`},
		{"a name without a language", someIssuer + "exams: [{code: A, name: {\"\": A, en: A}}]\n", `f:2: a language is missing`},
		{"a name with a line break", someIssuer + "exams: [{code: A, name: \"A\\nB\"}]\n", `f:2: "A\nB" has control characters`},
		{"a byte order mark in a code", someIssuer + "exams: [{code: \"A\\uFEFF\", name: A}]\n", `f:2: "A\ufeff" has control characters`},
		{"a long name", someIssuer + "exams: [{code: A, name: " + strings.Repeat("x", 201) + "}]\n", `f:2: longer than 200 characters`},
		{"a long code", someIssuer + "exams: [{code: " + strings.Repeat("x", 101) + ", name: A}]\n", `f:2: longer than 100 characters`},
		{"an alias like its own code", someIssuer + "exams: [{code: A, name: A, aliases: [A]}]\n", `f:2: alias "A" is there twice (first in line 2); codes and aliases are unique`},
		{"an alias like another code", someIssuer + "exams: [{code: A, name: A, aliases: [B]},\n {code: B, name: B}]\n", `f:2: alias "B" is there twice (first in line 3); codes and aliases are unique`},
		{"an alias like another alias", someIssuer + "exams: [{code: A, name: A, aliases: [C]},\n {code: B, name: B, aliases: [C]}]\n", `f:3: alias "C" is there twice (first in line 2); codes and aliases are unique`},
		{"aliases of a certification", with("- {code: c, name: C, aliases: [d], requires: {exam: A}}\n"), `f:4: a certification has no member "aliases"; known are code, name, description, skills, level, badge, retired, in_programme_since, image, schedule_url, valid_for, renewal_window, requires`},
		{"a bad date", someIssuer + "exams: [{code: A, name: A, retired: 2023-02-29}]\n", `f:2: "2023-02-29" is no date written as YYYY-MM-DD; write it like 2026-09-30`},
		{"a date as a list", someIssuer + "exams: [{code: A, name: A, retired: [2023-02-28]}]\n", `f:2: a text is needed, not a list`},
		{"a badge as a boolean", someIssuer + "exams: [{code: A, name: A, badge: false}]\n", `f:2: a text is needed, not false; write "false" in quotes if that is meant`},
		{"a badge unlike any", someIssuer + "exams: [{code: A, name: A, badge: sometimes}]\n", `f:2: badge is auto, always or never, not "sometimes"`},
		{"an address of another kind", someIssuer + "exams: [{code: A, name: A, schedule_url: 'javascript:x'}]\n", `f:2: "javascript:x" is no web address; write it like https://example.org/page`},
		{"zero months", with("- {code: c, name: C, valid_for: 0 months, requires: {exam: A}}\n"), `f:4: "0 months" is no length of time written as "N months", with N from 1 to 1200; write it like "12 months"`},
		{"months as a number", with("- {code: c, name: C, valid_for: 12, requires: {exam: A}}\n"), `f:4: "12" is no length of time written as "N months", with N from 1 to 1200; write it like "12 months"`},
		{"a window in months", with("- {code: c, name: C, valid_for: 12 months, renewal_window: 3 months, requires: {exam: A}}\n"), `f:4: "3 months" is no length of time written as "N days", with N from 1 to 36600; did you mean "90 days"?`},
		{"months in days", with("- {code: c, name: C, valid_for: 90 days, requires: {exam: A}}\n"), `f:4: "90 days" is no length of time written as "N months", with N from 1 to 1200; write it like "12 months"`},
		{"a window as a list", with("- {code: c, name: C, valid_for: 12 months, renewal_window: [], requires: {exam: A}}\n"), `f:4: a text is needed, not a list`},
		{"a window as long as the validity", with("- {code: c, name: C, valid_for: 12 months, renewal_window: 365 days, requires: {exam: A}}\n"), `f:4: renewal_window must be shorter than valid_for: 12 months can have no more than 365 days; without it, it would be "180 days"`},
		{"an alias in a requirement", cert("{exam: OLD}"), `f:4: "OLD" is an alias; a requirement names the exam by its code; write exam: A`},
		{"an exam as a certification", cert("{certification: A}"), `f:4: "A" is no certification but an exam; write exam: A`},
		{"a certification as an exam", cert("{exam: c}"), `f:4: "c" is no exam but a certification; write certification: c`},
		{"an unknown certification", cert("{certification: zzz}"), `f:4: unknown certification "zzz"`},
		{"another case", cert("{exam: a}"), `f:4: unknown exam "a"; did you mean "A"?`},
		{"itself", cert("{all: [{exam: A}, {certification: c}]}"), `f:4: certifications need each other in a circle: c -> c`},
		{"a requirement as a word", cert("A"), `f:4: a requirement must be one of exam:, certification:, all:, any: or at_least:, not a single value; write {exam: A} or {certification: A}`},
		{"a requirement as a list", cert("[{exam: A}]"), `f:4: a requirement must be one of exam:, certification:, all:, any: or at_least:, not a list; write all: [...] or any: [...]`},
		{"a requirement as an alias", with("- {code: c, name: C, requires: &r {exam: A}}\n- {code: d, name: D, requires: *r}\n"), `f:5: a requirement must be one of exam:, certification:, all:, any: or at_least:, not a YAML alias (*r); write it out`},
		{"an empty requirement", cert("{}"), `f:4: a requirement has exactly one of exam, certification, all, any and at_least; put several into all: [...] or any: [...]`},
		{"a requirement of nulls", cert("{exam: ~}"), `f:4: a requirement has exactly one of exam, certification, all, any and at_least; put several into all: [...] or any: [...]`},
		{"another word", cert("{exams: A}"), `f:4: a requirement has no member "exams"; did you mean "exam"?`},
		{"an empty code", cert("{exam: ''}"), `f:4: the code is empty`},
		{"n of too many", cert("{at_least: {n: 3, of: [{exam: A}, {exam: B}]}}"), `f:4: n must be a number from 1 to 2, as many as are listed, not "3"`},
		{"none of", cert("{at_least: {n: 0, of: [{exam: A}, {exam: B}]}}"), `f:4: n must be a number from 1 to 2, as many as are listed, not "0"`},
		{"n of words", cert("{at_least: {n: two, of: [{exam: A}, {exam: B}]}}"), `f:4: n must be a number from 1 to 2, as many as are listed, not "two"`},
		{"n as a list", cert("{at_least: {n: [1], of: [{exam: A}, {exam: B}]}}"), `f:4: a text is needed, not a list`},
		{"no n", cert("{at_least: {of: [{exam: A}, {exam: B}]}}"), `f:4: at_least has no n; write at_least: {n: 2, of: [...]}`},
		{"no of", cert("{at_least: {n: 1}}"), `f:4: at_least has no of; write at_least: {n: 2, of: [...]}`},
		{"at_least as a list", cert("{at_least: [{exam: A}]}"), `f:4: at_least must be a mapping (name: value), not a list`},
		{"the same in another list", cert("{any: [{exam: A}, {all: [{exam: B}, {exam: B}]}]}"), `f:4: the list has the same requirement twice; name it once`},
		{"an exam in a list of words", cert("{any: [A]}"), `f:4: a requirement must be one of exam:, certification:, all:, any: or at_least:, not a single value; write {exam: A} or {certification: A}`},
		{"a long circle", with("- {code: c, name: C, requires: {certification: d}}\n- {code: d, name: D, requires: {any: [{exam: A}, {certification: e}]}}\n- {code: e, name: E, requires: {all: [{certification: d}, {certification: c}]}}\n"),
			"f:4: certifications need each other in a circle: c -> d -> e -> c\nf:5: certifications need each other in a circle: d -> e -> d"},
		{"nested too deep", cert(strings.Repeat("{all: [", 33) + "{exam: A}" + strings.Repeat("]}", 33)), `f:4: requirements are nested more than 32 deep`},
		{"a long list", cert("{any: [" + strings.Repeat("{exam: A},", 201) + "]}"), `f:4: the list has more than 200 requirements`},
		{"what a certification says, all of it wrong", with("- {code: c, name: C, retired: 2020-01-01, in_programme_since: 2021-01-01, skills: [\"\"], schedule_url: x, image: \"a\\tb\", level: \"a\\nb\", requires: {exam: A}}\n"),
			"f:4: \"a\\tb\" has control characters\nf:4: the text is empty\nf:4: retired on 2020-01-01, before it was in the programme (in_programme_since 2021-01-01)\n" +
				"f:4: \"x\" is no web address; write it like https://example.org/page\nf:4: \"a\\nb\" has control characters"},
		{"an exam's picture", someIssuer + "exams: [{code: A, name: A, image: \"a\\tb\"}]\n", `f:2: "a\tb" has control characters`},
		{"an issuer's picture", strings.Replace(someIssuer, "id: test", `id: test, image: "a\tb"`, 1), `f:1: "a\tb" has control characters`},
		{"a long skill", someIssuer + "exams: [{code: A, name: A, skills: [" + strings.Repeat("x", 201) + "]}]\n", `f:2: longer than 200 characters`},
		{"skills in languages, all of them wrong", someIssuer + "exams: [{code: A, name: A, skills: [{es: x}, {en: x, xx: y}, {en: \"\"}, {}, [x]]}]\n",
			"f:2: a text is needed, not a list\nf:2: a skill lacks the issuer's first language, \"en\"; add en: ...\nf:2: \"es\" is not one of the issuer's languages; the issuer's languages are en\n" +
				"f:2: \"xx\" is not one of the issuer's languages; the issuer's languages are en\nf:2: the text is empty\nf:2: skills/3 is missing"},
		{"a bell", someIssuer + "exams: [{code: A, name: A, description: \"\\a\"}]\n", `f:2: "\a" has control characters`},
		{"what is no character", someIssuer + "exams: [{code: A, name: A, description: \"\\uFFFE\"}]\n", `f:2: "\ufffe" has control characters`},
		{"what was no character", someIssuer + "exams: [{code: A, name: A, description: \"\\uFFFD\"}]\n", "f:2: \"\uFFFD\" has control characters"},
		{"an empty wording", someIssuer + "exams: [{code: A, name: {en: ''}}]\n", `f:2: the text is empty`},
		{"a long address", strings.Replace(someIssuer, "b@test.example", strings.Repeat("b", 242)+"@test.example", 1), `f:1: "` + strings.Repeat("b", 242) + `@test.example" is no e-mail address`},
		{"an address of no host", someIssuer + "exams: [{code: A, name: A, schedule_url: 'https:///x'}]\n", `f:2: "https:///x" is no web address; write it like https://example.org/page`},
		{"an address for files", someIssuer + "exams: [{code: A, name: A, schedule_url: 'ftp://a.example'}]\n", `f:2: "ftp://a.example" is no web address; write it like https://example.org/page`},
		{"an address that is none", someIssuer + "exams: [{code: A, name: A, schedule_url: 'https://a.example/%zz'}]\n", `f:2: "https://a.example/%zz" is no web address; write it like https://example.org/page`},
		{"an address with a tab", someIssuer + "exams: [{code: A, name: A, schedule_url: \"https://a.example/\\uFEFF\"}]\n", `f:2: "https://a.example/\ufeff" has control characters`},
		{"an exam's code as a list", cert("{exam: [A]}"), `f:4: a text is needed, not a list`},
		{"a certification's code as a list", cert("{certification: [A]}"), `f:4: a text is needed, not a list`},
		{"n of no list", cert("{at_least: {n: 2, of: A}}"), `f:4: the requirements must be a list, not a single value`},
		{"an unknown letter", cert("{exam: Q}"), `f:4: unknown exam "Q"`},
		{"no exams, and an unknown certification", someIssuer + "exams: {A: B}\ncertifications: [{code: c, name: C, requires: {all: [{exam: A}, {certification: zzz}]}}]\n",
			"f:2: exams must be a list, not a mapping\nf:3: unknown certification \"zzz\""},
		{"a month as long as its window", with("- {code: c, name: C, valid_for: 1 month, renewal_window: 28 days, requires: {exam: A}}\n"), `f:4: renewal_window must be shorter than valid_for: 1 month can have no more than 28 days; without it, it would be "15 days"`},
		{"a window in weeks", with("- {code: c, name: C, valid_for: 12 months, renewal_window: 2 weeks, requires: {exam: A}}\n"), `f:4: "2 weeks" is no length of time written as "N days", with N from 1 to 36600; did you mean "14 days"?`},
		{"no years", with("- {code: c, name: C, valid_for: 0 years, requires: {exam: A}}\n"), `f:4: "0 years" is no length of time written as "N months", with N from 1 to 1200; write it like "12 months"`},
		{"too large", someIssuer + strings.Repeat("#", largestFile), `f: the file is larger than 4 MiB`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want+"\n", problems(t, test.src)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefusesMoreLeavesThanCanBeJudged(t *testing.T) {
	var exams, all strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&exams, "- {code: E%d, name: E}\n", i)
		if i%100 == 0 {
			all.WriteString(strings.Repeat("]},", min(i, 1)) + "{any: [")
		}
		fmt.Fprintf(&all, "{exam: E%d},", i)
	}
	src := someIssuer + "exams:\n" + exams.String() + "certifications:\n- {code: c, name: C, requires: {all: [" + all.String() + "]}]}}\n"
	if got, want := problems(t, src), "f:1005: the requirement names 1001 exams and certifications; 1000 is the most\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is as long as may be is accepted, and a description may have lines.
func TestParseAcceptsTheLongest(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	var exams strings.Builder
	for i := range 199 {
		fmt.Fprintf(&exams, "  - {code: E%d, name: E}\n", i)
	}
	var list strings.Builder
	for i := range 199 {
		fmt.Fprintf(&list, "{exam: E%d}, ", i)
	}
	parse(t, fmt.Sprintf(`
issuer: {id: i, name: %[1]s, email: %[2]s@b.example, url: http://b.example/%[3]s, image: %[4]s}
exams:
  - {code: %[5]s, name: %[1]s, skills: [%[1]s], description: "x\n\t%[6]s"}
%[7]scertifications:
  - {code: a, name: A, level: %[1]s, requires: {any: [%[8]s{exam: %[5]s}]}}
  - {code: b, name: B, requires: %[9]s{exam: E0}%[10]s}
`, x(200), x(254-len("@b.example")), x(2000-len("http://b.example/")), x(2000), x(100), x(3997), exams.String(), list.String(),
		strings.Repeat("{all: [", 31), strings.Repeat("]}", 31)))
}

// A file full of unknown codes gets suggestions for the first ones only.
func TestParseStopsGuessing(t *testing.T) {
	var b strings.Builder
	b.WriteString(someIssuer + "exams: [{code: EXAM-1, name: A}]\ncertifications:\n")
	for i := range 60 {
		fmt.Fprintf(&b, "- {code: c%d, name: C, requires: {exam: EXAM-%d}}\n", i, i+2)
	}
	if got := strings.Count(problems(t, b.String()), "did you mean"); got != mostGuesses {
		t.Errorf("got %d suggestions, want %d", got, mostGuesses)
	}
}

func TestParseReadError(t *testing.T) {
	broken := errors.New("broken")
	_, err := Parse(io.MultiReader(strings.NewReader(someIssuer), iotest.ErrReader(broken)), "f")
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestParseDefaults(t *testing.T) {
	p := parse(t, `
exams: [{code: 70680, name: 2024, description: , retired: ~}, {code: 2024-01-01, name: 1.10}]
certifications:
  - {code: a, name: A, valid_for: 12 months, requires: {exam: 70680}}
  - {code: b, name: B, valid_for: 3 months, requires: {exam: 70680}}
  - {code: c, name: C, valid_for: 1 month, renewal_window: 27 days, requires: {exam: 70680}}
  - {code: d, name: D, requires: {exam: 70680}}
`)
	if diff := cmp.Diff([]string{"en"}, p.Issuer.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	first, second := p.Exams[0], p.Exams[1]
	if first.Code != "70680" || first.Name.In("en") != "2024" || first.Badge != Auto || !first.Retired.IsZero() || !first.Description.IsZero() {
		t.Errorf("got %+v", first)
	}
	if second.Code != "2024-01-01" || second.Name.String() != "1.10" {
		t.Errorf("numbers and dates are texts as they are written: got %+v", second)
	}
	var windows []Days
	for _, c := range p.Certifications {
		windows = append(windows, c.RenewalWindow)
	}
	if want := []Days{180, 45, 27, 0}; !slices.Equal(windows, want) {
		t.Errorf("renewal windows %v, want %v", windows, want)
	}
	if _, found := p.Exam("nobody"); found {
		t.Error("found an exam that is not there")
	}
	if _, found := p.Certification("nobody"); found {
		t.Error("found a certification that is not there")
	}
}

// row 59: a skill may lead to what it means.
func TestParseSkills(t *testing.T) {
	p := parse(t, `
exams: [{code: A, name: A, skills: [x, {name: {en: y}, uri: "https://esco.example/y"}]}, {code: B, name: B, skills: [x, {name: z}]}]
certifications: []
`)
	a, b := p.Exams[0], p.Exams[1]
	if len(a.Skills) != 2 || a.Skills[0].URI != "" || a.Skills[1].In("en") != "y" || a.Skills[1].URI != "https://esco.example/y" {
		t.Errorf("got %v", a.Skills)
	}
	if len(b.Skills) != 2 || b.Skills[1].In("en") != "z" || b.Skills[1].URI != "" {
		t.Errorf("got %v", b.Skills)
	}
	data, err := json.Marshal(a.Skills)
	if want := `["x",{"name":{"en":"y"},"uri":"https://esco.example/y"}]`; string(data) != want || err != nil {
		t.Errorf("got %s, %v, want %s", data, err, want)
	}
	var read []Skill
	if err := json.Unmarshal(data, &read); err != nil || !slices.EqualFunc(read, a.Skills, Skill.Equal) {
		t.Errorf("read again: %v, %v", read, err)
	}
}

func TestParseJSON(t *testing.T) {
	p := parse(t, `{
	"issuer": {"id": "i", "name": {"en": "Smile \ud83d\ude00", "es": "a\/b \\ud83d\\ude00 \\/ \""}, "url": "https://x.example", "email": "a@b.example", "languages": ["en", "es"]},
	"exams": [{"code": "A", "name": "\u00c9", "skills": null, "retired": null}],
	"certifications": []
}`)
	if got, want := p.Issuer.Name.In("en"), "Smile 😀"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := parse(t, `exams: [{code: A, name: 'a\/b \ud83d\ude00'}]`).Exams[0].Name.In("en"), `a\/b \ud83d\ude00`; got != want {
		t.Errorf("YAML is read as it is written: got %q, want %q", got, want)
	}
	if got, want := p.Issuer.Name.In("es-MX"), `a/b \ud83d\ude00 \/ "`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Exams[0].Name.In("es"), "É"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := problems(t, "{\n\"issuer\": {\"id\": \"i\", \"name\": \"\\ud83d\\ude00\"},\n\"exams\": [\n{\"code\": \"A\"}]}")
	if want := "f:4: name is missing\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWarnings(t *testing.T) {
	p, err := Parse(strings.NewReader(`issuer: {id: i, name: I}
exams: [{code: A, name: A}]
certifications:
  - {code: a, name: A, requires: {exam: A}}
  - {code: b, name: B, valid_for: 12 months, requires: {certification: a}}
  - {code: c, name: C, renewal_window: 10 days, requires: {exam: A}}
  - {code: d, name: D, requires: {certification: a}}
`), "f")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range p.Warnings() {
		got = append(got, w.String())
	}
	want := []string{
		"f:1: the issuer has no url: Open Badges 2.0 asks for one",
		"f:1: the issuer has no email: Open Badges 2.0 asks for one",
		`f:5: certification "b" needs only certifications: once expired it can never be earned again; name an exam in requires, or leave out valid_for`,
		`f:6: certification "c" has a renewal_window and no valid_for: it never expires`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := p.Certifications[2].RenewalWindow; got != 0 {
		t.Errorf("a window without a validity: got %d days, want none", got)
	}
}

func TestProblemPointers(t *testing.T) {
	_, err := Parse(strings.NewReader(someIssuer+"exams: [{code: A, name: {en: A, a/b~: A}}]\ncertifications: [{code: c, name: C, requires: {any: [{exam: A}, {at_least: {n: 1, of: [{exam: B}]}}, {all: [{exam: B}]}]}}]\n"), "f")
	var all *Problems
	if !errors.As(err, &all) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all.All {
		got = append(got, p.Pointer)
	}
	if diff := cmp.Diff([]string{"/exams/0/name/a~1b~0", "/certifications/0/requires/any/1/at_least/of/0/exam", "/certifications/0/requires/any/2/all/0/exam"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is stored is read back as the same programme.
func TestProgrammeJSON(t *testing.T) {
	for name, p := range map[string]*Programme{"real": realProgramme(t), "sample": sampleProgramme(t), "examples": parse(t, examples)} {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Programme
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !p.Equal(&back) {
			t.Errorf("%s: %s came back different", name, data)
		}
	}
	var p Programme
	if err := json.Unmarshal([]byte(`{"exams":[]}`), &p); err == nil {
		t.Error("a programme without an issuer was read")
	}
}

func TestProgrammeEqual(t *testing.T) {
	p := sampleProgramme(t)
	change := map[string]func(*Programme){
		"issuer":        func(q *Programme) { q.Issuer.Email = "other@northlight.example" },
		"exam":          func(q *Programme) { q.Exams[1].Aliases = nil },
		"code":          func(q *Programme) { q.Exams[0].Code = "NL-101" },
		"its code":      func(q *Programme) { q.Certifications[0].Code = "other" },
		"order":         func(q *Programme) { q.Exams[0], q.Exams[1] = q.Exams[1], q.Exams[0] },
		"certification": func(q *Programme) { q.Certifications[3].Requires.AtLeast.N = 2 },
		"fewer":         func(q *Programme) { q.Certifications = q.Certifications[1:] },
	}
	for name, apply := range change {
		q := sampleProgramme(t)
		if !p.Equal(q) {
			t.Fatal("the same file parsed twice differs")
		}
		if apply(q); p.Equal(q) {
			t.Errorf("%s: the change went unseen", name)
		}
	}
	var none *Programme
	if p.Equal(nil) || none.Equal(p) || !none.Equal(nil) {
		t.Error("nil equals only nil")
	}
}
