package earner

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

// LeavingHint asks whoever has one address, of a job or a school, for a personal one too.
const LeavingHint = "leaving"

// Dismiss has an account not be asked something again.
func (ws *Ways) Dismiss(ctx context.Context, accountID, hint string) error {
	return ws.accounts.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			INSERT INTO account_hint (account_id, hint, dismissed_at)
			VALUES (?, ?, ?)
			ON CONFLICT (account_id, hint) DO NOTHING`, accountID, hint, ws.accounts.now())
		return err
	})
}

// Dismissed reports whether an account is not to be asked something again.
func (ws *Ways) Dismissed(ctx context.Context, accountID, hint string) (bool, error) {
	var one int
	return ws.accounts.db.Reader().Get(ctx, &one, `
		SELECT 1
		FROM account_hint
		WHERE account_id = ? AND hint = ?`, accountID, hint)
}
