// Package migrations is the schema: numbered SQL files in the subset that SQLite and PostgreSQL
// share, Go files of the same numbering for what SQL cannot tell, and the few lines that apply them. Files are
// never edited after a release.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

// steps are the files in Go.
func steps(postgres bool) []*goose.Migration {
	return []*goose.Migration{oneSpelling, lettersDue, awardSupport(postgres), agenda, renewals, oneTree(postgres)}
}

// Apply brings the schema up to date. Several processes may do so at once: PostgreSQL takes a
// session lock, SQLite's writers queue. It returns how many files it applied.
func Apply(ctx context.Context, db *sql.DB, postgres bool) (int, error) {
	provider, err := newProvider(db, postgres)
	if err != nil {
		return 0, fmt.Errorf("prepare migrations: %w", err)
	}
	for attempt := 1; ; attempt++ {
		results, err := provider.Up(ctx)
		if err == nil {
			return len(results), nil
		}
		// On SQLite two processes may both begin with the same file; the one that came second finds it
		// applied when it looks again.
		if postgres || attempt == sqliteAttempts || !pause(ctx) {
			return len(results), fmt.Errorf("apply migrations: %w", err)
		}
	}
}

// pause waits a little; it is false when the context ends before.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(sqlitePause):
		return true
	}
}

// Version is the number of the newest file that was applied to a database; 0 says that it is none of
// ours. It only reads.
func Version(ctx context.Context, db *sql.DB, postgres bool) (version int64, err error) {
	tables := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('programme_version', 'goose_db_version')`
	if postgres {
		tables = `SELECT COUNT(to_regclass('programme_version')) + COUNT(to_regclass('goose_db_version'))`
	}
	var found int
	if err := db.QueryRowContext(ctx, tables).Scan(&found); err != nil {
		return 0, fmt.Errorf("look for the schema: %w", err)
	}
	if found < 2 {
		return 0, nil
	}
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&version); err != nil {
		return 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return version, nil
}

// Newest is the number of the newest file that this program knows.
func Newest() int64 {
	names, err := fs.Glob(files, "*.sql") // in order
	if err != nil {
		panic(err)
	}
	newest, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		panic(err)
	}
	for _, step := range steps(false) {
		newest = max(newest, step.Version)
	}
	return newest
}

const (
	sqliteAttempts = 20
	sqlitePause    = 50 * time.Millisecond
)

func newProvider(db *sql.DB, postgres bool) (*goose.Provider, error) {
	if !postgres {
		return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(steps(postgres)...))
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithGoMigrations(steps(postgres)...), goose.WithSessionLocker(locker))
}
