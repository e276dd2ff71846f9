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

// unmarked is an address as people write it.
func unmarked(stored string) string { return strings.TrimPrefix(stored, sandboxMark) }

func selectAccountOf(ctx context.Context, t *database.Tx, m Mailbox) (acc Account, found bool, err error) {
	found, err = t.Get(ctx, &acc, `
		SELECT a.id, a.name, a.language, a.created_at
		FROM address d
		JOIN account a ON a.id = d.account_id
		WHERE d.address = ?`, spelling(m))
	return acc, found, err
}

func selectAddresses(ctx context.Context, t *database.Tx, account string) (addresses []Address, err error) {
	err = t.Select(ctx, &addresses, `
		SELECT address, account_id, is_primary, confirmed_at, sandbox
		FROM address
		WHERE account_id = ?
		ORDER BY is_primary DESC, confirmed_at, address
		LIMIT 1000`, account)
	for k := range addresses {
		addresses[k].Address = unmarked(addresses[k].Address)
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

const sessionColumns = `a.id, a.name, a.language, a.created_at, s.digest, s.means, s.way, s.device, s.created_at AS session_created, s.seen_at, s.expires_at`

// sessionRow is a session with its account.
type sessionRow struct {
	Account
	Digest  string    `db:"digest"`
	Means   string    `db:"means"`
	Way     string    `db:"way"`
	Device  string    `db:"device"`
	Created time.Time `db:"session_created"`
	Seen    time.Time `db:"seen_at"`
	Expires time.Time `db:"expires_at"`
}

func (r sessionRow) session() Session {
	return Session{
		ID: sessionID(r.Digest), Account: r.Account, Means: r.Means, Way: r.Way, Device: r.Device,
		Created: r.Created, Seen: r.Seen, Expires: r.Expires,
	}
}

// sessionID is half of a digest of full strength, from which nobody gets at the token.
func sessionID(digest string) string { return digest[:32] }

func selectSession(ctx context.Context, t *database.Tx, digest string, now time.Time) (s Session, found bool, err error) {
	var row sessionRow
	found, err = t.Get(ctx, &row, `
		SELECT `+sessionColumns+`
		FROM session s
		JOIN account a ON a.id = s.account_id
		WHERE s.digest = ? AND s.expires_at > ?`, digest, now)
	if !found {
		return Session{}, false, err
	}
	return row.session(), true, err
}
