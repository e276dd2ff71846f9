package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/issuer/programme"
)

// TestSettleIsWhatTheContractSays settles random ledgers again and again and compares each time what became of every
// award with the reference below, and what the changes tell with what happened: whoever stores them, or shows them
// and stores nothing, has no other source.
func TestSettleIsWhatTheContractSays(t *testing.T) {
	yearly, err := programme.Parse(strings.NewReader(`
issuer: {id: i, name: I, url: https://i.test, email: i@i.test}
exams: [{code: A, name: A}]
certifications: [{code: c0, name: C0, valid_for: 12 months, requires: {exam: A}}]
`), "yearly.yaml")
	if err != nil {
		t.Fatal(err)
	}
	fates := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawResults(t)
		if rapid.Bool().Draw(t, "one exam") { // taken again and again, so that late passes join earnings
			h = programme.History{{Number: 1, Programme: yearly}}
			for n := range results {
				results[n].Exam = "A"
			}
		}
		a := newArrivals(h)
		for _, r := range rapid.Permutation(results).Draw(t, "order") {
			a.ledger.Results = append(a.ledger.Results, r)
			a.compare(t, fates, ByLedger)
			for _, x := range a.ledger.Awards {
				x.Signed = 1
				if x.State == Offered {
					x.State = rapid.SampledFrom([]string{Offered, Offered, Accepted, Declined}).Draw(t, "choice")
				}
			}
			switch rapid.IntRange(0, 7).Draw(t, "then") {
			case 0:
				some := &a.ledger.Results[rapid.IntRange(0, len(a.ledger.Results)-1).Draw(t, "which")]
				some.State = rapid.SampledFrom([]string{StateVoided, StateHeld, StateRecorded}).Draw(t, "state")
				a.compare(t, fates, ByLedger)
			case 1:
				some := &a.ledger.Results[rapid.IntRange(0, len(a.ledger.Results)-1).Draw(t, "which")]
				some.Outcome = rapid.SampledFrom([]programme.Mark{programme.Fail, programme.Pass}).Draw(t, "outcome")
				a.compare(t, fates, ByLedger)
			case 2:
				v := drawVersion(t, len(a.history)+1, drawDay(t, "effective", 0, lastDay))
				a.history = append(slices.Clone(a.history), v)
				a.compare(t, fates, ByProgramme)
			case 3:
				if len(a.ledger.Awards) > 0 {
					a.revoke(rapid.SampledFrom(a.ledger.Awards).Draw(t, "revoke").Subject())
				}
			}
		}
	})
	t.Log(fates)
}

// compare settles as a transaction does, first what is left of the programme and then what it is about.
func (a *arrivals) compare(t *rapid.T, fates map[string]int, why Cause) {
	a.ledger.unearned = nil
	causes := []Cause{why}
	if why == ByLedger && len(a.history) > 1 {
		causes = []Cause{ByProgramme, ByLedger}
	}
	unearned := map[string]bool{} // since before what this is about
	for _, cause := range causes {
		before := map[string]Award{}
		for _, x := range a.ledger.Awards {
			before[x.ID] = *x
		}
		want := follow(a, cause, unearned)
		c := a.changes()
		c.Settle(a.ledger, cause)
		if diff := cmp.Diff(want.lines, a.fates()); diff != "" {
			t.Fatalf("the contract (-) and Settle (+), cause %d:\n%s", cause, diff)
		}
		maps.Copy(unearned, want.unearned)
		if diff := cmp.Diff(a.happened(before, fates), told(c, before)); diff != "" {
			t.Fatalf("what happened (-) and what the changes tell (+):\n%s", diff)
		}
	}
}

// fates tells how each award stands.
func (a *arrivals) fates() (lines []string) {
	for _, x := range a.ledger.Awards {
		next := ""
		if s := a.ledger.Award(x.Successor); s != nil {
			next = s.line()
		}
		lines = append(lines, fate(*x, next))
	}
	slices.Sort(lines)
	return lines
}

func fate(x Award, successor string) string {
	return fmt.Sprintf("%s %s, kept %t, revoked %q, superseded by %q", x.Kind, x.line(), x.Kept, x.Revocation, successor)
}

// happened compares awards with what they were before. It says what was made, changed at all, is to be signed or
// ended, and of what events tell.
func (a *arrivals) happened(before map[string]Award, fates map[string]int) (list []string) {
	say := func(what string, x *Award) { list = append(list, what+" "+x.ID) }
	for _, x := range a.ledger.Awards {
		was, known := before[x.ID]
		if !known {
			fates["made"]++
			say("made", x)
			say("due", x)
			say("badge.offered", x)
			continue
		}
		if !cmp.Equal(was, *x) {
			say("changed", x)
		}
		switch {
		case x.RevokedAt != was.RevokedAt:
			fates["revoked"]++
			say("ended", x)
			say("badge.revoked", x)
			if x.State != Declined {
				say("withdrawn", x)
			}
		case x.Successor != was.Successor:
			fates["superseded"]++
			say("badge.superseded", x)
		case x.EarnedOn == was.EarnedOn && x.ExpiresOn == was.ExpiresOn:
		case len(x.Renewed) > len(was.Renewed):
			fates["renewed"]++
			say("due", x)
			say("badge.renewed", x)
		default:
			fates["moved"]++
			say("due", x)
			say("badge.updated", x)
		}
		if x.Kept && !was.Kept {
			fates["kept"]++
		}
	}
	slices.Sort(list)
	return list
}

// told is what the changes say of the same. An award may be changed back.
func told(c *Changes, before map[string]Award) (list []string) {
	for what, awards := range map[string][]*Award{
		"made": c.Made, "changed": c.Changed, "due": c.Due, "ended": c.Ended, "withdrawn": c.Withdrawn,
	} {
		for _, x := range awards {
			if what != "changed" || !cmp.Equal(before[x.ID], *x) {
				list = append(list, what+" "+x.ID)
			}
		}
	}
	for _, e := range c.Events {
		list = append(list, e.Kind+" "+e.Award.ID)
	}
	slices.Sort(list)
	return list
}

// followed is what becomes of the awards of a ledger.
type followed struct {
	lines    []string
	unearned map[string]bool
}

// follow is contract 1, "Awards follow", read aloud over what was earned, which programme's own reference is about.
// It pairs by trying every way.
func follow(a *arrivals, why Cause, unearned map[string]bool) followed {
	awards := map[string]*Award{}
	var order []string // of the ledger
	for _, x := range a.ledger.Awards {
		one := *x
		awards[x.ID] = &one
		order = append(order, x.ID)
	}
	live := map[string]bool{}
	var results []programme.Result
	for n := range a.ledger.Results {
		r := &a.ledger.Results[n]
		live[r.ID] = r.Outcome == programme.Pass && r.State == StateRecorded
		results = append(results, r.line())
	}
	lost := func(x *Award) bool {
		return slices.ContainsFunc(x.Supports, func(k programme.ResultKey) bool { return !live[k.ID] })
	}
	for {
		var standing []programme.Standing
		for _, id := range order {
			if x := awards[id]; x.Kept || x.Revocation == ByStaff {
				standing = append(standing, x.standing())
			}
		}
		o := programme.Earned(a.history, results, standing)
		pairs, fresh, alone := pairUp(o, awards, order)
		swallowed := func(x *Award) (by string, yes bool) {
			if why == ByProgramme || unearned[x.ID] {
				return "", false // the programme alone takes nothing away
			}
			for _, id := range order {
				if e, paired := pairs[id]; paired && e.Subject == x.Subject() && within(e, x) {
					return id, true // a late result joined two earnings into one
				}
			}
			for _, d := range o.Decisions[programme.ResultKey{Partner: "p", ID: x.ResultID}] {
				if d.Subject == x.Subject() && d.Reason == programme.ImpliedByCertification {
					return "by certification " + d.Certification, true
				}
			}
			return "", false
		}
		more := false
		for _, id := range alone {
			x := awards[id]
			if _, yes := swallowed(x); !yes && !x.Kept && x.Revocation != ByStaff && !lost(x) {
				x.Kept, more = true, true // it stays and counts as held
			}
		}
		if more {
			continue
		}
		return finish(awards, order, pairs, fresh, alone, lost, swallowed)
	}
}

func within(e programme.Earning, x *Award) bool {
	return !x.EarnedOn.Date.Before(e.EarnedOn) && (e.Expires.IsZero() || x.EarnedOn.Date.Before(e.Expires))
}

// finish says what becomes of the awards, certifications first: exams are superseded by awards of those.
func finish(awards map[string]*Award, order []string, pairs map[string]programme.Earning, fresh []programme.Earning,
	alone []string, lost func(*Award) bool, swallowed func(*Award) (string, bool)) followed {
	f := followed{unearned: map[string]bool{}}
	successors := map[string]*Award{}
	for _, id := range order {
		if e, paired := pairs[id]; paired && awards[id].Revocation != ByStaff {
			x := awards[id]
			x.ResultID, x.EarnedOn, x.ExpiresOn, x.Kept = e.By.ID, Day{e.EarnedOn}, Day{e.Expires}, e.Kept
		}
	}
	all := slices.Clone(order)
	for n, e := range fresh {
		id := fmt.Sprint("fresh ", n)
		awards[id] = &Award{ID: id, Kind: e.Subject.Kind, Code: e.Subject.Code, ResultID: e.By.ID, EarnedOn: Day{e.EarnedOn}, ExpiresOn: Day{e.Expires}, Kept: e.Kept}
		all = append(all, id)
	}
	gone := map[string]bool{}
	for _, kind := range []programme.Kind{programme.KindCertification, programme.KindExam} {
		for _, id := range alone {
			x := awards[id]
			if x.Kind != kind || x.Revocation == ByStaff {
				continue
			}
			if lost(x) {
				x.Revocation, gone[id] = ByVoid, true
				continue
			}
			by, yes := swallowed(x)
			next := awards[by]
			for _, other := range all {
				y := awards[other]
				stands := y.Revocation == "" && y.Successor == "" && !gone[other]
				if next == nil && yes && y.Kind == programme.KindCertification && by == "by certification "+y.Code && stands &&
					!x.EarnedOn.Before(y.EarnedOn.Date) && (y.ExpiresOn.IsZero() || x.EarnedOn.Before(y.ExpiresOn.Date)) {
					next = y
				}
			}
			if next == nil {
				f.unearned[id] = true
				continue
			}
			x.Successor, gone[id], successors[id] = next.ID, true, next
		}
	}
	for _, id := range all {
		next := ""
		if s := cmpOr(successors[id], awards[awards[id].Successor]); s != nil {
			next = s.line()
		}
		f.lines = append(f.lines, fate(*awards[id], next))
	}
	slices.Sort(f.lines)
	return f
}

func cmpOr(a, b *Award) *Award {
	if a != nil {
		return a
	}
	return b
}

// pairUp pairs awards with earnings in order of date: as many as there can be, and of all ways to do that the one
// with the most in common. What staff revoked goes with what they ended.
func pairUp(o programme.Outcome, awards map[string]*Award, order []string) (pairs map[string]programme.Earning, fresh []programme.Earning, alone []string) {
	pairs = map[string]programme.Earning{}
	for _, ended := range []bool{false, true} {
		earned, rest := map[programme.Subject][]programme.Earning{}, map[programme.Subject][]*Award{}
		for _, e := range o.Earnings {
			if e.Badge && e.Revoked.IsZero() != ended {
				earned[e.Subject] = append(earned[e.Subject], e)
			}
		}
		for _, id := range order {
			x := awards[id]
			if x.Successor == "" && x.Revocation != ByVoid && (x.Revocation == ByStaff) == ended {
				rest[x.Subject()] = append(rest[x.Subject()], x)
			}
		}
		subjects := slices.Concat(slices.Collect(maps.Keys(earned)), slices.Collect(maps.Keys(rest)))
		slices.SortFunc(subjects, programme.Subject.Compare)
		for _, s := range slices.Compact(subjects) {
			e, x := earned[s], rest[s]
			slices.SortStableFunc(e, func(a, b programme.Earning) int { return a.EarnedOn.Compare(b.EarnedOn) })
			slices.SortStableFunc(x, func(a, b *Award) int { return a.EarnedOn.Compare(b.EarnedOn.Date) })
			w := best(e, x)
			for n := range x {
				if m, paired := w.pairs[n]; paired {
					pairs[x[n].ID] = e[m]
				} else {
					alone = append(alone, x[n].ID)
				}
			}
			for m := range e {
				if !ended && !slices.Contains(slices.Collect(maps.Values(w.pairs)), m) {
					fresh = append(fresh, e[m])
				}
			}
		}
	}
	return pairs, fresh, alone
}

// way is a way to pair: which award with which earning, and how much they have in common.
type way struct {
	pairs map[int]int
	alike int
}

// best tries every way; of two as good as each other the one that pairs earlier, then the one that leaves an award.
func best(e []programme.Earning, x []*Award) (w way) {
	if len(e) == 0 || len(x) == 0 {
		return way{pairs: map[int]int{}}
	}
	both, noAward, noEarning := best(e[1:], x[1:]).shift(1, 1), best(e, x[1:]).shift(1, 0), best(e[1:], x).shift(0, 1)
	both.pairs[0] = 0
	switch {
	case x[0].ResultID == e[0].By.ID:
		both.alike += 2
	case x[0].EarnedOn.Date == e[0].EarnedOn:
		both.alike++
	}
	for _, w = range []way{both, noAward, noEarning} {
		if !w.worse(both) && !w.worse(noAward) && !w.worse(noEarning) {
			break
		}
	}
	return w
}

func (w way) worse(than way) bool {
	return len(w.pairs) < len(than.pairs) || len(w.pairs) == len(than.pairs) && w.alike < than.alike
}

func (w way) shift(award, earning int) way {
	moved := way{map[int]int{}, w.alike}
	for n, m := range w.pairs {
		moved.pairs[n+award] = m + earning
	}
	return moved
}
