// Package ledger is one person's results and awards, and what follows from them: which awards are made, changed,
// superseded or revoked when a result comes or the rules change, whom they belong to, and what is to be told. It
// is pure: it reads no clock, draws nothing at random and knows no database; whoever holds the lock of a ledger
// hands all that in and stores the Changes. Explaining a result and planning a programme are the same calls
// without the store.
package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Ledger is all that is known of one person, in the transaction that holds its lock: of one candidate, or of those
// whom merges joined. Results are one row for the rules; whose a result or an award is, its candidate says.
//
// An award belongs to the candidate whose pass completed it when it was made, and stays there: its id, its addresses,
// the letters about it and the partner who hears of it. Its earning may come to rest on passes of other candidates of
// the ledger.
type Ledger struct {
	Candidates []*Candidate // the root first, whose row is the lock
	Results    []Result
	Awards     []*Award
	Corrected  []Correction // facts of the candidates, in order for each
	unearned   []*Award     // without an earning since before what this transaction is about
}

// Candidate is a certification profile: a partner's candidate.
type Candidate struct {
	ID        string `db:"id"`
	PartnerID string `db:"partner_id"`
	Number    string `db:"number"` // the partner's own id
	Email     string `db:"email"`  // in its one spelling
	Name      string `db:"name"`
	Locale    string `db:"locale"`
	First     string `db:"first_result"` // the result that made it; empty: the one of the earliest time
	Revision  int64  `db:"revision"`     // 1 for one that this transaction made
	Ledger    string `db:"ledger"`       // id of the root of the ledger that it shares with others; empty: its own

	Before string `db:"-"` // the address before this transaction, which offers go by until Changes.followOwners
}

// Of is the ledger of candidates of whom nothing more is known yet, the root first.
func Of(list ...Candidate) *Ledger {
	l := &Ledger{Candidates: make([]*Candidate, len(list))}
	for n := range list {
		list[n].Before = list[n].Email
		l.Candidates[n] = &list[n]
	}
	return l
}

// Root is the id of the candidate whose row is the lock of the candidate's ledger.
func (c Candidate) Root() string { return cmp.Or(c.Ledger, c.ID) }

// CandidateKey is how partners name candidates: each by ids of its own.
type CandidateKey struct{ Partner, Number string }

// ID is the candidate's own, which follows from the key: 80 bits of its hash.
func (k CandidateKey) ID() string {
	sum := sha256.Sum256([]byte(k.Partner + "\x00" + k.Number))
	return "cnd_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// Key is the candidate's.
func (c Candidate) Key() CandidateKey { return CandidateKey{c.PartnerID, c.Number} }

// Root is the candidate whose row is the lock.
func (l *Ledger) Root() *Candidate { return l.Candidates[0] }

// Candidate is the one of that id, or nil.
func (l *Ledger) Candidate(id string) *Candidate {
	for _, c := range l.Candidates {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// Address is where an award of the ledger is offered and where its letters go.
func (l *Ledger) Address(a *Award) string { return a.Address(l.Candidate(a.CandidateID)) }

// results are those of one candidate. They are not to be changed.
func (l *Ledger) results(candidate string) []Result {
	if len(l.Candidates) == 1 {
		return l.Results
	}
	return slices.DeleteFunc(slices.Clone(l.Results), func(r Result) bool { return r.CandidateID != candidate })
}

// corrections are those of one candidate.
func (l *Ledger) corrections(candidate string) []Correction {
	return slices.DeleteFunc(slices.Clone(l.Corrected), func(c Correction) bool { return c.CandidateID != candidate })
}

// Award is the award of that id, or nil.
func (l *Ledger) Award(id string) *Award {
	for _, a := range l.Awards {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// Result is the result of that key, or nil.
func (l *Ledger) Result(k programme.ResultKey) *Result {
	for n := range l.Results {
		if l.Results[n].Key() == k {
			return &l.Results[n]
		}
	}
	return nil
}

// holding is the award by which a subject is held on a day.
func (l *Ledger) holding(s programme.Subject, day programme.Date) *Award {
	for _, a := range l.Awards {
		if a.Subject() == s && a.Stands() && covers(a.EarnedOn.Date, a.ExpiresOn.Date, day) {
			return a
		}
	}
	return nil
}

// awardOf is the award of a subject that a result is about: the one that it completed, or else the one
// that was held on its day. A partner is not told of another partner's.
func (l *Ledger) awardOf(s programme.Subject, r *Result) string {
	about := l.holding(s, programme.DateOf(r.TakenAt))
	for _, a := range l.Awards {
		if a.Subject() == s && a.Stands() && a.By() == r.Key() {
			about = a
			break
		}
	}
	if about == nil || about.PartnerID != r.PartnerID {
		return ""
	}
	return about.ID
}

// lostSupport reports whether a result that the award rests on counts no more.
func (l *Ledger) lostSupport(a *Award) bool {
	return slices.ContainsFunc(a.Supports, func(k programme.ResultKey) bool {
		r := l.Result(k)
		return r == nil || !r.Live()
	})
}

// identity is how the person was checked at the exam of a result; empty where that is not known.
func (l *Ledger) identity(k programme.ResultKey) string {
	if r := l.Result(k); r != nil && r.IdentityMatched == "yes" {
		return cmp.Or(r.IdentityMethod, "checked")
	}
	return ""
}

// HasScores reports whether a score was recorded for a pass that the award rests on.
func (l *Ledger) HasScores(a *Award) bool {
	return slices.ContainsFunc(a.Supports, func(k programme.ResultKey) bool {
		r := l.Result(k)
		return r != nil && r.Score != ""
	})
}

// Heirs are the awards and those that took their place.
func (l *Ledger) Heirs(ids []string) []string {
	for k := 0; k < len(ids); k++ {
		if a := l.Award(ids[k]); a != nil && a.Successor != "" && !slices.Contains(ids, a.Successor) {
			ids = append(ids, a.Successor)
		}
	}
	return ids
}

// ReportedWith are the awards that one report held, of which this is one.
func (l *Ledger) ReportedWith(a *Award) (list []*Award) {
	for _, o := range l.Awards {
		if a.DisputedAt != nil && o.DisputedAt != nil && o.DisputedAt.Equal(*a.DisputedAt) && o.Dispute == a.Dispute {
			list = append(list, o)
		}
	}
	return list
}

// RestingOn are the awards that a result supports.
func (l *Ledger) RestingOn(r *Result) (list []*Award) {
	for _, a := range l.Awards {
		if a.By() == r.Key() || slices.Contains(a.Supports, r.Key()) {
			list = append(list, a)
		}
	}
	return list
}
