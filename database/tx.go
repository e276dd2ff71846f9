package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
)

// Tx runs statements: inside the transaction that InTx opened, or, from Reader, on the readers
// without one. Placeholders are `?` on both databases; a slice argument expands inside IN (?).
type Tx struct {
	db       *DB
	tx       *sqlx.Tx
	onCommit []func()
	unkept   []string // queries met inside this transaction that no kept statement serves yet
}

// attempts bounds how often a transaction that lost against another one is run again.
const attempts = 8

// InTx runs fn in one write transaction and commits it unless fn returns an error. On PostgreSQL
// fn is run again when the transaction lost a deadlock or a serialisation race, so it must not
// change anything outside that a second run would not set again.
func (db *DB) InTx(ctx context.Context, fn func(t *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, fn)
		if err == nil || attempt == attempts || !lostRace(err) {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(20*attempt)) * time.Millisecond)
	}
}

func (db *DB) once(ctx context.Context, fn func(t *Tx) error) (err error) {
	ctx, err = db.patient(ctx)
	if err != nil {
		return err
	}
	tx, err := db.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	t := &Tx{db: db, tx: tx}
	defer func() {
		_ = tx.Rollback() // after Commit it does nothing
		db.keep(t.unkept)
	}()
	if err := fn(t); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	for _, f := range t.onCommit {
		f()
	}
	return nil
}

// patient is a context that does not end in the middle of a statement on SQLite, where statements take
// microseconds and watching a context costs a goroutine each. One that has ended is refused.
func (db *DB) patient(ctx context.Context) (context.Context, error) {
	if db.postgres {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// lostRace reports a PostgreSQL serialisation failure or deadlock (SQLSTATE class 40).
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "40")
}

// Reader runs single reading statements outside a transaction.
func (db *DB) Reader() *Tx { return &Tx{db: db} }

// OnCommit has f called after the transaction is durable, and not at all when it is not.
func (t *Tx) OnCommit(f func()) { t.onCommit = append(t.onCommit, f) }

// Postgres reports whether the statements run on PostgreSQL.
func (t *Tx) Postgres() bool { return t.db.postgres }

// Get reads one row into dest; found is false when there is none.
func (t *Tx) Get(ctx context.Context, dest any, query string, args ...any) (found bool, err error) {
	query, args, keep, err := expand(query, args)
	if err != nil {
		return false, err
	}
	if ctx, err = t.db.patient(ctx); err != nil {
		return false, err
	}
	if keep && !t.db.postgres {
		var s *sqlx.Stmt
		if s, err = t.prepared(ctx, query); err == nil {
			err = s.GetContext(ctx, dest, args...)
		}
	} else {
		err = sqlx.GetContext(ctx, t.queryer(), dest, t.rebind(query, keep), args...)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Select reads all rows into dest, a pointer to a slice.
func (t *Tx) Select(ctx context.Context, dest any, query string, args ...any) error {
	query, args, fixed, err := expand(query, args)
	if err != nil {
		return err
	}
	return t.sel(ctx, dest, query, args, fixed)
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	query, args, fixed, err := expand(query, args)
	if err != nil {
		return 0, err
	}
	result, err := t.exec(ctx, query, args, fixed)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// sel and exec run a finished statement; keep says that its text will come again.
func (t *Tx) sel(ctx context.Context, dest any, query string, args []any, keep bool) error {
	ctx, err := t.db.patient(ctx)
	if err != nil {
		return err
	}
	if !keep || t.db.postgres {
		return sqlx.SelectContext(ctx, t.queryer(), dest, t.rebind(query, keep), t.once(args, keep)...)
	}
	s, err := t.prepared(ctx, query)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

func (t *Tx) exec(ctx context.Context, query string, args []any, keep bool) (sql.Result, error) {
	ctx, err := t.db.patient(ctx)
	if err != nil {
		return nil, err
	}
	if !keep || t.db.postgres {
		return t.execer().ExecContext(ctx, t.rebind(query, keep), t.once(args, keep)...)
	}
	s, err := t.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// maxVariables stays below SQLite's 32,766 and PostgreSQL's 65,535 variables a statement.
const maxVariables = 30_000

// InsertRows inserts many rows of equal length with as few statements as the databases allow and
// returns how many were inserted. insert ends before VALUES, suffix follows the rows.
func (t *Tx) InsertRows(ctx context.Context, insert string, rows [][]any, suffix string) (int64, error) {
	var inserted int64
	for len(rows) > 0 {
		query, args, rest := values(insert, rows, suffix)
		result, err := t.exec(ctx, query, args, len(rows)-len(rest) <= 2)
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
		part := reflect.New(all.Type())
		if err := t.sel(ctx, part.Interface(), query, args, len(rows)-len(rest) <= 2); err != nil {
			return err
		}
		all.Set(reflect.AppendSlice(all, part.Elem()))
		rows = rest
	}
	return nil
}

// values writes one statement for as many rows as it can take and returns the rows left over.
func values(insert string, rows [][]any, suffix string) (query string, args []any, rest [][]any) {
	n := min(len(rows), maxVariables/len(rows[0]))
	one := "(" + strings.Repeat("?,", len(rows[0])-1) + "?)"
	args = make([]any, 0, n*len(rows[0]))
	for _, r := range rows[:n] {
		args = append(args, r...)
	}
	return insert + " VALUES " + strings.Repeat(one+",", n-1) + one + " " + suffix, args, rows[n:]
}

// expand turns slice arguments into lists. keep reports that the text will come again, so that a
// prepared statement is worth keeping: lists have many lengths, but one is the commonest.
func expand(query string, args []any) (expanded string, flat []any, keep bool, err error) {
	lists, longest := false, 0
	for _, a := range args {
		if _, isOne := a.(driver.Valuer); isOne {
			continue
		}
		if v := reflect.ValueOf(a); v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 {
			lists, longest = true, max(longest, v.Len())
		}
	}
	if !lists {
		return query, args, true, nil
	}
	expanded, flat, err = sqlx.In(query, args...)
	return expanded, flat, longest <= 1, err
}

// prepared is the kept statement of a query on SQLite, which would otherwise compile it each time.
// Inside a transaction the one writer connection is taken, so that a new statement can be kept
// only afterwards.
func (t *Tx) prepared(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if t.tx == nil {
		return t.db.statement("r"+query, t.db.read, query)
	}
	if s, ok := t.db.statements.Load("w" + query); ok {
		return t.tx.StmtxContext(ctx, s.(*sqlx.Stmt)), nil
	}
	t.unkept = append(t.unkept, query)
	return t.tx.PreparexContext(ctx, query)
}

// keep prepares queries for the transactions to come. One that fails is prepared again when met.
func (db *DB) keep(queries []string) {
	for _, q := range queries {
		_, _ = db.statement("w"+q, db.write, q)
	}
}

func (db *DB) statement(key string, pool *sqlx.DB, query string) (*sqlx.Stmt, error) {
	if s, ok := db.statements.Load(key); ok {
		return s.(*sqlx.Stmt), nil
	}
	s, err := pool.Preparex(query)
	if err != nil {
		return nil, err
	}
	if first, ok := db.statements.LoadOrStore(key, s); ok {
		_ = s.Close()
		return first.(*sqlx.Stmt), nil
	}
	return s, nil
}

// once marks a text that will not come again, so that PostgreSQL is not asked to prepare it first.
func (t *Tx) once(args []any, keep bool) []any {
	if keep || !t.db.postgres {
		return args
	}
	return append([]any{pgx.QueryExecModeExec}, args...)
}

// rebind numbers the placeholders for PostgreSQL. Texts that will not come again are not kept: lists
// of many lengths must not fill the memory.
func (t *Tx) rebind(query string, keep bool) string {
	if !t.db.postgres {
		return query
	}
	if q, ok := t.db.rebound.Load(query); ok {
		return q.(string)
	}
	q := sqlx.Rebind(sqlx.DOLLAR, query)
	if keep {
		t.db.rebound.Store(query, q)
	}
	return q
}

func (t *Tx) queryer() sqlx.QueryerContext {
	if t.tx != nil {
		return t.tx
	}
	return t.db.read
}

func (t *Tx) execer() sqlx.ExecerContext {
	if t.tx != nil {
		return t.tx
	}
	return t.db.write
}
