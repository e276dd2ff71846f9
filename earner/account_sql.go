package earner

import (
	"context"
	"strings"
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

// spelling is how an address is stored. One that was confirmed in a sandbox is another one than the live one.
func spelling(m Mailbox) string {
	if m.Sandbox {
		return sandboxMark + m.Address
	}
	return m.Address
}

const sandboxMark = "sandbox "

func selectAccountOf(ctx context.Context, t *database.Tx, m Mailbox) (acc Account, found bool, err error) {
	found, err = t.Get(ctx, &acc, `
		SELECT a.id, a.name, a.language, a.created_at
		FROM address d
		JOIN account a ON a.id = d.account_id
		WHERE d.address = ?`, spelling(m))
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
	for k := range addresses {
		addresses[k].Address = strings.TrimPrefix(addresses[k].Address, sandboxMark)
	}
	return addresses, err
}

// insertAddress stores a confirmed address unless some account has it already.
func insertAddress(ctx context.Context, t *database.Tx, m Mailbox, account string, primary bool, now time.Time) (stored bool, err error) {
	n, err := t.Exec(ctx, `
		INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at, sandbox)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (address) DO NOTHING`, spelling(m), account, database.Flag(primary), now, now, database.Flag(m.Sandbox))
	return n == 1, err
}

// updateProved notes that an address was proved.
func updateProved(ctx context.Context, t *database.Tx, m Mailbox, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE address
		SET proved_at = ?
		WHERE address = ? AND proved_at < ?`, now, spelling(m), now)
	return err
}

// insertSession stores a session under its token's digest; one that is there already is an error, since a
// confirmation gives one session.
func insertSession(ctx context.Context, t *database.Tx, digest, account string, s Session) error {
	_, err := t.Exec(ctx, `
		INSERT INTO session (digest, account_id, created_at, seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?)`, digest, account, s.Created, s.Seen, s.Expires)
	return err
}

func selectSession(ctx context.Context, t *database.Tx, digest string, now time.Time) (s Session, found bool, err error) {
	var row struct {
		Account
		Created time.Time `db:"session_created"`
		Seen    time.Time `db:"seen_at"`
		Expires time.Time `db:"expires_at"`
	}
	found, err = t.Get(ctx, &row, `
		SELECT a.id, a.name, a.language, a.created_at, s.created_at AS session_created, s.seen_at, s.expires_at
		FROM session s
		JOIN account a ON a.id = s.account_id
		WHERE s.digest = ? AND s.expires_at > ?`, digest, now)
	return Session{Account: row.Account, Created: row.Created, Seen: row.Seen, Expires: row.Expires}, found, err
}

// touchSession moves the end of a session unless another request just did.
func touchSession(ctx context.Context, t *database.Tx, digest string, s Session, seenBefore time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE session
		SET seen_at = ?, expires_at = ?
		WHERE digest = ? AND seen_at <= ?`, s.Seen, s.Expires, digest, seenBefore)
	return err
}

func deleteSession(ctx context.Context, t *database.Tx, digest string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM session
		WHERE digest = ?`, digest)
	return err
}

func deleteSessionsOf(ctx context.Context, t *database.Tx, account string) (int64, error) {
	return t.Exec(ctx, `
		DELETE FROM session
		WHERE account_id = ?`, account)
}

func deleteSessionsEnded(ctx context.Context, t *database.Tx, now time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM session
		WHERE expires_at <= ?`, now)
	return err
}
