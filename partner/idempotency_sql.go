package partner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

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
