package programme

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	before = `
exams: [{code: A, name: A}, {code: B, name: B}, {code: X, name: X}]
certifications:
  - {code: c, name: C, valid_for: 12 months, requires: {exam: A}}
  - {code: free, name: Free, requires: {exam: X}}
`
	after = `
exams: [{code: A, name: A, aliases: [NEW-A]}, {code: B, name: B}, {code: X, name: X, badge: never, aliases: [NEW-X]}, {code: N, name: N, aliases: [NEW-N]}]
certifications:
  - {code: c, name: C, valid_for: 24 months, requires: {all: [{exam: A}, {exam: B}]}}
  - {code: free, name: Free, valid_for: 12 months, requires: {exam: X}}
`
)

// Every pass is judged by the version of its own day, whichever is the newest.
func TestEarnedJudgesByTheVersionOfTheDay(t *testing.T) {
	h := History{
		{Number: 1, Programme: parse(t, before)},
		{Number: 2, Effective: day("2024-01-01"), Programme: parse(t, after)},
	}
	tests := []struct {
		name   string
		ledger []string
		want   string
		on     string
		says   string
	}{
		{
			name:   "the last day of the old rules and the first of the new ones",
			ledger: []string{"2023-12-31 A"},
			want:   "A 2023-12-31 (no badge)\n c 2023-12-31 until 2024-12-31",
		},
		{
			name:   "the new rules",
			ledger: []string{"2024-01-01 A", "2024-02-01 B"},
			want:   "A 2024-01-01\n B 2024-02-01\n c 2024-02-01 until 2026-02-01",
		},
		{
			name:   "earned under the old rules, renewed by the new ones: they must be satisfied",
			ledger: []string{"2023-12-31 A", "2024-12-01 A"},
			want:   "A 2023-12-31 (no badge)\n c 2023-12-31 until 2024-12-31\n A 2024-12-01",
			on:     "r2", says: "A awarded exam_passed\n c not_yet requirement_missing needs B",
		},
		{
			name:   "… and are, for the validity of now",
			ledger: []string{"2023-12-31 A", "2024-12-01 B"},
			want:   "A 2023-12-31 (no badge)\n c 2023-12-31 until 2026-12-31 renewed 2024-12-01\n B 2024-12-01",
		},
		{
			name:   "held for ever before it had a validity: never renewed",
			ledger: []string{"2023-12-31 X", "2030-12-01 X"},
			want:   "X 2023-12-31 (no badge)\n free 2023-12-31",
			on:     "r2", says: "X skipped badge_never\n free skipped already_earned",
		},
		{
			name:   "an exam that the version of the day does not have",
			ledger: []string{"2023-12-31 N"},
			on:     "r1", says: "N none not_in_badge_programme",
		},
		{
			name:   "an alias from a later version means the exam on earlier days too",
			ledger: []string{"2023-12-31 NEW-A"},
			want:   "A 2023-12-31 (no badge)\n c 2023-12-31 until 2024-12-31",
		},
		{
			name:   "… which is judged by the rules of its day all the same",
			ledger: []string{"2023-12-31 NEW-X"},
			want:   "X 2023-12-31 (no badge)\n free 2023-12-31",
			on:     "r1", says: "X skipped implied_by_certification free\n free awarded certification_earned",
		},
		{
			name:   "… and that may not be in the programme yet",
			ledger: []string{"2023-12-31 NEW-N"},
			on:     "r1", says: "N none not_in_badge_programme",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := Earned(h, ledger(test.ledger...), nil)
			if diff := cmp.Diff(block(test.want), told(o)); diff != "" {
				t.Errorf("earnings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(block(test.says), decided(o, test.on)); diff != "" {
				t.Errorf("decisions on %s (-want +got):\n%s", test.on, diff)
			}
		})
	}
}

// An alias that went from one exam to another means what it meant on the day of the result.
func TestEarnedReadsAliasesOfTheDay(t *testing.T) {
	h := History{
		{Number: 1, Programme: parse(t, "exams: [{code: A, name: A, aliases: [OLD]}, {code: B, name: B}]")},
		{Number: 2, Effective: day("2024-01-01"), Programme: parse(t, "exams: [{code: A, name: A}, {code: B, name: B, aliases: [OLD]}]")},
	}
	if got, want := told(Earned(h, ledger("2023-12-31 OLD", "2024-01-01 OLD"), nil)), "A 2023-12-31\nB 2024-01-01\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Exams and certifications are separate name spaces: one may be called like the other.
func TestEarnedTellsExamsFromCertifications(t *testing.T) {
	h := always(parse(t, `
exams: [{code: A, name: A}, {code: B, name: B}]
certifications:
  - {code: A, name: A, valid_for: 12 months, requires: {exam: B}}
  - {code: d, name: D, requires: {certification: A}}
`))
	o := Earned(h, ledger("2024-01-01 A"), nil)
	if got, want := decided(o, "r1"), "A awarded exam_passed\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A validity that a version takes away: what was held with an expiry is renewed once more in the default window, to last for ever.
func TestRenewedForEver(t *testing.T) {
	h := History{
		{Number: 1, Programme: parse(t, "exams: [{code: A, name: A}]\ncertifications: [{code: c, name: C, valid_for: 12 months, requires: {exam: A}}]")},
		{Number: 2, Effective: day("2024-01-01"), Programme: parse(t, "exams: [{code: A, name: A}]\ncertifications: [{code: c, name: C, requires: {exam: A}}]")},
	}
	got := told(Earned(h, ledger("2023-12-31 A", "2024-07-03 A", "2024-07-04 A"), nil))
	if want := "A 2023-12-31 (no badge)\nc 2023-12-31 renewed 2024-07-04\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEarnedWithoutAProgramme(t *testing.T) {
	o := Earned(nil, ledger("2024-01-01 A", "2024-01-02 A fail"), nil)
	if got, want := decided(o, "r1"), "A none not_in_badge_programme\n"; got != want || len(o.Earnings) > 0 {
		t.Errorf("got %q and %d earnings, want %q and none", got, len(o.Earnings), want)
	}
	late := History{{Number: 1, Effective: day("2030-01-01"), Programme: parse(t, after)}}
	kept := Standing{Subject: Subject{KindExam, "A"}, EarnedOn: day("2024-01-01"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}
	for _, exam := range []string{"A", "NEW-A"} {
		o := Earned(late, ledger("2024-01-01 "+exam), []Standing{kept})
		if got, want := decided(o, "r1"), "A none not_in_badge_programme\n"; got != want || len(o.Earnings) > 0 {
			t.Errorf("%s before the first version: got %q and %d earnings, want %q and none", exam, got, len(o.Earnings), want)
		}
	}
}

func TestSupports(t *testing.T) {
	h := always(parse(t, examples))
	tests := []struct {
		name   string
		ledger []string
		cert   string
		want   string
	}{
		{"a pair", []string{"2024-01-01 B", "2024-01-02 A", "2024-01-03 C"}, "pair", "r1 r3"},
		{"the first pass of the other exam", []string{"2024-01-01 B", "2024-01-02 B", "2024-01-03 C"}, "pair", "r1 r3"},
		{"what the certification that is held rests on", []string{"2024-01-01 X", "2024-08-01 X", "2025-02-01 Y"}, "expert", "r1 r2 r3"},
		{"renewals", []string{"2024-01-01 X", "2024-02-01 X", "2024-12-01 X"}, "base", "r1 r3"},
		{"three of four", []string{"2024-01-01 M1", "2024-01-02 M2", "2024-01-03 M4", "2024-01-04 M3"}, "three", "r1 r2 r3"},
		{"a chain by one pass", []string{"2024-01-01 M1", "2024-01-02 M2", "2024-01-03 Q", "2024-01-04 M3"}, "chain", "r1 r2 r3 r4"},
		{"earned anew: the completing pass and the other exam's first", []string{"2024-01-01 B", "2024-01-02 C", "2026-01-01 C"}, "pair", "r1 r2, r1 r3"},
		{"passes that did not count support nothing", []string{"2024-01-01 B void", "2024-01-02 B", "2024-01-03 C"}, "pair", "r2 r3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, e := range Earned(h, ledger(test.ledger...), nil).Earnings {
				if e.Subject.Code != test.cert {
					continue
				}
				var ids []string
				for _, k := range e.Supports {
					ids = append(ids, k.ID)
				}
				got = append(got, strings.Join(ids, " "))
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("%s rests on %q, want %q", test.cert, got, test.want)
			}
		})
	}
}

// Where more was passed than is needed, the way that uses the completing pass is the one it rests on.
func TestSupportsTakeTheWayOfTheCompletingPass(t *testing.T) {
	h := always(parse(t, `
exams: [{code: A, name: A}, {code: B, name: B}, {code: C, name: C}]
certifications:
  - {code: late, name: Late, in_programme_since: 2024-01-01, requires: {any: [{exam: A}, {exam: B}]}}
  - {code: two, name: Two, in_programme_since: 2024-01-01, requires: {at_least: {n: 2, of: [{exam: A}, {exam: C}, {exam: B}]}}}
`))
	o := Earned(h, ledger("2023-01-01 A", "2023-02-01 C", "2024-03-01 B"), nil)
	want := map[string][]ResultKey{"late": {key("r3")}, "two": {key("r1"), key("r3")}}
	got := map[string][]ResultKey{}
	for _, e := range o.Earnings {
		if e.Subject.Kind == KindCertification {
			got[e.Subject.Code] = e.Supports
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("supports (-want +got):\n%s", diff)
	}
}

func TestDecisionDates(t *testing.T) {
	h := History{{Number: 7, Programme: parse(t, examples)}}
	o := Earned(h, ledger("2024-01-10 X", "2024-02-01 X", "2024-08-01 X", "2023-01-01 GONE", "2019-01-01 NEW", "2024-08-01 Y", "2026-02-01 Y"), nil)
	base, x, y, expert := Subject{KindCertification, "base"}, Subject{KindExam, "X"}, Subject{KindExam, "Y"}, Subject{KindCertification, "expert"}
	want := map[string][]Decision{
		"r1": {
			{Subject: x, Outcome: Skipped, Reason: ImpliedByCertification, Certification: "base", Date: day("2024-01-10"), Version: 7},
			{Subject: base, Outcome: Awarded, Reason: CertificationEarned, Date: day("2024-01-10"), Expires: day("2025-01-10"), Version: 7},
		},
		"r2": {
			{Subject: x, Outcome: Skipped, Reason: ImpliedByCertification, Certification: "base", Date: day("2024-02-01"), Version: 7},
			{Subject: base, Outcome: Skipped, Reason: AlreadyEarned, Date: day("2024-01-10"), Expires: day("2025-01-10"), RenewFrom: day("2024-07-14"), Version: 7},
		},
		"r3": {
			{Subject: x, Outcome: Skipped, Reason: ImpliedByCertification, Certification: "base", Date: day("2024-08-01"), Version: 7},
			{Subject: base, Outcome: Renewed, Reason: CertificationRenewed, Date: day("2024-08-01"), Expires: day("2026-01-10"), Version: 7},
		},
		"r4": {{Subject: Subject{KindExam, "GONE"}, Outcome: None, Reason: ExamRetired, Date: day("2022-03-31"), Version: 7}},
		"r5": {{Subject: Subject{KindExam, "NEW"}, Outcome: None, Reason: NotInBadgeProgramme, Date: day("2020-01-01"), Version: 7}},
		"r7": { // what has expired has no dates any more
			{Subject: y, Outcome: Skipped, Reason: AlreadyEarned, Date: day("2024-08-01"), Version: 7},
			{Subject: expert, Outcome: NotYet, Reason: RequirementMissing, Missing: &Requirement{Certification: "base"}, Version: 7},
		},
	}
	for id, decisions := range want {
		if diff := cmp.Diff(decisions, o.Decisions[key(id)]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

// A requirement of which nothing can be got any more says so.
func TestDecisionClosed(t *testing.T) {
	h := always(parse(t, `
exams: [{code: A, name: A}, {code: GONE, name: Gone, retired: 2022-03-31}]
certifications:
  - {code: c, name: C, requires: {all: [{exam: A}, {exam: GONE}]}}
  - {code: dead, name: Dead, retired: 2022-03-31, requires: {exam: GONE}}
  - {code: d, name: D, requires: {all: [{exam: A}, {certification: dead}]}}
`))
	o := Earned(h, ledger("2022-01-01 A", "2024-01-01 A"), nil)
	if got, want := decided(o, "r1"), "A awarded exam_passed\nc not_yet requirement_missing needs GONE\nd not_yet requirement_missing needs dead\n"; got != want {
		t.Errorf("while open: got %q, want %q", got, want)
	}
	if got, want := decided(o, "r2"), "A skipped already_earned\nc not_yet requirement_missing needs GONE (closed)\nd not_yet requirement_missing needs dead (closed)\n"; got != want {
		t.Errorf("when closed: got %q, want %q", got, want)
	}
	passed := always(parse(t, `
exams: [{code: A, name: A}, {code: GONE, name: Gone, retired: 2022-03-31}]
certifications: [{code: three, name: Three, requires: {all: [{exam: GONE}, {exam: A}, {certification: later}]}}, {code: later, name: Later, requires: {exam: A}, in_programme_since: 2030-01-01}]
`))
	o = Earned(passed, ledger("2022-01-01 GONE", "2024-01-01 A"), nil)
	if got, want := decided(o, "r2"), "A awarded exam_passed\nthree not_yet requirement_missing needs later\nlater none not_in_badge_programme\n"; got != want {
		t.Errorf("what was passed before it was retired: got %q, want %q", got, want)
	}
}

func TestHistory(t *testing.T) {
	one, two, three := parse(t, before), parse(t, after), parse(t, before)
	h := History{{1, Date{}, one}, {2, day("2024-01-01"), two}, {3, day("2023-06-01"), three}}
	for on, want := range map[string]int{"1900-01-01": 1, "2023-05-31": 1, "2023-06-01": 3, "2023-12-31": 3, "2024-01-01": 2, "2024-06-01": 2} {
		if got := h.On(day(on)).Number; got != want {
			t.Errorf("on %s version %d holds, want %d", on, got, want)
		}
	}
	again := append(h[:3:3], Version{4, day("2024-01-01"), three})
	if got := again.On(day("2024-01-01")).Number; got != 4 {
		t.Errorf("of two versions with the same day %d holds, want the one applied later", got)
	}
	if got := again.After(day("2023-06-01")); len(got) != 1 || got[0].Number != 4 {
		t.Errorf("after 2023-06-01 go on ruling %v, want version 4 alone", got)
	}
	if h.Latest().Number != 3 || h.numbered(2).Programme != two || h.numbered(4) != nil {
		t.Error("Latest or Numbered found another version")
	}
	var none History
	if none.On(day("2024-01-01")) != nil || none.Latest() != nil || none.Suggest("A") != nil {
		t.Error("an empty history has a version")
	}
	if e, found := h.Exam("NEW-A"); !found || e.Code != "A" {
		t.Errorf("a dropped alias: got %v, %v", e, found)
	}
	if _, found := h.Exam("c"); found {
		t.Error("a certification was found as an exam")
	}
	if c, found := h.Certification("c"); !found || c != &three.Certifications[0] {
		t.Error("Certification did not find that of the newest version")
	}
	if _, found := h.Certification("A"); found {
		t.Error("an exam was found as a certification")
	}
}

func TestSuggest(t *testing.T) {
	h := always(realProgramme(t))
	for code, want := range map[string][]string{
		"AZ-8OO": {"AZ-800", "AZ-801"}, "az-104": {"AZ-104"}, "AZ104": {"AZ-104"}, "70-690": {"70-290", "70-680"}, "MB-3": {"MB-300", "MB-310", "MB-330"},
		"nothing like it": nil, "": nil, strings.Repeat("x", 500): nil,
	} {
		if diff := cmp.Diff(want, h.Suggest(code)); diff != "" {
			t.Errorf("Suggest(%q) (-want +got):\n%s", code, diff)
		}
	}
}

// The distance of two words is the bytes to add, drop, change or swap.
func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"abc", "bca", 2},
		{"abab", "baba", 2}, {"abc", "adc", 1}, {"abc", "abxc", 1}, {"abc", "ac", 1}, {"kitten", "sitting", 3}, {"abcd", "cdab", 4},
		{"ab", "bc", 2}, {"ab", "ca", 2},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("from %q to %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestTakenAtInAnotherZone(t *testing.T) {
	r := ledger("2024-01-01 X")[0]
	r.TakenAt = time.Date(2024, 1, 10, 22, 0, 0, 0, time.FixedZone("", -5*3600))
	if got := Earned(always(parse(t, examples)), []Result{r}, nil).Earnings[0].EarnedOn; got != day("2024-01-11") {
		t.Errorf("earned on %s, want the UTC day 2024-01-11", got)
	}
}
