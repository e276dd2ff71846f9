package issuer

import (
	"cmp"
	"context"
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// match pairs the recorded awards of one subject with its earnings (contract 1, "Awards follow"):
// those of the same completing pass first, then those of the same day, the rest in order of date. An
// award that staff revoked only ever pairs with the earning that they ended. What is left over on
// either side is returned. Both lists are sorted by date; awards only has those that rest.
func match(earnings []programme.Earning, awards []*Award) (pairs []pair, fresh []programme.Earning, orphans []*Award) {
	fresh, orphans = slices.Clone(earnings), slices.Clone(awards)
	for _, fits := range []func(*Award, programme.Earning) bool{
		func(a *Award, e programme.Earning) bool { return a.ResultID == e.By.ID && a.PartnerID == e.By.Partner },
		func(a *Award, e programme.Earning) bool { return a.EarnedOn.Date == e.EarnedOn },
		func(*Award, programme.Earning) bool { return true },
	} {
		fresh = slices.DeleteFunc(fresh, func(e programme.Earning) bool {
			k := slices.IndexFunc(orphans, func(a *Award) bool {
				return (a.Revocation == ByStaff) == !e.Revoked.IsZero() && fits(a, e)
			})
			if k < 0 {
				return false
			}
			pairs = append(pairs, pair{orphans[k], e})
			orphans = slices.Delete(orphans, k, k+1)
			return true
		})
	}
	fresh = slices.DeleteFunc(fresh, func(e programme.Earning) bool { return !e.Revoked.IsZero() })
	return pairs, fresh, orphans
}

type pair struct {
	award   *Award
	earning programme.Earning
}

// settle asks the rules what the ledger adds up to and makes the awards follow. An award that is
// found to be kept counts as held, so the rules are asked again with it.
func (w *write) settle(ctx context.Context, l *ledger) (outcome programme.Outcome, changed []*Award, err error) {
	for {
		kept := l.kept()
		outcome = w.fold(l)
		more, err := w.reconcile(ctx, l, outcome)
		if err != nil {
			return outcome, nil, err
		}
		for _, a := range more {
			if !slices.Contains(changed, a) {
				changed = append(changed, a)
			}
		}
		if l.kept() == kept {
			return outcome, changed, nil
		}
	}
}

// kept counts the awards that stand although the programme changed.
func (l *ledger) kept() (n int) {
	for _, a := range l.awards {
		n += flag(a.Kept)
	}
	return n
}

// reconcile makes the recorded awards of a ledger follow what the rules say was earned, and returns
// those that were made or changed, certifications first.
func (w *write) reconcile(ctx context.Context, l *ledger, outcome programme.Outcome) ([]*Award, error) {
	var touched []*Award
	for _, s := range subjects(outcome, l.awards) {
		awards := l.resting(s)
		pairs, fresh, orphans := match(badgeEarnings(outcome, s), awards)
		for _, p := range pairs {
			moved, err := w.follow(l, p.award, p.earning)
			if err != nil {
				return nil, err
			}
			if moved {
				touched = append(touched, p.award)
			}
		}
		for _, e := range fresh {
			a, err := w.award(ctx, l, e)
			if err != nil {
				return nil, err
			}
			touched = append(touched, a)
		}
		for _, a := range orphans {
			if w.orphan(l, a, pairs) {
				touched = append(touched, a)
			}
		}
	}
	slices.SortStableFunc(touched, func(a, b *Award) int { return cmp.Compare(a.Kind, b.Kind) }) // "certification" < "exam"
	return touched, nil
}

// follow lets an award take over what its earning says now. New dates are a new edition of the same
// credential at the same address, without a new letter.
func (w *write) follow(l *ledger, a *Award, e programme.Earning) (changed bool, err error) {
	if a.Revocation == ByStaff {
		return false, nil
	}
	dates, renewed, changed := a.follow(e)
	if !changed {
		return false, nil
	}
	w.change(a)
	if !dates {
		return false, nil
	}
	if renewed {
		w.awardEvent("badge.renewed", l, a)
	} else {
		w.awardEvent("badge.updated", l, a)
	}
	return true, w.edition(l, a)
}

// award makes the award of an earning that has none.
func (w *write) award(ctx context.Context, l *ledger, e programme.Earning) (*Award, error) {
	achievement, err := w.i.achievement(ctx, w.t, w.history, e.Subject)
	if err != nil {
		return nil, err
	}
	a := &Award{
		ID: newAwardID(), CandidateID: l.candidate.ID, PartnerID: l.candidate.PartnerID,
		Kind: e.Subject.Kind, Code: e.Subject.Code, AchievementID: achievement.ID,
		Salt: newSalt(), State: Offered, Visibility: ByLink, Revision: 1, CreatedAt: w.now,
	}
	a.follow(e)
	a.Identity = l.identity(e.By)
	l.awards = append(l.awards, a)
	l.offers = append(l.offers, a)
	w.made = append(w.made, a)
	w.awardEvent("badge.offered", l, a)
	return a, w.edition(l, a)
}

// orphan deals with an award that nothing earns any more: it is revoked when a result that it rests
// on was taken back, superseded when a late result joined its earning with an earlier one, and kept
// when only the programme changed.
func (w *write) orphan(l *ledger, a *Award, pairs []pair) (changed bool) {
	if a.Revocation == ByStaff {
		return false
	}
	if l.lostSupport(a) {
		w.revoke(l, a, ByVoid, ByVoid)
		return true
	}
	for _, p := range pairs {
		if !p.earning.EarnedOn.After(a.EarnedOn.Date) && (p.earning.Expires.IsZero() || a.EarnedOn.Before(p.earning.Expires)) {
			a.Successor = p.award.ID
			w.change(a)
			w.awardEvent("badge.superseded", l, a)
			return true
		}
	}
	if !a.Kept {
		a.Kept = true
		w.change(a)
	}
	return false
}

// revoke ends an award for ever.
func (w *write) revoke(l *ledger, a *Award, how, reason string) {
	a.RevokedAt, a.Revocation, a.Reason = &w.now, how, reason
	w.change(a)
	w.ended = append(w.ended, a)
	w.awardEvent("badge.revoked", l, a)
	w.withdrawnLetter(a)
}

// subjects are all that was earned or awarded, in a fixed order.
func subjects(o programme.Outcome, awards []*Award) []programme.Subject {
	var list []programme.Subject
	for _, e := range o.Earnings {
		list = append(list, e.Subject)
	}
	for _, a := range awards {
		list = append(list, a.Subject())
	}
	slices.SortFunc(list, func(a, b programme.Subject) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(list)
}

func badgeEarnings(o programme.Outcome, s programme.Subject) []programme.Earning {
	var list []programme.Earning
	for _, e := range o.Earnings {
		if e.Subject == s && e.Badge {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b programme.Earning) int { return a.EarnedOn.Compare(b.EarnedOn) })
	return list
}

// resting are the awards of a subject that still stand for something earned, in order of date.
func (l *ledger) resting(s programme.Subject) []*Award {
	var list []*Award
	for _, a := range l.awards {
		if a.Subject() == s && a.rests() {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b *Award) int { return a.EarnedOn.Compare(b.EarnedOn.Date) })
	return list
}

// lostSupport reports whether a result that the award rests on counts no more.
func (l *ledger) lostSupport(a *Award) bool {
	for _, id := range a.Supports {
		k := slices.IndexFunc(l.results, func(r Recorded) bool { return r.ID == id && r.PartnerID == a.PartnerID })
		if k < 0 || !l.results[k].live() {
			return true
		}
	}
	return false
}

// identity is how the person was checked at the exam of a result; empty where that is not known.
func (l *ledger) identity(k programme.ResultKey) string {
	for _, r := range l.results {
		if r.key() == k && r.IdentityMatched == "yes" {
			return cmp.Or(r.IdentityMethod, "checked")
		}
	}
	return ""
}
