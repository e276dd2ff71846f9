package letter

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

const letterColumns = `id, kind, sandbox, partner_id, candidate_id, account_id, claim_id, awards, about,
	recipient, language, state`

// endLetter notes what became of a letter that was not sent before. One that bounced may be sent later.
func endLetter(ctx context.Context, t *database.Tx, r row, tries int, now time.Time) (ended bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE letter
		SET state = ?, recipient = ?, language = ?, tries = ?, ended_at = ?
		WHERE id = ? AND state IN ('waiting', 'bounced')`, r.State, r.Recipient, r.Language, tries, now, r.ID)
	return n == 1, err
}

// copyRow is what a letter says that stays here.
type copyRow struct {
	Place     string    `db:"place"` // in the mailbox; sorts by arrival
	Letter    string    `db:"letter_id"`
	Partner   string    `db:"partner_id"`
	Name      string    `db:"name"` // of the recipient
	Subject   string    `db:"subject"`
	Body      string    `db:"body"`
	Kind      string    `db:"kind"`
	Content   string    `db:"content"`  // JSON
	Pictures  string    `db:"pictures"` // a JSON array of picture, or empty
	Recipient string    `db:"recipient"`
	Language  string    `db:"language"`
	At        time.Time `db:"ended_at"`
}
