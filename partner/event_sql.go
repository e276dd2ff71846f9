package partner

import (
	"context"
	"strings"

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

// selectFeedEnd is the last position of a partner's feed; 0 where there is none.
func selectFeedEnd(ctx context.Context, t *database.Tx, partner string) (end int64, err error) {
	_, err = t.Get(ctx, &end, `SELECT position FROM partner_feed WHERE partner_id = ?`, partner)
	return end, err
}

// selectEvents are the first events behind one position and up to another, of one type or of all that begin with the
// part before a star.
func selectEvents(ctx context.Context, t *database.Tx, partner, kind string, after, end int64, limit int) (list []FeedEvent, err error) {
	begin, all := strings.CutSuffix(kind, "*")
	if !all && kind != "" {
		err = t.Select(ctx, &list, `
			SELECT position, id, type, data, created_at
			FROM partner_event
			WHERE partner_id = ? AND position > ? AND position <= ? AND type = ?
			ORDER BY position
			LIMIT ?`, partner, after, end, kind, limit)
		return list, err
	}
	err = t.Select(ctx, &list, `
		SELECT position, id, type, data, created_at
		FROM partner_event
		WHERE partner_id = ? AND position > ? AND position <= ? AND SUBSTR(type, 1, ?) = ?
		ORDER BY position
		LIMIT ?`, partner, after, end, len(begin), begin, limit)
	return list, err
}
