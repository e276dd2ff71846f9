package issuer

import (
	"context"
	"fmt"
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
	results, err := selectLedgerResults(ctx, t, []string{b.Award.CandidateID})
	if err != nil {
		return nil, fmt.Errorf("read parts of badge %s: %w", b.Award.ID, err)
	}
	awards, err := selectLedgerAwards(ctx, t, []string{b.Award.CandidateID})
	if err != nil {
		return nil, fmt.Errorf("read parts of badge %s: %w", b.Award.ID, err)
	}
	l := &ledger{results: results, awards: awards}
	for _, r := range results {
		for _, id := range b.Award.Supports {
			if r.ID == id {
				parts = append(parts, Part{Exam: r.Exam, On: programme.DateOf(r.TakenAt), Award: l.shownExam(r.Exam)})
			}
		}
	}
	return parts, nil
}

// shownExam is the badge of an exam that strangers may see.
func (l *ledger) shownExam(exam string) string {
	for _, a := range l.awards {
		if a.Kind == programme.KindExam && a.Code == exam && a.Shown() && a.rests() && a.RevokedAt == nil {
			return a.ID
		}
	}
	return ""
}

// KnownAddress reports whether some candidate has this address.
func (i *Issuer) KnownAddress(ctx context.Context, email string) (bool, error) {
	var one int
	return i.db.Reader().Get(ctx, &one, `SELECT 1 FROM candidate WHERE email = ? LIMIT 1`, strings.ToLower(email))
}

// Achievements are all achievements that the programme offers now and somebody was awarded, exams
// first, in the order of their codes.
func (i *Issuer) Achievements(ctx context.Context) (list []*Achievement, err error) {
	t := i.db.Reader()
	var ids []string
	err = t.Select(ctx, &ids, `
		SELECT a.id
		FROM achievement a
		WHERE NOT EXISTS (
			SELECT 1
			FROM achievement n
			WHERE n.kind = a.kind AND n.code = a.code AND (n.created_at > a.created_at OR (n.created_at = a.created_at AND n.id > a.id)))
		ORDER BY a.kind DESC, a.code
		LIMIT 1000`)
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
