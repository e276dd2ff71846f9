package migrations

import (
	"context"
	"database/sql"
	"time"

	"github.com/pressly/goose/v3"
)

// renewals are the letters about certifications that end. renewal_letter counts those about one end of an award, which is
// a day as TEXT; renewal_stop has the addresses that want none, in their one spelling,
// those that want no mail about badges at all among them. Times are UTC whole seconds.
// Certifications that have still to end are looked at once by the program, which puts them on the agenda for the next
// letter that the programme has for them: what was missed so far is not written now.
var renewals = goose.NewGoMigration(34, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{
		`CREATE TABLE renewal_letter (
			award_id TEXT NOT NULL,
			expires_on TEXT NOT NULL,
			letters BIGINT NOT NULL,
			PRIMARY KEY (award_id, expires_on)
		)`,
		`CREATE TABLE renewal_stop (
			email TEXT NOT NULL PRIMARY KEY,
			created_at TIMESTAMP NOT NULL
		)`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO renewal_stop (email, created_at) SELECT email, created_at FROM mail_stop`); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO agenda (kind, subject, clock, due_at)
		SELECT 'award.renewal', g.subject, g.clock, $1
		FROM agenda g
		JOIN award a ON a.id = g.subject
		WHERE g.kind = 'award.expiry' AND a.kind = 'certification'`, time.Now().UTC().Truncate(time.Second))
	return err
}}, nil)
