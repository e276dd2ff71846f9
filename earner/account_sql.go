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
		SELECT address, account_id, is_primary, confirmed_at
		FROM address
		WHERE account_id = ?
		ORDER BY is_primary DESC, confirmed_at, address
		LIMIT 1000`, account)
	return addresses, err
}

// insertAddress stores a confirmed address unless some account has it already.
func insertAddress(ctx context.Context, t *database.Tx, address, account string, primary bool, now time.Time) (stored bool, err error) {
	flag := 0
	if primary {
		flag = 1
	}
	n, err := t.Exec(ctx, `
		INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (address) DO NOTHING`, address, account, flag, now, now)
	return n == 1, err
}

// selectProved is when the address was last proved, the zero time if never.
func selectProved(ctx context.Context, t *database.Tx, address string) (at time.Time, err error) {
	_, err = t.Get(ctx, &at, `
		SELECT proved_at
		FROM address
		WHERE address = ?`, address)
	return at, err
}

func updateProved(ctx context.Context, t *database.Tx, address string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE address
		SET proved_at = ?
		WHERE address = ? AND proved_at < ?`, now, address, now)
	return err
}
