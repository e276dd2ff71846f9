package partner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Answer is what was answered to a POST.
type Answer struct {
	Status int
	Body   string
}

const (
	idempotencyLife  = 7 * 24 * time.Hour // how long an answer is kept
	idempotencyLease = time.Minute        // after which a request that never ended may be tried again
)

// Once claims an Idempotency-Key of the caller's for a request with this digest. The first caller
// gets none and must end with Answered or GiveUp. A repeat gets the first answer; one that comes
// while the first is still running, or with another body, is refused.
func (p *Partners) Once(ctx context.Context, caller Caller, key, requestDigest string) (first *Answer, err error) {
	if problem := line.Problem(key, 255); problem != "" {
		return nil, refusal.New("bad_idempotency_key", "The Idempotency-Key "+problem+".")
	}
	now := p.second()
	err = p.db.InTx(ctx, func(t *database.Tx) error {
		first = nil
		row, found, err := selectIdempotency(ctx, t, caller.ID, key)
		if err != nil {
			return err
		}
		if !found {
			stored, err := insertIdempotency(ctx, t, caller.ID, key, requestDigest, now)
			if err == nil && !stored {
				err = stillRunning()
			}
			return err
		}
		switch {
		case row.Digest != requestDigest:
			return refusal.New("idempotency_key_reused", "This Idempotency-Key came with another request before.")
		case row.Status != 0:
			first = &Answer{row.Status, row.Body}
			return nil
		}
		taken, err := retakeIdempotency(ctx, t, caller.ID, key, now)
		if err == nil && !taken {
			err = stillRunning()
		}
		return err
	})
	return first, err
}

func selectIdempotency(ctx context.Context, t *database.Tx, owner, key string) (row idempotencyRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT digest, status, body
		FROM idempotency
		WHERE partner_id = ? AND key = ?`, owner, key)
	return row, found, err
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

func insertIdempotency(ctx context.Context, t *database.Tx, owner, key, digest string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		INSERT INTO idempotency (partner_id, key, digest, status, body, lease_until, created_at)
		VALUES (?, ?, ?, 0, '', ?, ?)
		ON CONFLICT DO NOTHING`, owner, key, digest, now.Add(idempotencyLease), now)
	return n == 1, err
}

func stillRunning() error {
	return refusal.New("idempotency_in_progress", "The first request with this Idempotency-Key is still running.")
}

// Answered keeps the answer for repeats.
func (p *Partners) Answered(ctx context.Context, caller Caller, key string, a Answer) error {
	return p.db.InTx(ctx, func(t *database.Tx) error { return updateIdempotency(ctx, t, caller.ID, key, a) })
}

// updateIdempotency keeps an answer, the first one for ever.
func updateIdempotency(ctx context.Context, t *database.Tx, owner, key string, a Answer) error {
	_, err := t.Exec(ctx, `
		UPDATE idempotency
		SET status = ?, body = ?
		WHERE partner_id = ? AND key = ? AND status = 0`, a.Status, a.Body, owner, key)
	return err
}

// GiveUp lets the key be used again: the request failed through no fault of its sender.
func (p *Partners) GiveUp(ctx context.Context, caller Caller, key string) error {
	return p.db.InTx(ctx, func(t *database.Tx) error { return deleteIdempotency(ctx, t, caller.ID, key) })
}

func deleteIdempotency(ctx context.Context, t *database.Tx, owner, key string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM idempotency
		WHERE partner_id = ? AND key = ? AND status = 0`, owner, key)
	return err
}

// Forget deletes what has served its time: old answers and tokens. cmd calls it once an hour.
func (p *Partners) Forget(ctx context.Context) error {
	return p.db.InTx(ctx, func(t *database.Tx) error {
		if err := deleteOldTokens(ctx, t, p.second()); err != nil {
			return err
		}
		return deleteOldIdempotency(ctx, t, p.second().Add(-idempotencyLife))
	})
}

func deleteOldIdempotency(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM idempotency
		WHERE created_at < ?`, before)
	return err
}

type idempotencyRow struct {
	Digest string `db:"digest"`
	Status int    `db:"status"`
	Body   string `db:"body"`
}
