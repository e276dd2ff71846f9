package ledger

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Person are what is known of a candidate as a person (contract 3.3).
type Person struct{ Email, Name, Locale string }

// Correction is a row of candidate_correction: somebody said on purpose what a member of the facts is.
type Correction struct {
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
	MemberName  = "name"
	MemberEmail = "email"
)

// factsOf folds results and corrections of a ledger into the facts: each member is what the latest result says
// that counts as the person having been there. A correction outranks results taken before it, and those that
// repeat what was corrected away. known holds where nothing says more. The order of arrival makes no difference.
func factsOf(known Person, results []Result, corrections []Correction) Person {
	said := byTime(results)
	return Person{
		Email:  member(MemberEmail, known.Email, said, corrections, func(r *Result) string { return r.CandidateEmail }),
		Name:   member(MemberName, known.Name, said, corrections, func(r *Result) string { return r.CandidateName }),
		Locale: member("", known.Locale, said, corrections, func(r *Result) string { return r.CandidateLocale }),
	}
}

// byTime are the results at which the person was, in the order of the rules.
func byTime(results []Result) (said []*Result) {
	for k := range results {
		if results[k].present() {
			said = append(said, &results[k])
		}
	}
	slices.SortFunc(said, func(a, b *Result) int {
		return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.PartnerID, b.PartnerID), cmp.Compare(a.ID, b.ID))
	})
	return said
}

// member is one fact. What was corrected away counts again only after a later correction says it.
func member(name, known string, said []*Result, corrections []Correction, of func(*Result) string) string {
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

// FollowFacts has a candidate's facts follow its results and corrections. One for whom no result counts yet
// has those of its first one.
func (c *Changes) FollowFacts(l *Ledger, known *Candidate) {
	stored := Person{known.Email, known.Name, known.Locale}
	now := factsOf(l.firstFacts(known, stored), l.results(known.ID), l.corrections(known.ID))
	if now == stored {
		return
	}
	known.Email, known.Name, known.Locale = now.Email, now.Name, now.Locale
	if !slices.Contains(c.Restated, known) {
		c.Restated = append(c.Restated, known)
		if known == l.Root() {
			c.Refounded = append(c.Refounded, l)
		}
	}
	c.Events = append(c.Events, Event{Partner: known.PartnerID, Kind: "candidate.updated", Candidate: known.Number, Reason: c.Reason.Text})
	c.followOwners(l)
}

// firstFacts are what the result says that made the candidate; without one that says anything, what is stored.
func (l *Ledger) firstFacts(of *Candidate, stored Person) Person {
	var first *Result
	results := l.results(of.ID)
	for k := range results {
		switch r := &results[k]; {
		case r.CandidateEmail == "":
		case r.ID == of.First:
			return r.Person()
		case first == nil || cmp.Or(r.RecordedAt.Compare(first.RecordedAt), r.TakenAt.Compare(first.TakenAt), cmp.Compare(r.ID, first.ID)) < 0:
			first = r
		}
	}
	if first == nil {
		return stored
	}
	return first.Person()
}

// Correct notes corrections of one member of a candidate's facts: each of the wrong values was corrected to value. One that
// says what is known outranks what was taken before it all the same.
func (c *Changes) Correct(l *Ledger, of *Candidate, member, value string, wrong map[string]bool) {
	delete(wrong, value)
	corrected := l.corrections(of.ID)
	if len(wrong) == 0 {
		if last := lastCorrection(corrected, member); last != nil && last.Value == value && !last.CreatedAt.Before(c.Now) {
			return
		}
		wrong = map[string]bool{value: true}
	}
	for _, was := range slices.Sorted(maps.Keys(wrong)) {
		n := Correction{
			CandidateID: of.ID, Number: int64(len(corrected) + 1), Member: member, Was: was, Value: value,
			Reason: c.Reason.Text, CreatedAt: c.Now,
		}
		corrected = append(corrected, n)
		c.Corrections, l.Corrected = append(c.Corrections, n), append(l.Corrected, n)
	}
	c.FollowFacts(l, of)
	c.followOwners(l)
}

func lastCorrection(list []Correction, member string) *Correction {
	for k := len(list) - 1; k >= 0; k-- {
		if list[k].Member == member {
			return &list[k]
		}
	}
	return nil
}
