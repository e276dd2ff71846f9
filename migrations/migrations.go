// Package migrations is the schema: numbered SQL files in the subset that SQLite and PostgreSQL
// share, and the few lines that apply them. Files are never edited after a release.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

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
		if postgres || attempt == sqliteAttempts || ctx.Err() != nil {
			return len(results), fmt.Errorf("apply migrations: %w", err)
		}
		time.Sleep(sqlitePause)
	}
}

const (
	sqliteAttempts = 20
	sqlitePause    = 50 * time.Millisecond
)

func newProvider(db *sql.DB, postgres bool) (*goose.Provider, error) {
	if !postgres {
		return goose.NewProvider(goose.DialectSQLite3, db, files)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
}
