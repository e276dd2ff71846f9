package issuer

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
)

const dueColumns = `kind, subject, clock, due_at`

// selectClocks are the clocks by which something is due.
func selectClocks(ctx context.Context, t *database.Tx, now time.Time) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT '' AS clock
		WHERE EXISTS (SELECT 1 FROM agenda a WHERE a.clock = '' AND a.due_at <= ? AND a.kind IN (?))
		UNION ALL
		SELECT p.id
		FROM partner p
		WHERE p.sandbox = 1 AND EXISTS (SELECT 1 FROM agenda a WHERE a.clock = p.id AND a.due_at <= ? AND a.kind IN (?))
		ORDER BY clock`, now, dueKinds, now, dueKinds)
	return list, err
}

// selectDueRows is a page of what is due by a clock, in order.
func selectDueRows(ctx context.Context, t *database.Tx, clock string, now time.Time, after due, limit int) (list []due, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+dueColumns+`
		FROM agenda
		WHERE clock = ? AND due_at <= ? AND (due_at, kind, subject) > (?, ?, ?) AND kind IN (?)
		ORDER BY due_at, kind, subject
		LIMIT ?`, clock, now, after.At, after.Kind, after.Subject, dueKinds, limit)
	return list, err
}

// deleteDue returns the rows that were there and due. Their locks keep off whoever would move them.
func deleteDue(ctx context.Context, t *database.Tx, kind string, subjects []string, now time.Time) (list []due, err error) {
	err = t.Select(ctx, &list, `
		DELETE FROM agenda
		WHERE kind = ? AND subject IN (?) AND due_at <= ?
		RETURNING `+dueColumns, kind, subjects, now)
	return list, err
}

// dropDue takes rows off the agenda that are not to happen any more.
func dropDue(ctx context.Context, t *database.Tx, kind string, subjects []string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM agenda
		WHERE kind = ? AND subject IN (?)`, kind, subjects)
	return err
}

// upsertDue puts rows on the agenda, or moves them, in one order, so that two transactions never wait for each other.
func upsertDue(ctx context.Context, t *database.Tx, list []due) error {
	slices.SortFunc(list, func(a, b due) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject)) })
	rows := make([][]any, 0, len(list))
	for _, d := range list {
		rows = append(rows, []any{d.Kind, d.Subject, d.Clock, d.At})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO agenda (`+dueColumns+`)`, rows, `
		ON CONFLICT (kind, subject) DO UPDATE SET clock = excluded.clock, due_at = excluded.due_at`)
	return err
}
