package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Tx runs statements: inside the transaction that InTx opened, or, from Reader, on the readers
// without one. Placeholders are `?` on both databases; a slice argument expands inside IN (?).
type Tx struct {
	db       *DB
	session  session
	onCommit []func()
}

// attempts bounds how often a transaction that lost against another one is run again.
const attempts = 8

// InTx runs fn in one write transaction and commits it unless fn returns an error. On PostgreSQL
// fn is run again when the transaction lost a deadlock or a serialisation race or met a server that
// takes no writes any more, so it must not change anything outside that a second run would not set again.
func (db *DB) InTx(ctx context.Context, fn func(t *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.tryTx(ctx, fn)
		if demoted(err) {
			db.era.Add(1)
		} else if err == nil || !lostRace(err) {
			return err
		}
		if attempt == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(time.Duration(rand.IntN(20*attempt)) * time.Millisecond):
		}
	}
}

func (db *DB) tryTx(ctx context.Context, fn func(t *Tx) error) (err error) {
	tx, err := db.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer tx.rollback() // after a commit it does nothing
	t := &Tx{db: db, session: tx}
	if err := fn(t); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	for _, f := range t.onCommit {
		f()
	}
	return nil
}

// lostRace reports a PostgreSQL serialisation failure or deadlock (SQLSTATE class 40).
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "40")
}

// Reader runs single reading statements outside a transaction.
func (db *DB) Reader() *Tx { return &Tx{db: db, session: db.reader} }

// OnCommit has f called after the transaction is durable, and not at all when it is not.
func (t *Tx) OnCommit(f func()) { t.onCommit = append(t.onCommit, f) }

// Now is the time by the database's clock in UTC, which is the same for all processes on it. SQLite has that
// of the machine, on which they all run.
func (t *Tx) Now(ctx context.Context) (now time.Time, err error) {
	if !t.db.postgres {
		return time.Now().UTC(), nil
	}
	_, err = t.Get(ctx, &now, `SELECT clock_timestamp() AT TIME ZONE 'UTC'`)
	return now, err
}

// Postgres reports whether the statements run on PostgreSQL.
func (t *Tx) Postgres() bool { return t.db.postgres }
