package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// A store that says no: it cannot be reached, is full, or takes no writes. Nothing is lost then and the same
// request succeeds later, so it is another thing than a mistake of ours.

// readyPatience bounds how long a database that hangs keeps the answer to whether it is ready.
const readyPatience = 3 * time.Second

// Ready reports whether the database takes writes, by writing. It is asked by anybody and often, so an
// answer holds for a second.
func (db *DB) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	select {
	case db.readyTurn <- struct{}{}:
		defer func() { <-db.readyTurn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(db.readyAt) < time.Second {
		return db.ready
	}
	db.ready = errors.Join(db.inPlace(), db.Remember(ctx, "written_at", time.Now().UTC().Format(time.RFC3339)))
	db.readyAt = time.Now()
	return db.ready
}

// inPlace reports whether the SQLite file is still the one that was opened: what is written to one that was
// moved away or replaced is lost with it.
func (db *DB) inPlace() error {
	if db.postgres {
		return nil
	}
	file, err := os.Stat(db.path)
	if err == nil && !os.SameFile(file, db.file) {
		err = fmt.Errorf("%s is another file than the one that was opened", db.path)
	}
	return err
}

// sqliteUnavailable are the result codes of a file, disk or folder that will not have it now.
var sqliteUnavailable = map[sqlite3.ErrNo]bool{
	sqlite3.ErrReadonly: true, sqlite3.ErrFull: true, sqlite3.ErrIoErr: true, sqlite3.ErrCantOpen: true,
	sqlite3.ErrBusy: true, sqlite3.ErrLocked: true, sqlite3.ErrPerm: true,
}

// postgresUnavailable are the classes of SQLSTATE (PostgreSQL, appendix A) for connections, exhausted
// resources, an operator's intervention and trouble outside the server itself.
var postgresUnavailable = map[string]bool{"08": true, "53": true, "57": true, "58": true}

// Unavailable reports whether an error says that the database cannot do its work now, whatever it is asked.
func Unavailable(err error) bool {
	var (
		lite    sqlite3.Error
		pg      *pgconn.PgError
		connect *pgconn.ConnectError
		network net.Error
	)
	switch {
	case err == nil:
		return false
	case errors.As(err, &lite):
		return sqliteUnavailable[lite.Code]
	case errors.As(err, &pg):
		return demoted(err) || postgresUnavailable[pg.Code[:min(2, len(pg.Code))]]
	}
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// demoted reports that the server takes no writes any more: another one has become the primary.
func demoted(err error) bool {
	const readOnlyTransaction = "25006"
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == readOnlyTransaction
}

// eraName is where a connection keeps the era in which it was made.
const eraName = "insignia.era"

// beginEra notes in a new connection when it was made.
func (db *DB) beginEra(_ context.Context, c *pgx.Conn) error {
	c.PgConn().CustomData()[eraName] = db.era.Load()
	return nil
}

// endEra has a connection from before the last demotion thrown away instead of being used again.
func (db *DB) endEra(_ context.Context, c *pgx.Conn) error {
	if made, _ := c.PgConn().CustomData()[eraName].(int64); made != db.era.Load() {
		return fmt.Errorf("the server was demoted: %w", driver.ErrBadConn)
	}
	return nil
}
