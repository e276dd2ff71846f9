package keyring

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

type keyRow struct {
	ID        string     `db:"id"`
	Purpose   Purpose    `db:"purpose"`
	Algorithm string     `db:"algorithm"`
	PublicKey []byte     `db:"public_key"`
	Sealed    []byte     `db:"sealed"`
	CreatedAt time.Time  `db:"created_at"`
	BeginsAt  *time.Time `db:"begins_at"`
	UsedAt    *time.Time `db:"first_used_at"`
	RetiredAt *time.Time `db:"retired_at"`
	RevokedAt *time.Time `db:"revoked_at"`
	Reason    string     `db:"reason"`
}

// key is the row without its keys.
func (r keyRow) key() Key {
	k := Key{
		ID: r.ID, Purpose: r.Purpose, Algorithm: r.Algorithm,
		Created: r.CreatedAt, Begins: r.CreatedAt, FirstUsed: r.UsedAt, Retired: r.RetiredAt, Revoked: r.RevokedAt, Reason: r.Reason,
	}
	if r.BeginsAt != nil {
		k.Begins = *r.BeginsAt
	}
	return k
}

func (r keyRow) public() (crypto.PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(r.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("public key %s: %w", r.ID, err)
	}
	if id, err := keyID(public); err != nil || id != r.ID {
		return nil, fmt.Errorf("public key %s is not the one of that id", r.ID)
	}
	return public, nil
}

const keyColumns = `id, purpose, algorithm, public_key, sealed, created_at, begins_at, first_used_at, retired_at, revoked_at, reason`

// selectRevision grows with every change: rows are only added, each of the times is set once, and moved
// counts how often those that may move did.
func selectRevision(ctx context.Context, t *database.Tx) (n int64, err error) {
	_, err = t.Get(ctx, &n, `
		SELECT COUNT(*) + COUNT(first_used_at) + COUNT(retired_at) + COUNT(revoked_at) + COALESCE(SUM(moved), 0)
		FROM signing_key`)
	return n, err
}

func selectKeys(ctx context.Context, t *database.Tx) (rows []keyRow, err error) {
	err = t.Select(ctx, &rows, `
		SELECT `+keyColumns+`
		FROM signing_key
		ORDER BY created_at, id
		LIMIT 10000`)
	return rows, err
}

// insertKey stores a key unless its purpose has a last one.
func insertKey(ctx context.Context, t *database.Tx, row keyRow) (stored bool, err error) {
	n, err := t.Exec(ctx, `
		INSERT INTO signing_key (`+keyColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		row.ID, row.Purpose, row.Algorithm, row.PublicKey, row.Sealed, row.CreatedAt, row.BeginsAt, row.UsedAt, row.RetiredAt, row.RevokedAt, row.Reason)
	return n == 1, err
}

// retireKey retires a key without successor; the moment may lie ahead.
func retireKey(ctx context.Context, t *database.Tx, id string, at time.Time) (retired bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE signing_key
		SET retired_at = ?
		WHERE id = ? AND retired_at IS NULL AND revoked_at IS NULL`, at, id)
	return n == 1, err
}

// moveRetirement lets a key sign longer whose successor is replaced before it began.
func moveRetirement(ctx context.Context, t *database.Tx, purpose Purpose, from, to time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE signing_key
		SET retired_at = ?, moved = moved + 1
		WHERE purpose = ? AND retired_at = ? AND revoked_at IS NULL`, to, purpose, from)
	return err
}

// beginEarly lets the waiting key of a purpose, if there is one, sign from now on.
func beginEarly(ctx context.Context, t *database.Tx, purpose Purpose, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE signing_key
		SET begins_at = ?, moved = moved + 1
		WHERE purpose = ? AND begins_at > ? AND retired_at IS NULL AND revoked_at IS NULL`, now, purpose, now)
	return err
}

func updateFirstUsed(ctx context.Context, t *database.Tx, id string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE signing_key
		SET first_used_at = ?
		WHERE id = ? AND first_used_at IS NULL`, now, id)
	return err
}

// revokeLastKey revokes a key without successor, revokeKey any.
func revokeLastKey(ctx context.Context, t *database.Tx, id, reason string, now time.Time) (revoked bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE signing_key
		SET revoked_at = ?, reason = ?, sealed = ?
		WHERE id = ? AND retired_at IS NULL AND revoked_at IS NULL`, now, reason, []byte{}, id)
	return n == 1, err
}

func revokeKey(ctx context.Context, t *database.Tx, id, reason string, now time.Time) (revoked bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE signing_key
		SET revoked_at = ?, reason = ?, sealed = ?
		WHERE id = ? AND revoked_at IS NULL`, now, reason, []byte{}, id)
	return n == 1, err
}

// updateSealed stores the private key under another seal, unless somebody else just did.
func updateSealed(ctx context.Context, t *database.Tx, row keyRow, sealed []byte) error {
	_, err := t.Exec(ctx, `
		UPDATE signing_key
		SET sealed = ?
		WHERE id = ? AND sealed = ?`, sealed, row.ID, row.Sealed)
	return err
}
