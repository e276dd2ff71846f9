package issuer

import (
	"cmp"
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// ledger is all that is known of one candidate, in the transaction that holds its lock.
type ledger struct {
	candidate candidate
	results   []Recorded
	awards    []*Award
	corrected []correction // facts of the candidate, in order
	address   string       // the candidate's before this transaction, which offers go by until followOwners
	unearned  []*Award     // without an earning since before what this transaction is about
}

func (l *ledger) award(id string) *Award {
	for _, a := range l.awards {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func (l *ledger) result(k programme.ResultKey) *Recorded {
	for n := range l.results {
		if l.results[n].key() == k {
			return &l.results[n]
		}
	}
	return nil
}

// holding is the award by which a subject is held on a day.
func (l *ledger) holding(s programme.Subject, day programme.Date) *Award {
	for _, a := range l.awards {
		if a.Subject() == s && a.stands() && covers(a.EarnedOn.Date, a.ExpiresOn.Date, day) {
			return a
		}
	}
	return nil
}

// awardOf is the award of a subject that a result is about: the one that it completed, or else the one
// that was held on its day.
func (l *ledger) awardOf(s programme.Subject, r *Recorded) string {
	for _, a := range l.awards {
		if a.Subject() == s && a.stands() && a.ResultID == r.ID {
			return a.ID
		}
	}
	if a := l.holding(s, programme.DateOf(r.TakenAt)); a != nil {
		return a.ID
	}
	return ""
}

// lostSupport reports whether a result that the award rests on counts no more.
func (l *ledger) lostSupport(a *Award) bool {
	return slices.ContainsFunc(a.Supports, func(id string) bool {
		r := l.result(programme.ResultKey{Partner: a.PartnerID, ID: id})
		return r == nil || !r.live()
	})
}

// identity is how the person was checked at the exam of a result; empty where that is not known.
func (l *ledger) identity(k programme.ResultKey) string {
	if r := l.result(k); r != nil && r.IdentityMatched == "yes" {
		return cmp.Or(r.IdentityMethod, "checked")
	}
	return ""
}
