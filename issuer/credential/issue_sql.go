package credential

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

var dueColumns = ledger.QualifiedAwardColumns + `,
	CASE WHEN a.owner_email <> '' THEN a.owner_email ELSE c.email END AS email,
	CASE WHEN a.owner_email <> '' THEN a.owner_name ELSE c.name END AS name,
	COALESCE((SELECT h.name FROM holder_choice h WHERE h.holder = a.holder AND a.holder <> '' AND a.state = 'accepted'), '') AS name_shown`

// selectDue are those of the awards that are to be signed, with all others of the same candidates, so that
// one letter offers them.
func selectDue(ctx context.Context, t *database.Tx, ids []string) (list []Due, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+dueColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.signed < a.version AND a.candidate_id IN (SELECT candidate_id FROM award WHERE id IN (?))
		ORDER BY a.kind, a.created_at, a.id`, ids)
	return list, err
}

// unsigned is an award that waits to be signed.
type unsigned struct {
	ID       string    `db:"id"`
	IssuedAt time.Time `db:"issued_at"`
}

// selectUnsigned are awards that wait to be signed and are dated before the first of two times, or not before
// the second, the oldest first, and where the next page begins.
func selectUnsigned(ctx context.Context, t *database.Tx, before, ahead time.Time, from unsigned, most int) (ids []string, next unsigned, err error) {
	var rows []unsigned
	err = t.Select(ctx, &rows, `
		SELECT id, issued_at
		FROM award
		WHERE signed < version AND (issued_at < ? OR issued_at >= ?) AND (issued_at, id) > (?, ?)
		ORDER BY issued_at, id
		LIMIT ?`, before, ahead, from.IssuedAt, from.ID, most)
	for _, r := range rows {
		ids, next = append(ids, r.ID), r
	}
	return ids, next, err
}

// lockRevisions locks awards, in a fixed order, and returns the revision of each.
func lockRevisions(ctx context.Context, t *database.Tx, ids []string) (map[string]int64, error) {
	query := `
		SELECT id, revision
		FROM award
		WHERE id IN (?)
		ORDER BY id`
	if t.Postgres() {
		query += ` FOR UPDATE`
	}
	var rows []struct {
		ID       string `db:"id"`
		Revision int64  `db:"revision"`
	}
	err := t.Select(ctx, &rows, query, ids)
	revisions := make(map[string]int64, len(rows))
	for _, r := range rows {
		revisions[r.ID] = r.Revision
	}
	return revisions, err
}

// markSigned notes that the credentials of awards, which are locked, say what the awards say.
func markSigned(ctx context.Context, t *database.Tx, awards []Due) error {
	ids := make([]string, 0, len(awards))
	for _, a := range awards {
		ids = append(ids, a.ID)
	}
	_, err := t.Exec(ctx, `
		UPDATE award
		SET signed = version, revision = revision + 1
		WHERE id IN (?)`, ids)
	return err
}

// storeRedated stores the date of those of the awards, which are locked, that were dated anew.
func storeRedated(ctx context.Context, t *database.Tx, awards []Due) error {
	for _, a := range awards {
		if !a.redated {
			continue
		}
		if _, err := t.Exec(ctx, `UPDATE award SET issued_at = ? WHERE id = ?`, a.IssuedAt, a.ID); err != nil {
			return err
		}
	}
	return nil
}
