package ledger

import (
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Cause is why a ledger is judged again. It decides about awards that lose their earning.
type Cause int

// The causes.
const (
	ByProgramme Cause = iota // another version of the programme
	ByLedger                 // a result came, was changed or taken back, or staff revoked an award
)

// CatchUp lets the awards of a ledger follow what changed in the programme since it was last judged, so
// that what this transaction does to it has one cause only.
func (c *Changes) CatchUp(l *Ledger) {
	if len(c.History) > 1 && len(l.Results) > 0 {
		c.Settle(l, ByProgramme)
	}
}

// Record adds a new result to a ledger, decides and lets the awards follow. It returns the result with what it did,
// and the awards that were made or changed.
func (c *Changes) Record(l *Ledger, r Result) (recorded Result, changed []*Award) {
	l.Results = append(l.Results, r)
	if r.State == StateHeld {
		c.ResultEvent("result.held", l, r)
	} else {
		c.ResultEvent("result.recorded", l, r)
	}
	c.FollowFacts(l, l.Candidate(r.CandidateID))
	outcome, changed := c.Settle(l, ByLedger)
	added := &l.Results[len(l.Results)-1]
	added.Decisions, added.Awards = l.Decisions(outcome, added), AwardIDs(changed)
	c.Results = append(c.Results, *added)
	return *added, changed
}

// Settle asks the rules what the ledger adds up to and makes the awards follow. It returns the awards
// that were made or changed, certifications first. It works in memory.
func (c *Changes) Settle(l *Ledger, why Cause) (outcome programme.Outcome, changed []*Award) {
	outcome = c.fold(l)
	for c.keep(l, outcome, why) {
		outcome = c.fold(l) // what is kept counts as held
	}
	for _, s := range subjects(outcome, l.Awards) {
		changed = append(changed, c.reconcile(l, s, outcome, why)...)
	}
	c.followOwners(l)
	c.inherit(l, changed)
	return outcome, changed
}

// fold asks the rules what the ledger adds up to.
func (c *Changes) fold(l *Ledger) programme.Outcome {
	results := make([]programme.Result, len(l.Results))
	for k := range l.Results {
		results[k] = l.Results[k].line()
	}
	var standing []programme.Standing
	for _, a := range l.Awards {
		if a.Kept || a.Revocation == ByStaff {
			standing = append(standing, a.standing())
		}
	}
	return programme.Earned(c.History, results, standing)
}

// keep notes the awards that have no earning any more because of the programme alone. It reports
// whether there are new ones.
func (c *Changes) keep(l *Ledger, o programme.Outcome, why Cause) (more bool) {
	for _, s := range subjects(programme.Outcome{}, l.Awards) {
		pairs, _, orphans := match(badgeEarnings(o, s), l.resting(s))
		for _, a := range orphans {
			if a.Kept || a.Revocation == ByStaff || l.lostSupport(a) || l.swallowed(o, pairs, a, why) {
				continue
			}
			a.Kept, more = true, true
			c.Change(a)
		}
	}
	return more
}

// reconcile makes the recorded awards of one subject follow what the rules say was earned, and returns
// those that were made or changed.
func (c *Changes) reconcile(l *Ledger, s programme.Subject, o programme.Outcome, why Cause) (touched []*Award) {
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
func (c *Changes) follow(l *Ledger, a *Award, e programme.Earning) (reissued bool) {
	if a.Revocation == ByStaff {
		return false
	}
	before, end := a.Supports, a.ExpiresOn
	dates, renewed, changed := a.follow(e)
	if !changed {
		return false
	}
	a.Identity = l.identity(e.By)
	c.Change(a)
	c.moveEnd(a, end)
	if !slices.Equal(a.Supports, before) && !slices.Contains(c.Made, a) && !slices.Contains(c.Rebased, a) {
		c.Rebased = append(c.Rebased, a)
	}
	if !dates {
		return false
	}
	kind := "badge.updated"
	if renewed {
		kind = "badge.renewed"
	}
	c.AwardEvent(kind, l, a, "")
	c.Reissue(a)
	return true
}

// award makes the award of an earning that has none.
func (c *Changes) award(l *Ledger, e programme.Earning) *Award {
	id, salt := c.IDs()
	of := l.Candidate(l.Result(e.By).CandidateID)
	a := &Award{
		ID: id, CandidateID: of.ID, PartnerID: of.PartnerID,
		Kind: e.Subject.Kind, Code: e.Subject.Code,
		Salt: salt, State: Offered, Visibility: ByLink, Revision: 1, CreatedAt: c.Now,
	}
	a.follow(e)
	a.Identity = l.identity(e.By)
	l.Awards = append(l.Awards, a)
	c.Made = append(c.Made, a)
	c.beginEnd(a)
	c.AwardEvent("badge.offered", l, a, "")
	c.Reissue(a)
	return a
}

// orphan deals with an award that nothing earns any more: it is revoked when a result that it rests
// on was taken back, superseded when a late result joined its earning with another one, and stays
// when only the programme changed.
func (c *Changes) orphan(l *Ledger, o programme.Outcome, pairs []pair, a *Award, why Cause) (changed bool) {
	switch {
	case a.Revocation == ByStaff:
		return false
	case l.lostSupport(a):
		c.Revoke(l, a, l.lossOf(a))
		return true
	case l.swallowed(o, pairs, a, why):
		if next := l.successor(o, pairs, a); next != nil {
			a.Successor = next.ID
			c.Change(a)
			c.dropEnd(a)
			c.AwardEvent("badge.superseded", l, a, "")
			c.bequeath(l, a, next)
			c.inheritChoice(l, a, next)
			return true
		}
	}
	l.unearned = append(l.unearned, a)
	return false
}

// lossOf is how an award ends that lost what it rested on: a result was taken back, or is not the person's any more.
func (l *Ledger) lossOf(a *Award) string {
	for _, k := range a.Supports {
		if r := l.Result(k); r != nil && !r.Live() {
			return ByVoid
		}
	}
	return ByUndo
}

// swallowed reports whether a result took the award's earning away by joining it with another one, or
// by making the exam one that a certification implies. What the programme took away before is not.
func (l *Ledger) swallowed(o programme.Outcome, pairs []pair, a *Award, why Cause) bool {
	if why == ByProgramme || slices.Contains(l.unearned, a) {
		return false
	}
	_, implied := implication(o, a)
	return implied || slices.ContainsFunc(pairs, func(p pair) bool { return p.swallows(a) })
}

// successor is the award that a swallowed one leads to.
func (l *Ledger) successor(o programme.Outcome, pairs []pair, a *Award) *Award {
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
	for _, d := range o.Decisions[a.By()] {
		if d.Subject == a.Subject() && d.Reason == programme.ImpliedByCertification {
			return programme.Subject{Kind: programme.KindCertification, Code: d.Certification}, true
		}
	}
	return s, false
}

// Revoke ends an award for ever, for the reason of the change that this transaction is about.
func (c *Changes) Revoke(l *Ledger, a *Award, how string) {
	now := c.Now
	a.RevokedAt, a.Revocation, a.Reason, a.PublicReason = &now, how, c.Reason.Text, c.Reason.Public
	a.DisputedAt, a.Dispute = nil, ""
	c.Change(a)
	c.Ended = append(c.Ended, a)
	c.dropEnd(a)
	c.AwardEvent("badge.revoked", l, a, a.Reason)
	if a.State != Declined && a.Signed > 0 {
		c.Withdrawn = append(c.Withdrawn, a)
	}
}

// Why somebody who got a letter says "This isn't me" (flows 2.1.4, S14).
const (
	UnknownPerson = "unknown_person" // they don't know who the letter is for
	NeverTook     = "never_took"     // they never took the exam
	WrongName     = "wrong_name"
)

// Dispute holds an offer that somebody says is not theirs.
func (c *Changes) Dispute(l *Ledger, a *Award, reason string) {
	now := c.Now
	a.DisputedAt, a.Dispute = &now, reason
	c.Change(a)
	c.AwardEvent("badge.disputed", l, a, reason)
}

// inherit holds new offers too where somebody at their address does not know the person.
func (c *Changes) inherit(l *Ledger, awards []*Award) {
	for _, a := range awards {
		unknown := func(o *Award) bool {
			return o.Disputed() && o.Dispute == UnknownPerson && l.Address(o) == l.Address(a)
		}
		if a.Waits() && slices.Contains(c.Made, a) && slices.ContainsFunc(l.Awards, unknown) {
			c.Dispute(l, a, UnknownPerson)
		}
	}
}

// bequeath holds the offer that takes the place of one that is held.
func (c *Changes) bequeath(l *Ledger, a, next *Award) {
	if a.DisputedAt != nil && next.Waits() {
		c.Dispute(l, next, a.Dispute)
	}
	a.DisputedAt, a.Dispute = nil, ""
}
