package issuer

import (
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// cause is why a ledger is judged again. It decides about awards that lose their earning.
type cause int

const (
	byProgramme cause = iota // another version of the programme
	byLedger                 // a result came, was changed or taken back, or staff revoked an award
)

// catchUp lets the awards of a ledger follow what changed in the programme since it was last judged, so
// that what this transaction does to it has one cause only.
func (w *write) catchUp(l *ledger) {
	if len(w.history) > 1 && len(l.results) > 0 {
		w.settle(l, byProgramme)
	}
}

// settle asks the rules what the ledger adds up to and makes the awards follow. It returns the awards
// that were made or changed, certifications first. It works in memory; flush stores what follows.
func (w *write) settle(l *ledger, why cause) (outcome programme.Outcome, changed []*Award) {
	outcome = w.fold(l)
	for w.keep(l, outcome, why) {
		outcome = w.fold(l) // what is kept counts as held
	}
	for _, s := range subjects(outcome, l.awards) {
		changed = append(changed, w.reconcile(l, s, outcome, why)...)
	}
	w.followOwners(l)
	w.inherit(l, changed)
	return outcome, changed
}

// fold asks the rules what the ledger adds up to.
func (w *write) fold(l *ledger) programme.Outcome {
	results := make([]programme.Result, len(l.results))
	for k := range l.results {
		results[k] = l.results[k].line()
	}
	var standing []programme.Standing
	for _, a := range l.awards {
		if a.Kept || a.Revocation == ByStaff {
			standing = append(standing, a.standing())
		}
	}
	return programme.Earned(w.history, results, standing)
}

// keep notes the awards that have no earning any more because of the programme alone. It reports
// whether there are new ones.
func (w *write) keep(l *ledger, o programme.Outcome, why cause) (more bool) {
	for _, s := range subjects(programme.Outcome{}, l.awards) {
		pairs, _, orphans := match(badgeEarnings(o, s), l.resting(s))
		for _, a := range orphans {
			if a.Kept || a.Revocation == ByStaff || l.lostSupport(a) || l.swallowed(o, pairs, a, why) {
				continue
			}
			a.Kept, more = true, true
			w.change(a)
		}
	}
	return more
}

// reconcile makes the recorded awards of one subject follow what the rules say was earned, and returns
// those that were made or changed.
func (w *write) reconcile(l *ledger, s programme.Subject, o programme.Outcome, why cause) (touched []*Award) {
	pairs, fresh, orphans := match(badgeEarnings(o, s), l.resting(s))
	for _, p := range pairs {
		if w.follow(l, p.award, p.earning) {
			touched = append(touched, p.award)
		}
	}
	for _, e := range fresh {
		touched = append(touched, w.award(l, e))
	}
	for _, a := range orphans {
		if w.orphan(l, o, pairs, a, why) {
			touched = append(touched, a)
		}
	}
	return touched
}

// follow lets an award take over what its earning says now. New dates are a new edition of the same
// credential at the same address, without a new letter.
func (w *write) follow(l *ledger, a *Award, e programme.Earning) (reissued bool) {
	if a.Revocation == ByStaff {
		return false
	}
	dates, renewed, changed := a.follow(e)
	if !changed {
		return false
	}
	a.Identity = l.identity(e.By)
	w.change(a)
	if !dates {
		return false
	}
	kind := "badge.updated"
	if renewed {
		kind = "badge.renewed"
	}
	w.awardEvent(kind, l, a, "")
	w.reissue(a)
	return true
}

// award makes the award of an earning that has none.
func (w *write) award(l *ledger, e programme.Earning) *Award {
	a := &Award{
		ID: newAwardID(), CandidateID: l.candidate.ID, PartnerID: l.candidate.PartnerID,
		Kind: e.Subject.Kind, Code: e.Subject.Code,
		Salt: newSalt(), State: Offered, Visibility: ByLink, Revision: 1, CreatedAt: w.now,
	}
	a.follow(e)
	a.Identity = l.identity(e.By)
	l.awards = append(l.awards, a)
	w.made = append(w.made, a)
	w.awardEvent("badge.offered", l, a, "")
	w.reissue(a)
	return a
}

// orphan deals with an award that nothing earns any more: it is revoked when a result that it rests
// on was taken back, superseded when a late result joined its earning with another one, and stays
// when only the programme changed.
func (w *write) orphan(l *ledger, o programme.Outcome, pairs []pair, a *Award, why cause) (changed bool) {
	switch {
	case a.Revocation == ByStaff:
		return false
	case l.lostSupport(a):
		w.revoke(l, a, ByVoid)
		return true
	case l.swallowed(o, pairs, a, why):
		if next := l.successor(o, pairs, a); next != nil {
			a.Successor = next.ID
			w.change(a)
			w.awardEvent("badge.superseded", l, a, "")
			w.bequeath(l, a, next)
			return true
		}
	}
	l.unearned = append(l.unearned, a)
	return false
}

// swallowed reports whether a result took the award's earning away by joining it with another one, or
// by making the exam one that a certification implies. What the programme took away before is not.
func (l *ledger) swallowed(o programme.Outcome, pairs []pair, a *Award, why cause) bool {
	if why == byProgramme || slices.Contains(l.unearned, a) {
		return false
	}
	_, implied := implication(o, a)
	return implied || slices.ContainsFunc(pairs, func(p pair) bool { return p.swallows(a) })
}

// successor is the award that a swallowed one leads to.
func (l *ledger) successor(o programme.Outcome, pairs []pair, a *Award) *Award {
	if k := slices.IndexFunc(pairs, func(p pair) bool { return p.swallows(a) }); k >= 0 {
		return pairs[k].award
	}
	s, _ := implication(o, a)
	return l.holding(s, a.EarnedOn.Date)
}

// swallows reports whether the earning holds on the day on which the award was earned.
func (p pair) swallows(a *Award) bool {
	return covers(p.earning.EarnedOn, p.earning.Expires, a.EarnedOn.Date)
}

// implication is the certification for which the pass behind an exam's award has no badge of its own.
func implication(o programme.Outcome, a *Award) (s programme.Subject, implied bool) {
	for _, d := range o.Decisions[programme.ResultKey{Partner: a.PartnerID, ID: a.ResultID}] {
		if d.Subject == a.Subject() && d.Reason == programme.ImpliedByCertification {
			return programme.Subject{Kind: programme.KindCertification, Code: d.Certification}, true
		}
	}
	return s, false
}

// revoke ends an award for ever, for the reason of the change that this transaction is about.
func (w *write) revoke(l *ledger, a *Award, how string) {
	now := w.now
	a.RevokedAt, a.Revocation, a.Reason, a.PublicReason = &now, how, w.reason.Text, w.reason.Public
	a.DisputedAt, a.Dispute = nil, ""
	w.change(a)
	w.ended = append(w.ended, a)
	w.awardEvent("badge.revoked", l, a, a.Reason)
	w.withdrawnLetter(a)
}
