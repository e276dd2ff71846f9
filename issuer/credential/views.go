package credential

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Views counts how often strangers opened the pages of badges. Nothing is known of who they were, and a few counts of
// the last seconds are lost with the process.
type Views struct {
	db      *database.DB
	mu      sync.Mutex
	pending map[string]int64 // by award, since they were stored last
}

// NewViews is one on a migrated database.
func NewViews(db *database.DB) *Views { return &Views{db: db, pending: map[string]int64{}} }

// viewsPoll is how often counts are stored: a page that is opened often costs one statement meanwhile.
const viewsPoll = 5 * time.Second

// Count counts one view of an award's page.
func (v *Views) Count(award string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pending[award]++
}

// Total is how often the pages of awards were opened, together.
func (v *Views) Total(ctx context.Context, awards []string) (total int64, err error) {
	if len(awards) == 0 {
		return 0, nil
	}
	_, err = v.db.Reader().Get(ctx, &total, `
		SELECT COALESCE(SUM(views), 0)
		FROM award_view
		WHERE award_id IN (?)`, awards)
	if err != nil {
		return 0, fmt.Errorf("read views of badges: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range awards {
		total += v.pending[id]
	}
	return total, nil
}

// Store adds what was counted since to what is stored. What cannot be stored is counted on.
func (v *Views) Store(ctx context.Context) error {
	v.mu.Lock()
	counted := v.pending
	v.pending = map[string]int64{}
	v.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	rows := make([][]any, 0, len(counted))
	for _, award := range slices.Sorted(maps.Keys(counted)) { // two processes never wait for each other
		rows = append(rows, []any{award, counted[award]})
	}
	err := v.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.InsertRows(ctx, `INSERT INTO award_view (award_id, views)`, rows, `
			ON CONFLICT (award_id) DO UPDATE SET views = award_view.views + excluded.views`)
		return err
	})
	if err == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for award, n := range counted {
		v.pending[award] += n
	}
	return fmt.Errorf("store views of badges: %w", err)
}

// Loop stores what is counted until the context ends, and then once more.
func (v *Views) Loop(ctx context.Context, failed func(error)) error {
	tick := time.NewTicker(viewsPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), viewsPoll)
			defer cancel()
			if err := v.Store(last); err != nil {
				failed(err)
			}
			return nil
		case <-tick.C:
			if err := v.Store(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}
