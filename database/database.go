// Package database is one connection set-up and one transaction type for SQLite and PostgreSQL,
// so that the packages with state write one SQL text for both. It knows no table but its own
// counters and holds no rules.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// DB is an open database: one writer and a few readers on SQLite, one pool on PostgreSQL.
type DB struct {
	pool     *sqlx.DB // may write
	read     *sqlx.DB // the pool on PostgreSQL
	reader   session
	writer   *writer // SQLite only
	postgres bool
	path     string
	file     fs.FileInfo // the file that was opened, SQLite only

	rebound   sync.Map      // query -> query with $n, PostgreSQL only
	readyTurn chan struct{} // holds a token while somebody finds out
	ready     error         // what the last writing said
	readyAt   time.Time
	ran       atomic.Int64 // statements
	era       atomic.Int64 // connections of earlier eras are not used again, PostgreSQL only
}

// Statements is how many it has run since it was opened.
func (db *DB) Statements() int64 { return db.ran.Load() }

// Open opens the SQLite file of that name, making it for its owner alone when absent, or the database of
// a postgres:// URL. It does not migrate.
func Open(ctx context.Context, name string) (*DB, error) {
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		return openPostgres(ctx, name)
	}
	return openSQLite(ctx, name)
}

// openSQLite opens one writer and several read-only readers. synchronous=FULL keeps an answered
// commit through a power cut.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := keepPrivate(path); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	write, err := sqlx.Open("sqlite3", dsn(path, url.Values{
		"_txlock": {"immediate"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_cache_size": {"-16000"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	write.SetMaxOpenConns(2) // the writer's, and one for migrations and backup
	if err := firstConnection(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read, err := sqlx.Open("sqlite3", dsn(path, url.Values{"_query_only": {"true"}}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close(), read.Close())
	}
	readers := max(4, runtime.NumCPU())
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{
		pool: write, read: read, reader: &lite{on: read}, writer: newWriter(write),
		path: path, file: file, readyTurn: make(chan struct{}, 1),
	}, nil
}

// keepPrivate makes the file when it is absent, and closes one to strangers that is there: it holds
// people's names and addresses. SQLite gives the files that it puts beside it the same mode.
func keepPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o007 != 0 {
			_ = os.Chmod(name, info.Mode().Perm()&^0o007) // only its owner can; others may go on using it
		}
	}
	return nil
}

// firstConnection opens the connection of the writer. Several processes that make one database at the
// same moment get in each other's way while it enters write-ahead mode, in which SQLite does not wait.
func firstConnection(ctx context.Context, write *sqlx.DB) error {
	const patience, pause = 10 * time.Second, 20 * time.Millisecond
	for begin := time.Now(); ; {
		_, err := write.ExecContext(ctx, "PRAGMA journal_mode")
		var busy sqlite3.Error
		if !errors.As(err, &busy) || busy.Code != sqlite3.ErrBusy && busy.Code != sqlite3.ErrLocked || time.Since(begin) > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func dsn(path string, more url.Values) string {
	more.Set("_busy_timeout", "10000")
	more.Set("_foreign_keys", "on")
	more.Set("mode", "rw") // a file that was moved away is not made anew
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: more.Encode()}).String()
}

// openPostgres opens one pool, whose connections all lead to a server that takes writes.
func openPostgres(ctx context.Context, name string) (*DB, error) {
	config, err := pgx.ParseConfig(name)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if config.ValidateConnect == nil { // the URL has no target_session_attrs of its own
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	db := &DB{postgres: true, readyTurn: make(chan struct{}, 1)}
	pool := sqlx.NewDb(stdlib.OpenDB(*config, stdlib.OptionAfterConnect(db.beginEra), stdlib.OptionResetSession(db.endEra)), "pgx")
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(30 * time.Minute) // a server that was moved or grew is found by then
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), pool.Close())
	}
	db.pool, db.read, db.reader = pool, pool, postgres{db, pool}
	return db, nil
}

// Postgres reports whether the database is PostgreSQL.
func (db *DB) Postgres() bool { return db.postgres }

// SQL is the pool that may write, for migrations and backup.
func (db *DB) SQL() *sql.DB { return db.pool.DB }

// Path is the SQLite file, empty with PostgreSQL.
func (db *DB) Path() string { return db.path }

// Close closes all connections.
func (db *DB) Close() error {
	if db.postgres {
		return db.pool.Close()
	}
	return errors.Join(db.writer.close(), db.pool.Close(), db.read.Close())
}

// Setting is what the installation remembers under a name; found is false when that is nothing.
func (db *DB) Setting(ctx context.Context, name string) (value string, found bool, err error) {
	found, err = db.Reader().Get(ctx, &value, `SELECT value FROM setting WHERE name = ?`, name)
	return value, found, err
}

// Remember keeps a setting until another value takes its place.
func (db *DB) Remember(ctx context.Context, name, value string) error {
	return db.InTx(ctx, func(t *Tx) error {
		_, err := t.Exec(ctx, `
			INSERT INTO setting (name, value)
			VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		return err
	})
}

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
