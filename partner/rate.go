package partner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Rate is how many requests a second each API key may make, in all processes on one database together: a process takes
// them in slices, the first of which it need not ask for, so that a key that asks now and then costs nothing, and the sum
// stays within twice the rate for up to 20 processes (contract 3).
type Rate struct {
	db   *database.DB
	most int64
	now  func() time.Time
	keys sync.Map // *taken, by the id of the key
}

// slicesASecond is how many of them make a second.
const slicesASecond = 20

// NewRate allows so many requests a second.
func NewRate(db *database.DB, most int, now func() time.Time) *Rate {
	return &Rate{db: db, most: int64(most), now: now}
}

// Most is how many requests a second a key may make.
func (r *Rate) Most() int { return int(r.most) }

// taken is what this process has of a key's requests in one second.
type taken struct {
	mu     sync.Mutex
	second int64
	had    int64 // slices that were taken, in requests
	used   int64
	all    int64 // what all processes had asked for when this one last did
}

// Take counts a request of a key. left is how many more may come until the second is over, as far as this process knows.
func (r *Rate) Take(ctx context.Context, key string) (allowed bool, left int, err error) {
	v, _ := r.keys.LoadOrStore(key, new(taken))
	k := v.(*taken)
	k.mu.Lock()
	defer k.mu.Unlock()
	slice := max(1, r.most/slicesASecond)
	if now := r.now().Unix(); k.second != now {
		k.second, k.had, k.used, k.all = now, slice, 0, 0
	}
	if k.used >= k.had && k.all < r.most {
		if k.all, err = r.take(ctx, key, k.second, slice); err != nil {
			return false, 0, fmt.Errorf("count requests of an API key: %w", err)
		}
		k.had += max(0, min(slice, r.most-(k.all-slice)))
	}
	k.had = min(k.had, r.most)
	if k.used < k.had {
		k.used++
		allowed = true
	}
	return allowed, int(max(0, k.had-k.used, min(r.most-k.used, r.most-k.all))), nil
}

// take asks for a slice, and tells what all processes have asked for in that second. A process whose clock is behind is
// counted in the second of the others.
func (r *Rate) take(ctx context.Context, key string, second, slice int64) (all int64, err error) {
	err = r.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Get(ctx, &all, `
			INSERT INTO partner_rate (key_id, window_start, n)
			VALUES (?, ?, ?)
			ON CONFLICT (key_id) DO UPDATE SET
				n = CASE WHEN partner_rate.window_start < excluded.window_start THEN excluded.n ELSE partner_rate.n + excluded.n END,
				window_start = CASE WHEN partner_rate.window_start < excluded.window_start THEN excluded.window_start ELSE partner_rate.window_start END
			RETURNING n`, key, second, slice)
		return err
	})
	return all, err
}
