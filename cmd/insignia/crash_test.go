package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database/databasetest"
)

// TestCrash kills the server under load again and again. Every result that was answered with 201
// must be there afterwards, with one award, its signed credential and exactly one letter.
func TestCrash(t *testing.T) {
	rounds := 4
	n := newInstallation(t, "")
	n.prepare(t)
	answered := map[string]bool{}
	for round := range rounds {
		server, err := serve(t, n.env, n.addr)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		var clients sync.WaitGroup
		for client := range 16 {
			clients.Go(func() {
				for k := 0; ctx.Err() == nil; k++ {
					id := fmt.Sprintf("%d-%d-%d", round, client, k)
					if status, err := postTo(ctx, n.addr, n.key, "R-"+id, "C-"+id); err == nil && status == http.StatusCreated {
						mu.Lock()
						answered["R-"+id] = true
						mu.Unlock()
					}
				}
			})
		}
		<-time.After(time.Duration(300+rand.IntN(400)) * time.Millisecond)
		if err := server.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = server.Wait()
		cancel()
		clients.Wait()
	}
	if len(answered) < 50 {
		t.Fatalf("only %d results were answered: too few to prove anything", len(answered))
	}
	t.Logf("%d results answered over %d kills", len(answered), rounds)
	server, err := serve(t, n.env, n.addr)
	if err != nil {
		t.Fatal(err)
	}
	n.waitUntilQuiet(t)
	checkNothingLost(t, n, answered)
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the server did not stop cleanly: %v", err)
	}
}

// waitUntilQuiet waits until nothing is unsigned and no letter waits: signing an award queues its letter
// in the same transaction, and a letter leaves the queue when it was sent.
func (n *installation) waitUntilQuiet(t *testing.T) {
	t.Helper()
	db := n.open(t)
	var unsigned, letters int
	for begin := time.Now(); time.Since(begin) < 2*time.Minute; time.Sleep(100 * time.Millisecond) { // another process works
		if err := db.QueryRow(`SELECT (SELECT COUNT(*) FROM award WHERE signed < version), (SELECT COUNT(*) FROM letter WHERE state = 'waiting')`).Scan(&unsigned, &letters); err != nil {
			t.Fatal(err)
		}
		if unsigned == 0 && letters == 0 {
			return
		}
	}
	t.Fatalf("after two minutes %d credentials are unsigned and %d letters wait", unsigned, letters)
}

func checkNothingLost(t *testing.T, n *installation, answered map[string]bool) {
	t.Helper()
	letters := n.lettersByAddress(t)
	for id := range answered {
		var receipt struct {
			Awards []struct {
				ID string `json:"id"`
			} `json:"awards"`
		}
		if status := getJSON(t, n.addr, n.key, "/api/v1/results/"+id, &receipt); status != http.StatusOK || len(receipt.Awards) != 1 {
			t.Errorf("result %s: status %d, %d awards, want one", id, status, len(receipt.Awards))
		}
		address := "c-" + strings.TrimPrefix(id, "R-") + "@home.test"
		if got := letters[address]; len(got) != 1 {
			t.Errorf("%s got letters %v, want exactly one", address, got)
		}
	}
	var results, awards, unsigned int
	if err := n.open(t).QueryRow(`SELECT (SELECT COUNT(*) FROM result), (SELECT COUNT(*) FROM award), (SELECT COUNT(*) FROM award WHERE signed < version)`).Scan(&results, &awards, &unsigned); err != nil {
		t.Fatal(err)
	}
	if results < len(answered) || awards != results || unsigned != 0 {
		t.Errorf("got %d results, %d awards and %d unsigned for %d answers; want an award a result, all signed", results, awards, unsigned, len(answered))
	}
}

// lettersByAddress lists the offers that each address got, once for each time that one came to the mailbox.
func (n *installation) lettersByAddress(t *testing.T) map[string][]string {
	t.Helper()
	rows, err := n.open(t).Query(`SELECT l.recipient, l.id FROM letter_copy c JOIN letter l ON l.id = c.letter_id WHERE l.kind = 'offer' AND l.state = 'sent'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	letters := map[string][]string{}
	for rows.Next() {
		var address, id string
		if err := rows.Scan(&address, &id); err != nil {
			t.Fatal(err)
		}
		letters[address] = append(letters[address], id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return letters
}

// TestKilledWhileSending kills the server while the relay has a letter and has not said that it takes it. The server that
// starts next sends the same letter again, and one row tells of it.
func TestKilledWhileSending(t *testing.T) {
	post := newRelay(t)
	n := newInstallation(t, "")
	n.env = append(n.env, "INSIGNIA_SMTP=smtp://"+post.address, "INSIGNIA_MAIL_FROM=Northlight Institute <badges@northlight.test>")
	n.prepare(t)
	post.stalled.Store(true)
	server, err := serve(t, n.env, n.addr)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := postTo(t.Context(), n.addr, n.key, "R-1", "C-1"); err != nil || status != http.StatusCreated {
		t.Fatal(status, err)
	}
	first := post.next(t, "c-1@home.test")
	if err := server.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	row := func() (row string) {
		t.Helper()
		if err := n.open(t).QueryRow(`SELECT COUNT(*) || ' ' || MAX(state) || ' ' || MAX(tries) FROM letter`).Scan(&row); err != nil {
			t.Fatal(err)
		}
		return row
	}
	if got := row(); got != "1 waiting 0" {
		t.Errorf("got %s letters, want one that waits", got)
	}
	post.stalled.Store(false)
	if _, err := serve(t, n.env, n.addr); err != nil {
		t.Fatal(err)
	}
	second := post.next(t, "c-1@home.test")
	if id := second.header.Get("Message-Id"); id == "" || id != first.header.Get("Message-Id") || second.claimLink(t) != first.claimLink(t) {
		t.Errorf("got letter %s, want %s again", id, first.header.Get("Message-Id"))
	}
	n.waitUntilQuiet(t)
	if got := row(); got != "1 sent 2" {
		t.Errorf("got %s letters, want the one, sent at the second try", got)
	}
}

// TestKilledWhileTheAgendaIsDone kills the server again and again while it does what fell due, beside another one that
// does the same. Each end of an award is told once, in the order of the ends, and stands once in its history.
func TestKilledWhileTheAgendaIsDone(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killedWhileTheAgendaIsDone(t, "") })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		killedWhileTheAgendaIsDone(t, databasetest.PostgresURL(t))
	})
}

func killedWhileTheAgendaIsDone(t *testing.T, database string) {
	const people = 600
	n := newInstallation(t, database)
	n.prepare(t)
	n.haveAwardsEnd(t, people)
	db := n.open(t)
	left := func() (left int) {
		t.Helper()
		if err := db.QueryRow(`SELECT COUNT(*) FROM agenda WHERE kind = 'award.expiry'`).Scan(&left); err != nil {
			t.Fatal(err)
		}
		return left
	}
	kills, other := 0, freeAddr(t)
	for before := left(); before > 0; before = left() {
		server := program(n.env, "serve")
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); left() == before; time.Sleep(time.Millisecond) { // another process works
			if time.Since(begin) > 30*time.Second {
				_ = server.Process.Kill()
				t.Fatal("nothing of the agenda is done")
			}
		}
		_ = server.Process.Kill()
		_ = server.Wait()
		if now := left(); now > 0 {
			kills++
		}
		if kills == 3 { // the rest is for two
			var both sync.WaitGroup
			for _, addr := range []string{n.addr, other} {
				both.Go(func() {
					if _, err := serve(t, append(slices.Clone(n.env), "INSIGNIA_ADDR="+addr), addr); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			for begin := time.Now(); left() > 0 && time.Since(begin) < time.Minute; time.Sleep(10 * time.Millisecond) { // they work
			}
		}
	}
	t.Logf("killed %d times before all was done", kills)
	if kills == 0 {
		t.Error("all was done before the first kill, which proves nothing")
	}
	rows, err := db.Query(`SELECT data FROM partner_event WHERE type = 'badge.expired' ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	told, last := map[string]bool{}, ""
	for rows.Next() {
		var data string
		var event struct {
			Award struct {
				ID        string
				ExpiresOn string `json:"expires_on"`
			}
		}
		if err := rows.Scan(&data); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			t.Fatal(err)
		}
		if told[event.Award.ID] || event.Award.ExpiresOn < last {
			t.Errorf("award %s, which ended on %s: told twice, or after %s", event.Award.ID, event.Award.ExpiresOn, last)
		}
		told[event.Award.ID], last = true, event.Award.ExpiresOn
	}
	var entries, awards int
	if err := db.QueryRow(`SELECT COUNT(*), COUNT(DISTINCT award_id) FROM award_entry WHERE change = 'expired'`).Scan(&entries, &awards); err != nil {
		t.Fatal(err)
	}
	if len(told) != people || entries != people || awards != people {
		t.Errorf("%d were told, and %d entries are of %d awards, want %d of each", len(told), entries, awards, people)
	}
}

// haveAwardsEnd records results of many people and has their awards have ended since, on various days.
func (n *installation) haveAwardsEnd(t *testing.T, people int) {
	t.Helper()
	server, err := serve(t, n.env, n.addr)
	if err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	for client := range 16 {
		clients.Go(func() {
			for k := client; k < people; k += 16 {
				if status, err := postTo(context.Background(), n.addr, n.key, fmt.Sprint("R-", k), fmt.Sprint("C-", k)); err != nil || status != http.StatusCreated {
					t.Errorf("post %d: %d, %v", k, status, err)
				}
			}
		})
	}
	clients.Wait()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	driver, name := "sqlite3", "file:"+n.database
	if strings.HasPrefix(n.database, "postgres://") {
		driver, name = "pgx", n.database
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for k := range 50 {
		end := today.AddDate(0, 0, -k)
		if _, err := tx.Exec(`UPDATE award SET expires_on = $1 WHERE result_id LIKE $2`, end.Format(time.DateOnly), fmt.Sprintf("R-%%%02d", k*2)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.Exec(`UPDATE award SET expires_on = $1 WHERE expires_on = ''`, today.AddDate(0, 0, -60).Format(time.DateOnly)); err != nil {
		t.Fatal(err)
	}
	for k := range 61 {
		end := today.AddDate(0, 0, -k)
		if _, err := tx.Exec(`INSERT INTO agenda (kind, subject, clock, due_at) SELECT 'award.expiry', id, '', $1 FROM award WHERE expires_on = $2`, end, end.Format(time.DateOnly)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestTwoProcesses starts two servers at once on one empty database and posts the same results to
// both at the same time: no award and no letter may come twice.
func TestTwoProcesses(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { twoProcesses(t, "") })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		twoProcesses(t, databasetest.PostgresURL(t))
	})
}

func twoProcesses(t *testing.T, database string) {
	n := newInstallation(t, database)
	addrs := []string{n.addr, freeAddr(t)}
	var starts sync.WaitGroup
	for _, addr := range addrs {
		starts.Go(func() {
			if _, err := serve(t, append(slices.Clone(n.env), "INSIGNIA_ADDR="+addr), addr); err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	if t.Failed() {
		return
	}
	n.prepare(t)
	const people = 40
	var posts sync.WaitGroup
	for k := range people * 2 {
		posts.Go(func() {
			id := fmt.Sprint(k % people)
			status, err := postTo(context.Background(), addrs[k/people], n.key, "R-"+id, "C-"+id)
			if err != nil || status != http.StatusCreated && status != http.StatusOK {
				t.Errorf("post %s: %d, %v", id, status, err)
			}
		})
	}
	posts.Wait()
	var page struct {
		Items []any   `json:"items"`
		Next  *string `json:"next"`
	}
	if status := getJSON(t, addrs[1], n.key, "/api/v1/awards?limit=200", &page); status != http.StatusOK || len(page.Items) != people {
		t.Errorf("got status %d and %d awards, want %d", status, len(page.Items), people)
	}
	n.waitUntilQuiet(t)
	letters := n.lettersByAddress(t)
	if len(letters) != people {
		t.Errorf("letters went to %d people, want %d", len(letters), people)
	}
	for address, ids := range letters {
		if len(ids) != 1 {
			t.Errorf("%s got %d letters, want one", address, len(ids))
		}
	}
}
