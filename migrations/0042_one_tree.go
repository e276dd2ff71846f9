package migrations

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// oneTree keeps what awards rest on, and what partners are told, in the tree of their keys itself, which SQLite does
// only when told to. Every row of them that comes with a result was two pages of the journal, and is one. PostgreSQL
// has no such tables.
func oneTree(postgres bool) *goose.Migration {
	var statements []string
	if !postgres {
		statements = []string{`
			CREATE TABLE award_support_tree (
				award_id TEXT NOT NULL REFERENCES award (id),
				position BIGINT NOT NULL,
				partner_id TEXT NOT NULL,
				result_id TEXT NOT NULL,
				PRIMARY KEY (award_id, position)
			) WITHOUT ROWID`, `
			INSERT INTO award_support_tree (award_id, position, partner_id, result_id)
			SELECT award_id, position, partner_id, result_id
			FROM award_support
			ORDER BY award_id, position`, `
			DROP TABLE award_support`, `
			ALTER TABLE award_support_tree RENAME TO award_support`, `
			CREATE TABLE partner_event_tree (
				partner_id TEXT NOT NULL,
				position BIGINT NOT NULL,
				id TEXT NOT NULL,
				type TEXT NOT NULL,
				data TEXT NOT NULL,
				created_at TIMESTAMP NOT NULL,
				PRIMARY KEY (partner_id, position)
			) WITHOUT ROWID`, `
			INSERT INTO partner_event_tree (partner_id, position, id, type, data, created_at)
			SELECT partner_id, position, id, type, data, created_at
			FROM partner_event
			ORDER BY partner_id, position`, `
			DROP TABLE partner_event`, `
			ALTER TABLE partner_event_tree RENAME TO partner_event`,
		}
	}
	return goose.NewGoMigration(42, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		return run(ctx, tx, statements)
	}}, nil)
}
