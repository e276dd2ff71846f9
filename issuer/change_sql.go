package issuer

import (
	"context"
	"time"

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

// insertResultChange keeps what the result said before and after.
func insertResultChange(ctx context.Context, t *database.Tx, r, before Recorded, action string, reason Reason, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO result_change (id, partner_id, result_id, action, reason, public_reason, before, after, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newID("chg"), r.PartnerID, r.ID, action, reason.Text, reason.Public, before.summary(), r.summary(), now)
	return err
}
