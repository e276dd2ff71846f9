package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Part is a passed exam that a badge rests on.
type Part struct {
	Exam  string
	On    programme.Date
	Award string // the exam's own badge, if strangers may see it
}

// Parts are the passes that a badge rests on, the oldest first.
func (i *Issuer) Parts(ctx context.Context, b *Badge) (parts []Part, err error) {
	passes, err := i.passes(ctx, []*Award{b.Award})
	if err != nil {
		return nil, err
	}
	awards, err := selectLedgerAwards(ctx, i.db.Reader(), []string{b.Award.CandidateID})
	if err != nil {
		return nil, fmt.Errorf("read parts of badge %s: %w", b.Award.ID, err)
	}
	l := &ledger{awards: awards}
	for _, r := range passes.of(b.Award) {
		parts = append(parts, Part{Exam: r.Exam, On: programme.DateOf(r.TakenAt), Award: l.shownExam(r.Exam)})
	}
	return parts, nil
}

// passes are results by their keys.
type passes map[programme.ResultKey]Recorded

// passes reads what awards rest on.
func (i *Issuer) passes(ctx context.Context, awards []*Award) (passes, error) {
	ids := map[string][]string{}
	for _, a := range awards {
		ids[a.PartnerID] = append(ids[a.PartnerID], a.Supports...)
	}
	for partner, list := range ids {
		slices.Sort(list)
		if ids[partner] = slices.Compact(list); len(list) == 0 {
			delete(ids, partner)
		}
	}
	list, err := selectResults(ctx, i.db.Reader(), ids)
	if err != nil {
		return nil, fmt.Errorf("read the results that awards rest on: %w", err)
	}
	found := make(passes, len(list))
	for _, r := range list {
		found[r.key()] = r
	}
	return found, nil
}

// of are the passes that an award rests on, the oldest first.
func (p passes) of(a *Award) (list []Recorded) {
	for _, id := range a.Supports {
		if r, found := p[programme.ResultKey{Partner: a.PartnerID, ID: id}]; found {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b Recorded) int { return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.ID, b.ID)) })
	return list
}

// shownExam is the badge of an exam that strangers may see.
func (l *ledger) shownExam(exam string) string {
	for _, a := range l.awards {
		if a.Kind == programme.KindExam && a.Code == exam && a.Shown() && a.stands() {
			return a.ID
		}
	}
	return ""
}
