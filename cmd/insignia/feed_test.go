package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
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
	feed := &follower{db: first.open(t), awards: map[string]string{}, results: map[string]bool{}}
	others.Go(func() {
		for ctx.Err() == nil {
			feed.read(t)
		}
	})
	<-time.After(5 * time.Second)
	cancel()
	writers.Wait()
	others.Wait()
	feed.read(t)
	recorded.Range(func(id, _ any) bool {
		if !feed.results[id.(string)] {
			t.Errorf("nobody was told of %s", id)
		}
		return true
	})
	t.Logf("%d answers, %d events", answers.Load(), feed.position)
	if answers.Load() < 50 || feed.toggles < 50 {
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

// follower reads a feed as a partner does: what comes after what it has.
type follower struct {
	db       *sql.DB
	position int64
	awards   map[string]string // the last event of each award
	results  map[string]bool
	toggles  int
}

// afterEvent says which events may come after which event of an award.
var afterEvent = map[string][]string{
	"":                 {"badge.offered"},
	"badge.offered":    {"badge.suspended"},
	"badge.suspended":  {"badge.reinstated"},
	"badge.reinstated": {"badge.suspended"},
}

func (f *follower) read(t *testing.T) {
	rows, err := f.db.Query(`SELECT position, type, data FROM partner_event WHERE position > $1 ORDER BY position LIMIT 100`, f.position)
	if err != nil {
		t.Error(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var kind, text string
		if err := rows.Scan(&position, &kind, &text); err != nil {
			t.Error(err)
			return
		}
		if position != f.position+1 {
			t.Errorf("position %d came after %d", position, f.position)
		}
		f.position = position
		var data struct {
			Result struct{ ID string }
			Award  struct{ ID, Validity string }
		}
		if err := json.Unmarshal([]byte(text), &data); err != nil {
			t.Error(err)
		}
		if id := data.Result.ID; id != "" {
			if f.results[id] {
				t.Errorf("%s was told twice", id)
			}
			f.results[id] = true
		}
		if id := data.Award.ID; id != "" {
			last := f.awards[id]
			if !slices.Contains(afterEvent[last], kind) || (kind == "badge.suspended") != (data.Award.Validity == "suspended") {
				t.Errorf("%s (%s) came after %q", kind, data.Award.Validity, last)
			}
			if f.awards[id] = kind; last != "" {
				f.toggles++
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
