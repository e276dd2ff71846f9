package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
)

// session runs finished statements somewhere. keep says that the text will come again, so that a
// prepared statement is worth keeping.
type session interface {
	get(ctx context.Context, dest any, query string, args []any, keep bool) error
	sel(ctx context.Context, dest any, query string, args []any, keep bool) error
	exec(ctx context.Context, query string, args []any, keep bool) (sql.Result, error)
}

// transaction is a session that ends. A rollback after a commit does nothing.
type transaction interface {
	session
	commit(ctx context.Context) error
	rollback()
}

// begin opens a write transaction.
func (db *DB) begin(ctx context.Context) (transaction, error) {
	if !db.postgres {
		return db.writer.begin(ctx)
	}
	tx, err := db.pool.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return postgresTx{postgres{db, tx}, tx}, nil
}

// postgres runs statements on the pool or in a transaction. pgx keeps prepared statements itself.
type postgres struct {
	db *DB
	on sqlx.ExtContext
}

func (p postgres) get(ctx context.Context, dest any, query string, args []any, keep bool) error {
	return sqlx.GetContext(ctx, p.on, dest, p.db.rebind(query, keep), unlessKept(args, keep)...)
}

func (p postgres) sel(ctx context.Context, dest any, query string, args []any, keep bool) error {
	return sqlx.SelectContext(ctx, p.on, dest, p.db.rebind(query, keep), unlessKept(args, keep)...)
}

func (p postgres) exec(ctx context.Context, query string, args []any, keep bool) (sql.Result, error) {
	return p.on.ExecContext(ctx, p.db.rebind(query, keep), unlessKept(args, keep)...)
}

type postgresTx struct {
	postgres
	tx *sqlx.Tx
}

func (p postgresTx) commit(ctx context.Context) error {
	err := p.tx.Commit()
	if errors.Is(err, sql.ErrTxDone) { // it was rolled back when its context ended
		return cmp.Or(ctx.Err(), err)
	}
	return err
}
func (p postgresTx) rollback() { _ = p.tx.Rollback() }

// unlessKept marks a text that will not come again, so that it is not prepared first.
func unlessKept(args []any, keep bool) []any {
	if keep {
		return args
	}
	return append([]any{pgx.QueryExecModeExec}, args...)
}

// rebind numbers the placeholders. Texts that will not come again are not kept: lists of many lengths
// must not fill the memory.
func (db *DB) rebind(query string, keep bool) string {
	if q, ok := db.rebound.Load(query); ok {
		return q.(string)
	}
	q := sqlx.Rebind(sqlx.DOLLAR, query)
	if keep {
		db.rebound.Store(query, q)
	}
	return q
}
