package partner

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Event is something that a partner may want to hear of.
type Event struct {
	Partner string
	Type    string
	Data    any // is kept as JSON: what was true when it happened
}

// Append puts the events of a transaction at the end of their partners' feeds, in their order. It must be the last
// thing that the transaction does: the feeds are locked until the commit, so that positions are in the order of
// commits, and whoever reads one has read all before it.
func Append(ctx context.Context, t *database.Tx, now time.Time, events []Event) error {
	rows := make([][]any, len(events))
	places := map[string][]int{}
	for n, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("write event %s: %w", e.Type, err)
		}
		rows[n] = []any{e.Partner, int64(0), newID("evt"), e.Type, string(data), now}
		places[e.Partner] = append(places[e.Partner], n)
	}
	for _, p := range slices.Sorted(maps.Keys(places)) { // in one order, so that two transactions never wait for each other
		last, err := takePositions(ctx, t, p, len(places[p]))
		if err != nil {
			return fmt.Errorf("take positions in the feed of partner %s: %w", p, err)
		}
		for k, n := range places[p] {
			rows[n][1] = last - int64(len(places[p])) + int64(k) + 1
		}
	}
	return insertEvents(ctx, t, rows)
}

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

// Tell is Append for one event, which it returns as it stands in the feed.
func Tell(ctx context.Context, t *database.Tx, now time.Time, e Event) (told FeedEvent, err error) {
	if err := Append(ctx, t, now, []Event{e}); err != nil {
		return told, err
	}
	_, err = t.Get(ctx, &told, `
		SELECT position, id, type, data, created_at
		FROM partner_event
		WHERE partner_id = ?
		ORDER BY position DESC
		LIMIT 1`, e.Partner) // the feed is locked
	return told, err
}

// FeedEvent is an event in a feed.
type FeedEvent struct {
	ID        string    `db:"id"`
	Type      string    `db:"type"`
	Data      string    `db:"data"` // JSON
	CreatedAt time.Time `db:"created_at"`
	Position  int64     `db:"position"`
}

// Document is an event as a partner reads it, in the feed and in webhooks (contract 3.2).
type Document struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	CreatedAt time.Time       `json:"created_at"`
	Sandbox   bool            `json:"sandbox"`
	Data      json.RawMessage `json:"data"` // what was true when it happened
}

// Document is the event as its partner reads it.
func (e FeedEvent) Document(sandbox bool) Document {
	return Document{e.ID, e.Type, e.CreatedAt.UTC(), sandbox, json.RawMessage(e.Data)}
}

// FeedPage asks for a part of a feed.
type FeedPage struct {
	Cursor string // from the page before, opaque to callers; empty: from the beginning
	Limit  int    // 1 to 200; 0: 50
	Type   string // of the events, or all types that begin so: badge.*; empty: all
}

// Feed lists the events of a partner, the oldest first. next continues exactly after the last one of the page, also
// when that is the last one of the feed.
func (p *Partners) Feed(ctx context.Context, caller Caller, page FeedPage) (list []FeedEvent, next string, err error) {
	limit := cmp.Or(page.Limit, 50)
	if limit < 1 || limit > 200 {
		return nil, "", refusal.New("validation_failed", "limit must be between 1 and 200")
	}
	if !line.Storable(page.Type) {
		return nil, "", refusal.New("validation_failed", "type is none of events")
	}
	t := p.db.Reader()
	end, err := FeedEnd(ctx, t, caller.ID)
	if err != nil {
		return nil, "", err
	}
	after, ok := page.after(caller.ID)
	if !ok || after > end {
		return nil, "", refusal.New("cursor_invalid", "The cursor is none that this list gave to this key's partner.")
	}
	if list, err = selectEvents(ctx, t, caller.ID, page.Type, after, end, limit); err != nil {
		return nil, "", fmt.Errorf("read a feed: %w", err)
	}
	if len(list) == limit {
		end = list[limit-1].Position
	}
	return list, feedCursor(caller.ID, end), nil
}

// FeedEnd is the last position of a partner's feed; 0 where there is none. All events up to there are committed.
func FeedEnd(ctx context.Context, t *database.Tx, partner string) (end int64, err error) {
	if _, err = t.Get(ctx, &end, `SELECT position FROM partner_feed WHERE partner_id = ?`, partner); err != nil {
		return 0, fmt.Errorf("read the end of a feed: %w", err)
	}
	return end, nil
}

// Between are the first events of a feed behind one position and up to another, of any type.
func Between(ctx context.Context, t *database.Tx, partner string, after, end int64, most int) ([]FeedEvent, error) {
	list, err := selectEvents(ctx, t, partner, "", after, end, most)
	if err != nil {
		return nil, fmt.Errorf("read a feed: %w", err)
	}
	return list, nil
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

func feedCursor(partner string, position int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(partner + " " + strconv.FormatInt(position, 10)))
}

// after is the position that the page begins after; ok is false for a cursor that is not the partner's.
func (f FeedPage) after(partner string) (position int64, ok bool) {
	if f.Cursor == "" {
		return 0, true
	}
	data, err := base64.RawURLEncoding.DecodeString(f.Cursor)
	whose, number, found := strings.Cut(string(data), " ")
	position, numberErr := strconv.ParseInt(number, 10, 64)
	return position, err == nil && found && numberErr == nil && whose == partner && position >= 0
}
