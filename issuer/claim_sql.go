package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

func insertClaims(ctx context.Context, t *database.Tx, claims []claimRow, now time.Time) error {
	rows := make([][]any, 0, len(claims))
	for _, c := range claims {
		rows = append(rows, []any{c.ID, c.Digest, c.CandidateID, c.Email, c.Awards, now, "", c.Reminded})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO claim (id, digest, candidate_id, email, awards, created_at, disowned_reason, reminded)`, rows, ``)
	return err
}

const claimColumns = `id, digest, candidate_id, email, awards, created_at, replaced_at, disowned_at, reminded`

func selectClaim(ctx context.Context, t *database.Tx, digest string) (c claimRow, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE digest = ?`, digest)
	return c, found, err
}

// replaceClaims ends the links of a candidate at an address, and returns how often they were reminded of.
func replaceClaims(ctx context.Context, t *database.Tx, candidate, email string, now time.Time) (reminded int, err error) {
	var ended []int
	err = t.Select(ctx, &ended, `
		UPDATE claim
		SET replaced_at = ?
		WHERE candidate_id = ? AND email = ? AND replaced_at IS NULL
		RETURNING reminded`, now, candidate, email)
	for _, n := range ended {
		reminded = max(reminded, n)
	}
	return reminded, err
}

// selectLinked are the awards of candidates to which a link leads that nothing has replaced, with the addresses that
// the links went to.
func selectLinked(ctx context.Context, t *database.Tx, candidates []string) (map[link]bool, error) {
	var rows []claimRow
	err := t.Select(ctx, &rows, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE candidate_id IN (?) AND replaced_at IS NULL`, candidates)
	linked := map[link]bool{}
	for _, r := range rows {
		for _, id := range r.Awards {
			linked[link{id, r.Email}] = true
		}
	}
	return linked, err
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
