package issuer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Correction replaces what a result said. Outcome or Score may be left as they were.
type Correction struct {
	Outcome      programme.Mark `json:"outcome,omitempty"`
	Score        *json.Number   `json:"score,omitempty"`
	MaxScore     *json.Number   `json:"max_score,omitempty"`
	Reason       string         `json:"reason"`
	PublicReason string         `json:"public_reason,omitempty"`
}

// Void takes a result back: awards that rest on it are revoked, unless other results earn them. The
// result stays in the ledger. Voiding it again changes nothing.
func (i *Issuer) Void(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (Receipt, error) {
	return i.change(ctx, caller, id, "void", reason, nil, func(r *ledger.Result) error {
		r.State = ledger.StateVoided
		return nil
	})
}

// Release lets a held result count after all.
func (i *Issuer) Release(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (Receipt, error) {
	return i.change(ctx, caller, id, "release", reason, nil, func(r *ledger.Result) error {
		if r.State == ledger.StateVoided {
			return refusal.New("result_voided", "The result was voided and cannot be released.")
		}
		r.State = ledger.StateRecorded
		return nil
	})
}

// Correct changes outcome or score of a result and reconciles the awards.
func (i *Issuer) Correct(ctx context.Context, caller partner.Caller, id string, c Correction) (Receipt, error) {
	var f faults
	if c.Outcome != "" {
		f.outcome(c.Outcome)
	}
	f.score(c.Score, c.MaxScore)
	if c.Outcome == "" && c.Score == nil && c.MaxScore == nil {
		f.add("", "required", "needs an outcome or a score")
	}
	return i.change(ctx, caller, id, "correct", ledger.Reason{Text: c.Reason, Public: c.PublicReason}, f, func(r *ledger.Result) error {
		if r.State == ledger.StateVoided {
			return refusal.New("result_voided", "The result was voided and cannot be corrected.")
		}
		return correct(r, c)
	})
}

// correct takes a correction over. The scores are checked against each other as they then stand.
func correct(r *ledger.Result, c Correction) error {
	if c.Outcome != "" && c.Outcome != r.Outcome {
		r.Outcome, r.State = c.Outcome, ledger.StateRecorded
		if c.Outcome == programme.Pass && r.IdentityMatched == "no" {
			r.State = ledger.StateHeld
		}
	}
	if c.Score != nil {
		r.Score = c.Score.String()
	}
	if c.MaxScore != nil {
		r.MaxScore = c.MaxScore.String()
	}
	var f faults
	f.score(jsonNumber(r.Score), jsonNumber(r.MaxScore))
	if len(f) > 0 {
		return refusal.New("validation_failed", "The correction does not fit the result.", f...)
	}
	return nil
}

func jsonNumber(s string) *json.Number {
	if s == "" {
		return nil
	}
	n := json.Number(s)
	return &n
}

// change alters one result of the caller's under the lock of its ledger, keeps the history, and
// reconciles. An alteration that changes nothing is answered with how things stand.
func (i *Issuer) change(ctx context.Context, caller partner.Caller, id, action string, reason ledger.Reason, f faults, alter func(*ledger.Result) error) (Receipt, error) {
	if f.reason(&reason); len(f) > 0 {
		return Receipt{}, refusal.New("validation_failed", "The request is not complete.", f...)
	}
	var receipt Receipt
	err := i.inWrite(ctx, func(w *write) error {
		w.Reason = reason
		row, err := ownResult(ctx, w.t, caller, id)
		if err != nil {
			return err
		}
		l, _, err := w.lockLedger(ctx, row.CandidateID)
		if err != nil {
			return err
		}
		w.Actor = partnerActor(caller.Partner) // what followed from the programme before is nobody's
		r := l.Result(row.Key())
		before := *r
		if err := alter(r); err != nil {
			return err
		}
		if r.Summary() == before.Summary() {
			receipt, err = oneReceipt(ctx, w.t, before)
			receipt.Replayed = true
			return err
		}
		receipt, err = w.rejudge(ctx, l, r, before, action)
		return err
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("%s result: %w", action, err)
	}
	return receipt, i.deliver(ctx, &receipt)
}

// rejudge decides anew after one result of the ledger has changed.
func (w *write) rejudge(ctx context.Context, l *ledger.Ledger, r *ledger.Result, before ledger.Result, action string) (Receipt, error) {
	about := l.RestingOn(r)
	w.ResultEvent(resultEvents[action], l, *r)
	w.FollowFacts(l, l.Candidate(r.CandidateID))
	outcome, changed := w.Settle(l, ledger.ByLedger)
	w.answer(l, about)
	changed = append(changed, w.RetellScores(l, r, before, w.Reason.Text)...)
	r.Decisions, r.Awards = append(l.Decisions(outcome, r), ledger.Revocations(changed)...), ledger.AwardIDs(changed)
	if err := updateResult(ctx, w.t, *r); err != nil {
		return Receipt{}, err
	}
	if err := insertResultChange(ctx, w, *r, before, action); err != nil {
		return Receipt{}, err
	}
	w.resultNotice(action, *r)
	return Receipt{Result: *r, Decisions: r.Decisions, Awards: ownOf(changed, r.PartnerID)}, nil
}

// updateResult stores what a change made of a result, whose ledger this transaction has locked.
func updateResult(ctx context.Context, t *database.Tx, r ledger.Result) error {
	_, err := t.Exec(ctx, `
		UPDATE result
		SET outcome = ?, score = ?, max_score = ?, state = ?, decisions = ?, awards = ?
		WHERE partner_id = ? AND id = ?`,
		string(r.Outcome), r.Score, r.MaxScore, r.State, r.Decisions, r.Awards, r.PartnerID, r.ID)
	return err
}

// insertResultChange keeps what the result said before and after, and who changed it.
func insertResultChange(ctx context.Context, w *write, r, before ledger.Result, action string) error {
	_, err := w.t.Exec(ctx, `
		INSERT INTO result_change (id, partner_id, result_id, action, reason, public_reason, before, after, actor_kind, actor_name, actor_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newOrderedID("chg", w.i.Now(), 0), r.PartnerID, r.ID, action, w.Reason.Text, w.Reason.Public, before.Summary(), r.Summary(),
		string(w.Actor.Kind), w.Actor.Name, w.Actor.PartnerID, w.Now)
	return err
}
