package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

// selectSignedBy are awards whose current edition a key has signed in some form, those that come after one
// of them.
func selectSignedBy(ctx context.Context, t *database.Tx, key string, after signedAward, most int) (list []signedAward, err error) {
	err = t.Select(ctx, &list, `
		SELECT a.id, a.candidate_id, a.version, n.partner_id, n.number
		FROM award a
		JOIN candidate n ON n.id = a.candidate_id
		WHERE a.signed = a.version AND (a.candidate_id, a.id) > (?, ?) AND (
			EXISTS (SELECT 1 FROM credential c WHERE c.award_id = a.id AND c.version = a.version AND c.signed_by = ?)
			OR EXISTS (SELECT 1 FROM credential_form f WHERE f.award_id = a.id AND f.version = a.version AND f.signed_by = ?))
		ORDER BY a.candidate_id, a.id
		LIMIT ?`, after.Candidate, after.ID, key, key, most)
	return list, err
}
