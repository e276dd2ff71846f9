package issuer_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestPages reads lists in small pages: nothing is left out and nothing comes twice, although most
// was recorded in the same second, under ids that sort differently everywhere.
func TestPages(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		var times []time.Time
		for n := range 3 {
			var results []issuer.Result
			for _, id := range []string{"b", "B", "a", "A", "é", "z-1", "z 1", "10", "9"} {
				r := Pass(fmt.Sprintf("%s-%d", id, n), "E4", "2026-01-01")
				r.Candidate.ID = r.ID
				results = append(results, r)
			}
			times = append(times, w.Clock.Now())
			if _, errs := w.RecordAll(ctx, w.Caller, results); errors.Join(errs...) != nil {
				t.Fatal(errs)
			}
			w.Clock.Advance(1500 * time.Millisecond)
		}
		for _, limit := range []int{1, 2, 4, 9, 26, 27, 28, 200} {
			if got := len(allResults(t, w, issuer.Page{Limit: limit})); got != 27 {
				t.Errorf("pages of %d results: got %d, want 27", limit, got)
			}
			if got := len(allAwards(t, w, issuer.Page{Limit: limit, State: ledger.Offered})); got != 27 {
				t.Errorf("pages of %d awards: got %d, want 27", limit, got)
			}
		}
		second := times[1].Truncate(time.Second)
		for _, test := range []struct {
			page issuer.Page
			want int
		}{
			{issuer.Page{Since: second}, 18},
			{issuer.Page{Since: second.Add(time.Nanosecond)}, 9},
			{issuer.Page{Since: second.Add(-time.Nanosecond)}, 18},
			{issuer.Page{Since: second.In(time.FixedZone("", -7*3600)), Limit: 5}, 18},
			{issuer.Page{Since: times[2].Add(time.Hour)}, 0},
			{issuer.Page{Since: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}, 27},
			{issuer.Page{Candidate: "a-1"}, 1},
			{issuer.Page{Candidate: "a-1", Since: times[2].Add(time.Second)}, 0},
			{issuer.Page{Candidate: "nobody"}, 0},
		} {
			if got := len(allResults(t, w, test.page)); got != test.want {
				t.Errorf("results of %+v: got %d, want %d", test.page, got, test.want)
			}
			if got := len(allAwards(t, w, test.page)); got != test.want {
				t.Errorf("awards of %+v: got %d, want %d", test.page, got, test.want)
			}
		}
		other, _ := w.Partner(t, "OtherCo", false)
		if list, next, err := w.Results(ctx, other, issuer.Page{}); err != nil || len(list) != 0 || next != "" {
			t.Errorf("another partner sees %d results, error %v", len(list), err)
		}
	})
}

func allResults(t *testing.T, w *World, p issuer.Page) (ids []string) {
	t.Helper()
	return all(t, p, func(p issuer.Page) (page []string, next string, err error) {
		list, next, err := w.Results(context.Background(), w.Caller, p)
		for _, r := range list {
			if len(r.Awards) != 1 || len(r.Decisions) == 0 {
				t.Errorf("result %s: got %d awards and %d decisions", r.Result.ID, len(r.Awards), len(r.Decisions))
			}
			page = append(page, r.Result.ID)
		}
		return page, next, err
	})
}

func allAwards(t *testing.T, w *World, p issuer.Page) (ids []string) {
	t.Helper()
	return all(t, p, func(p issuer.Page) (page []string, next string, err error) {
		list, next, err := w.Awards(context.Background(), w.Caller, p)
		for _, a := range list {
			page = append(page, a.ID)
		}
		return page, next, err
	})
}

// all follows the cursors to the end and returns each id once.
func all(t *testing.T, p issuer.Page, read func(issuer.Page) ([]string, string, error)) (ids []string) {
	t.Helper()
	for range 100 {
		page, next, err := read(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Limit > 0 && len(page) > p.Limit {
			t.Errorf("got a page of %d, want at most %d", len(page), p.Limit)
		}
		ids = append(ids, page...)
		if p.Cursor = next; next == "" {
			n := len(ids)
			slices.Sort(ids)
			if ids = slices.Compact(ids); len(ids) != n {
				t.Errorf("%d ids came twice", n-len(ids))
			}
			return ids
		}
	}
	t.Fatal("the pages never end")
	return nil
}

func TestForgedPagesAreRefused(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		forged := func(s string) issuer.Page {
			return issuer.Page{Cursor: base64.RawURLEncoding.EncodeToString([]byte(s))}
		}
		for _, p := range []issuer.Page{
			{Limit: 201}, {Limit: -1}, {State: "revoked"}, {State: "\x00"}, {Cursor: "%"}, {Cursor: "\x00"},
			forged(" "), forged("2026-03-05T09:42:00Z"), forged("yesterday R-1"), forged("2026-03-05T09:42:00Z \x00"), forged("2026-03-05T09:42:00Z \xff"),
		} {
			if _, _, err := w.Results(context.Background(), w.Caller, p); code(err) != "validation_failed" {
				t.Errorf("results of %+v: got %v, want a refusal", p, err)
			}
			if _, _, err := w.Awards(context.Background(), w.Caller, p); code(err) != "validation_failed" {
				t.Errorf("awards of %+v: got %v, want a refusal", p, err)
			}
		}
		if _, _, err := w.Results(context.Background(), w.Caller, forged("2026-03-05T09:42:00+14:00 R-1")); err != nil {
			t.Error(err)
		}
	})
}
