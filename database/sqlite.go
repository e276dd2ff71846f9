package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
)

// On SQLite statements take microseconds: compiling one each time, or watching a context in a
// goroutine of its own, would take longer. So statements are kept, and a context is looked at before
// a statement and not in the middle of one.

// preparer is a pool or a connection.
type preparer interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
	PreparexContext(ctx context.Context, query string) (*sqlx.Stmt, error)
}

// lite runs statements on a pool or a connection and keeps them.
type lite struct {
	on   preparer
	kept sync.Map // query -> *sqlx.Stmt
}

func (l *lite) get(ctx context.Context, dest any, query string, args []any) error {
	ctx, s, args, err := l.statement(ctx, query, args)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}

func (l *lite) sel(ctx context.Context, dest any, query string, args []any) error {
	ctx, s, args, err := l.statement(ctx, query, args)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

func (l *lite) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	ctx, s, args, err := l.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// statement is the kept statement of a query and what it takes, with a context that does not end in the middle. A list
// is one JSON text, so that the statement is the same however long it is.
func (l *lite) statement(ctx context.Context, query string, args []any) (context.Context, *sqlx.Stmt, []any, error) {
	if err := ctx.Err(); err != nil {
		return ctx, nil, nil, err
	}
	ctx = context.WithoutCancel(ctx)
	args, err := listsAsJSON(args)
	if err != nil {
		return ctx, nil, nil, err
	}
	if s, ok := l.kept.Load(query); ok {
		return ctx, s.(*sqlx.Stmt), args, nil
	}
	s, err := l.on.PreparexContext(ctx, strings.ReplaceAll(query, "IN (?)", "IN (SELECT value FROM json_each(?))"))
	if err != nil {
		return ctx, nil, nil, err
	}
	if first, ok := l.kept.LoadOrStore(query, s); ok {
		_ = s.Close()
		return ctx, first.(*sqlx.Stmt), args, nil
	}
	return ctx, s, args, nil
}

// errEmpty is the error of PostgreSQL's side too: the caller was to look before.
var errEmpty = errors.New("a list of a statement is empty")

func listsAsJSON(args []any) ([]any, error) {
	copied := false
	for n, a := range args {
		l, found := list(a)
		if !found {
			continue
		}
		if l.Len() == 0 {
			return nil, errEmpty
		}
		text, err := json.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("list of a statement: %w", err)
		}
		if !copied {
			args, copied = slices.Clone(args), true
		}
		args[n] = string(text)
	}
	return args, nil
}

// forget closes the kept statements, without which the connection would not let go of the file.
func (l *lite) forget() {
	l.kept.Range(func(query, s any) bool {
		_ = s.(*sqlx.Stmt).Close()
		l.kept.Delete(query)
		return true
	})
}

// writer is the one connection of this process that writes: SQLite has one writer at a time anyway,
// and waiting for it here, in order, is fair and cheap. The connection is opened when first needed.
type writer struct {
	pool *sqlx.DB
	turn chan struct{} // holds a token while the connection is taken
	conn *sqlx.Conn
	lite *lite
}

func newWriter(pool *sqlx.DB) *writer { return &writer{pool: pool, turn: make(chan struct{}, 1)} }

// begin takes the connection and begins an immediate transaction, which is what removes "database is
// locked" between processes.
func (w *writer) begin(ctx context.Context) (transaction, error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err := w.open(ctx)
	if err == nil {
		_, err = w.conn.ExecContext(context.WithoutCancel(ctx), "BEGIN IMMEDIATE")
	}
	if err != nil {
		<-w.turn
		return nil, err
	}
	return &liteTx{lite: w.lite, writer: w}, nil
}

func (w *writer) open(ctx context.Context) (err error) {
	if err = ctx.Err(); err != nil || w.conn != nil {
		return err
	}
	conn, err := w.pool.Connx(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_autocheckpoint = 4000"); err != nil { // pages: seldomer than the default
		return errors.Join(err, conn.Close())
	}
	w.conn, w.lite = conn, &lite{on: conn}
	return nil
}

// close waits for its turn.
func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if w.conn == nil {
		return nil
	}
	w.lite.forget()
	conn := w.conn
	w.conn, w.lite = nil, nil
	return conn.Close()
}

type liteTx struct {
	*lite
	writer *writer
	ended  bool
}

func (t *liteTx) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.end("COMMIT")
}

func (t *liteTx) rollback() {
	if !t.ended {
		_ = t.end("ROLLBACK")
	}
}

// end gives the connection back, without a transaction whatever happened.
func (t *liteTx) end(how string) error {
	defer func() { <-t.writer.turn }()
	t.ended = true
	_, err := t.writer.conn.ExecContext(context.Background(), how)
	if err != nil && how == "COMMIT" { // a commit that failed leaves the transaction open
		_, _ = t.writer.conn.ExecContext(context.Background(), "ROLLBACK")
	}
	return err
}
