package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// A page of a list begins where an index in the list's order has it (migrations/0014_lists.sql): whose list it
// is stands in one column, a candidate's id already saying the partner.

func selectResultPage(ctx context.Context, t *database.Tx, partner string, p Page, from place, limit int) (list []ledger.Result, err error) {
	query, args := resultPage(partner, p, from, limit)
	err = t.Select(ctx, &list, query, args...)
	return list, err
}

func resultPage(partner string, p Page, from place, limit int) (query string, args []any) {
	column, owner := pageOwner(partner, p)
	return `
		SELECT ` + ledger.ResultColumns + `
		FROM result
		WHERE ` + column + ` = ? AND (recorded_at, id) > (?, ?)
		ORDER BY recorded_at, id
		LIMIT ?`, []any{owner, from.at, from.id, limit}
}

func selectAwardPage(ctx context.Context, t *database.Tx, partner string, p Page, from place, limit int) (list []*ledger.Award, err error) {
	query, args := awardPage(partner, p, from, limit)
	err = t.Select(ctx, &list, query, args...)
	return list, err
}

func awardPage(partner string, p Page, from place, limit int) (query string, args []any) {
	column, owner := pageOwner(partner, p)
	where, args := column+` = ?`, []any{owner}
	if p.State != "" {
		where += ` AND state = ?`
		args = append(args, p.State)
	}
	return `
		SELECT ` + ledger.AwardColumns + `
		FROM award
		WHERE ` + where + ` AND (created_at, id) > (?, ?)
		ORDER BY created_at, id
		LIMIT ?`, append(args, from.at, from.id, limit)
}

func pageOwner(partner string, p Page) (column, owner string) {
	if p.Candidate != "" {
		return "candidate_id", candidateID(partner, p.Candidate)
	}
	return "partner_id", partner
}

type transcriptRow struct {
	ledger.Result
	Partner string `db:"partner"`
}

// selectTranscript are the results of the candidates at addresses, of those of whom something is offered there, and
// of those of whom an account has accepted something.
func selectTranscript(ctx context.Context, t *database.Tx, h Holder) (list []transcriptRow, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	err = t.Select(ctx, &list, `
		SELECT r.partner_id, r.id, r.candidate_id, r.exam, r.outcome, r.score, r.max_score, r.identity_method, r.identity_matched,
			r.state, r.digest, r.decisions, r.awards, r.taken_at, r.recorded_at, r.candidate_email, r.candidate_name, r.candidate_locale, p.name AS partner
		FROM result r
		JOIN partner p ON p.id = r.partner_id
		WHERE r.candidate_id IN (
			SELECT id FROM candidate WHERE email IN (?)
			UNION SELECT candidate_id FROM award WHERE owner_email IN (?) AND owner_email <> ''
			UNION SELECT candidate_id FROM award WHERE holder = ? AND holder <> '' AND state = 'accepted')
			AND p.sandbox >= ?
		ORDER BY r.taken_at DESC, r.id
		LIMIT 1000`, addresses, addresses, h.ID, database.Flag(h.Sandbox))
	return list, err
}
