package programme

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The exams are capital letters, the certifications small ones.
const examples = `
exams:
  - {code: A, name: A, aliases: [OLD-A]}
  - {code: B, name: B}
  - {code: C, name: C}
  - {code: ALWAYS, name: Always, badge: always}
  - {code: NEVER, name: Never, badge: never}
  - {code: GONE, name: Gone, retired: 2022-03-31}
  - {code: NEW, name: New, in_programme_since: 2020-01-01}
  - {code: X, name: X}
  - {code: Y, name: Y}
  - {code: Z, name: Z}
  - {code: M1, name: M1}
  - {code: M2, name: M2}
  - {code: M3, name: M3}
  - {code: M4, name: M4}
  - {code: Q, name: Q}
  - {code: S1, name: S1}
  - {code: S2, name: S2}
certifications:
  - {code: single, name: Single, requires: {exam: A}}
  - {code: pair, name: Pair, valid_for: 12 months, requires: {all: [{exam: B}, {exam: C}]}}
  - {code: loud, name: Loud, requires: {exam: ALWAYS}}
  - {code: base, name: Base, valid_for: 12 months, requires: {exam: X}}
  - {code: expert, name: Expert, valid_for: 12 months, requires: {any: [{all: [{exam: Y}, {certification: base}]}, {all: [{exam: GONE}, {exam: Z}]}]}}
  - {code: three, name: Three of four, requires: {at_least: {n: 3, of: [{exam: M1}, {exam: M2}, {exam: M3}, {exam: M4}]}}}
  - {code: quiet, name: Quiet, badge: never, requires: {exam: Q}}
  - {code: chain, name: Chain, requires: {all: [{certification: quiet}, {certification: three}]}}
  - {code: closed, name: Closed, retired: 2021-12-31, in_programme_since: 2019-01-01, requires: {exam: S1}}
  - {code: short, name: Short, valid_for: 1 month, renewal_window: 5 days, requires: {exam: S2}}
`

// The worked examples of contract 1. Results are r1, r2, … in the order of the ledger; want lists the earnings; on asks for the
// decisions on one result.
func TestEarned(t *testing.T) {
	tests := []struct {
		name   string
		ledger []string
		want   string
		on     string
		says   string
	}{
		{
			name:   "an exam that implies a certification has no badge of its own",
			ledger: []string{"2024-01-10 A"},
			want:   "A 2024-01-10 (no badge)\n single 2024-01-10",
			on:     "r1", says: "A skipped implied_by_certification single\n single awarded certification_earned",
		},
		{
			name:   "once more changes nothing",
			ledger: []string{"2024-01-10 A", "2024-02-10 A"},
			want:   "A 2024-01-10 (no badge)\n single 2024-01-10",
			on:     "r2", says: "A skipped implied_by_certification single\n single skipped already_earned",
		},
		{
			name:   "an alias means the exam",
			ledger: []string{"2024-01-10 OLD-A"},
			want:   "A 2024-01-10 (no badge)\n single 2024-01-10",
			on:     "r1", says: "A skipped implied_by_certification single\n single awarded certification_earned",
		},
		{
			name:   "codes are case-sensitive",
			ledger: []string{"2024-01-10 a"},
			on:     "r1", says: "a none not_in_badge_programme",
		},
		{
			name:   "badge: always keeps the exam's own badge",
			ledger: []string{"2024-01-10 ALWAYS"},
			want:   "ALWAYS 2024-01-10\n loud 2024-01-10",
			on:     "r1", says: "ALWAYS awarded exam_passed\n loud awarded certification_earned",
		},
		{
			name:   "badge: never on an exam",
			ledger: []string{"2024-01-10 NEVER"},
			want:   "NEVER 2024-01-10 (no badge)",
			on:     "r1", says: "NEVER skipped badge_never",
		},
		{
			name:   "badge: never on a certification: earned, counting, and the exam keeps its badge",
			ledger: []string{"2024-01-10 Q"},
			want:   "Q 2024-01-10\n quiet 2024-01-10 (no badge)",
			on:     "r1", says: "Q awarded exam_passed\n quiet skipped badge_never",
		},
		{
			name:   "the first of two exams",
			ledger: []string{"2024-01-10 B"},
			want:   "B 2024-01-10",
			on:     "r1", says: "B awarded exam_passed\n pair not_yet requirement_missing needs C",
		},
		{
			name:   "both exams: earned on the later day",
			ledger: []string{"2024-01-10 B", "2024-02-20 C"},
			want:   "B 2024-01-10\n C 2024-02-20\n pair 2024-02-20 until 2025-02-20",
			on:     "r2", says: "C awarded exam_passed\n pair awarded certification_earned",
		},
		{
			name:   "results out of order: the same, by the day they were taken",
			ledger: []string{"2024-02-20 C", "2024-01-10 B"},
			want:   "B 2024-01-10\n C 2024-02-20\n pair 2024-02-20 until 2025-02-20",
			on:     "r2", says: "B awarded exam_passed\n pair not_yet requirement_missing needs C",
		},
		{
			name:   "an expiry on a day that the month does not have is its last one",
			ledger: []string{"2024-02-29 X"},
			want:   "X 2024-02-29 (no badge)\n base 2024-02-29 until 2025-02-28",
		},
		{
			name:   "the day before the window opens",
			ledger: []string{"2024-01-10 X", "2024-07-13 X"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10",
			on:     "r2", says: "X skipped implied_by_certification base\n base skipped already_earned",
		},
		{
			name:   "renewed on the first day of the window, from the old expiry",
			ledger: []string{"2024-01-10 X", "2024-07-14 X"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2026-01-10 renewed 2024-07-14",
			on:     "r2", says: "X skipped implied_by_certification base\n base renewed certification_renewed",
		},
		{
			name:   "renewed on the last day it is held, then again",
			ledger: []string{"2024-01-10 X", "2025-01-09 X", "2025-01-10 X", "2025-07-20 X"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2027-01-10 renewed 2025-01-09 renewed 2025-07-20",
			on:     "r3", says: "X skipped implied_by_certification base\n base skipped already_earned",
		},
		{
			name:   "on the day of expiry it is not held: earned anew, a second earning",
			ledger: []string{"2024-01-10 X", "2025-01-10 X"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10\n base 2025-01-10 until 2026-01-10",
			on:     "r2", says: "X skipped implied_by_certification base\n base awarded certification_earned",
		},
		{
			name:   "either exam of a pair renews it",
			ledger: []string{"2024-01-10 B", "2024-02-20 C", "2024-10-01 B"},
			want:   "B 2024-01-10\n C 2024-02-20\n pair 2024-02-20 until 2026-02-20 renewed 2024-10-01",
			on:     "r3", says: "B skipped already_earned\n pair renewed certification_renewed",
		},
		{
			name:   "either exam of a pair earns it anew: the other one's pass goes on counting",
			ledger: []string{"2024-01-10 B", "2024-02-20 C", "2026-10-01 B"},
			want:   "B 2024-01-10\n C 2024-02-20\n pair 2024-02-20 until 2025-02-20\n pair 2026-10-01 until 2027-10-01",
		},
		{
			name:   "a short window",
			ledger: []string{"2024-01-31 S2", "2024-02-24 S2", "2024-03-20 S2", "2024-03-24 S2"},
			want:   "S2 2024-01-31 (no badge)\n short 2024-01-31 until 2024-04-29 renewed 2024-02-24 renewed 2024-03-24",
		},
		{
			name:   "a certification that is held counts: the exam taken second",
			ledger: []string{"2024-01-10 X", "2024-02-01 Y"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10\n Y 2024-02-01\n expert 2024-02-01 until 2025-02-01",
		},
		{
			name:   "the exam taken first: earned through the certification by the same pass",
			ledger: []string{"2024-01-10 Y", "2024-02-01 X"},
			want:   "Y 2024-01-10\n X 2024-02-01 (no badge)\n base 2024-02-01 until 2025-02-01\n expert 2024-02-01 until 2025-02-01",
			on:     "r2", says: "X skipped implied_by_certification base\n base awarded certification_earned\n expert awarded certification_earned",
		},
		{
			name:   "what it also needs leaves out the way that is closed",
			ledger: []string{"2024-01-10 Y"},
			want:   "Y 2024-01-10",
			on:     "r1", says: "Y awarded exam_passed\n expert not_yet requirement_missing needs base",
		},
		{
			name:   "what it also needs while both ways are open",
			ledger: []string{"2022-01-10 Z"},
			want:   "Z 2022-01-10",
			on:     "r1", says: "Z awarded exam_passed\n expert not_yet requirement_missing needs ((Y and base) or GONE)",
		},
		{
			name:   "a certification that is no longer held does not count",
			ledger: []string{"2024-01-10 X", "2025-01-10 Y"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10\n Y 2025-01-10",
			on:     "r2", says: "Y awarded exam_passed\n expert not_yet requirement_missing needs base",
		},
		{
			name:   "not renewed while something it needs is not held",
			ledger: []string{"2024-01-10 X", "2024-03-01 Y", "2025-02-01 Y"},
			want:   "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10\n Y 2024-03-01\n expert 2024-03-01 until 2025-03-01",
			on:     "r3", says: "Y skipped already_earned\n expert not_yet requirement_missing needs base",
		},
		{
			name:   "an expired certification does not come back through another one: its own exam is not named there",
			ledger: []string{"2024-01-10 Y", "2024-02-01 X", "2025-06-01 X"},
			want: "Y 2024-01-10\n X 2024-02-01 (no badge)\n base 2024-02-01 until 2025-02-01\n expert 2024-02-01 until 2025-02-01\n" +
				"base 2025-06-01 until 2026-06-01",
			on: "r3", says: "X skipped implied_by_certification base\n base awarded certification_earned",
		},
		{
			name:   "three of four",
			ledger: []string{"2024-01-01 M1", "2024-01-02 M2", "2024-01-03 M4", "2024-01-04 M3"},
			want:   "M1 2024-01-01\n M2 2024-01-02\n M4 2024-01-03\n three 2024-01-03\n M3 2024-01-04",
			on:     "r2", says: "M2 awarded exam_passed\n three not_yet requirement_missing needs (M3 or M4)",
		},
		{
			name:   "the first of three",
			ledger: []string{"2024-01-01 M1"},
			want:   "M1 2024-01-01",
			on:     "r1", says: "M1 awarded exam_passed\n three not_yet requirement_missing needs 2 of (M2 M3 M4)",
		},
		{
			name:   "certifications alone make one, through one without a badge",
			ledger: []string{"2024-01-01 M1", "2024-01-02 M2", "2024-01-03 Q", "2024-01-04 M3"},
			want: "M1 2024-01-01\n M2 2024-01-02\n Q 2024-01-03\n quiet 2024-01-03 (no badge)\n" +
				"M3 2024-01-04\n three 2024-01-04\n chain 2024-01-04",
			on: "r4", says: "M3 awarded exam_passed\n three awarded certification_earned\n chain awarded certification_earned",
		},
		{
			name:   "the last day before retirement counts",
			ledger: []string{"2022-03-31T23:59 GONE", "2022-04-01T00:00 GONE"},
			want:   "GONE 2022-03-31",
			on:     "r2", says: "GONE none exam_retired",
		},
		{
			name:   "a pass after retirement counts for nothing",
			ledger: []string{"2022-04-01 GONE", "2022-04-02 Z"},
			want:   "Z 2022-04-02",
			on:     "r2", says: "Z awarded exam_passed\n expert not_yet requirement_missing needs (Y and base)",
		},
		{
			name:   "before it was in the programme",
			ledger: []string{"2019-12-31 NEW", "2020-01-01 NEW"},
			want:   "NEW 2020-01-01",
			on:     "r1", says: "NEW none not_in_badge_programme",
		},
		{
			name:   "a certification before its time, in its time and after",
			ledger: []string{"2018-12-31 S1"},
			want:   "S1 2018-12-31",
			on:     "r1", says: "S1 awarded exam_passed\n closed none not_in_badge_programme",
		},
		{
			name:   "… the pass from before counts, and a new one completes it",
			ledger: []string{"2018-12-31 S1", "2021-12-31 S1"},
			want:   "S1 2018-12-31\n closed 2021-12-31",
			on:     "r2", says: "S1 skipped implied_by_certification closed\n closed awarded certification_earned",
		},
		{
			name:   "… retired",
			ledger: []string{"2022-01-01 S1"},
			want:   "S1 2022-01-01",
			on:     "r1", says: "S1 awarded exam_passed\n closed none certification_retired",
		},
		{
			name:   "… retired, and held for ever: the exam still implies it",
			ledger: []string{"2021-01-01 S1", "2022-01-01 S1"},
			want:   "S1 2021-01-01 (no badge)\n closed 2021-01-01",
			on:     "r2", says: "S1 skipped implied_by_certification closed\n closed skipped already_earned",
		},
		{
			name:   "failed, absent, held and voided results contribute nothing",
			ledger: []string{"2024-01-01 B fail", "2024-01-02 B no_show", "2024-01-03 B held", "2024-01-04 B void", "2024-01-05 C"},
			want:   "C 2024-01-05",
			on:     "r3", says: "B held identity_mismatch",
		},
		{name: "failed", ledger: []string{"2024-01-01 OLD-A fail"}, on: "r1", says: "A none not_passed"},
		{name: "absent", ledger: []string{"2024-01-01 A no_show"}, on: "r1", says: "A none not_passed"},
		{name: "voided", ledger: []string{"2024-01-01 A void held"}, on: "r1", says: "A none result_voided"},
		{
			name:   "the day is the day in UTC, and within it the instant decides",
			ledger: []string{"2024-01-10T23:59 Y", "2024-01-11T00:00 X"},
			want:   "Y 2024-01-10\n X 2024-01-11 (no badge)\n base 2024-01-11 until 2025-01-11\n expert 2024-01-11 until 2025-01-11",
		},
	}
	h := always(parse(t, examples))
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

// One pass may complete several certifications, in whatever order the programme lists them.
func TestEarnedUntilNothingFollows(t *testing.T) {
	h := always(parse(t, `
exams: [{code: A, name: A}]
certifications:
  - {code: third, name: Third, requires: {all: [{exam: A}, {certification: second}]}}
  - {code: second, name: Second, requires: {all: [{exam: A}, {certification: first}]}}
  - {code: first, name: First, requires: {exam: A}}
`))
	want := block(`
		A skipped implied_by_certification first
		third awarded certification_earned
		second awarded certification_earned
		first awarded certification_earned
	`)
	if got := decided(Earned(h, ledger("2024-01-10 A"), nil), "r1"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A pass after the retirement renews nothing; until then and until it expires the certification is held.
func TestRetiredCertificationIsNotRenewed(t *testing.T) {
	h := always(parse(t, "exams: [{code: A, name: A}]\ncertifications: [{code: c, name: C, valid_for: 12 months, retired: 2024-12-01, requires: {exam: A}}]"))
	for last, want := range map[string]string{
		"2024-12-01": "A skipped implied_by_certification c\nc renewed certification_renewed\n",
		"2024-12-02": "A skipped implied_by_certification c\nc none certification_retired\n",
	} {
		if got := decided(Earned(h, ledger("2024-01-10 A", last+" A"), nil), "r2"); got != want {
			t.Errorf("on %s: got %q, want %q", last, got, want)
		}
	}
}

// A certification without a badge says so when it is earned or renewed, and what is missing until then.
func TestCertificationWithoutABadge(t *testing.T) {
	h := always(parse(t, `
exams: [{code: A, name: A}, {code: B, name: B}]
certifications: [{code: c, name: C, badge: never, valid_for: 12 months, requires: {all: [{exam: A}, {exam: B}]}}]
`))
	o := Earned(h, ledger("2024-01-10 A", "2024-01-11 B", "2024-01-12 B", "2024-12-01 B"), nil)
	for id, want := range map[string]string{
		"r1": "A awarded exam_passed\nc not_yet requirement_missing needs B\n",
		"r2": "B awarded exam_passed\nc skipped badge_never\n",
		"r3": "B skipped already_earned\nc skipped already_earned\n",
		"r4": "B skipped already_earned\nc skipped badge_never\n",
	} {
		if got := decided(o, id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

// Passes of one instant count in the order of their ids, however they are given.
func TestEarnedAtOneInstant(t *testing.T) {
	h := always(parse(t, examples))
	results := ledger("2024-01-10 X", "2024-01-10 X")
	results[1].Partner = "o"
	for range 2 {
		if got := Earned(h, results, nil).Earnings[0].By; got.Partner != "o" {
			t.Errorf("earned by %v, want the partner that comes first", got)
		}
		results[0], results[1] = results[1], results[0]
	}
	results[0].Partner, results[1].Partner = "p", "p"
	for range 2 {
		if got := Earned(h, results, nil).Earnings[0].By; got != key("r1") {
			t.Errorf("earned by %v, want r1", got)
		}
		results[0], results[1] = results[1], results[0]
	}
}
