package credential_test

import (
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/credential"
)

// TestViews: none is lost or counted twice, whoever counts and stores at the same time, in two processes as well.
// row 38: views are counted, and nothing but their number is stored.
func TestViews(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		one, two := credential.NewViews(db), credential.NewViews(db)
		var all sync.WaitGroup
		for range 8 {
			for _, v := range []*credential.Views{one, two} {
				all.Go(func() {
					for n := range 50 {
						v.Count("a")
						if v.Count("b"); n%20 == 0 {
							if err := v.Store(t.Context()); err != nil {
								t.Error(err)
							}
						}
					}
				})
			}
		}
		all.Wait()
		if err := two.Store(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			awards []string
			want   int64
		}{{[]string{"a"}, 800}, {[]string{"a", "b", "c"}, 1600}, {[]string{"c"}, 0}, {nil, 0}} {
			if got, err := one.Total(t.Context(), c.awards); got != c.want || err != nil {
				t.Errorf("%v: got %d views, %v, want %d", c.awards, got, err, c.want)
			}
		}
	})
}
