package partner_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/partner"
)

// TestRate: one process lets through just as many a second as it may, and tells how many are left.
func TestRate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := time.Unix(1_800_000_000, 0)
		for _, most := range []int{1, 3, 50} {
			r := partner.NewRate(db, most, func() time.Time { return now })
			for range 3 {
				for n := range most + 5 {
					allowed, left, err := r.Take(t.Context(), "key_a")
					if err != nil || allowed != (n < most) || left > max(0, most-n-1) || n < most-1 && left == 0 {
						t.Errorf("%d of %d: allowed %v, %d left, error %v", n+1, most, allowed, left, err)
					}
				}
				if allowed, _, err := r.Take(t.Context(), "key_b"); !allowed || err != nil {
					t.Errorf("another key: %v, %v", allowed, err)
				}
				now = now.Add(time.Second)
			}
			now = now.Add(time.Second)
		}
	})
}

// TestRateOfProcesses: many processes let through at least as many as one may, and no more besides than the slices for which
// they need not ask.
func TestRateOfProcesses(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const most, processes = 200, 8
		now := time.Unix(1_800_000_000, 0)
		var through atomic.Int64
		var group sync.WaitGroup
		for n := range processes {
			clock := func() time.Time { return now.Add(time.Duration(n) * time.Millisecond) }
			r := partner.NewRate(db, most, clock)
			group.Go(func() {
				for range most {
					allowed, _, err := r.Take(t.Context(), "key_a")
					if err != nil {
						t.Error(err)
					}
					if allowed {
						through.Add(1)
					}
				}
			})
		}
		group.Wait()
		if n := through.Load(); n < most || n > most+processes*most/20 {
			t.Errorf("%d requests went through, want %d to %d", n, most, most+processes*most/20)
		}
	})
}
