package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
)

// session runs statements somewhere.
type session interface {
	get(ctx context.Context, dest any, query string, args []any) error
	sel(ctx context.Context, dest any, query string, args []any) error
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
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

func (p postgres) get(ctx context.Context, dest any, query string, args []any) error {
	query, args, err := p.db.numbered(query, args)
	if err != nil {
		return err
	}
	return sqlx.GetContext(ctx, p.on, dest, query, args...)
}

func (p postgres) sel(ctx context.Context, dest any, query string, args []any) error {
	query, args, err := p.db.numbered(query, args)
	if err != nil {
		return err
	}
	return sqlx.SelectContext(ctx, p.on, dest, query, args...)
}

func (p postgres) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	query, args, err := p.db.numbered(query, args)
	if err != nil {
		return nil, err
	}
	return p.on.ExecContext(ctx, query, args...)
}

// numbered is a statement with a numbered placeholder for each value of its lists. One with lists is not kept but
// planned anew, unless they have one value, which is the commonest length: an array would have a plan kept that was
// made for a table that was small then, or for another length.
func (db *DB) numbered(query string, args []any) (string, []any, error) {
	longest := 0
	for _, a := range args {
		if l, found := list(a); found {
			longest = max(longest, 1, l.Len())
		}
	}
	if longest == 0 {
		return db.rebind(query), args, nil
	}
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return "", nil, err
	}
	if longest == 1 {
		return db.rebind(query), args, nil
	}
	return sqlx.Rebind(sqlx.DOLLAR, query), append([]any{pgx.QueryExecModeExec}, args...), nil
}

// rebind numbers the placeholders of a text that comes again.
func (db *DB) rebind(query string) string {
	if q, ok := db.rebound.Load(query); ok {
		return q.(string)
	}
	q := sqlx.Rebind(sqlx.DOLLAR, query)
	db.rebound.Store(query, q)
	return q
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
