package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

var dueColumns = qualifiedAwardColumns + ", c.email, c.name"

// selectDue are those of the awards that are to be signed.
func selectDue(ctx context.Context, t *database.Tx, ids []string) (list []due, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+dueColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.id IN (?) AND a.signed < a.version
		ORDER BY a.kind, a.created_at, a.id`, ids)
	return list, err
}

// selectDueBefore are the awards that have waited longest to be signed.
func selectDueBefore(ctx context.Context, t *database.Tx, before time.Time, most int) (list []due, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+dueColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.signed < a.version AND a.issued_at < ?
		ORDER BY a.issued_at, a.kind, a.id
		LIMIT ?`, before, most)
	return list, err
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
func markSigned(ctx context.Context, t *database.Tx, awards []due) error {
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
