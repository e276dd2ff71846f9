package partner

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

// takePositions locks a partner's feed until the end of the transaction and makes room for n events. It returns the
// position of the last one.
func takePositions(ctx context.Context, t *database.Tx, partner string, n int) (last int64, err error) {
	_, err = t.Get(ctx, &last, `
		INSERT INTO partner_feed (partner_id, position)
		VALUES (?, ?)
		ON CONFLICT (partner_id) DO UPDATE SET position = partner_feed.position + excluded.position
		RETURNING position`, partner, n)
	return last, err
}

func insertEvents(ctx context.Context, t *database.Tx, rows [][]any) error {
	_, err := t.InsertRows(ctx, `INSERT INTO partner_event (partner_id, position, id, type, data, created_at)`, rows, ``)
	return err
}
