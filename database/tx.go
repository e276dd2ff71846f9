package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Tx runs statements: inside the transaction that InTx opened, or, from Reader, on the readers
// without one. Placeholders are `?` on both databases; a slice is the list of an `IN (?)` and must not be empty.
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

// Get reads one row into dest; found is false when there is none.
func (t *Tx) Get(ctx context.Context, dest any, query string, args ...any) (found bool, err error) {
	t.db.ran.Add(1)
	err = t.session.get(ctx, dest, query, args)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Select reads all rows into dest, a pointer to a slice.
func (t *Tx) Select(ctx context.Context, dest any, query string, args ...any) error {
	t.db.ran.Add(1)
	return t.session.sel(ctx, dest, query, args)
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	t.db.ran.Add(1)
	result, err := t.session.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// InsertRows inserts many rows of equal length with few statements, and returns how many were inserted. insert ends
// before VALUES, suffix follows the rows.
func (t *Tx) InsertRows(ctx context.Context, insert string, rows [][]any, suffix string) (int64, error) {
	var inserted int64
	for len(rows) > 0 {
		query, args, rest := values(insert, rows, suffix)
		t.db.ran.Add(1)
		result, err := t.session.exec(ctx, query, args)
		if err != nil {
			return inserted, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return inserted, err
		}
		inserted, rows = inserted+n, rest
	}
	return inserted, nil
}

// SelectRows is InsertRows for a suffix that ends in RETURNING: what it returns is read into dest,
// a pointer to a slice, in no particular order.
func (t *Tx) SelectRows(ctx context.Context, dest any, insert string, rows [][]any, suffix string) error {
	all := reflect.ValueOf(dest).Elem()
	for len(rows) > 0 {
		query, args, rest := values(insert, rows, suffix)
		t.db.ran.Add(1)
		part := reflect.New(all.Type())
		if err := t.session.sel(ctx, part.Interface(), query, args); err != nil {
			return err
		}
		all.Set(reflect.AppendSlice(all, part.Elem()))
		rows = rest
	}
	return nil
}

// rowsTogether are how many rows a statement inserts: few numbers, so that its text comes again and is kept prepared.
// A database takes three times as long to read a text of many placeholders as to run it.
var rowsTogether = []int{64, 32, 16, 8, 4, 2, 1}

// values writes one statement for as many rows as it takes and returns the rows left over.
func values(insert string, rows [][]any, suffix string) (query string, args []any, rest [][]any) {
	n := rowsTogether[slices.IndexFunc(rowsTogether, func(n int) bool { return n <= len(rows) })]
	one := "(" + strings.Repeat("?,", len(rows[0])-1) + "?)"
	args = make([]any, 0, n*len(rows[0]))
	for _, r := range rows[:n] {
		args = append(args, r...)
	}
	return insert + " VALUES " + strings.Repeat(one+",", n-1) + one + " " + suffix, args, rows[n:]
}

// list reports whether an argument stands for the values of an IN (?).
func list(arg any) (list reflect.Value, found bool) {
	if _, isOne := arg.(driver.Valuer); isOne || arg == nil {
		return list, false
	}
	list = reflect.ValueOf(arg)
	return list, list.Kind() == reflect.Slice && list.Type().Elem().Kind() != reflect.Uint8
}
