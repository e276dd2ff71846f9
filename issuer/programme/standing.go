package programme

import (
	"cmp"
	"slices"
	"time"
)

// revocation is an award that staff revoked.
type revocation struct {
	Standing
	at time.Time
}

// sortStandings sorts the standing awards into those that are kept and those that were revoked.
func (f *fold) sortStandings(standing []Standing) {
	for _, s := range standing {
		if s.Kept && f.stillSupported(s) {
			f.kept = append(f.kept, s)
		}
		if !s.Revoked.IsZero() {
			f.revocations = append(f.revocations, revocation{s, f.revokedAt(s)})
		}
	}
	slices.SortFunc(f.kept, compareStandings)
	slices.SortFunc(f.revocations, func(a, b revocation) int {
		return cmp.Or(a.at.Compare(b.at), compareStandings(a.Standing, b.Standing))
	})
}

// compareStandings makes the order in which they are given indifferent.
func compareStandings(a, b Standing) int {
	return cmp.Or(
		cmp.Compare(a.Subject.Kind, b.Subject.Kind), cmp.Compare(a.Subject.Code, b.Subject.Code), a.EarnedOn.Compare(b.EarnedOn),
		cmp.Compare(a.By.Partner, b.By.Partner), cmp.Compare(a.By.ID, b.By.ID), cmp.Compare(a.Version, b.Version),
	)
}

func (f *fold) find(key ResultKey) (int, bool) {
	i := slices.IndexFunc(f.ledger, func(r Result) bool { return r.Key() == key })
	return i, i >= 0
}

// revokedAt is when a revocation takes hold: after the pass that completed the award, whose clock may have been ahead of ours.
func (f *fold) revokedAt(s Standing) time.Time {
	if i, found := f.find(s.By); found && !f.ledger[i].TakenAt.Before(s.Revoked) {
		return f.ledger[i].TakenAt.Add(1)
	}
	return s.Revoked
}

// stillSupported reports whether the completing pass and all passes before it on which a kept award rests are live. Those after it
// only renewed it, and are judged again.
func (f *fold) stillSupported(s Standing) bool {
	by, found := f.find(s.By)
	if !found || !f.ledger[by].live() {
		return false
	}
	return !slices.ContainsFunc(s.Supports, func(key ResultKey) bool {
		i, found := f.find(key)
		return !found || i < by && !f.ledger[i].live()
	})
}

// beginKeptAwards begins the kept awards that the pass just judged had completed, unless the subject is held anyway, and corrects its decisions.
func (f *fold) beginKeptAwards(by ResultKey, decisions []Decision) []Decision {
	for _, s := range f.kept {
		if s.By != by || f.version == nil || f.holds(s.Subject) {
			continue
		}
		t := f.begin(s.Subject, true, f.places(s.Supports))
		t.Kept, t.Version, t.Expires = true, s.Version, f.keptUntil(s)
		f.tenures = append(f.tenures, t)
		d := Decision{Subject: s.Subject, Outcome: Awarded, Reason: CertificationEarned, Date: f.day, Expires: t.Expires, Version: s.Version}
		if s.Subject.Kind == KindExam {
			d.Reason = ExamPassed
		}
		i := slices.IndexFunc(decisions, func(d Decision) bool { return d.Subject == s.Subject })
		if i < 0 {
			decisions = append(decisions, d)
			continue
		}
		decisions[i] = d
	}
	return decisions
}

// holds reports whether the subject has an earning with a badge that holds on the day of the pass.
func (f *fold) holds(s Subject) bool {
	t := f.last[s]
	return t != nil && t.held(f.day) && (t.Badge || s.Kind == KindCertification)
}

// places finds the supporting passes up to the one just judged.
func (f *fold) places(keys []ResultKey) []int {
	places := []int{f.at}
	for _, key := range keys {
		if i, found := f.find(key); found && i < f.at {
			places = append(places, i)
		}
	}
	return union(places, nil)
}

// keptUntil is the expiry that the version gave under which the award was earned.
func (f *fold) keptUntil(s Standing) Date {
	v := f.h.numbered(s.Version)
	if v == nil {
		v = f.version
	}
	c, found := v.Programme.Certification(s.Subject.Code)
	if !found || s.Subject.Kind == KindExam || c.ValidFor == 0 {
		return Date{}
	}
	return f.day.AddMonths(int(c.ValidFor))
}

// revokeBefore ends what staff revoked before a pass was taken. Revocations are kept in whole seconds: a pass in the very second of
// one counts as after it.
func (f *fold) revokeBefore(t time.Time) {
	for len(f.revocations) > 0 && !f.revocations[0].at.After(t) {
		f.revoke(f.revocations[0])
		f.revocations = f.revocations[1:]
	}
}

// revokeRest ends what staff revoked after the last pass.
func (f *fold) revokeRest() {
	for _, r := range f.revocations {
		f.revoke(r)
	}
}

// revoke ends the earning that a revoked award stands for.
func (f *fold) revoke(r revocation) {
	var match *tenure
	for _, t := range f.tenures {
		if t.Subject != r.Subject || !t.Badge || !t.Revoked.IsZero() {
			continue
		}
		if t.By == r.By {
			match = t
			break
		}
		if match == nil && overlap(t.Earning, r.Standing) {
			match = t
		}
	}
	if match != nil {
		match.Revoked = r.Revoked
	}
}

// overlap reports whether there is a day on which both hold.
func overlap(e Earning, s Standing) bool {
	return (e.Expires.IsZero() || s.EarnedOn.Before(e.Expires)) && (s.Expires.IsZero() || e.EarnedOn.Before(s.Expires))
}
