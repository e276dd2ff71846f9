package credential

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

const statusListColumns = `number, seed, size, taken, revision`

func selectNewestStatusList(ctx context.Context, t *database.Tx) (l statusList, found bool, err error) {
	found, err = t.Get(ctx, &l, `
		SELECT `+statusListColumns+`
		FROM status_list
		ORDER BY number DESC
		LIMIT 1`)
	return l, found, err
}

func selectStatusList(ctx context.Context, t *database.Tx, number int64) (l statusList, found bool, err error) {
	found, err = t.Get(ctx, &l, `
		SELECT `+statusListColumns+`
		FROM status_list
		WHERE number = ?`, number)
	return l, found, err
}

// insertStatusList stores a new list, unless another process just did.
func insertStatusList(ctx context.Context, t *database.Tx, l statusList, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO status_list (number, seed, size, taken, revision, created_at)
		VALUES (?, ?, ?, 0, 1, ?)
		ON CONFLICT (number) DO NOTHING`, l.Number, l.Seed, l.Size, now)
	return err
}

// takeStatusIndexes moves the counter from one place to another if nobody moved it meanwhile.
func takeStatusIndexes(ctx context.Context, t *database.Tx, number, from, to int64) (moved bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE status_list
		SET taken = ?
		WHERE number = ? AND taken = ?`, to, number, from)
	return n == 1, err
}

func insertStatusBits(ctx context.Context, t *database.Tx, rows [][]any) error {
	_, err := t.InsertRows(ctx, `INSERT INTO status_bit (list, position, set_at)`, rows, `ON CONFLICT DO NOTHING`)
	return err
}

type statusRevision struct {
	Number   int64 `db:"number"`
	Revision int64 `db:"revision"`
}

// touchStatusLists raises the revisions of lists and returns what they are now.
func touchStatusLists(ctx context.Context, t *database.Tx, numbers []int64) (list []statusRevision, err error) {
	err = t.Select(ctx, &list, `
		UPDATE status_list
		SET revision = revision + 1
		WHERE number IN (?)
		RETURNING number, revision`, numbers)
	return list, err
}

func selectStatusBits(ctx context.Context, t *database.Tx, number int64) (positions []int64, err error) {
	err = t.Select(ctx, &positions, `
		SELECT position
		FROM status_bit
		WHERE list = ?`, number)
	return positions, err
}
