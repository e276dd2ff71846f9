package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Contract 1, "Awards follow", on random programmes of several versions and random ledgers in random orders of arrival. Only
// the order of arrival is at stake here, so everything happens in memory, as it does in a transaction before it is stored.

// arrivals is a ledger on its way here: what came, and what stands.
type arrivals struct {
	history programme.History
	ledger  *Ledger
	now     time.Time
	made    int // awards
}

func (a *arrivals) changes() *Changes { return &Changes{History: a.history, Now: a.now, IDs: a.ids} }

func (a *arrivals) ids() (award, salt string) {
	a.made++
	return fmt.Sprintf("a%d", a.made), ""
}

// post lets a result arrive, as record does.
func (a *arrivals) post(r Result) {
	a.ledger.Results = append(a.ledger.Results, r)
	a.settle(a.changes(), ByLedger)
}

func (a *arrivals) void(id string) {
	a.ledger.Result(programme.ResultKey{Partner: "p", ID: id}).State = StateVoided
	a.settle(a.changes(), ByLedger)
}

func (a *arrivals) apply(v programme.Version) {
	a.history = append(slices.Clone(a.history), v)
	a.settle(a.changes(), ByProgramme)
}

// settle settles with nothing known of what was without an earning before, as it is when a ledger was just read.
func (a *arrivals) settle(w *Changes, why Cause) {
	a.ledger.unearned = nil
	if why == ByLedger {
		w.CatchUp(a.ledger)
	}
	w.Settle(a.ledger, why)
}

// revoke takes the award of a subject that was earned last, if one stands, and tells which pass it was for.
func (a *arrivals) revoke(s programme.Subject) (by string, found bool) {
	resting := slices.DeleteFunc(a.ledger.resting(s), func(x *Award) bool { return !x.Stands() })
	if len(resting) == 0 {
		return "", false
	}
	last := resting[len(resting)-1]
	w := a.changes()
	a.ledger.unearned = nil
	w.CatchUp(a.ledger)
	w.Revoke(a.ledger, last, ByStaff)
	w.Settle(a.ledger, ByLedger)
	return last.ResultID, true
}

func (a *arrivals) standing() (lines []string) {
	for _, x := range a.ledger.Awards {
		if x.Stands() {
			lines = append(lines, x.line())
		}
	}
	slices.Sort(lines)
	return lines
}

func (a *arrivals) kept() bool {
	return slices.ContainsFunc(a.ledger.Awards, func(x *Award) bool { return x.Kept && x.Stands() })
}

// drawDay is a day of three years from day until day of them.
func drawDay(t *rapid.T, label string, from, until int) programme.Date {
	first, _ := programme.ParseDate("2020-01-01")
	return first.AddDays(rapid.IntRange(from, until).Draw(t, label))
}

const lastDay = 3 * 365

// drawDates are the dates of an item, mostly none.
func drawDates(t *rapid.T) (text string) {
	if rapid.IntRange(0, 4).Draw(t, "since?") == 0 {
		text = ", in_programme_since: " + drawDay(t, "since", 0, lastDay/2).String()
	}
	if rapid.IntRange(0, 4).Draw(t, "retired?") == 0 {
		text += ", retired: " + drawDay(t, "retired", lastDay/2, lastDay).String()
	}
	return text
}

func drawVersion(t *rapid.T, number int, effective programme.Date) programme.Version {
	badge := rapid.SampledFrom([]string{"", "", ", badge: always", ", badge: never"})
	text := "issuer: {id: i, name: I, url: https://i.test, email: i@i.test}\nexams:\n"
	leaves := []string{}
	for _, code := range []string{"A", "B", "C", "D"} {
		text += fmt.Sprintf("  - {code: %s, name: %s%s%s}\n", code, code, badge.Draw(t, "badge"), drawDates(t))
		leaves = append(leaves, "exam: "+code)
	}
	text += "certifications:\n"
	for k := range 4 {
		of := rapid.Permutation(leaves).Draw(t, "of")[:rapid.IntRange(1, 3).Draw(t, "parts")]
		requires := of[0]
		if n := len(of); n > 1 {
			list := "[{" + strings.Join(of, "}, {") + "}]"
			requires = rapid.SampledFrom([]string{"all: " + list, "any: " + list, fmt.Sprintf("at_least: {n: %d, of: %s}", n-1, list)}).Draw(t, "requires")
		}
		valid := rapid.SampledFrom([]string{"", ", valid_for: 1 month", ", valid_for: 6 months", ", valid_for: 12 months"}).Draw(t, "valid")
		text += fmt.Sprintf("  - {code: c%d, name: c%d, requires: {%s}%s%s%s}\n", k, k, requires, valid, badge.Draw(t, "badge"), drawDates(t))
		leaves = append(leaves, fmt.Sprintf("certification: c%d", k))
	}
	p, err := programme.Parse(strings.NewReader(text), "drawn.yaml")
	if err != nil {
		t.Fatal(err, text)
	}
	return programme.Version{Number: number, Effective: effective, Programme: p}
}

func drawHistory(t *rapid.T) programme.History {
	h := programme.History{drawVersion(t, 1, programme.Date{})}
	for n := range rapid.IntRange(0, 2).Draw(t, "versions") {
		h = append(h, drawVersion(t, n+2, drawDay(t, "effective", 0, lastDay)))
	}
	return h
}

// drawResults are results in order of time, whose ids keep it.
func drawResults(t *rapid.T) []Result {
	var list []Result
	for range rapid.IntRange(1, 9).Draw(t, "results") {
		r := Result{PartnerID: "p", CandidateID: rapid.SampledFrom([]string{"c", "d"}).Draw(t, "candidate"), Outcome: programme.Pass, State: StateRecorded, TakenAt: drawDay(t, "day", 0, lastDay).Time().Add(10 * time.Hour)}
		r.Exam = rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "exam")
		switch rapid.IntRange(0, 15).Draw(t, "idle?") {
		case 0:
			r.Outcome = programme.Fail
		case 1:
			r.State = StateHeld
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b Result) int { return a.TakenAt.Compare(b.TakenAt) })
	for k := range list {
		list[k].ID = fmt.Sprintf("r%d", k)
	}
	return list
}

func newArrivals(h programme.History) *arrivals {
	return &arrivals{history: h, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ledger: Of(Candidate{ID: "c", PartnerID: "p", Number: "C"}, Candidate{ID: "d", PartnerID: "p", Number: "D", Ledger: "c"})}
}

// arrive posts in order and voids some, each at any time after it came.
func arrive(t *rapid.T, h programme.History, results []Result, voided []string, late bool) *arrivals {
	a := newArrivals(h)
	order := results
	if late {
		order = rapid.Permutation(results).Draw(t, "order")
	}
	waiting := []string{}
	for _, r := range order {
		a.post(r)
		if slices.Contains(voided, r.ID) {
			waiting = append(waiting, r.ID)
		}
		for len(waiting) > 0 && (!late || rapid.Bool().Draw(t, "void now")) {
			a.void(waiting[0])
			waiting = waiting[1:]
		}
	}
	for _, ID := range waiting {
		a.void(ID)
	}
	return a
}

// Order of arrival makes no difference: what stands is what stands when all is posted in order of time. The one exception is what
// contract 1 makes it for: where a late result moved the earning of another achievement, an award stays without an earning of its own
// and counts as held. Then more may stand, and nothing is lost but the badge of an exam that such a certification implies.
func TestAwardsDoNotDependOnTheOrder(t *testing.T) {
	n, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawResults(t)
		var voided []string
		for _, r := range results {
			if rapid.IntRange(0, 7).Draw(t, "void?") == 0 {
				voided = append(voided, r.ID)
			}
		}
		inTime, late := arrive(t, h, results, voided, false), arrive(t, h, results, voided, true)
		n++
		if !late.kept() && !inTime.kept() {
			if diff := cmp.Diff(inTime.standing(), late.standing()); diff != "" {
				t.Fatalf("in time (-) and late (+):\n%s", diff)
			}
			return
		}
		kept++
		for _, x := range inTime.ledger.Awards {
			if x.Stands() && !x.Kept && !late.has(x) {
				t.Fatalf("%s is lost when results are late:\n%s", x.line(), cmp.Diff(inTime.standing(), late.standing()))
			}
		}
	})
	t.Logf("%d cases, %d with an award that is kept", n, kept)
}

// has reports whether an award for the same stands, or none is due because a certification that is held implies the exam.
func (a *arrivals) has(x *Award) bool {
	_, implied := implication(a.changes().fold(a.ledger), x)
	return implied || slices.ContainsFunc(a.ledger.Awards, func(y *Award) bool { return y.Stands() && y.Subject() == x.Subject() })
}

// The exception in its smallest form: a badge is never taken away because somebody's earlier success became known.
func TestALateResultThatMovesAnotherAchievement(t *testing.T) {
	p, err := programme.Parse(strings.NewReader(`
issuer: {id: i, name: I, url: https://i.test, email: i@i.test}
exams: [{code: A, name: A, badge: never}]
certifications:
  - {code: ca, name: CA, requires: {exam: A}}
  - {code: cc, name: CC, in_programme_since: 2024-06-01, requires: {certification: ca}}
`), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := programme.History{{Number: 1, Programme: p}}
	pass := func(ID string, month time.Month) Result {
		return Result{PartnerID: "p", ID: ID, CandidateID: "c", Exam: "A", Outcome: programme.Pass, State: StateRecorded, TakenAt: time.Date(2024, month, 1, 10, 0, 0, 0, time.UTC)}
	}
	inTime, late := newArrivals(h), newArrivals(h)
	inTime.post(pass("r1", time.January))
	inTime.post(pass("r2", time.July))
	late.post(pass("r2", time.July))
	late.post(pass("r1", time.January))
	if got, want := inTime.standing(), []string{"ca 2024-01-01- by r1"}; !slices.Equal(got, want) {
		t.Errorf("in time: got %q, want %q", got, want)
	}
	if got, want := late.standing(), []string{"ca 2024-01-01- by r1", "cc 2024-07-01- by r2"}; !slices.Equal(got, want) {
		t.Errorf("late: got %q, want %q", got, want)
	}
	late.void("r2")
	if got, want := late.standing(), []string{"ca 2024-01-01- by r1"}; !slices.Equal(got, want) {
		t.Errorf("voided: got %q, want %q", got, want)
	}
}

// Nothing that is posted in order of time leaves an award without its earning, whatever the versions.
func TestAwardsInTimeAreNeverKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := arrive(t, drawHistory(t), drawResults(t), nil, false)
		if a.kept() {
			t.Fatalf("kept: %v", a.standing())
		}
	})
}

// A pass that arrives takes nothing away.
func TestLatePassesTakeNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newArrivals(drawHistory(t))
		for _, r := range rapid.Permutation(drawResults(t)).Draw(t, "order") {
			before := slices.Clone(a.ledger.Awards)
			was := a.standing()
			a.post(r)
			for _, x := range before {
				switch {
				case x.RevokedAt != nil:
					t.Fatalf("%s took away %s: %v became %v", r.ID, x.Code, was, a.standing())
				case x.Successor != "" && !a.ledger.Award(x.Successor).Stands() && a.ledger.Award(x.Successor).Successor == "":
					t.Fatalf("%s: the successor of %s does not stand", r.ID, x.Code)
				}
			}
		}
	})
}

// An award that staff revoked ends the same earning, whether the passes taken before came in time or afterwards.
func TestRevocationsDoNotDependOnTheOrder(t *testing.T) {
	n, same := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawResults(t)
		n++
		revoked := drawDay(t, "revoked", 0, lastDay).Time()
		subject := rapid.SampledFrom([]programme.Subject{{Kind: programme.KindExam, Code: "A"}, {Kind: programme.KindCertification, Code: "c0"},
			{Kind: programme.KindCertification, Code: "c1"}, {Kind: programme.KindCertification, Code: "c3"}}).Draw(t, "subject")
		var before, late, after []Result
		for _, r := range results {
			switch {
			case r.TakenAt.After(revoked):
				after = append(after, r)
			case rapid.Bool().Draw(t, "late?"):
				late = append(late, r)
			default:
				before = append(before, r)
			}
		}
		run := func(first, rest []Result) (a *arrivals, by string) {
			a = newArrivals(h)
			for _, r := range first {
				a.post(r)
			}
			a.now = revoked
			by, _ = a.revoke(subject)
			for _, r := range rest {
				a.post(r)
			}
			return a, by
		}
		inTime, meant := run(results[:len(results)-len(after)], after)
		other, hit := run(rapid.Permutation(before).Draw(t, "before"), rapid.Permutation(slices.Concat(late, after)).Draw(t, "rest"))
		if meant == "" || meant != hit || inTime.kept() || other.kept() {
			return // another award was revoked, or something is kept
		}
		same++
		if diff := cmp.Diff(inTime.standing(), other.standing()); diff != "" {
			t.Fatalf("in time (-) and late (+):\n%s", diff)
		}
	})
	t.Logf("%d of %d cases", same, n)
}

// What stands in the end is what the rules say, given what is kept and what staff revoked: each earning with a badge has one award that
// says the same, and every other award that stands is one without an earning, which another one's time covers.
func TestAwardsAreWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawResults(t)
		a := newArrivals(h)
		for _, r := range rapid.Permutation(results).Draw(t, "order") {
			a.post(r)
			switch rapid.IntRange(0, 11).Draw(t, "then") {
			case 0:
				a.void(r.ID)
			case 1:
				a.apply(drawVersion(t, len(a.history)+1, drawDay(t, "effective", 0, lastDay)))
			case 2:
				if len(a.ledger.Awards) > 0 {
					a.revoke(rapid.SampledFrom(a.ledger.Awards).Draw(t, "revoke").Subject())
				}
			}
			a.check(t)
			before := a.standing()
			a.settle(a.changes(), ByLedger)
			if diff := cmp.Diff(before, a.standing()); diff != "" {
				t.Fatalf("settled again: %s", diff)
			}
		}
	})
}

// check compares what stands with what the rules say. An award that is kept may stand beside an earning without a badge, or beside one
// of the same time.
func (a *arrivals) check(t *rapid.T) {
	var want, got []string
	for _, e := range a.changes().fold(a.ledger).Earnings {
		if e.Badge && e.Revoked.IsZero() {
			want = append(want, fmt.Sprintf("%s %s-%s by %s", e.Subject.Code, e.EarnedOn, e.Expires, e.By.ID))
		}
	}
	for _, x := range a.ledger.Awards {
		if line := x.line(); x.Stands() && (!x.Kept || slices.Contains(want, line)) {
			got = append(got, line)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("earnings (-) and awards (+):\n%s", diff)
	}
}

func (a *Award) line() string {
	return fmt.Sprintf("%s %s-%s by %s", a.Code, a.EarnedOn, a.ExpiresOn, a.ResultID)
}
