package database

import (
	"context"
	"time"
)

// Count adds one to the counter name in the window of the given length that now lies in, and
// returns the sum. It is exact over all processes on the database. Old windows are deleted by
// ForgetCounters.
func (db *DB) Count(ctx context.Context, name string, window time.Duration, now time.Time) (n int64, err error) {
	err = db.InTx(ctx, func(t *Tx) error {
		_, err := t.Get(ctx, &n, `
			INSERT INTO counter (name, window_start, n)
			VALUES (?, ?, 1)
			ON CONFLICT (name, window_start) DO UPDATE SET n = counter.n + 1
			RETURNING n`, name, now.UTC().Truncate(window))
		return err
	})
	return n, err
}

// ForgetCounters deletes the windows that began before the given time.
func (db *DB) ForgetCounters(ctx context.Context, before time.Time) error {
	return db.InTx(ctx, func(t *Tx) error {
		_, err := t.Exec(ctx, `DELETE FROM counter WHERE window_start < ?`, before.UTC())
		return err
	})
}
