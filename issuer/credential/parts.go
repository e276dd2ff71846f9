package credential

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// Part is a passed exam that a badge rests on.
type Part struct {
	Exam  string
	On    programme.Date
	Award string // the exam's own badge, if it is public
}

// Parts are the passes that a badge rests on, the oldest first, with the exams' own badges of those that are
// public.
func (p *Publisher) Parts(ctx context.Context, b *Badge, public PublicExams) (parts []Part, err error) {
	passes, err := p.passes(ctx, []*ledger.Award{b.Award})
	if err != nil {
		return nil, err
	}
	for _, r := range passes.of(b.Award) {
		parts = append(parts, Part{Exam: r.Exam, On: programme.DateOf(r.TakenAt), Award: public[r.Exam]})
	}
	return parts, nil
}

// PublicExams are a person's public exam badges: award ids by exam. A badge that only those with its link may
// see is none of them: whatever everybody can read must not lead there.
type PublicExams map[string]string

// PublicExams are those beside a certification's badge, as they are in this very moment: what its holder
// hides is gone with the next request (flows 2.5), so that a rendering is kept by its Key.
func (p *Publisher) PublicExams(ctx context.Context, b *Badge) (PublicExams, error) {
	if b.Award.Kind != programme.KindCertification {
		return nil, nil
	}
	list, err := selectPublicExams(ctx, p.db.Reader(), b.Award.CandidateID)
	if err != nil {
		return nil, fmt.Errorf("read public exams beside badge %s: %w", b.Award.ID, err)
	}
	public := make(PublicExams, len(list))
	for _, a := range list {
		public[a.Code] = a.ID
	}
	return public, nil
}

// Key tells sets of public exams apart.
func (p PublicExams) Key() string {
	return strings.Join(slices.Sorted(maps.Values(p)), " ")
}

// passes are passes by their keys.
type passes map[programme.ResultKey]pass

// passes reads what awards rest on.
func (p *Publisher) passes(ctx context.Context, awards []*ledger.Award) (passes, error) {
	ids := map[string][]string{}
	for _, a := range awards {
		for _, k := range a.Supports {
			ids[k.Partner] = append(ids[k.Partner], k.ID)
		}
	}
	for partner, list := range ids {
		slices.Sort(list)
		ids[partner] = slices.Compact(list)
	}
	list, err := selectPasses(ctx, p.db.Reader(), ids)
	if err != nil {
		return nil, fmt.Errorf("read the results that awards rest on: %w", err)
	}
	found := make(passes, len(list))
	for _, r := range list {
		found[programme.ResultKey{Partner: r.Partner, ID: r.ID}] = r
	}
	return found, nil
}

// of are the passes that an award rests on, the oldest first.
func (p passes) of(a *ledger.Award) (list []pass) {
	for _, k := range a.Supports {
		if r, found := p[k]; found {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b pass) int { return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.ID, b.ID)) })
	return list
}
