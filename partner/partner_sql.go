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

type idempotencyRow struct {
	Digest string `db:"digest"`
	Status int    `db:"status"`
	Body   string `db:"body"`
}

func selectIdempotency(ctx context.Context, t *database.Tx, owner, key string) (row idempotencyRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT digest, status, body
		FROM idempotency
		WHERE partner_id = ? AND key = ?`, owner, key)
	return row, found, err
}

func insertIdempotency(ctx context.Context, t *database.Tx, owner, key, digest string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		INSERT INTO idempotency (partner_id, key, digest, status, body, lease_until, created_at)
		VALUES (?, ?, ?, 0, '', ?, ?)
		ON CONFLICT DO NOTHING`, owner, key, digest, now.Add(idempotencyLease), now)
	return n == 1, err
}

// retakeIdempotency takes over a request whose process died. No lease is so long as one by a clock that was wrong.
func retakeIdempotency(ctx context.Context, t *database.Tx, owner, key string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE idempotency
		SET lease_until = ?
		WHERE partner_id = ? AND key = ? AND status = 0 AND (lease_until <= ? OR lease_until > ?)`,
		now.Add(idempotencyLease), owner, key, now, now.Add(2*idempotencyLease))
	return n == 1, err
}

// updateIdempotency keeps an answer, the first one for ever.
func updateIdempotency(ctx context.Context, t *database.Tx, owner, key string, a Answer) error {
	_, err := t.Exec(ctx, `
		UPDATE idempotency
		SET status = ?, body = ?
		WHERE partner_id = ? AND key = ? AND status = 0`, a.Status, a.Body, owner, key)
	return err
}

func deleteIdempotency(ctx context.Context, t *database.Tx, owner, key string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM idempotency
		WHERE partner_id = ? AND key = ? AND status = 0`, owner, key)
	return err
}

func deleteOldIdempotency(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM idempotency
		WHERE created_at < ?`, before)
	return err
}

// takePositions locks a partner's feed until the end of the transaction and makes room for n events. It returns the
// position of the last one.
func takePositions(ctx context.Context, t *database.Tx, partner string, n int) (last int64, err error) {
	_, err = t.Get(ctx, &last, `
		INSERT INTO partner_feed (partner_id, position)
		VALUES (?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET position = partner_feed.position + excluded.position
		RETURNING position`, partner, n)
	return last, err
}

func insertEvents(ctx context.Context, t *database.Tx, rows [][]any) error {
	_, err := t.InsertRows(ctx, `INSERT INTO partner_event (partner_id, position, id, type, data, created_at)`, rows, ``)
	return err
}

// selectFeedEnd is the last position of a partner's feed; 0 where there is none.
func selectFeedEnd(ctx context.Context, t *database.Tx, partner string) (end int64, err error) {
	_, err = t.Get(ctx, &end, `SELECT position FROM partner_feed WHERE partner_id = ?`, partner)
	return end, err
}

// selectEvents are the first events behind one position and up to another, of one type or of all that begin with the
// part before a star.
func selectEvents(ctx context.Context, t *database.Tx, partner, kind string, after, end int64, limit int) (list []FeedEvent, err error) {
	begin, all := strings.CutSuffix(kind, "*")
	if !all && kind != "" {
		err = t.Select(ctx, &list, `
			SELECT position, id, type, data, created_at
			FROM partner_event
			WHERE partner_id = ? AND position > ? AND position <= ? AND type = ?
			ORDER BY position
			LIMIT ?`, partner, after, end, kind, limit)
		return list, err
	}
	err = t.Select(ctx, &list, `
		SELECT position, id, type, data, created_at
		FROM partner_event
		WHERE partner_id = ? AND position > ? AND position <= ? AND SUBSTR(type, 1, ?) = ?
		ORDER BY position
		LIMIT ?`, partner, after, end, len(begin), begin, limit)
	return list, err
}
