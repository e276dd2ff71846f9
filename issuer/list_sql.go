package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

func selectResultPage(ctx context.Context, t *database.Tx, partner, candidate string, from place, limit int) (list []Recorded, err error) {
	query := `
		SELECT ` + resultColumns + `
		FROM result
		WHERE partner_id = ? AND (recorded_at, id) > (?, ?)`
	args := []any{partner, from.at, from.id}
	if candidate != "" {
		query += ` AND candidate_id = ?`
		args = append(args, candidateID(partner, candidate))
	}
	err = t.Select(ctx, &list, query+`
		ORDER BY recorded_at, id
		LIMIT ?`, append(args, limit)...)
	return list, err
}

func selectAwardPage(ctx context.Context, t *database.Tx, partner string, p Page, from place, limit int) (list []*Award, err error) {
	query := `
		SELECT ` + awardColumns + `
		FROM award
		WHERE partner_id = ? AND (created_at, id) > (?, ?)`
	args := []any{partner, from.at, from.id}
	if p.Candidate != "" {
		query += ` AND candidate_id = ?`
		args = append(args, candidateID(partner, p.Candidate))
	}
	if p.State != "" {
		query += ` AND state = ?`
		args = append(args, p.State)
	}
	err = t.Select(ctx, &list, query+`
		ORDER BY created_at, id
		LIMIT ?`, append(args, limit)...)
	return list, err
}

type transcriptRow struct {
	Recorded
	Partner string `db:"partner"`
}

func selectTranscript(ctx context.Context, t *database.Tx, emails []string) (list []transcriptRow, err error) {
	err = t.Select(ctx, &list, `
		SELECT r.partner_id, r.id, r.candidate_id, r.exam, r.outcome, r.score, r.max_score, r.identity_method, r.identity_matched,
			r.state, r.digest, r.decisions, r.awards, r.taken_at, r.recorded_at, p.name AS partner
		FROM result r
		JOIN candidate c ON c.id = r.candidate_id
		JOIN partner p ON p.id = r.partner_id
		WHERE c.email IN (?)
		ORDER BY r.taken_at DESC, r.id
		LIMIT 1000`, emails)
	return list, err
}

func selectEditions(ctx context.Context, t *database.Tx, award string) (list []Edition, err error) {
	err = t.Select(ctx, &list, `
		SELECT version, issued_at, holder_name, earned_on, expires_on
		FROM credential
		WHERE award_id = ?
		ORDER BY version`, award)
	return list, err
}
