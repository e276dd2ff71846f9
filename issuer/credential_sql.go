package issuer

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/open-insignia/insignia/database"
)

func insertCredentials(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.editions))
	for k, e := range w.editions {
		c := newCredential(e.ledger.candidate, e.award, w.places[k], w.now)
		rows = append(rows, []any{c.AwardID, c.Version, c.HolderName, c.Recipient, c.AchievementID,
			c.EarnedOn, c.ExpiresOn, c.StatusList, c.StatusIndex, c.IssuedAt})
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO credential (award_id, version, holder_name, recipient, achievement_id,
		earned_on, expires_on, status_list, status_index, issued_at)`, rows, ``)
	return err
}

const credentialColumns = `c.award_id, c.version, c.holder_name, c.recipient, c.achievement_id, c.earned_on, c.expires_on,
	c.status_list, c.status_index, c.issued_at, c.jwt, a.salt`

func selectUnsigned(ctx context.Context, t *database.Tx, before time.Time, most int) (list []credential, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+credentialColumns+`
		FROM credential c
		JOIN award a ON a.id = c.award_id
		WHERE c.jwt IS NULL AND c.issued_at < ?
		ORDER BY c.issued_at
		LIMIT ?`, before, most)
	return list, err
}

func selectCredential(ctx context.Context, t *database.Tx, award string, version int64) (c credential, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+credentialColumns+`
		FROM credential c
		JOIN award a ON a.id = c.award_id
		WHERE c.award_id = ? AND c.version = ?`, award, version)
	return c, found, err
}

// updateJWT stores a signature unless one is there: what was signed first stays for ever.
func updateJWT(ctx context.Context, t *database.Tx, c credential, packed driver.Value) error {
	_, err := t.Exec(ctx, `
		UPDATE credential
		SET jwt = ?
		WHERE award_id = ? AND version = ? AND jwt IS NULL`, packed, c.AwardID, c.Version)
	return err
}

// endCredentials sets the status bits of all editions of the awards that ended.
func endCredentials(ctx context.Context, w *write) error {
	if len(w.ended) == 0 {
		return nil
	}
	ids := make([]string, 0, len(w.ended))
	for _, a := range w.ended {
		ids = append(ids, a.ID)
	}
	var rows []struct {
		List     int64 `db:"status_list"`
		Position int64 `db:"status_index"`
	}
	err := w.t.Select(ctx, &rows, `
		SELECT status_list, status_index
		FROM credential
		WHERE award_id IN (?)`, ids)
	if err != nil {
		return err
	}
	places := make([]statusIndex, 0, len(rows))
	for _, r := range rows {
		places = append(places, statusIndex{r.List, r.Position})
	}
	return setStatus(ctx, w.t, places, w.now)
}
