package partner

import (
	"context"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
)

// insertPartner stores a new partner, or reads the id of the one that has the name.
func insertPartner(ctx context.Context, t *database.Tx, p *Partner, now time.Time) error {
	sandbox := 0
	if p.Sandbox {
		sandbox = 1
	}
	_, err := t.Get(ctx, &p.ID, `
		INSERT INTO partner (id, name, sandbox, created_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (name, sandbox) DO UPDATE SET name = excluded.name
		RETURNING id`, p.ID, p.Name, sandbox, now)
	return err
}

func insertKey(ctx context.Context, t *database.Tx, id, owner, digest, scopes string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO partner_key (id, partner_id, digest, scopes, created_at)
		VALUES (?, ?, ?, ?, ?)`, id, owner, digest, scopes, now)
	return err
}

func selectKeys(ctx context.Context, t *database.Tx) (keys []Key, err error) {
	err = t.Select(ctx, &keys, `
		SELECT k.id, k.partner_id, p.name, p.sandbox, k.scopes, k.created_at, k.revoked_at
		FROM partner_key k
		JOIN partner p ON p.id = k.partner_id
		ORDER BY k.created_at, k.id`)
	return keys, err
}

func revokeKey(ctx context.Context, t *database.Tx, id string, now time.Time) (bool, error) {
	if !line.Storable(id) {
		return false, nil
	}
	n, err := t.Exec(ctx, `
		UPDATE partner_key
		SET revoked_at = ?
		WHERE id = ? AND revoked_at IS NULL`, now, id)
	return n == 1, err
}

func selectCaller(ctx context.Context, t *database.Tx, digest string) (Caller, bool, error) {
	var row struct {
		Partner
		KeyID  string `db:"key_id"`
		Scopes string `db:"scopes"`
	}
	found, err := t.Get(ctx, &row, `
		SELECT p.id, p.name, p.sandbox, k.id AS key_id, k.scopes
		FROM partner_key k
		JOIN partner p ON p.id = k.partner_id
		WHERE k.digest = ? AND k.revoked_at IS NULL`, digest)
	return Caller{Partner: row.Partner, KeyID: row.KeyID, Scopes: strings.Fields(row.Scopes)}, found, err
}

func selectPartner(ctx context.Context, t *database.Tx, id string) (p Partner, found bool, err error) {
	found, err = t.Get(ctx, &p, `SELECT id, name, sandbox FROM partner WHERE id = ?`, id)
	return p, found, err
}
