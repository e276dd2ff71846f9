package earner_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

const callers = 40

// together calls f from 40 goroutines at once.
func together(f func(k int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for k := range callers {
		wg.Go(func() {
			<-start
			f(k)
		})
	}
	close(start)
	wg.Wait()
}

func TestFortyRightCodesMakeOneAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		w := earner.Answer{Browser: "b", Code: d.last().Code, Name: "Ana"}
		var mu sync.Mutex
		tokens, created := map[string]int{}, 0
		together(func(int) {
			o, err := d.Finish(t.Context(), w)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			tokens[o.Token]++
			if o.Created {
				created++
			}
		})
		if len(tokens) != 1 || created != 1 {
			t.Errorf("got %d tokens and %d created, want one of each", len(tokens), created)
		}
		for _, table := range []string{"account", "address", "session"} {
			if n := d.count(table); n != 1 {
				t.Errorf("got %d rows in %s, want 1", n, table)
			}
		}
	})
}

func TestParallelWrongCodesNeverExceedTheTries(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		w := earner.Answer{Browser: "b", Code: other(d.last().Code)}
		var mu sync.Mutex
		left := map[int]int{}
		together(func(int) {
			_, err := d.Finish(t.Context(), w)
			var e *refusal.Error
			if !errors.As(err, &e) {
				t.Errorf("got %v, want a refusal", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if e.Code == earner.WrongCode {
				left[e.TriesLeft]++
			}
		})
		for k := 1; k <= 4; k++ {
			if left[k] != 1 {
				t.Errorf("got %d answers with %d tries left, want one", left[k], k)
			}
		}
		var tries int
		if _, err := d.db.Reader().Get(t.Context(), &tries, `SELECT tries FROM confirmation`); err != nil || tries != 5 {
			t.Errorf("got %d tries, %v, want 5", tries, err)
		}
	})
}

// Six browsers prove the same new address at the same time.
func TestManyBrowsersMakeOneAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		answers := make([]earner.Answer, 6)
		for k := range answers {
			b := fmt.Sprint("b", k)
			d.begin(earner.Request{Address: "ana@home.test", Browser: b})
			answers[k] = earner.Answer{Browser: b, Code: d.last().Code}
		}
		var mu sync.Mutex
		accounts, created := map[string]bool{}, 0
		together(func(k int) {
			if k >= len(answers) {
				return
			}
			o, err := d.Finish(t.Context(), answers[k])
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			accounts[o.Account.ID] = true
			if o.Created {
				created++
			}
		})
		if len(accounts) != 1 || created != 1 || d.count("account") != 1 || d.count("session") != len(answers) {
			t.Errorf("got %d accounts, %d created, %d stored, %d sessions, want one account with six sessions",
				len(accounts), created, d.count("account"), d.count("session"))
		}
	})
}

// Six accounts prove the same address at the same time, to have it added.
func TestOneOfManyAccountsGetsTheAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		answers, links := make([]earner.Answer, 6), make([]string, 6)
		for k := range answers {
			b := fmt.Sprint("b", k)
			account := d.signIn(fmt.Sprintf("a%d@home.test", k), b).Account.ID
			d.begin(earner.Request{Address: "shared@home.test", Browser: b, Purpose: earner.AddAddress, Account: account})
			answers[k], links[k] = earner.Answer{Browser: b, Account: account}, d.last().Link
		}
		var mu sync.Mutex
		added, taken := 0, 0
		together(func(k int) {
			if k >= len(answers) {
				return
			}
			o, err := d.FinishByLink(t.Context(), links[k], answers[k])
			mu.Lock()
			defer mu.Unlock()
			var e *refusal.Error
			switch {
			case err == nil && o.Added:
				added++
			case errors.As(err, &e) && e.Code == earner.AddressTaken:
				taken++
			default:
				t.Errorf("got %+v, %v", o, err)
			}
		})
		if added != 1 || taken != len(answers)-1 {
			t.Errorf("got %d added and %d taken, want one and the rest", added, taken)
		}
	})
}

func TestParallelBeginsQueueOneLetter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		together(func(int) {
			_, err := d.Begin(t.Context(), earner.Request{Address: "ana@home.test", Browser: "b", Purpose: earner.SignIn})
			var e *refusal.Error
			if err != nil && (!errors.As(err, &e) || e.Code != earner.Throttled) {
				t.Error(err)
			}
		})
		if len(d.letters) != 1 {
			t.Errorf("got %d letters, want 1", len(d.letters))
		}
		if _, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code}); err != nil {
			t.Errorf("got %v for the letter that was queued", err)
		}
	})
}

// Another process confirms the same new address, and commits while this one is about to.
func TestLosingTheRaceForAnAddressSignsIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		w := earner.Answer{Browser: "b", Code: d.last().Code}
		inserted, done := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			err := d.db.InTx(t.Context(), func(tx *database.Tx) error {
				if _, err := tx.Exec(t.Context(), `INSERT INTO account (id, name, language, created_at) VALUES ('ern_first', '', '', ?)`, d.now()); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at)
					VALUES ('ana@home.test', 'ern_first', 1, ?, ?)`, d.now(), d.now())
				close(inserted)
				if d.db.Postgres() { // SQLite has one writer, who commits first anyhow; and Finish counts before it waits
					<-done
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-inserted
		wg.Go(func() {
			o, err := d.Finish(t.Context(), w)
			if err != nil || o.Created || o.Account.ID != "ern_first" {
				t.Errorf("got %+v, %v, want the account that was first", o, err)
			}
		})
		if d.db.Postgres() {
			d.awaitWaiting()
			close(done)
		}
		wg.Wait()
		if n := d.count("account"); n != 1 {
			t.Errorf("got %d accounts, want 1", n)
		}
	})
}

// awaitWaiting returns when some PostgreSQL connection to this database waits for a lock.
func (d *desk) awaitWaiting() {
	d.t.Helper()
	for n := 0; n == 0; {
		_, err := d.db.Reader().Get(d.t.Context(), &n, `
			SELECT COUNT(*)
			FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		if err != nil {
			d.t.Fatal(err)
		}
	}
}
