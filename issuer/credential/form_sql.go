package credential

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

func selectForm(ctx context.Context, t *database.Tx, award string, version int64, f form) (body []byte, found bool, err error) {
	var p Packed
	found, err = t.Get(ctx, &p, `
		SELECT body
		FROM credential_form
		WHERE award_id = ? AND version = ? AND form = ?`, award, version, string(f))
	return p, found, err
}

// insertForm stores a signed form unless there is one: what was stored first stays for ever.
func insertForm(ctx context.Context, t *database.Tx, award string, version int64, f form, made signedForm, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO credential_form (award_id, version, form, signed_id, signed_by, body, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, award, version, string(f), made.id, made.key, made.body, now)
	return err
}

// selectEndedShown are the awards that are revoked or on hold and that strangers may see, with the reason.
func selectEndedShown(ctx context.Context, t *database.Tx) (list []revokedForm, err error) {
	err = t.Select(ctx, &list, `
		SELECT id AS signed_id, CASE WHEN public_reason = '' AND revocation = 'result_voided' THEN revocation ELSE public_reason END AS reason
		FROM award
		WHERE (revoked_at IS NOT NULL OR suspended_at IS NOT NULL) AND state = 'accepted' AND visibility <> 'private'
		ORDER BY id`)
	return list, err
}

// selectRevokedForms are the ids of signed forms whose awards are revoked or on hold, with the reason.
func selectRevokedForms(ctx context.Context, t *database.Tx) (list []revokedForm, err error) {
	err = t.Select(ctx, &list, `
		SELECT f.signed_id, CASE WHEN a.state = 'accepted' AND a.visibility <> 'private' THEN CASE WHEN a.public_reason = '' AND a.revocation = 'result_voided' THEN a.revocation ELSE a.public_reason END ELSE '' END AS reason
		FROM award a
		JOIN credential_form f ON f.award_id = a.id
		WHERE (a.revoked_at IS NOT NULL OR a.suspended_at IS NOT NULL) AND f.signed_id <> ''
		ORDER BY f.signed_id`)
	return list, err
}

type revokedForm struct {
	ID     string `db:"signed_id"`
	Reason string `db:"reason"` // only of badges that strangers may see
}

// selectSigned finds the award, and its version, that a signed form of that id belongs to.
func selectSigned(ctx context.Context, t *database.Tx, id string) (award string, version int64, found bool, err error) {
	var row struct {
		Award   string `db:"award_id"`
		Version int64  `db:"version"`
	}
	found, err = t.Get(ctx, &row, `SELECT award_id, version FROM credential_form WHERE signed_id = ? AND signed_id <> ''`, id)
	return row.Award, row.Version, found, err
}

// Forget erases what was signed for awards, and whose they are. What status and revocation lists know them by stays, so
// that files which were handed out are known to be withdrawn.
func Forget(ctx context.Context, t *database.Tx, awards []string) error {
	if len(awards) == 0 {
		return nil
	}
	if _, err := t.Exec(ctx, `
		UPDATE credential
		SET holder_name = '', jwt = ?
		WHERE award_id IN (?)`, Packed{}, awards); err != nil {
		return err
	}
	_, err := t.Exec(ctx, `
		UPDATE credential_form
		SET body = ?
		WHERE award_id IN (?)`, Packed{}, awards)
	return err
}
