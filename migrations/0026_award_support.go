package migrations

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// awardSupport makes rows of what awards rest on, which was a list of ids in a column. Each database has its own way to
// read one. The column stays for the program before.
func awardSupport(postgres bool) *goose.Migration {
	ids := `json_each(a.supports) AS ids`
	position := `ids.key`
	if postgres {
		ids = `json_array_elements_text(CAST(a.supports AS JSON)) WITH ORDINALITY AS ids (value, number)`
		position = `ids.number - 1`
	}
	statements := []string{`
		-- position counts from 0, the oldest result first. partner_id is whose result it is.
		CREATE TABLE award_support (
			award_id TEXT NOT NULL REFERENCES award (id),
			position BIGINT NOT NULL,
			partner_id TEXT NOT NULL,
			result_id TEXT NOT NULL,
			PRIMARY KEY (award_id, position)
		)`, `
		INSERT INTO award_support (award_id, position, partner_id, result_id)
		SELECT a.id, ` + position + `, a.partner_id, ids.value
		FROM (SELECT id, partner_id, supports FROM award WHERE supports <> '' ORDER BY id) a
		CROSS JOIN ` + ids,
	}
	return goose.NewGoMigration(26, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		return run(ctx, tx, statements)
	}}, nil)
}
