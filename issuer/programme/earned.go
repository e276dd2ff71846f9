package programme

import (
	"slices"
)

// Earned decides what a ledger of results has earned: contract 1, steps 1 to 6. It is a fold over the passes in the order of
// taken_at (ties: partner, then result id), so that the order of the ledger makes no difference; of a result that is there more than
// once, one counts. Each pass is judged by the version that holds on its UTC day. Nothing given is changed.
//
// standing are the recorded awards, as far as more than ledger and programme is needed to judge by (others do no harm):
//
// An award that staff revoked by hand (Revoked) ends its earning at that instant, just as an expiry does: passes taken before see it
// held, passes taken later do not. It is therefore not earned again from the same results, but by a later pass of an exam that the
// certification names, or, for an exam, of that exam. That is a new earning; earlier passes of other exams go on counting for it. The
// ended one stays among the earnings with Revoked set, so that the revoked award finds its pair. The earning meant is the one that By
// completed; should that pass be gone, or a late result have changed what completes what, it is the one whose time overlaps that of the
// award.
//
// An award that only a change of the programme left without an earning (Kept) counts as earned by the pass By, for as long as the
// programme version it was earned under says, and is renewed, ended and expires like any other. It stays out where the ledger earns
// the subject by itself at that time, and where a pass that it rested on up to By is voided, held, corrected or gone: then the award
// has no earning left and is revoked. A caller finds such awards by asking without them first: an award without an earning, whose
// supporting results are all in order and that no longer earning has swallowed, is kept from then on.
func Earned(h History, ledger []Result, standing []Standing) Outcome {
	f := &fold{
		h: h, out: Outcome{Decisions: make(map[ResultKey][]Decision, len(ledger))},
		passed: make(map[string]int, len(ledger)), last: make(map[Subject]*tenure, len(ledger)),
	}
	f.ledger = slices.Clone(ledger)
	slices.SortFunc(f.ledger, compareResults)
	f.stand(standing)
	for i, r := range f.ledger {
		if _, repeat := f.out.Decisions[r.Key()]; repeat {
			continue
		}
		f.revokeBefore(r.TakenAt)
		f.out.Decisions[r.Key()] = f.keep(r.Key(), f.judge(i, r))
	}
	f.revokeRest()
	return f.outcome()
}

// fold is the state between two passes.
type fold struct {
	h      History
	ledger []Result // in the order of the fold
	out    Outcome

	passed  map[string]int      // first pass of each exam that counted, by its place in the ledger
	last    map[Subject]*tenure // the latest earning of each subject; of exams the one with a badge, if any
	tenures []*tenure           // all of them, in order

	kept        []Standing
	revocations []revocation // by instant

	// The pass being judged.
	at      int // its place in the ledger
	day     Date
	version *Version
	ix      *index
	code    string // its exam
}

// tenure is an earning in the making.
type tenure struct {
	Earning
	at       int   // place of the completing pass in the ledger
	supports []int // places in the ledger, ascending
	renewals []int // places of all passes behind its renewals, older ones too
	followed bool  // of what is kept: a pass came by which it is earned all the same
}

// have reports whether an exam was passed so far, or a certification is held on the day of the pass.
func (f *fold) have(s Subject) bool {
	if s.Kind == KindExam {
		_, passed := f.passed[s.Code]
		return passed
	}
	t := f.last[s]
	return t != nil && t.held(f.day)
}

// open reports whether something can still be earned on the day of the pass or later, as far as the version of the day says.
func (f *fold) open(s Subject) bool {
	p := f.version.Programme
	if s.Kind == KindExam {
		e, found := p.Exam(s.Code)
		return found && (e.Retired.IsZero() || !f.day.After(e.Retired))
	}
	c, found := p.Certification(s.Code)
	return found && (c.Retired.IsZero() || !f.day.After(c.Retired))
}

// outcome is the fold's state as the answer.
func (f *fold) outcome() Outcome {
	f.out.Earnings = make([]Earning, len(f.tenures))
	for i, t := range f.tenures {
		t.Supports = make([]ResultKey, len(t.supports))
		for n, place := range t.supports {
			t.Supports[n] = f.ledger[place].Key()
		}
		f.out.Earnings[i] = t.Earning
	}
	return f.out
}

// begin starts an earning by the pass being judged.
func (f *fold) begin(s Subject, badge bool, supports []int) *tenure {
	t := &tenure{at: f.at, supports: supports, Earning: Earning{
		Subject: s, EarnedOn: f.day, By: f.ledger[f.at].Key(), Badge: badge, Version: f.version.Number,
	}}
	f.last[s] = t
	return t
}
