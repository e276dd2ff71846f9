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

// candidate is a certification profile: a partner's candidate, to whom one ledger belongs.
type candidate struct {
	ID        string `db:"id"`
	PartnerID string `db:"partner_id"`
	Number    string `db:"number"` // the partner's own id
	Email     string `db:"email"`  // in its one spelling
	Name      string `db:"name"`
	Locale    string `db:"locale"`
	First     string `db:"first_result"` // the result that made it; empty: the one of the earliest time
	Revision  int64  `db:"revision"`     // 1 for one that this transaction made
}

func (l *ledger) hasScores(a *Award) bool {
	return slices.ContainsFunc(a.Supports, func(id string) bool {
		r := l.result(programme.ResultKey{Partner: a.PartnerID, ID: id})
		return r != nil && r.Score != ""
	})
}

// heirs are the awards and those that took their place.
func (l *ledger) heirs(ids []string) []string {
	for k := 0; k < len(ids); k++ {
		if a := l.award(ids[k]); a != nil && a.Successor != "" && !slices.Contains(ids, a.Successor) {
			ids = append(ids, a.Successor)
		}
	}
	return ids
}

// reportedWith are the awards that one report held, of which this is one.
func (l *ledger) reportedWith(a *Award) (list []*Award) {
	for _, o := range l.awards {
		if a.DisputedAt != nil && o.DisputedAt != nil && o.DisputedAt.Equal(*a.DisputedAt) && o.Dispute == a.Dispute {
			list = append(list, o)
		}
	}
	return list
}

// restingOn are the awards that a result supports.
func (l *ledger) restingOn(r *Recorded) (list []*Award) {
	for _, a := range l.awards {
		if a.PartnerID == r.PartnerID && (a.ResultID == r.ID || slices.Contains(a.Supports, r.ID)) {
			list = append(list, a)
		}
	}
	return list
}

type candidateKey struct{ partner, number string }

func (c candidate) key() candidateKey { return candidateKey{c.PartnerID, c.Number} }
