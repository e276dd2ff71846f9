package letter

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

const letterColumns = `id, kind, sandbox, partner_id, candidate_id, account_id, claim_id, awards, about,
	recipient, language, state`

func insertLetters(ctx context.Context, t *database.Tx, rows []row, now time.Time) error {
	values := make([][]any, 0, len(rows))
	for _, r := range rows {
		values = append(values, []any{
			r.ID, r.Kind, database.Flag(r.Sandbox), r.Partner, r.Candidate, r.Account, r.Claim, r.Awards, r.About,
			r.Recipient, r.Language, waiting, 0, now,
		})
	}
	_, err := t.InsertRows(ctx, `
		INSERT INTO letter (`+letterColumns+`, tries, created_at)`, values, ``)
	return err
}

func selectLetter(ctx context.Context, t *database.Tx, id string) (r row, found bool, err error) {
	found, err = t.Get(ctx, &r, `
		SELECT `+letterColumns+`
		FROM letter
		WHERE id = ?`, id)
	return r, found, err
}

func selectLetters(ctx context.Context, t *database.Tx, ids []string) (map[string]row, error) {
	var list []row
	err := t.Select(ctx, &list, `
		SELECT `+letterColumns+`
		FROM letter
		WHERE id IN (?)`, ids)
	rows := make(map[string]row, len(list))
	for _, r := range list {
		rows[r.ID] = r
	}
	return rows, err
}

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

func insertCopy(ctx context.Context, t *database.Tx, c copyRow) error {
	_, err := t.Exec(ctx, `
		INSERT INTO letter_copy (place, letter_id, partner_id, name, subject, body, content, pictures)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.Place, c.Letter, c.Partner, c.Name, c.Subject, c.Body, c.Content, c.Pictures)
	return err
}

// selectCopies are copies without their text, the newest first, before a place.
func selectCopies(ctx context.Context, t *database.Tx, before string, n int) (list []copyRow, err error) {
	err = t.Select(ctx, &list, `
		SELECT c.place, c.subject, c.name, l.recipient, l.language, l.ended_at
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE c.place < ?
		ORDER BY c.place DESC
		LIMIT ?`, before, n)
	return list, err
}

func selectCopy(ctx context.Context, t *database.Tx, place string) (c copyRow, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT c.place, c.letter_id, c.partner_id, c.name, c.subject, c.body, c.content, c.pictures,
			l.kind, l.recipient, l.language, l.ended_at
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE c.place = ?`, place)
	return c, found, err
}
