package earner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

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
