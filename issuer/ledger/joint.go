package ledger

import (
	"slices"
	"time"
)

// Two ledgers become one when profiles of one person are merged, and come apart when that is undone (contract 3.3).
// Results and awards stay their candidates'; what follows is for Settle. Badges of the same earning become one: the
// earliest stays, the others lead to it. Undoing brings back the others, and ends what only the joint ledger earned.

// Join is the ledger of two persons who are one; the root of the first stays the root.
func Join(into, from *Ledger) *Ledger {
	l := &Ledger{
		Candidates: slices.Concat(into.Candidates, from.Candidates), Results: slices.Concat(into.Results, from.Results),
		Awards: slices.Concat(into.Awards, from.Awards), Corrected: slices.Concat(into.Corrected, from.Corrected),
		unearned: slices.Concat(into.unearned, from.unearned),
	}
	for _, c := range l.Candidates {
		c.Ledger = into.Root().ID
	}
	return l
}

// Separate takes the candidates of those ids, of which the first becomes a root, out of a joint ledger, and returns both
// ledgers. Both are to be settled then.
func (c *Changes) Separate(l *Ledger, ids []string) (stays, apart *Ledger) {
	stays, apart = &Ledger{}, &Ledger{}
	of := func(candidate string) *Ledger {
		if slices.Contains(ids, candidate) {
			return apart
		}
		return stays
	}
	for _, known := range l.Candidates {
		part := of(known.ID)
		part.Candidates = append(part.Candidates, known)
	}
	slices.SortStableFunc(apart.Candidates, func(a, b *Candidate) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	for _, known := range apart.Candidates {
		known.Ledger = ids[0]
	}
	for _, r := range l.Results {
		part := of(r.CandidateID)
		part.Results = append(part.Results, r)
	}
	for _, a := range l.Awards {
		part := of(a.CandidateID)
		part.Awards = append(part.Awards, a)
	}
	for _, n := range l.Corrected {
		part := of(n.CandidateID)
		part.Corrected = append(part.Corrected, n)
	}
	for _, part := range []*Ledger{stays, apart} {
		for _, a := range part.Awards {
			c.release(part, a)
		}
	}
	return stays, apart
}

// release takes back what an award has from one of another ledger: that this one took its place, or was accepted.
func (c *Changes) release(l *Ledger, a *Award) {
	if a.Successor != "" && l.Award(a.Successor) == nil {
		a.Successor = ""
		c.Change(a)
		c.beginEnd(a)
		c.AwardEvent("badge.reinstated", l, a, c.Reason.Text)
	}
	if a.Inherits == "" || l.Award(a.Inherits) != nil {
		return
	}
	a.Inherits = ""
	c.Change(a)
	if a.State != Accepted {
		return
	}
	a.State, a.Holder, a.Visibility, a.DecidedAt = Offered, "", ByLink, nil
	c.Chosen = append(c.Chosen, a)
	if a.Scores {
		a.Scores = false
		c.Reissue(a)
	}
	c.TellAward("badge.offered", l, a, c.Reason.Text)
	c.Note(ChangeReturned, a, c.Reason.Text)
}

// inheritChoice has the award that takes the place of an accepted one be accepted as that was, so that what was handed
// out of the one that leads there goes on working.
func (c *Changes) inheritChoice(l *Ledger, a, next *Award) {
	if a.State != Accepted || a.Holder == "" || next.State == Accepted || !next.Stands() || next.DisputedAt != nil {
		return
	}
	next.State, next.Holder, next.Visibility, next.DecidedAt, next.Inherits = Accepted, a.Holder, a.Visibility, a.DecidedAt, a.ID
	c.Change(next)
	c.Chosen = append(c.Chosen, next)
	c.AwardEvent("badge.accepted", l, next, "")
}

// MergeFact is what is told of profiles that were merged or separated.
type MergeFact struct {
	ID         string
	Into, From string // the partner's own ids
	UndoUntil  time.Time
}
