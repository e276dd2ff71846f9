package partner

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
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
