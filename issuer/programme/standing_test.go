package programme

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func instant(s string) time.Time {
	at, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		panic(err)
	}
	return at
}

// revoked is the award of a certification (or exam, in capitals) that staff revoked.
func revoked(code, by, earned, expires, at string) Standing {
	s := Standing{Subject: Subject{KindCertification, code}, EarnedOn: day(earned), By: key(by), Supports: []ResultKey{key(by)}, Version: 1, Revoked: instant(at)}
	if code[0] < 'a' {
		s.Subject.Kind = KindExam
	}
	if expires != "" {
		s.Expires = day(expires)
	}
	return s
}

func TestEarnedAfterRevocation(t *testing.T) {
	h := always(parse(t, examples))
	tests := []struct {
		name     string
		ledger   []string
		standing []Standing
		want     string
	}{
		{
			name:     "not earned again from the same results",
			ledger:   []string{"2024-01-10 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)",
		},
		{
			name:     "nor by a pass taken before it, however late that arrives",
			ledger:   []string{"2024-01-10 X", "2024-01-31 X", "2024-02-01T08:59 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)",
		},
		{
			name:     "a pass taken later, even on the same day, earns it again",
			ledger:   []string{"2024-01-10 X", "2024-02-01T09:01 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)\n base 2024-02-01 until 2025-02-01",
		},
		{
			name:     "a pass in the very second of the revocation counts as after it",
			ledger:   []string{"2024-01-10 X", "2024-02-01T09:00 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)\n base 2024-02-01 until 2025-02-01",
		},
		{
			name:     "but for the pass that completed what is revoked",
			ledger:   []string{"2024-02-01T09:00 X"},
			standing: []Standing{revoked("base", "r1", "2024-02-01", "2025-02-01", "2024-02-01T09:00")},
			want:     "X 2024-02-01 (no badge)\n base 2024-02-01 until 2025-02-01 (revoked)",
		},
		{
			name:     "earlier passes of other exams go on counting",
			ledger:   []string{"2024-01-01 B", "2024-01-10 C", "2024-03-01 C"},
			standing: []Standing{revoked("pair", "r2", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "B 2024-01-01\n C 2024-01-10\n pair 2024-01-10 until 2025-01-10 (revoked)\n pair 2024-03-01 until 2025-03-01",
		},
		{
			name:     "a pass of an exam that it does not name does not bring it back",
			ledger:   []string{"2024-01-01 B", "2024-01-10 C", "2024-03-01 X"},
			standing: []Standing{revoked("pair", "r2", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "B 2024-01-01\n C 2024-01-10\n pair 2024-01-10 until 2025-01-10 (revoked)\n X 2024-03-01 (no badge)\n base 2024-03-01 until 2025-03-01",
		},
		{
			name:     "what was earned while it was held stays; what comes later needs it",
			ledger:   []string{"2024-01-10 X", "2024-01-20 Y", "2025-01-01 Y"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want: "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)\n Y 2024-01-20\n" +
				"expert 2024-01-20 until 2025-01-20",
		},
		{
			name:     "an exam's badge: its pass goes on counting, a later pass gives a new badge",
			ledger:   []string{"2024-01-01 B", "2024-03-01 C", "2024-04-01 B"},
			standing: []Standing{revoked("B", "r1", "2024-01-01", "", "2024-02-01T09:00")},
			want:     "B 2024-01-01 (revoked)\n C 2024-03-01\n pair 2024-03-01 until 2025-03-01\n B 2024-04-01",
		},
		{
			name:     "never before the pass that completed it, whose clock was ahead",
			ledger:   []string{"2024-01-10T10:04 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-01-10T10:02")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)",
		},
		{
			name:     "the completing pass voided: another pass of that time does not stand in for it",
			ledger:   []string{"2024-01-10 X void", "2024-01-15 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2024-01-15 (no badge)\n base 2024-01-15 until 2025-01-15 (revoked)",
		},
		{
			name:     "a late result that moves the earning to an earlier day moves the revocation with it",
			ledger:   []string{"2024-01-10 X", "2023-12-01 X"},
			standing: []Standing{revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T09:00")},
			want:     "X 2023-12-01 (no badge)\n base 2023-12-01 until 2024-12-01 (revoked)",
		},
		{
			name:     "the first of two, revoked after it had expired: the second is untouched",
			ledger:   []string{"2022-01-10 X", "2024-01-10 X"},
			standing: []Standing{revoked("base", "r1", "2022-01-10", "2023-01-10", "2025-02-01T09:00")},
			want:     "X 2022-01-10 (no badge)\n base 2022-01-10 until 2023-01-10 (revoked)\n base 2024-01-10 until 2025-01-10",
		},
		{
			name:     "… even if its own pass is gone",
			ledger:   []string{"2022-01-10 X void", "2024-01-10 X"},
			standing: []Standing{revoked("base", "r1", "2022-01-10", "2023-01-10", "2025-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10",
		},
		{
			name:   "the second of two, whose pass is gone: the first is untouched",
			ledger: []string{"2022-01-10 X", "2024-01-10 X void", "2024-02-10 X"},
			standing: []Standing{
				revoked("base", "r2", "2024-01-10", "2025-01-10", "2025-02-01T09:00"),
			},
			want: "X 2022-01-10 (no badge)\n base 2022-01-10 until 2023-01-10\n base 2024-02-10 until 2025-02-10 (revoked)",
		},
		{
			name:     "what never expires, its pass gone",
			ledger:   []string{"2024-01-10 A void", "2024-01-15 A"},
			standing: []Standing{revoked("single", "r1", "2024-01-10", "", "2024-02-01T09:00")},
			want:     "A 2024-01-15 (no badge)\n single 2024-01-15 (revoked)",
		},
		{
			name:   "two whose passes are gone: each ends one",
			ledger: []string{"2024-01-10 X", "2024-03-01 X"},
			standing: []Standing{
				revoked("base", "gone", "2024-01-09", "2025-01-09", "2024-02-01T09:00"),
				revoked("base", "lost", "2024-02-28", "2025-02-28", "2024-04-01T09:00"),
			},
			want: "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)\n base 2024-03-01 until 2025-03-01 (revoked)",
		},
		{
			name:   "revoked twice on one day",
			ledger: []string{"2024-01-10T09:00 X", "2024-01-10T11:00 X", "2024-01-10T13:00 X"},
			standing: []Standing{
				revoked("base", "r2", "2024-01-10", "2025-01-10", "2024-01-10T12:00"),
				revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-01-10T10:00"),
			},
			want: "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10 (revoked)\n base 2024-01-10 until 2025-01-10 (revoked)\n base 2024-01-10 until 2025-01-10",
		},
		{
			name:     "a revocation of something else",
			ledger:   []string{"2024-01-10 X"},
			standing: []Standing{revoked("expert", "r1", "2024-01-10", "", "2024-02-01T09:00"), revoked("X", "r1", "2024-01-10", "", "2024-02-01T09:00")},
			want:     "X 2024-01-10 (no badge)\n base 2024-01-10 until 2025-01-10",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := Earned(h, ledger(test.ledger...), test.standing)
			if diff := cmp.Diff(block(test.want), told(o)); diff != "" {
				t.Errorf("earnings (-want +got):\n%s", diff)
			}
		})
	}
}

// A revoked certification whose exam is passed again before the expiry of old: the exam's badge question follows what is held.
func TestRevocationAndImplication(t *testing.T) {
	h := always(parse(t, examples))
	o := Earned(h, ledger("2021-06-01 S1", "2022-02-01 S1"), []Standing{revoked("closed", "r1", "2021-06-01", "", "2021-12-01T00:00")})
	want := "S1 awarded exam_passed\nclosed none certification_retired\n"
	if got := decided(o, "r2"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The programme changed backwards in time: c needs B as well, and what was earned without it is kept.
func TestKept(t *testing.T) {
	const old = `
exams: [{code: A, name: A}, {code: B, name: B}, {code: D, name: D}, {code: N, name: N}]
certifications:
  - {code: c, name: C, valid_for: 12 months, requires: {exam: A}}
  - {code: d, name: D, requires: {all: [{exam: D}, {certification: c}]}}
`
	const harder = `
exams: [{code: A, name: A}, {code: B, name: B}, {code: D, name: D}, {code: N, name: N, badge: never}]
certifications:
  - {code: c, name: C, valid_for: 24 months, requires: {all: [{exam: A}, {exam: B}]}}
  - {code: d, name: D, requires: {all: [{exam: D}, {certification: c}]}}
`
	h := History{{1, Date{}, parse(t, old)}, {2, day("2020-01-01"), parse(t, harder)}}
	kept := Standing{Subject: Subject{KindCertification, "c"}, EarnedOn: day("2024-01-10"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}
	keptExam := Standing{Subject: Subject{KindExam, "N"}, EarnedOn: day("2024-01-10"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}
	ended := kept
	ended.Revoked = instant("2024-02-01T00:00")
	unknown := kept
	unknown.Version = 99
	tests := []struct {
		name     string
		ledger   []string
		standing []Standing
		want     string
	}{
		{
			name:   "without a word about it, it is lost",
			ledger: []string{"2024-01-10 A", "2024-03-01 D"},
			want:   "A 2024-01-10\n D 2024-03-01",
		},
		{
			name:     "kept: it is held for as long as its own version says, and counts",
			ledger:   []string{"2024-01-10 A", "2024-03-01 D"},
			standing: []Standing{kept},
			want:     "A 2024-01-10\n c 2024-01-10 until 2025-01-10 (kept)\n D 2024-03-01\n d 2024-03-01",
		},
		{
			name:     "… until it expires",
			ledger:   []string{"2024-01-10 A", "2025-01-10 D"},
			standing: []Standing{kept},
			want:     "A 2024-01-10\n c 2024-01-10 until 2025-01-10 (kept)\n D 2025-01-10",
		},
		{
			name:     "it is renewed by the rules of now",
			ledger:   []string{"2024-01-10 A", "2024-12-01 A", "2024-12-02 B"},
			standing: []Standing{kept},
			want:     "A 2024-01-10\n c 2024-01-10 until 2027-01-10 renewed 2024-12-02 (kept)\n B 2024-12-02",
		},
		{
			name:     "once expired it is earned anew by the rules of now",
			ledger:   []string{"2024-01-10 A", "2025-02-01 B"},
			standing: []Standing{kept},
			want:     "A 2024-01-10\n c 2024-01-10 until 2025-01-10 (kept)\n B 2025-02-01\n c 2025-02-01 until 2027-02-01",
		},
		{
			name:     "the ledger earns it by itself: no second one",
			ledger:   []string{"2024-01-10 A", "2024-01-09 B"},
			standing: []Standing{kept},
			want:     "B 2024-01-09\n A 2024-01-10\n c 2024-01-10 until 2026-01-10",
		},
		{
			name:     "the pass that it rests on is voided: it is lost",
			ledger:   []string{"2024-01-10 A void", "2024-03-01 D"},
			standing: []Standing{kept},
			want:     "D 2024-03-01",
		},
		{
			name:     "… or corrected to a failure",
			ledger:   []string{"2024-01-10 A fail", "2024-03-01 D"},
			standing: []Standing{kept},
			want:     "D 2024-03-01",
		},
		{
			name:     "… or gone",
			ledger:   nil,
			standing: []Standing{kept},
		},
		{
			name:     "kept, then revoked by staff",
			ledger:   []string{"2024-01-10 A", "2024-01-20 D", "2024-03-01 B"},
			standing: []Standing{ended},
			want:     "A 2024-01-10\n c 2024-01-10 until 2025-01-10 (kept) (revoked)\n D 2024-01-20\n d 2024-01-20\n B 2024-03-01\n c 2024-03-01 until 2026-03-01",
		},
		{
			name:     "a version that nobody knows: the version of the day",
			ledger:   []string{"2024-01-10 A"},
			standing: []Standing{unknown},
			want:     "A 2024-01-10\n c 2024-01-10 until 2026-01-10 (kept)",
		},
		{
			name:     "an exam's badge",
			ledger:   []string{"2024-01-10 N", "2024-02-10 N"},
			standing: []Standing{keptExam},
			want:     "N 2024-01-10 (no badge)\n N 2024-01-10 (kept)",
		},
		{
			name:     "neither kept nor revoked: nothing to tell",
			ledger:   []string{"2024-01-10 A"},
			standing: []Standing{{Subject: kept.Subject, EarnedOn: kept.EarnedOn, By: kept.By, Supports: kept.Supports, Version: 1}},
			want:     "A 2024-01-10",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := Earned(h, ledger(test.ledger...), test.standing)
			if diff := cmp.Diff(block(test.want), told(o)); diff != "" {
				t.Errorf("earnings (-want +got):\n%s", diff)
			}
		})
	}
	o := Earned(h, ledger("2024-01-10 A"), []Standing{kept})
	if got, want := decided(o, "r1"), "A awarded exam_passed\nc awarded certification_earned\n"; got != want {
		t.Errorf("decisions on a kept award's pass: got %q, want %q", got, want)
	}
	o = Earned(h, ledger("2024-01-10 N"), []Standing{keptExam})
	if got, want := decided(o, "r1"), "N awarded exam_passed\n"; got != want {
		t.Errorf("decisions on a kept exam's pass: got %q, want %q", got, want)
	}
}

// What the pass earns by itself is not kept besides, badge or not; what it has nothing to do with any more is added to its decisions.
func TestKeptWhereTheCertificationChanged(t *testing.T) {
	const exams = "exams: [{code: A, name: A}, {code: B, name: B}]\n"
	kept := Standing{Subject: Subject{KindCertification, "c"}, EarnedOn: day("2024-01-10"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}
	for _, test := range []struct{ name, cert, want, says string }{
		{"it has no badge any more", "{code: c, name: C, badge: never, requires: {exam: A}}",
			"A 2024-01-10\nc 2024-01-10 (no badge)\n", "A awarded exam_passed\nc skipped badge_never\n"},
		{"it names another exam", "{code: c, name: C, requires: {exam: B}}",
			"A 2024-01-10\nc 2024-01-10 (kept)\n", "A awarded exam_passed\nc awarded certification_earned\n"},
	} {
		h := History{
			{1, Date{}, parse(t, exams+"certifications: [{code: c, name: C, requires: {exam: A}}]")},
			{2, day("2020-01-01"), parse(t, exams+"certifications: ["+test.cert+"]")},
		}
		o := Earned(h, ledger("2024-01-10 A"), []Standing{kept})
		if got := told(o); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if got := decided(o, "r1"); got != test.says {
			t.Errorf("%s: decisions %q, want %q", test.name, got, test.says)
		}
	}
}

// A kept certification takes nothing from what follows from it: the first pass by which it is earned all the same counts as the pass that
// earned it (contract 1, step 2), and no later one does.
func TestWhatFollowsFromAKeptCertification(t *testing.T) {
	const exams = "exams: [{code: A, name: A, badge: never}, {code: B, name: B, badge: never}]\n"
	h := History{
		{1, Date{}, parse(t, exams+"certifications: [{code: c, name: C, requires: {exam: A}}]")},
		{2, day("2020-01-01"), parse(t, exams+"certifications: [{code: c, name: C, requires: {exam: B}}, {code: d, name: D, in_programme_since: 2024-04-15, requires: {certification: c}}]")},
	}
	kept := []Standing{{Subject: Subject{KindCertification, "c"}, EarnedOn: day("2024-01-10"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}}
	for _, test := range []struct {
		ledger []string
		want   string
	}{
		{[]string{"2024-01-10 A", "2024-05-01 B"}, "A 2024-01-10 (no badge)\nc 2024-01-10 (kept)\nB 2024-05-01 (no badge)\nd 2024-05-01\n"},
		{[]string{"2024-01-10 A", "2024-04-01 B", "2024-05-01 B"}, "A 2024-01-10 (no badge)\nc 2024-01-10 (kept)\nB 2024-04-01 (no badge)\n"},
	} {
		if diff := cmp.Diff(test.want, told(Earned(h, ledger(test.ledger...), kept))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.ledger, diff)
		}
	}
}

// A kept award rests on all its passes up to the completing one; those after it only renewed it, and an exam that is no longer in
// the programme on that day keeps its badge too.
func TestKeptSupports(t *testing.T) {
	h := History{
		{1, Date{}, parse(t, "exams: [{code: A, name: A}, {code: B, name: B}]\ncertifications: [{code: c, name: C, valid_for: 12 months, requires: {all: [{exam: A}, {exam: B}]}}]")},
		{2, day("2000-01-01"), parse(t, "exams: [{code: A, name: A, in_programme_since: 2025-01-01}, {code: B, name: B}]\ncertifications: [{code: c, name: C, valid_for: 12 months, requires: {all: [{exam: A}, {exam: B}]}}]")},
	}
	c := Standing{Subject: Subject{KindCertification, "c"}, EarnedOn: day("2024-02-01"), By: key("r2"), Supports: []ResultKey{key("r1"), key("r2"), key("r3")}, Version: 1, Kept: true}
	a := Standing{Subject: Subject{KindExam, "A"}, EarnedOn: day("2024-01-01"), By: key("r1"), Supports: []ResultKey{key("r1")}, Version: 1, Kept: true}
	for _, test := range []struct{ name, first, last, want string }{
		{"all in order", "2024-01-01 A", "2024-12-01 B", "A 2024-01-01 (kept)\nB 2024-02-01\nc 2024-02-01 until 2025-02-01 (kept)\n"},
		{"a renewal voided", "2024-01-01 A", "2024-12-01 B void", "A 2024-01-01 (kept)\nB 2024-02-01\nc 2024-02-01 until 2025-02-01 (kept)\n"},
		{"a support voided", "2024-01-01 A void", "2024-12-01 B", "B 2024-02-01\n"},
		{"a support held", "2024-01-01 A held", "2024-12-01 B", "B 2024-02-01\n"},
	} {
		o := Earned(h, ledger(test.first, "2024-02-01 B", test.last), []Standing{c, a})
		if diff := cmp.Diff(test.want, told(o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if last := o.Earnings[len(o.Earnings)-1]; last.Kept {
			if diff := cmp.Diff([]ResultKey{key("r1"), key("r2")}, last.Supports); diff != "" {
				t.Errorf("%s: supports (-want +got):\n%s", test.name, diff)
			}
		}
	}
	c.Supports = []ResultKey{key("gone"), key("r2")}
	if got, want := told(Earned(h, ledger("2024-01-01 A", "2024-02-01 B"), []Standing{c})), "B 2024-02-01\n"; got != want {
		t.Errorf("a support gone: got %q, want %q", got, want)
	}
}

// The order in which standing awards are given makes no difference.
func TestStandingOrder(t *testing.T) {
	h := always(parse(t, examples))
	results := ledger("2024-01-10 X", "2024-03-01 X", "2024-05-01 X", "2024-05-02 Y")
	standing := []Standing{
		revoked("base", "r1", "2024-01-10", "2025-01-10", "2024-02-01T00:00"), revoked("base", "r2", "2024-03-01", "2025-03-01", "2024-04-01T00:00"),
		revoked("base", "gone", "2024-01-11", "2025-01-10", "2024-04-01T00:00"), revoked("expert", "r4", "2024-05-02", "2025-05-02", "2024-06-01T00:00"),
		{Subject: Subject{KindCertification, "loud"}, EarnedOn: day("2024-05-02"), By: key("r4"), Supports: []ResultKey{key("r4")}, Version: 1, Kept: true},
		{Subject: Subject{KindCertification, "single"}, EarnedOn: day("2024-05-02"), By: key("r4"), Supports: []ResultKey{key("r4")}, Version: 1, Kept: true},
	}
	want := Earned(h, results, standing)
	for range 50 {
		rand.Shuffle(len(standing), func(i, j int) { standing[i], standing[j] = standing[j], standing[i] })
		if diff := cmp.Diff(want, Earned(h, results, standing)); diff != "" {
			t.Fatalf("another order gave something else:\n%s", diff)
		}
	}
}

// A kept award that was renewed with the help of an older pass outlives that pass: only the renewal rested on it.
func TestKeptOutlivesWhatOnlyItsRenewalRestedOn(t *testing.T) {
	const exams = "exams: [{code: A, name: A}, {code: B, name: B}, {code: C, name: C}]\n"
	h := History{
		{1, Date{}, parse(t, exams+"certifications: [{code: c, name: C, valid_for: 12 months, requires: {exam: A}}]")},
		{2, day("2000-01-01"), parse(t, exams+"certifications: [{code: c, name: C, valid_for: 12 months, requires: {all: [{exam: B}, {exam: C}]}}]")},
	}
	award := Standing{Subject: Subject{KindCertification, "c"}, EarnedOn: day("2024-02-01"), By: key("r2"), Supports: []ResultKey{key("r2")}, Version: 1, Kept: true}
	renewed := Earned(h, ledger("2024-01-01 B", "2024-02-01 A", "2024-12-01 C"), []Standing{award})
	for _, e := range renewed.Earnings {
		if e.Subject.Code == "c" {
			award.Supports, award.Expires = e.Supports, e.Expires // as it is recorded from then on
		}
	}
	got := told(Earned(h, ledger("2024-01-01 B void", "2024-02-01 A", "2024-12-01 C"), []Standing{award}))
	if want := "A 2024-02-01\nc 2024-02-01 until 2025-02-01 (kept)\nC 2024-12-01\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
