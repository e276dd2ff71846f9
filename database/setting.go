package database

import "context"

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
