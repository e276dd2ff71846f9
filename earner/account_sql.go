package earner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

const accountColumns = `id, name, language, created_at`

func selectAccount(ctx context.Context, t *database.Tx, id string) (acc Account, found bool, err error) {
	found, err = t.Get(ctx, &acc, `
		SELECT `+accountColumns+`
		FROM account
		WHERE id = ?`, id)
	return acc, found, err
}

func selectAccountOf(ctx context.Context, t *database.Tx, address string) (acc Account, found bool, err error) {
	found, err = t.Get(ctx, &acc, `
		SELECT a.id, a.name, a.language, a.created_at
		FROM address d
		JOIN account a ON a.id = d.account_id
		WHERE d.address = ?`, address)
	return acc, found, err
}

func insertAccount(ctx context.Context, t *database.Tx, acc Account) error {
	_, err := t.Exec(ctx, `
		INSERT INTO account (`+accountColumns+`)
		VALUES (?, ?, ?, ?)`, acc.ID, acc.Name, acc.Language, acc.Created)
	return err
}

func deleteAccount(ctx context.Context, t *database.Tx, id string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM account
		WHERE id = ?`, id)
	return err
}

// nameAccount gives a name to an account that has none.
func nameAccount(ctx context.Context, t *database.Tx, id, name string) (named bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE account
		SET name = ?
		WHERE id = ? AND name = ''`, name, id)
	return n == 1, err
}

func selectAddresses(ctx context.Context, t *database.Tx, account string) (addresses []Address, err error) {
	err = t.Select(ctx, &addresses, `
		SELECT address, account_id, is_primary, confirmed_at, sandbox
		FROM address
		WHERE account_id = ?
		ORDER BY is_primary DESC, confirmed_at, address
		LIMIT 1000`, account)
	return addresses, err
}

// insertAddress stores a confirmed address unless some account has it already.
func insertAddress(ctx context.Context, t *database.Tx, m Mailbox, account string, primary bool, now time.Time) (stored bool, err error) {
	n, err := t.Exec(ctx, `
		INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at, sandbox)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (address) DO NOTHING`, m.Address, account, flag(primary), now, now, flag(m.Sandbox))
	return n == 1, err
}

func selectMailable(ctx context.Context, t *database.Tx, address string) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM address WHERE address = ? AND sandbox = 0`, address)
}

// updateProved notes that an address was proved. One known from a sandbox is real from then on, if this was.
func updateProved(ctx context.Context, t *database.Tx, m Mailbox, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE address
		SET proved_at = CASE WHEN proved_at < ? THEN ? ELSE proved_at END, sandbox = CASE WHEN sandbox < ? THEN sandbox ELSE ? END
		WHERE address = ?`, now, now, flag(m.Sandbox), flag(m.Sandbox), m.Address)
	return err
}
