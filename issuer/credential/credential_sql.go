package credential

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

func insertCredentials(ctx context.Context, t *database.Tx, list []credential) error {
	rows := make([][]any, 0, len(list))
	for _, c := range list {
		rows = append(rows, []any{c.AwardID, c.Version, c.HolderName, c.Recipient, c.AchievementID,
			c.EarnedOn, c.ExpiresOn, database.Flag(c.Scores), c.StatusList, c.StatusIndex, c.IssuedAt, c.SignedBy, c.stored, c.ValidFrom, c.NameShown})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO credential (award_id, version, holder_name, recipient, achievement_id,
		earned_on, expires_on, scores, status_list, status_index, issued_at, signed_by, jwt, valid_from, name_shown)`, rows, ``)
	return err
}

// selectPlaces are the places of all editions of awards, and of all copies, in the status lists.
func selectPlaces(ctx context.Context, t *database.Tx, awards []string) (places []statusIndex, err error) {
	var rows []struct {
		List     int64 `db:"status_list"`
		Position int64 `db:"status_index"`
	}
	err = t.Select(ctx, &rows, `
		SELECT status_list, status_index
		FROM credential
		WHERE award_id IN (?)
		UNION ALL
		SELECT status_list, status_index
		FROM credential_copy
		WHERE award_id IN (?)`, awards, awards)
	for _, r := range rows {
		places = append(places, statusIndex{r.List, r.Position})
	}
	return places, err
}

// named is whom an edition names.
type named struct {
	Award     string `db:"award_id"`
	Name      string `db:"holder_name"`
	Recipient string `db:"recipient"`
}

// EditionsOf are the current editions of a candidate's awards, by award.
func EditionsOf(ctx context.Context, t *database.Tx, candidate string) (map[string]named, error) {
	var rows []named
	err := t.Select(ctx, &rows, `
		SELECT c.award_id, c.holder_name, c.recipient
		FROM award a
		JOIN credential c ON c.award_id = a.id AND c.version = a.signed
		WHERE a.candidate_id = ?`, candidate)
	editions := make(map[string]named, len(rows))
	for _, r := range rows {
		editions[r.Award] = r
	}
	return editions, err
}
