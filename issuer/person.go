package issuer

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// facts are what is known of a candidate as a person (contract 3.3).
type facts struct{ Email, Name, Locale string }

// correction is a row of candidate_correction: somebody said on purpose what a member of the facts is.
type correction struct {
	CandidateID string    `db:"candidate_id"`
	Number      int64     `db:"number"` // from 1, in order
	Member      string    `db:"member"` // memberName or memberEmail
	Was         string    `db:"was"`
	Value       string    `db:"value"`
	Reason      string    `db:"reason"`
	CreatedAt   time.Time `db:"created_at"`
}

// The members of the facts that can be corrected.
const (
	memberName  = "name"
	memberEmail = "email"
)

// factsOf folds results and corrections of a ledger into the facts: each member is what the latest result says
// that counts as the person having been there. A correction outranks results taken before it, and those that
// repeat what was corrected away. known holds where nothing says more. The order of arrival makes no difference.
func factsOf(known facts, results []Recorded, corrections []correction) facts {
	said := byTime(results)
	return facts{
		Email:  member(memberEmail, known.Email, said, corrections, func(r *Recorded) string { return r.CandidateEmail }),
		Name:   member(memberName, known.Name, said, corrections, func(r *Recorded) string { return r.CandidateName }),
		Locale: member("", known.Locale, said, corrections, func(r *Recorded) string { return r.CandidateLocale }),
	}
}

// byTime are the results at which the person was, in the order of the rules.
func byTime(results []Recorded) (said []*Recorded) {
	for k := range results {
		if results[k].present() {
			said = append(said, &results[k])
		}
	}
	slices.SortFunc(said, func(a, b *Recorded) int {
		return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.PartnerID, b.PartnerID), cmp.Compare(a.ID, b.ID))
	})
	return said
}

// member is one fact. What was corrected away counts again only after a later correction says it.
func member(name, known string, said []*Recorded, corrections []correction, of func(*Recorded) string) string {
	value, since, away := known, time.Time{}, map[string]bool{}
	for _, c := range corrections { // in order
		if c.Member == name {
			away[c.Was] = true
			delete(away, c.Value)
			value, since = c.Value, c.CreatedAt
		}
	}
	for _, r := range said {
		if s := of(r); s != "" && !away[s] && !r.TakenAt.Before(since) {
			value = s
		}
	}
	return value
}

// followFacts has the candidate's facts follow results and corrections. A candidate for whom no result counts yet
// has those of its first one.
func (c *changes) followFacts(l *ledger) {
	known := &l.candidate
	stored := facts{known.Email, known.Name, known.Locale}
	now := factsOf(l.firstFacts(stored), l.results, l.corrected)
	if now == stored {
		return
	}
	known.Email, known.Name, known.Locale = now.Email, now.Name, now.Locale
	if !slices.Contains(c.restated, l) {
		c.restated = append(c.restated, l)
	}
	c.events = append(c.events, event{partner: known.PartnerID, kind: "candidate.updated", candidate: known.Number, reason: c.reason.Text})
	c.followOwners(l)
}

// firstFacts are what the result says that made the candidate; without one that says anything, what is stored.
func (l *ledger) firstFacts(stored facts) facts {
	var first *Recorded
	for k := range l.results {
		switch r := &l.results[k]; {
		case r.CandidateEmail == "":
		case r.ID == l.candidate.First:
			return r.facts()
		case first == nil || cmp.Or(r.RecordedAt.Compare(first.RecordedAt), r.TakenAt.Compare(first.TakenAt), cmp.Compare(r.ID, first.ID)) < 0:
			first = r
		}
	}
	if first == nil {
		return stored
	}
	return first.facts()
}

// correct notes corrections of one member of the facts: each of the wrong values was corrected to value. One that
// says what is known outranks what was taken before it all the same.
func (c *changes) correct(l *ledger, member, value string, wrong map[string]bool) {
	delete(wrong, value)
	if len(wrong) == 0 {
		if last := l.lastCorrection(member); last != nil && last.Value == value && !last.CreatedAt.Before(c.now) {
			return
		}
		wrong = map[string]bool{value: true}
	}
	for _, was := range slices.Sorted(maps.Keys(wrong)) {
		n := correction{
			CandidateID: l.candidate.ID, Number: int64(len(l.corrected) + 1), Member: member, Was: was, Value: value,
			Reason: c.reason.Text, CreatedAt: c.now,
		}
		c.corrections, l.corrected = append(c.corrections, n), append(l.corrected, n)
	}
	c.followFacts(l)
	c.followOwners(l)
}

func (l *ledger) lastCorrection(member string) *correction {
	for k := len(l.corrected) - 1; k >= 0; k-- {
		if l.corrected[k].Member == member {
			return &l.corrected[k]
		}
	}
	return nil
}
