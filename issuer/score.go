package issuer

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// Score is that of a pass. Value and Max are numbers as they were posted, empty for none.
type Score struct {
	Exam  string
	Value string
	Max   string
}

// anchor is what names the scores of this exam out of this maximum within an achievement.
func (s Score) anchor() string {
	anchor := "#score-" + url.PathEscape(s.Exam)
	if s.Max != "" {
		anchor += "-of-" + url.PathEscape(s.Max)
	}
	return anchor
}

func (r *Recorded) score() Score { return Score{r.Exam, r.Score, r.MaxScore} }

// Scores are those of the passes that each of the awards rests on, by the award's id, whether its holder
// shares them or not.
func (i *Issuer) Scores(ctx context.Context, awards ...*Award) (map[string][]Score, error) {
	passes, err := i.passes(ctx, awards)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]Score, len(awards))
	for _, a := range awards {
		for _, r := range passes.of(a) {
			if s := r.score(); s.Value != "" {
				all[a.ID] = append(all[a.ID], s)
			}
		}
	}
	return all, nil
}

// ShareScores has the credential of an accepted badge tell the scores of the passes that it rests on, or
// not any more: a new edition is signed under the same addresses. Files that were handed out before keep
// what they say, and verify as replaced. Partners do not learn of it.
func (i *Issuer) ShareScores(ctx context.Context, h Holder, award string, share bool) error {
	a, found, err := selectAward(ctx, i.db.Reader(), award)
	if err != nil {
		return err
	}
	if !found {
		return noSuchBadge()
	}
	err = i.inWrite(ctx, func(w *write) error {
		l, _, err := w.lockLedger(ctx, a.CandidateID)
		if err != nil {
			return err
		}
		a := l.award(award)
		owns, err := h.owns(ctx, w.t, a, l.candidate)
		if err != nil {
			return err
		}
		if !owns {
			return noSuchBadge()
		}
		return w.shareScores(l, a, share)
	})
	if err != nil {
		return fmt.Errorf("share scores of award %s: %w", award, err)
	}
	return nil
}

func (w *write) shareScores(l *ledger, a *Award, share bool) error {
	switch {
	case a.State != Accepted || share && !a.stands():
		return refusal.New("not_accepted", "Scores are shared with badges that you have accepted and that were not withdrawn.")
	case share && !l.hasScores(a):
		return refusal.New("no_scores", "No scores were recorded for this badge.")
	case a.Scores != share:
		a.Scores = share
		w.reissue(a)
	}
	return nil
}

func (l *ledger) hasScores(a *Award) bool {
	return slices.ContainsFunc(a.Supports, func(id string) bool {
		r := l.result(programme.ResultKey{Partner: a.PartnerID, ID: id})
		return r != nil && r.Score != ""
	})
}

// retellScores has those awards reissued that stand and tell the score of a result that was corrected, and
// returns those that nothing else had reissued.
func (c *changes) retellScores(l *ledger, r *Recorded, before Recorded, reason string) (retold []*Award) {
	if r.score() == before.score() {
		return nil
	}
	for _, a := range l.awards {
		if a.Scores && a.stands() && slices.Contains(a.Supports, r.ID) && !slices.Contains(c.due, a) {
			c.reissue(a)
			c.awardEvent("badge.updated", l, a, reason)
			retold = append(retold, a)
		}
	}
	return retold
}
