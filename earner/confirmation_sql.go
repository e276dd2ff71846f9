package earner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

type confirmationRow struct {
	Browser    string     `db:"browser"` // digest of the set-up cookie
	Address    string     `db:"address"`
	ID         string     `db:"id"`
	Nonce      string     `db:"nonce"`
	Purpose    Purpose    `db:"purpose"`
	ReturnTo   string     `db:"return_to"`
	AccountID  string     `db:"account_id"`
	Replaces   string     `db:"replaces"`
	Mute       bool       `db:"mute"`
	Sandbox    bool       `db:"sandbox"`
	Shared     bool       `db:"shared"`
	Tries      int64      `db:"tries"`
	SentAt     time.Time  `db:"sent_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	FinishedAt *time.Time `db:"finished_at"`
}

const confirmationColumns = `browser, address, id, nonce, purpose, return_to, account_id, replaces, mute, sandbox, shared, tries, sent_at, expires_at, finished_at`

func selectConfirmationOf(ctx context.Context, t *database.Tx, browser, address string) (row confirmationRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT `+confirmationColumns+`
		FROM confirmation
		WHERE browser = ? AND address = ?`, browser, address)
	return row, found, err
}

// selectConfirmation reads the browser's confirmation with that id, or its newest for an empty id.
func selectConfirmation(ctx context.Context, t *database.Tx, browser, id string) (row confirmationRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT `+confirmationColumns+`
		FROM confirmation
		WHERE browser = ? AND (id = ? OR ? = '')
		ORDER BY turn DESC
		LIMIT 1`, browser, id, id)
	return row, found, err
}

func selectConfirmationByID(ctx context.Context, t *database.Tx, id string) (row confirmationRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT `+confirmationColumns+`
		FROM confirmation
		WHERE id = ?`, id)
	return row, found, err
}

// holdConfirmation locks a confirmation that is not over, and takes no try.
func holdConfirmation(ctx context.Context, t *database.Tx, id string, now time.Time) (held bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE confirmation
		SET tries = tries
		WHERE id = ? AND finished_at IS NULL AND expires_at > ?`, id, now)
	return n == 1, err
}

// finishConfirmation ends a confirmation whose code, of that nonce, was right.
func finishConfirmation(ctx context.Context, t *database.Tx, id, nonce string, now time.Time) (finished bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE confirmation
		SET finished_at = ?
		WHERE id = ? AND nonce = ? AND tries <= ? AND finished_at IS NULL AND expires_at > ?`, now, id, nonce, codeTries, now)
	return n == 1, err
}

// deviceLife is how long a browser is remembered that has proved an address: as long as browsers keep its cookie.
const deviceLife = 400 * 24 * time.Hour
