package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

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
