package migrations

import (
	"context"
	"database/sql"
)

// ApplyTo applies the files up to a number.
func ApplyTo(ctx context.Context, db *sql.DB, postgres bool, number int64) error {
	provider, err := newProvider(db, postgres)
	if err == nil {
		_, err = provider.UpTo(ctx, number)
	}
	return err
}
