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
func (c *changes) catchUp(l *ledger) {
	if len(c.history) > 1 && len(l.results) > 0 {
		c.settle(l, byProgramme)
	}
}

// record adds a new result to a ledger, decides and lets the awards follow. It returns the result with what it did,
// and the awards that were made or changed.
func (c *changes) record(l *ledger, r Recorded) (recorded Recorded, changed []*Award) {
	l.results = append(l.results, r)
	if r.State == StateHeld {
		c.resultEvent("result.held", l, r)
	} else {
		c.resultEvent("result.recorded", l, r)
	}
	c.followFacts(l)
	outcome, changed := c.settle(l, byLedger)
	added := &l.results[len(l.results)-1]
	added.Decisions, added.Awards = l.decisions(outcome, added), awardIDs(changed)
	c.results = append(c.results, *added)
	return *added, changed
}

// settle asks the rules what the ledger adds up to and makes the awards follow. It returns the awards
// that were made or changed, certifications first. It works in memory; flush stores what follows.
func (c *changes) settle(l *ledger, why cause) (outcome programme.Outcome, changed []*Award) {
	outcome = c.fold(l)
	for c.keep(l, outcome, why) {
		outcome = c.fold(l) // what is kept counts as held
	}
	for _, s := range subjects(outcome, l.awards) {
		changed = append(changed, c.reconcile(l, s, outcome, why)...)
	}
	c.followOwners(l)
	c.inherit(l, changed)
	return outcome, changed
}

// fold asks the rules what the ledger adds up to.
func (c *changes) fold(l *ledger) programme.Outcome {
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
	return programme.Earned(c.history, results, standing)
}

// keep notes the awards that have no earning any more because of the programme alone. It reports
// whether there are new ones.
func (c *changes) keep(l *ledger, o programme.Outcome, why cause) (more bool) {
	for _, s := range subjects(programme.Outcome{}, l.awards) {
		pairs, _, orphans := match(badgeEarnings(o, s), l.resting(s))
		for _, a := range orphans {
			if a.Kept || a.Revocation == ByStaff || l.lostSupport(a) || l.swallowed(o, pairs, a, why) {
				continue
			}
			a.Kept, more = true, true
			c.change(a)
		}
	}
	return more
}

// reconcile makes the recorded awards of one subject follow what the rules say was earned, and returns
// those that were made or changed.
func (c *changes) reconcile(l *ledger, s programme.Subject, o programme.Outcome, why cause) (touched []*Award) {
	pairs, fresh, orphans := match(badgeEarnings(o, s), l.resting(s))
	for _, p := range pairs {
		if c.follow(l, p.award, p.earning) {
			touched = append(touched, p.award)
		}
	}
	for _, e := range fresh {
		touched = append(touched, c.award(l, e))
	}
	for _, a := range orphans {
		if c.orphan(l, o, pairs, a, why) {
			touched = append(touched, a)
		}
	}
	return touched
}

// follow lets an award take over what its earning says now. New dates are a new edition of the same
// credential at the same address, without a new letter.
func (c *changes) follow(l *ledger, a *Award, e programme.Earning) (reissued bool) {
	if a.Revocation == ByStaff {
		return false
	}
	dates, renewed, changed := a.follow(e)
	if !changed {
		return false
	}
	a.Identity = l.identity(e.By)
	c.change(a)
	if !dates {
		return false
	}
	kind := "badge.updated"
	if renewed {
		kind = "badge.renewed"
	}
	c.awardEvent(kind, l, a, "")
	c.reissue(a)
	return true
}

// award makes the award of an earning that has none.
func (c *changes) award(l *ledger, e programme.Earning) *Award {
	id, salt := c.ids()
	a := &Award{
		ID: id, CandidateID: l.candidate.ID, PartnerID: l.candidate.PartnerID,
		Kind: e.Subject.Kind, Code: e.Subject.Code,
		Salt: salt, State: Offered, Visibility: ByLink, Revision: 1, CreatedAt: c.now,
	}
	a.follow(e)
	a.Identity = l.identity(e.By)
	l.awards = append(l.awards, a)
	c.made = append(c.made, a)
	c.awardEvent("badge.offered", l, a, "")
	c.reissue(a)
	return a
}

// orphan deals with an award that nothing earns any more: it is revoked when a result that it rests
// on was taken back, superseded when a late result joined its earning with another one, and stays
// when only the programme changed.
func (c *changes) orphan(l *ledger, o programme.Outcome, pairs []pair, a *Award, why cause) (changed bool) {
	switch {
	case a.Revocation == ByStaff:
		return false
	case l.lostSupport(a):
		c.revoke(l, a, ByVoid)
		return true
	case l.swallowed(o, pairs, a, why):
		if next := l.successor(o, pairs, a); next != nil {
			a.Successor = next.ID
			c.change(a)
			c.awardEvent("badge.superseded", l, a, "")
			c.bequeath(l, a, next)
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
func (c *changes) revoke(l *ledger, a *Award, how string) {
	now := c.now
	a.RevokedAt, a.Revocation, a.Reason, a.PublicReason = &now, how, c.reason.Text, c.reason.Public
	a.DisputedAt, a.Dispute = nil, ""
	c.change(a)
	c.ended = append(c.ended, a)
	c.awardEvent("badge.revoked", l, a, a.Reason)
	if a.State != Declined && a.Signed > 0 {
		c.withdrawn = append(c.withdrawn, a)
	}
}

// Why somebody who got a letter says "This isn't me" (flows 2.1.4, S14).
const (
	UnknownPerson = "unknown_person" // they don't know who the letter is for
	NeverTook     = "never_took"     // they never took the exam
	WrongName     = "wrong_name"
)

func (c *changes) dispute(l *ledger, a *Award, reason string) {
	now := c.now
	a.DisputedAt, a.Dispute = &now, reason
	c.change(a)
	c.awardEvent("badge.disputed", l, a, reason)
}

// inherit holds new offers too where somebody at their address does not know the person.
func (c *changes) inherit(l *ledger, awards []*Award) {
	for _, a := range awards {
		unknown := func(o *Award) bool {
			return o.disputed() && o.Dispute == UnknownPerson && o.address(l.candidate) == a.address(l.candidate)
		}
		if a.waits() && slices.Contains(c.made, a) && slices.ContainsFunc(l.awards, unknown) {
			c.dispute(l, a, UnknownPerson)
		}
	}
}

// bequeath holds the offer that takes the place of one that is held.
func (c *changes) bequeath(l *ledger, a, next *Award) {
	if a.DisputedAt != nil && next.waits() {
		c.dispute(l, next, a.Dispute)
	}
	a.DisputedAt, a.Dispute = nil, ""
}
