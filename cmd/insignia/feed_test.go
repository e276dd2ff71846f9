package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database/databasetest"
)

// TestFeedOfFourProcesses has 8 writers post results and suspend and reinstate the same awards in 4 processes, of
// which one is killed again and again. Whoever follows the feed meanwhile misses nothing, reads nothing twice, and
// reads of each award in the order in which it happened.
func TestFeedOfFourProcesses(t *testing.T) {
	if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
		t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
	}
	first := newInstallation(t, databasetest.PostgresURL(t))
	first.prepare(t)
	addrs := []string{first.addr}
	for range 3 {
		addrs = append(addrs, freeAddr(t))
	}
	envOf := func(addr string) []string {
		return append(append([]string{}, first.env...), "INSIGNIA_ADDR="+addr) // the base URL is that of the first
	}
	for _, addr := range addrs[:3] {
		if _, err := serve(t, envOf(addr), addr); err != nil {
			t.Fatal(err)
		}
	}
	awards := sharedAwards(t, first)

	ctx, cancel := context.WithCancel(t.Context())
	var writers, others sync.WaitGroup
	var recorded sync.Map // results that were answered
	var answers atomic.Int64
	for writer := range 8 {
		writers.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				addr := addrs[(writer+k)%len(addrs)]
				if k%2 == 0 {
					id := fmt.Sprintf("%d-%d", writer, k)
					if status, err := postTo(ctx, addr, first.key, "R-"+id, "C-"+id); err == nil && status == http.StatusCreated {
						recorded.Store("R-"+id, true)
						answers.Add(1)
					}
					continue
				}
				verb := []string{"suspend", "reinstate"}[rand.IntN(2)]
				changeAward(ctx, addr, first.key, "/api/v1/awards/"+awards[rand.IntN(len(awards))]+"/"+verb)
			}
		})
	}
	others.Go(func() { // the fourth process dies while it writes
		for ctx.Err() == nil {
			server, err := serve(t, envOf(addrs[3]), addrs[3])
			if err != nil {
				t.Error(err)
				return
			}
			<-time.After(time.Duration(300+rand.IntN(300)) * time.Millisecond)
			_ = server.Process.Signal(syscall.SIGKILL)
			_ = server.Wait()
		}
	})
	feed := &follower{key: first.key, awards: map[string]string{}, results: map[string]bool{}}
	others.Go(func() {
		for k := 0; ctx.Err() == nil; k++ {
			feed.read(t, addrs[k%len(addrs)])
		}
	})
	<-time.After(5 * time.Second)
	cancel()
	writers.Wait()
	others.Wait()
	for feed.read(t, first.addr) > 0 {
	}
	if stored := storedFeed(t, first.open(t)); !slices.Equal(feed.ids, stored) {
		t.Errorf("read %d events, %d are stored in another order", len(feed.ids), len(stored))
	}
	recorded.Range(func(id, _ any) bool {
		if !feed.results[id.(string)] {
			t.Errorf("nobody was told of %s", id)
		}
		return true
	})
	t.Logf("%d answers, %d events", answers.Load(), len(feed.ids))
	if answers.Load() < 30 || feed.toggles < 30 {
		t.Errorf("%d answers and %d changes are too few to prove anything", answers.Load(), feed.toggles)
	}
}

// sharedAwards are the ids of awards that all writers change.
func sharedAwards(t *testing.T, n *installation) (ids []string) {
	t.Helper()
	for k := range 3 {
		id := fmt.Sprintf("shared-%d", k)
		if status, err := postTo(t.Context(), n.addr, n.key, "R-"+id, "C-"+id); status != http.StatusCreated {
			t.Fatal(status, err)
		}
		var receipt struct{ Awards []struct{ ID string } }
		if getJSON(t, n.addr, n.key, "/api/v1/results/R-"+id, &receipt); len(receipt.Awards) != 1 {
			t.Fatal(receipt)
		}
		ids = append(ids, receipt.Awards[0].ID)
	}
	return ids
}

// changeAward posts a reason; whether it is answered does not matter.
func changeAward(ctx context.Context, addr, key, path string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+path, bytes.NewReader([]byte(`{"reason":"because"}`)))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_ = answer.Body.Close()
	}
}

// follower reads a feed as a partner does: what comes after what it has, from whichever process answers.
type follower struct {
	key, cursor string
	ids         []string
	awards      map[string]string // the last event of each award
	results     map[string]bool
	toggles     int
}

// afterEvent says which events may come after which event of an award.
var afterEvent = map[string][]string{
	"":                 {"badge.offered"},
	"badge.offered":    {"badge.suspended"},
	"badge.suspended":  {"badge.reinstated"},
	"badge.reinstated": {"badge.suspended"},
}

// read reads a page and returns how many events it had; none where the process is just dead.
func (f *follower) read(t *testing.T, addr string) int {
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+"/api/v1/events?limit=100&cursor="+url.QueryEscape(f.cursor), nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+f.key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	var page struct {
		Items []told
		Next  string
	}
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		return 0
	}
	if answer.StatusCode != http.StatusOK {
		t.Errorf("GET /events: %s", answer.Status)
		return 0
	}
	for _, e := range page.Items {
		f.event(t, e)
	}
	f.cursor = page.Next
	return len(page.Items)
}

// told is an event as partners read it.
type told struct {
	ID   string
	Type string
	Data struct {
		Result struct{ ID string }
		Award  struct{ ID, Validity string }
	}
}

func (f *follower) event(t *testing.T, e told) {
	f.ids = append(f.ids, e.ID)
	if id := e.Data.Result.ID; id != "" {
		if f.results[id] {
			t.Errorf("%s was told twice", id)
		}
		f.results[id] = true
	}
	if id := e.Data.Award.ID; id != "" {
		last := f.awards[id]
		if !slices.Contains(afterEvent[last], e.Type) || (e.Type == "badge.suspended") != (e.Data.Award.Validity == "suspended") {
			t.Errorf("%s (%s) came after %q", e.Type, e.Data.Award.Validity, last)
		}
		if f.awards[id] = e.Type; last != "" {
			f.toggles++
		}
	}
}

// storedFeed are the ids of all events in the order of their positions, which have no gap.
func storedFeed(t *testing.T, db *sql.DB) (ids []string) {
	t.Helper()
	rows, err := db.Query(`SELECT position, id FROM partner_event ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var position int
		var id string
		if err := rows.Scan(&position, &id); err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, id); position != len(ids) {
			t.Errorf("position %d is the %dth", position, len(ids))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}
