package issuer

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
)

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
		a := l.Award(award)
		owns, err := h.owns(ctx, w.t, a, l.Candidate)
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

func (w *write) shareScores(l *ledger.Ledger, a *ledger.Award, share bool) error {
	switch {
	case a.State != ledger.Accepted || share && !a.Stands():
		return refusal.New("not_accepted", "Scores are shared with badges that you have accepted and that were not withdrawn.")
	case share && !l.HasScores(a):
		return refusal.New("no_scores", "No scores were recorded for this badge.")
	case a.Scores != share:
		a.Scores = share
		w.Reissue(a)
	}
	return nil
}
