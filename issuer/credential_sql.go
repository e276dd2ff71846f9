package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

func insertCredentials(ctx context.Context, t *database.Tx, list []credential) error {
	rows := make([][]any, 0, len(list))
	for _, c := range list {
		rows = append(rows, []any{c.AwardID, c.Version, c.HolderName, c.Recipient, c.AchievementID,
			c.EarnedOn, c.ExpiresOn, flag(c.Scores), c.StatusList, c.StatusIndex, c.IssuedAt, c.SignedBy, c.stored})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO credential (award_id, version, holder_name, recipient, achievement_id,
		earned_on, expires_on, scores, status_list, status_index, issued_at, signed_by, jwt)`, rows, ``)
	return err
}

// endCredentials sets the status bits of all editions of the awards that ended. One that is being
// signed at this moment finds its award ended.
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
	return w.i.setStatus(ctx, w.t, places)
}

// selectHolderNames are the names in the current editions of a candidate's awards, by award.
func selectHolderNames(ctx context.Context, t *database.Tx, candidate string) (map[string]string, error) {
	var rows []struct {
		Award string `db:"award_id"`
		Name  string `db:"holder_name"`
	}
	err := t.Select(ctx, &rows, `
		SELECT c.award_id, c.holder_name
		FROM award a
		JOIN credential c ON c.award_id = a.id AND c.version = a.signed
		WHERE a.candidate_id = ?`, candidate)
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.Award] = r.Name
	}
	return names, err
}
