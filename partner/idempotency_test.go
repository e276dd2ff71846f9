package partner_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/partner"
)

// TestIdempotencyKey follows a key from its first use to its end.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		once := func(digest string) (*partner.Answer, error) { return w.Once(ctx, w.caller, "key", digest) }
		check := func(what string, want string) {
			t.Helper()
			if a, err := once("one"); code(err) != want || a != nil || want == "" && err != nil {
				t.Errorf("%s: got answer %v, error %v, want %q", what, a, err, want)
			}
		}
		check("first", "")
		check("while it runs", "idempotency_in_progress")
		if _, err := once("two"); code(err) != "idempotency_key_reused" {
			t.Errorf("with another body: got %v", err)
		}
		if err := w.GiveUp(ctx, w.caller, "key"); err != nil {
			t.Fatal(err)
		}
		check("given up", "")
		w.advance(59 * time.Second)
		check("nearly a minute later", "idempotency_in_progress")
		w.advance(2 * time.Second)
		check("the first process died", "")
		check("… and was taken over from once", "idempotency_in_progress")
		answered := partner.Answer{Status: 201, Body: `{"id":"R-1"}`}
		if err := w.Answered(ctx, w.caller, "key", answered); err != nil {
			t.Fatal(err)
		}
		if err := w.Answered(ctx, w.caller, "key", partner.Answer{Status: 200, Body: "another"}); err != nil {
			t.Fatal(err) // the first process was only slow
		}
		if err := w.GiveUp(ctx, w.caller, "key"); err != nil {
			t.Fatal(err)
		}
		w.advance(6 * 24 * time.Hour)
		if err := w.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		if a, err := once("one"); err != nil || a == nil || *a != answered {
			t.Errorf("got %v, error %v, want the first answer", a, err)
		}
		if _, err := once("two"); code(err) != "idempotency_key_reused" {
			t.Errorf("with another body: got %v", err)
		}
		other := w.partner(t, "OtherCo")
		if a, err := w.Once(ctx, other, "key", "two"); a != nil || err != nil {
			t.Errorf("another partner's key of that name: got %v, error %v", a, err)
		}
		w.advance(2 * 24 * time.Hour)
		if err := w.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		check("forgotten after a week", "")
		for _, key := range []string{"", " ", "a\nb", strings.Repeat("x", 256)} {
			if _, err := w.Once(ctx, w.caller, key, "one"); code(err) != "bad_idempotency_key" {
				t.Errorf("key %q: got %v", key, err)
			}
		}
	})
}

// TestIdempotencyKeyAtOnce lets one of many win.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 20 {
			wg.Go(func() {
				a, err := w.Once(context.Background(), w.caller, "key", "one")
				if err != nil && code(err) != "idempotency_in_progress" {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil && a == nil {
					won++
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("got %d winners, want 1", won)
		}
	})
}
