package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	if len(b.Award.Supports) == 0 {
		return nil, nil
	}
	t := i.db.Reader()
	results, err := selectResults(ctx, t, map[string][]string{b.Award.PartnerID: b.Award.Supports})
	if err != nil {
		return nil, fmt.Errorf("read parts of badge %s: %w", b.Award.ID, err)
	}
	awards, err := selectLedgerAwards(ctx, t, []string{b.Award.CandidateID})
	if err != nil {
		return nil, fmt.Errorf("read parts of badge %s: %w", b.Award.ID, err)
	}
	slices.SortFunc(results, func(a, b Recorded) int { return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.ID, b.ID)) })
	l := &ledger{awards: awards}
	for _, r := range results {
		parts = append(parts, Part{Exam: r.Exam, On: programme.DateOf(r.TakenAt), Award: l.shownExam(r.Exam)})
	}
	return parts, nil
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

// KnownAddress reports whether some candidate has this address.
func (i *Issuer) KnownAddress(ctx context.Context, email string) (bool, error) {
	return candidateKnown(ctx, i.db.Reader(), strings.ToLower(email))
}

// Achievements are the last wordings of all exams and certifications that somebody was awarded, exams
// first, in the order of their codes.
func (i *Issuer) Achievements(ctx context.Context) (list []*Achievement, err error) {
	ids, err := selectNewestAchievements(ctx, i.db.Reader())
	if err != nil {
		return nil, fmt.Errorf("list achievements: %w", err)
	}
	for _, id := range ids {
		a, _, err := i.Achievement(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}
