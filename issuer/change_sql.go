package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

// updateResult stores what a change made of a result, whose ledger this transaction has locked.
func updateResult(ctx context.Context, t *database.Tx, r Recorded) error {
	_, err := t.Exec(ctx, `
		UPDATE result
		SET outcome = ?, score = ?, max_score = ?, state = ?, decisions = ?, awards = ?
		WHERE partner_id = ? AND id = ?`,
		string(r.Outcome), r.Score, r.MaxScore, r.State, r.Decisions, r.Awards, r.PartnerID, r.ID)
	return err
}

// insertResultChange keeps what the result said before and after, and who changed it.
func insertResultChange(ctx context.Context, w *write, r, before Recorded, action string) error {
	_, err := w.t.Exec(ctx, `
		INSERT INTO result_change (id, partner_id, result_id, action, reason, public_reason, before, after, actor_kind, actor_name, actor_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newOrderedID("chg", w.i.Now(), 0), r.PartnerID, r.ID, action, w.reason.Text, w.reason.Public, before.summary(), r.summary(),
		string(w.actor.Kind), w.actor.Name, w.actor.id, w.now)
	return err
}
