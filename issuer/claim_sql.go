package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

func insertClaims(ctx context.Context, w *write) error {
	return storeClaims(ctx, w.t, w.claims, w.now)
}

func storeClaims(ctx context.Context, t *database.Tx, claims []claimRow, now time.Time) error {
	rows := make([][]any, 0, len(claims))
	for _, c := range claims {
		rows = append(rows, []any{c.ID, c.Digest, c.CandidateID, c.Email, c.Awards, now, ""})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO claim (id, digest, candidate_id, email, awards, created_at, disowned_reason)`, rows, ``)
	return err
}

const claimColumns = `id, digest, candidate_id, email, awards, created_at, replaced_at, disowned_at`

func selectClaim(ctx context.Context, t *database.Tx, digest string) (c claimRow, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE digest = ?`, digest)
	return c, found, err
}

func disownClaim(ctx context.Context, t *database.Tx, digest, reason string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE claim
		SET disowned_at = ?, disowned_reason = ?
		WHERE digest = ? AND disowned_at IS NULL`, now, reason, digest)
	return n == 1, err
}

func replaceClaims(ctx context.Context, t *database.Tx, candidate string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET replaced_at = ?
		WHERE candidate_id = ? AND replaced_at IS NULL`, now, candidate)
	return err
}

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

// selectOffers are the awards that wait for the owners of the addresses.
func selectOffers(ctx context.Context, t *database.Tx, emails []string) (list []*Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+qualifiedAwardColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE c.email IN (?) AND a.state = 'offered' AND a.revoked_at IS NULL AND a.superseded_by = ''
		ORDER BY a.created_at, a.id
		LIMIT 500`, emails)
	return list, err
}
