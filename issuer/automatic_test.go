package issuer_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

const anasAccount = "ern_ana"

// withAna is a world in which Ana has an account with her address, and has accepted one badge.
func withAna(t *testing.T, db *database.DB) (*World, *earner.Accounts) {
	t.Helper()
	w := On(t, db)
	accounts := earner.New(db, earner.Options{Secret: w.Secret, Now: w.Clock.Now})
	w.Earners = accounts
	addAccount(t, w, anasAccount, "ana@home.test")
	first := record(t, w, Pass("R-0", "E1", "2026-01-01"))
	w.Work(t)
	if err := w.Accept(context.Background(), anasHolder(), awardOf(t, first, "C1"), ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	return w, accounts
}

func anasHolder() issuer.Holder {
	return issuer.Holder{ID: anasAccount, Addresses: []string{"ana@home.test"}}
}

func addAccount(t *testing.T, w *World, id, address string) {
	t.Helper()
	err := w.DB.InTx(context.Background(), func(t *database.Tx) error {
		_, err := t.Exec(context.Background(), `INSERT INTO account (id, name, language, created_at) VALUES (?, '', 'en', ?)`, id, Start)
		if err == nil {
			_, err = t.Exec(context.Background(), `INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at) VALUES (?, ?, 1, ?, ?)`, address, id, Start, Start)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stateOf is an award as it stands.
func stateOf(t *testing.T, w *World, id string) string {
	t.Helper()
	b, found, err := w.Published(context.Background(), id)
	if err != nil || !found {
		t.Fatal(id, found, err)
	}
	if b.Award.State != ledger.Accepted {
		return b.Award.State
	}
	return b.Award.State + " " + b.Award.Visibility + " " + b.Award.Holder
}

// TestAutomaticAcceptance accepts new badges of somebody who chose so, with the visibility that they chose, in one
// letter for all, and offers the next ones once it is turned off. The partner and the history say that the person did.
//
// row 89: turned on, a pass gives an accepted badge and the mail says so; turned off, the next one waits.
func TestAutomaticAcceptance(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w, accounts := withAna(t, db)
		waiting := awardOf(t, record(t, w, Pass("R-1", "E4", "2026-01-02")), "E4")
		w.Work(t)
		if err := accounts.Choose(ctx, anasAccount, earner.Choice{Issuer: "acme", Automatic: true, Visibility: ledger.Public}); err != nil {
			t.Fatal(err)
		}
		offers := len(w.Letters.Offers())
		receipts, errs := w.RecordAll(ctx, w.Caller, []issuer.Result{Pass("R-2", "E2", "2026-02-01"), Pass("R-3", "E3", "2026-02-02")})
		if errs[0] != nil || errs[1] != nil {
			t.Fatal(errs)
		}
		w.Work(t)
		exam, certification := receipts[0].Awards[0].ID, awardOf(t, receipts[1], "C2")
		for _, id := range []string{exam, certification} {
			if got, want := stateOf(t, w, id), "accepted public "+anasAccount; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if diff := cmp.Diff([]string{"2026-03-05 system offered", "2026-03-05 person accepted"}, historyOf(t, w, w.Caller, id)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		}
		if got := stateOf(t, w, waiting); got != ledger.Offered {
			t.Errorf("what waited before is %s, want offered", got)
		}
		letters := w.Letters.Accepted()
		if len(letters) != 1 || len(letters[0].Badges) < 2 || letters[0].Badges[0].Award.ID != certification || letters[0].Email != "ana@home.test" {
			t.Errorf("got letters %+v, want one with the certification first", letters)
		}
		if n := len(w.Letters.Offers()); n != offers {
			t.Errorf("got %d offers, want none", n-offers)
		}
		if got := badgeEvents(t, w); !strings.Contains(strings.Join(got, ", "), "badge.accepted C-77 valid, badge.accepted C-77 valid, badge.accepted C-77 valid") {
			t.Errorf("got events %v", got)
		}
		if got := remindersOver(t, w, 40); len(got) != 2 { // of what waited before
			t.Errorf("got %v", got)
		}
		if err := accounts.Choose(ctx, anasAccount, earner.Choice{Issuer: "acme", Visibility: ledger.Public}); err != nil {
			t.Fatal(err)
		}
		next := awardOf(t, record(t, w, Pass("R-4", "E7", "2026-03-01")), "C7")
		w.Work(t)
		if got := stateOf(t, w, next); got != ledger.Offered {
			t.Errorf("turned off: got %s, want offered", got)
		}
		if l := w.Letters.Offers(); len(l[len(l)-1].Badges) != 1 || l[len(l)-1].Badges[0].Award.ID != next {
			t.Errorf("turned off: got the letter %+v", l[len(l)-1])
		}
	})
}

// TestNeverAutomatic is what has to be asked for whatever somebody chose (flows 2.3). Each badge is offered as ever.
//
// row 89: never for an unconfirmed address, what is disputed or flagged, or the first badge of an issuer.
func TestNeverAutomatic(t *testing.T) {
	t.Parallel()
	on := earner.Choice{Automatic: true, Visibility: ledger.ByLink}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, w *World, accounts *earner.Accounts)
		result  func(*issuer.Result)
		after   func(t *testing.T, w *World)
		want    string // empty: offered
	}{
		"as chosen for all": {want: "accepted link " + anasAccount},
		"off for this issuer": {prepare: func(t *testing.T, w *World, accounts *earner.Accounts) {
			choose(t, accounts, earner.Choice{Issuer: "acme", Automatic: true, Visibility: ledger.Public})
			choose(t, accounts, earner.Choice{Issuer: "acme", Visibility: ledger.Public})
		}},
		"on for this issuer, off for all": {prepare: func(t *testing.T, w *World, accounts *earner.Accounts) {
			choose(t, accounts, earner.Choice{Visibility: ledger.ByLink})
			choose(t, accounts, earner.Choice{Issuer: "acme", Automatic: true, Visibility: ledger.Private})
		}, want: "accepted private " + anasAccount},
		"another address": {result: func(r *issuer.Result) { r.Candidate.Email, r.Candidate.ID = "ana@work.test", "C-78" }},
		"an address that is confirmed no more": {prepare: func(t *testing.T, w *World, _ *earner.Accounts) {
			alter(t, w, `DELETE FROM address WHERE address = 'ana@home.test'`)
		}},
		"two registrations": {result: func(r *issuer.Result) { r.Candidate.ID = "C-78" }},
		"nothing accepted so far": {prepare: func(t *testing.T, w *World, _ *earner.Accounts) {
			alter(t, w, `UPDATE award SET state = 'declined'`)
		}},
		"the identity check did not match": {
			result: func(r *issuer.Result) {
				r.Identity = &issuer.IdentityCheck{Method: "government-id"}
			},
			after: func(t *testing.T, w *World) {
				if _, err := w.Release(context.Background(), w.Caller, "R-1", "seen"); err != nil {
					t.Fatal(err)
				}
			},
		},
		"a sandbox": {prepare: func(t *testing.T, w *World, _ *earner.Accounts) { w.Caller, _ = w.Partner(t, "Try", true) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, accounts := withAna(t, databasetest.New(t))
			choose(t, accounts, on)
			if c.prepare != nil {
				c.prepare(t, w, accounts)
			}
			if c.want == "" {
				c.want = ledger.Offered
			}
			r := Pass("R-1", "E4", "2026-02-01")
			if c.result != nil {
				c.result(&r)
			}
			record(t, w, r)
			if c.after != nil {
				c.after(t, w)
			}
			w.Work(t)
			receipt, err := w.Result(context.Background(), w.Caller, "R-1")
			if err != nil {
				t.Fatal(err)
			}
			award := awardOf(t, receipt, "E4")
			if got := stateOf(t, w, award); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			offers := w.Letters.Offers()
			if last := offers[len(offers)-1]; (last.Badges[0].Award.ID == award) != (c.want == ledger.Offered) {
				t.Errorf("%s, and the last offer is %+v", c.want, last)
			}
			if n := len(w.Letters.Accepted()); (n == 1) != (c.want != ledger.Offered) {
				t.Errorf("got %d letters about what was accepted", n)
			}
		})
	}
}

func choose(t *testing.T, accounts *earner.Accounts, c earner.Choice) {
	t.Helper()
	if err := accounts.Choose(context.Background(), anasAccount, c); err != nil {
		t.Fatal(err)
	}
}

func alter(t *testing.T, w *World, statement string) {
	t.Helper()
	err := w.DB.InTx(context.Background(), func(t *database.Tx) error {
		_, err := t.Exec(context.Background(), statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAutomaticAcceptanceAtOnce lets many processes do the same jobs while the badge is declined, withdrawn and turned
// off: it is accepted or offered once, and told once.
//
// row 89: accepted without action, once.
func TestAutomaticAcceptanceAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w, accounts := withAna(t, db)
		choose(t, accounts, earner.Choice{Automatic: true, Visibility: ledger.ByLink})
		award := awardOf(t, record(t, w, Pass("R-1", "E4", "2026-02-01")), "E4")
		if _, err := w.IssuePending(ctx); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, do := range []func() error{
			func() error { _, err := w.Queue.Drain(ctx); return err },
			func() error { _, err := w.Queue.Drain(ctx); return err },
			func() error { return w.Decline(ctx, anasHolder(), award) },
			func() error {
				return accounts.Choose(ctx, anasAccount, earner.Choice{Visibility: ledger.ByLink})
			},
		} {
			all.Go(func() {
				if err := do(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.Clock.Advance(time.Minute)
		w.Work(t)
		if n := len(w.Letters.Accepted()); n > 1 {
			t.Errorf("got %d letters", n)
		}
		if got := stateOf(t, w, award); got != ledger.Declined {
			t.Errorf("got %s, want declined", got)
		}
	})
}

// TestAcceptedLetterThatBounces is told to the partner, and the badge stays in the collection.
//
// row 89: accepted without action; bounces are told (flows 2.1.4).
func TestAcceptedLetterThatBounces(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w, accounts := withAna(t, db)
		choose(t, accounts, earner.Choice{Automatic: true, Visibility: ledger.ByLink})
		w.Letters.Refuse = func(issuer.OfferLetter) error { return ErrNoSuchAddress }
		award := awardOf(t, record(t, w, Pass("R-1", "E4", "2026-02-01")), "E4")
		w.Work(t)
		if got := stateOf(t, w, award); got != "accepted link "+anasAccount {
			t.Errorf("got %s", got)
		}
		events := feedOf(t, w, 0)
		if last := events[len(events)-1]; last.Type != "mail.bounced" || last.Award == nil || last.Award.ID != award || last.Candidate.ID != "C-77" {
			t.Errorf("got the event %+v", last)
		}
	})
}
