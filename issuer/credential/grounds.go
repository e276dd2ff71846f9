package credential

import (
	"context"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// grounds are the passes that an award rests on, as its credential tells them, in the language of the
// programme.
type grounds struct {
	evidence []openbadge.Evidence // the exam and the day, never the score (spec 3.0 §2.5)
	scores   []namedScore
}

type namedScore struct {
	ledger.Score
	name string
}

// grounds are those of awards, in their order.
func (p *Publisher) grounds(ctx context.Context, awards ...*ledger.Award) ([]grounds, error) {
	h, err := p.catalogue.History(ctx)
	if err != nil {
		return nil, err
	}
	passes, err := p.passes(ctx, awards)
	if err != nil {
		return nil, err
	}
	lang := h.Latest().Programme.Issuer.Languages[0]
	all := make([]grounds, len(awards))
	for n, a := range awards {
		for _, r := range passes.of(a) {
			exam := catalogue.Titled(h, programme.Subject{Kind: programme.KindExam, Code: r.Exam}, lang)
			all[n].evidence = append(all[n].evidence, openbadge.NewEvidence("", exam, p.words.Passed(lang, programme.DateOf(r.TakenAt))))
			if s := r.score(); s.Value != "" {
				all[n].scores = append(all[n].scores, namedScore{s, p.words.Score(lang, exam)})
			}
		}
	}
	return all, nil
}

// evidence2 is the same for Open Badges 2.0 (spec 2.0 §2, Evidence).
func (g grounds) evidence2() (list []ob2.Evidence) {
	for _, e := range g.evidence {
		list = append(list, ob2.Evidence{Type: "Evidence", Name: e.Name, Description: e.Description})
	}
	return list
}

// tellScores adds the scores to what a credential says (spec 3.0 §2.5): each Result refers to a
// ResultDescription below the achievement's address, which is the same wherever exam and maximum are.
func (g grounds) tellScores(s *openbadge.Subject, achievement string) {
	described := map[string]bool{}
	for _, score := range g.scores {
		d, result := openbadge.NewScore(achievement+score.Anchor(), score.name, score.Value, score.Max)
		s.Result = append(s.Result, result)
		if !described[d.ID] {
			s.Achievement.ResultDescription = append(s.Achievement.ResultDescription, d)
			described[d.ID] = true
		}
	}
}

// CredentialWords writes what a credential tells of the passes that it rests on.
type CredentialWords interface {
	// Passed says in a language that an exam was passed on a day.
	Passed(lang string, on programme.Date) string
	// Score says in a language what the score in an exam is called.
	Score(lang, exam string) string
}

// Scores are those of the passes that each of the awards rests on, by the award's id, whether its holder
// shares them or not.
func (p *Publisher) Scores(ctx context.Context, awards ...*ledger.Award) (map[string][]ledger.Score, error) {
	passes, err := p.passes(ctx, awards)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]ledger.Score, len(awards))
	for _, a := range awards {
		for _, r := range passes.of(a) {
			if s := r.score(); s.Value != "" {
				all[a.ID] = append(all[a.ID], s)
			}
		}
	}
	return all, nil
}

func (p *pass) score() ledger.Score { return ledger.Score{Exam: p.Exam, Value: p.Score, Max: p.Max} }
