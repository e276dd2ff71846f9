package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

// selectLetters are the letters of candidates that hold links that still count, by candidate, the oldest first.
func selectLetters(ctx context.Context, t *database.Tx, candidates []string) (map[string][]candidateLetter, error) {
	var rows []candidateLetter
	err := t.Select(ctx, &rows, lettersQuery, candidates)
	letters := make(map[string][]candidateLetter, len(candidates))
	for _, r := range rows {
		letters[r.Candidate] = append(letters[r.Candidate], r)
	}
	return letters, err
}

const lettersQuery = `
	SELECT c.id, c.number, s.created_at AS stopped_at, l.awards, l.sent_at, l.bounced_at
	FROM candidate c
	LEFT JOIN mail_stop s ON s.email = c.email
	LEFT JOIN claim l ON l.candidate_id = c.id AND l.replaced_at IS NULL
	WHERE c.id IN (?)
	ORDER BY l.created_at, l.id`

func selectMailStop(ctx context.Context, t *database.Tx, email string) (stopped bool, err error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM mail_stop WHERE email = ?`, email)
}

func insertMailStop(ctx context.Context, t *database.Tx, email string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO mail_stop (email, created_at)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, email, now)
	return err
}

// selectEmails are the addresses that letters for a candidate go to or went to.
func selectEmails(ctx context.Context, t *database.Tx, candidate string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT email
		FROM candidate
		WHERE id = ?
		UNION
		SELECT email
		FROM claim
		WHERE candidate_id = ?
		LIMIT 100`, candidate, candidate)
	return list, err
}
