package ledger

import (
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// pair is an award and the earning that it stands for.
type pair struct {
	award   *Award
	earning programme.Earning
}

// match pairs the awards of one subject with its earnings, both in order of date (contract 1, "Awards
// follow"). An award that staff revoked only ever stands for an earning that they ended, and the
// other way round. What is left over on either side is returned; of an ended earning nothing is.
func match(earnings []programme.Earning, awards []*Award) (pairs []pair, fresh []programme.Earning, orphans []*Award) {
	for _, ended := range []bool{false, true} {
		var e []programme.Earning
		var a []*Award
		for _, earning := range earnings {
			if !earning.Revoked.IsZero() == ended {
				e = append(e, earning)
			}
		}
		for _, award := range awards {
			if (award.Revocation == ByStaff) == ended {
				a = append(a, award)
			}
		}
		p, left, alone := align(e, a)
		pairs, orphans = append(pairs, p...), append(orphans, alone...)
		if !ended {
			fresh = left
		}
	}
	return pairs, fresh, orphans
}

// align pairs as many as possible without crossing: what was earned earlier never goes to the later
// award. Where one side has more, those of the same completing pass belong together, or else those of
// the same day. It is the alignment of two sequences by dynamic programming; both are short.
func align(earnings []programme.Earning, awards []*Award) (pairs []pair, fresh []programme.Earning, orphans []*Award) {
	n, m := len(earnings), len(awards)
	if n == 0 || m == 0 {
		return nil, earnings, awards
	}
	best := make([][]int, n+1) // best[i][j] is the worth of pairing all from i and j on
	for i := range best {
		best[i] = make([]int, m+1)
	}
	each := samePass*min(n, m) + 1 // one more pair is worth more than all likeness
	worth := func(i, j int) int { return each + likeness(earnings[i], awards[j]) + best[i+1][j+1] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best[i][j] = max(worth(i, j), best[i+1][j], best[i][j+1])
		}
	}
	i, j := 0, 0
	for i < n && j < m {
		switch best[i][j] {
		case worth(i, j):
			pairs = append(pairs, pair{awards[j], earnings[i]})
			i, j = i+1, j+1
		case best[i][j+1]:
			orphans = append(orphans, awards[j])
			j++
		default:
			fresh = append(fresh, earnings[i])
			i++
		}
	}
	return pairs, append(fresh, earnings[i:]...), append(orphans, awards[j:]...)
}

// How much an award and an earning have in common.
const (
	sameDay  = 1
	samePass = 2
)

func likeness(e programme.Earning, a *Award) int {
	switch {
	case a.By() == e.By:
		return samePass
	case a.EarnedOn.Date == e.EarnedOn:
		return sameDay
	}
	return 0
}

// subjects are all that was earned or awarded, certifications first, in a fixed order.
func subjects(o programme.Outcome, awards []*Award) []programme.Subject {
	list := make([]programme.Subject, 0, len(o.Earnings)+len(awards))
	for _, e := range o.Earnings {
		list = append(list, e.Subject)
	}
	for _, a := range awards {
		list = append(list, a.Subject())
	}
	slices.SortFunc(list, programme.Subject.Compare)
	return slices.Compact(list)
}

// badgeEarnings are the earnings of a subject that have a badge, in order of date.
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
func (l *Ledger) resting(s programme.Subject) []*Award {
	var list []*Award
	for _, a := range l.Awards {
		if a.Subject() == s && a.rests() {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b *Award) int { return a.EarnedOn.Compare(b.EarnedOn.Date) })
	return list
}

// covers reports whether a day lies in what holds from one day until another, or for ever.
func covers(from, until, day programme.Date) bool {
	return !from.After(day) && (until.IsZero() || day.Before(until))
}
