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
	Mute       bool       `db:"mute"`
	Sandbox    bool       `db:"sandbox"`
	Shared     bool       `db:"shared"`
	Tries      int64      `db:"tries"`
	SentAt     time.Time  `db:"sent_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	FinishedAt *time.Time `db:"finished_at"`
}

const confirmationColumns = `browser, address, id, nonce, purpose, return_to, account_id, mute, sandbox, shared, tries, sent_at, expires_at, finished_at`

// upsertConfirmation stores the row, or puts it in the place of the browser's last one for the address
// if that was sent no later than lastBefore, or after ahead by a clock that was wrong; row.ID is then the id of that one.
func upsertConfirmation(ctx context.Context, t *database.Tx, row *confirmationRow, link string, lastBefore, ahead time.Time) (stored bool, err error) {
	return t.Get(ctx, &row.ID, `
		INSERT INTO confirmation (browser, address, id, turn, nonce, link, purpose, return_to, account_id, mute, sandbox, shared, tries, sent_at, expires_at)
		VALUES (?, ?, ?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM confirmation WHERE browser = ?), ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET
			turn = excluded.turn, nonce = excluded.nonce, link = excluded.link, purpose = excluded.purpose, return_to = excluded.return_to,
			account_id = excluded.account_id, mute = excluded.mute, sandbox = excluded.sandbox, shared = excluded.shared, tries = 0, sent_at = excluded.sent_at,
			expires_at = excluded.expires_at, finished_at = NULL
		WHERE confirmation.sent_at <= ? OR confirmation.sent_at > ?
		RETURNING id`,
		row.Browser, row.Address, row.ID, row.Browser, row.Nonce, link, row.Purpose, row.ReturnTo, row.AccountID, database.Flag(row.Mute), database.Flag(row.Sandbox), database.Flag(row.Shared), row.SentAt, row.ExpiresAt, lastBefore, ahead)
}

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

func selectConfirmationByLink(ctx context.Context, t *database.Tx, link string) (row confirmationRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT `+confirmationColumns+`
		FROM confirmation
		WHERE link = ?`, link)
	return row, found, err
}

// takeTry uses one try of a confirmation that is still open.
func takeTry(ctx context.Context, t *database.Tx, id string, now time.Time) (taken bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE confirmation
		SET tries = tries + 1
		WHERE id = ? AND tries < ? AND finished_at IS NULL AND expires_at > ?`, id, codeTries, now)
	return n == 1, err
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

func deleteConfirmations(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM confirmation
		WHERE expires_at < ?`, before)
	return err
}

// deviceLife is how long a browser is remembered that has proved an address: as long as browsers keep its cookie.
const deviceLife = 400 * 24 * time.Hour

// insertDevice notes that a browser has proved an address. In a sandbox nothing is proved.
func insertDevice(ctx context.Context, t *database.Tx, browser string, m Mailbox, now time.Time) error {
	if m.Sandbox {
		return nil
	}
	_, err := t.Exec(ctx, `
		INSERT INTO device (browser, address, proved_at)
		VALUES (?, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET proved_at = excluded.proved_at`, browser, m.Address, now)
	return err
}

func selectDevice(ctx context.Context, t *database.Tx, browser string, m Mailbox) (bool, error) {
	if m.Sandbox {
		return false, nil
	}
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM device
		WHERE browser = ? AND address = ?`, browser, m.Address)
}

// deleteDevicesOf forgets the browsers of all addresses of an account.
func deleteDevicesOf(ctx context.Context, t *database.Tx, account string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE address IN (SELECT address FROM address WHERE account_id = ?)`, account)
	return err
}

func deleteDevices(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE proved_at < ?`, before)
	return err
}

// upsertSharedLetter stores the shared letter of an address, or has the one that is there mailed again with the same
// code, if it was last mailed some time ago, has ended, or was not mailed since nobody knew the address.
func upsertSharedLetter(ctx context.Context, t *database.Tx, row *confirmationRow, link string) (mail bool, err error) {
	return t.Get(ctx, row, `
		INSERT INTO confirmation (browser, address, id, turn, nonce, link, purpose, return_to, account_id, mute, sandbox, tries, sent_at, expires_at)
		VALUES (?, ?, ?, 0, ?, ?, ?, '', '', ?, ?, 0, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET
			nonce = CASE WHEN confirmation.finished_at IS NULL AND confirmation.expires_at > excluded.sent_at THEN confirmation.nonce ELSE excluded.nonce END,
			link = CASE WHEN confirmation.finished_at IS NULL AND confirmation.expires_at > excluded.sent_at THEN confirmation.link ELSE excluded.link END,
			purpose = excluded.purpose, mute = excluded.mute, sent_at = excluded.sent_at, expires_at = excluded.expires_at, finished_at = NULL
		WHERE confirmation.sent_at <= ? OR confirmation.finished_at IS NOT NULL OR confirmation.mute > excluded.mute
		RETURNING `+confirmationColumns,
		row.Browser, row.Address, row.ID, row.Nonce, link, row.Purpose, database.Flag(row.Mute), database.Flag(row.Sandbox), row.SentAt, row.ExpiresAt,
		row.SentAt.Add(-sharedEvery))
}
