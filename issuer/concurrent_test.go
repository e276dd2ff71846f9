package issuer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestEverythingAtOnce has two processes do all that changes awards to the same few people at once. In the
// end everything is signed, status bits say how the awards stand, and whoever waits for a badge has a
// letter with a link that works.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		processes := []*World{On(t, db), On(t, db)}
		var group sync.WaitGroup
		for n := range 6 {
			group.Go(func() { bustle(t, processes[n%2], rand.New(rand.NewPCG(1, uint64(n)))) })
		}
		group.Wait()
		w := processes[0]
		for _, p := range processes {
			p.Work(t)
			p.Clock.Advance(time.Minute) // the lists of the other process are asked for
		}
		letters := append(w.Letters.Offers(), processes[1].Letters.Offers()...)
		offered := map[string]bool{}
		for _, l := range letters {
			for _, b := range l.Badges {
				offered[b.Award.ID] = offered[b.Award.ID] || claimOf(t, w, l).ReplacedAt == nil
			}
		}
		list, _, err := w.Awards(context.Background(), w.Caller, issuer.Page{Limit: 200})
		if err != nil || len(list) == 0 {
			t.Fatalf("got %d awards, error %v", len(list), err)
		}
		for _, a := range list {
			if a.Signed != a.Version {
				t.Errorf("award %s: edition %d of %d is signed", a.ID, a.Signed, a.Version)
			}
			if waits := a.State == ledger.Offered && a.RevokedAt == nil && a.Successor == ""; waits && !offered[a.ID] {
				t.Errorf("award %s: no letter with a link that works", a.ID)
			}
			checkEditions(t, w, a)
		}
		checkAgenda(t, w)
	})
}

// checkEditions checks that the later editions of an award are of later moments, and that its newest one is
// on the status list exactly if the award is revoked or on hold; the others of one that is are too.
func checkEditions(t *testing.T, w *World, a *ledger.Award) {
	t.Helper()
	ended := a.RevokedAt != nil || a.SuspendedAt != nil
	if bit := statusBit(t, w, string(published(t, w, a.ID).CredentialJWT().Body)); bit != ended {
		t.Errorf("award %s: got bit %v, want %v", a.ID, bit, ended)
	}
	editions, err := w.Versions(context.Background(), published(t, w, a.ID))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(editions); n++ {
		if !editions[n].IssuedAt.After(editions[n-1].IssuedAt) {
			t.Errorf("award %s: got editions %+v", a.ID, editions)
		}
	}
	var unset int
	_, err = w.DB.Reader().Get(context.Background(), &unset, `
		SELECT COUNT(*)
		FROM credential c
		WHERE c.award_id = ? AND NOT EXISTS (SELECT 1 FROM status_bit b WHERE b.list = c.status_list AND b.position = c.status_index)`, a.ID)
	if err != nil || ended && unset > 0 {
		t.Errorf("award %s: %d of its editions are not on the status list, error %v", a.ID, unset, err)
	}
}

// bustle does things at random. A refusal is no error.
func bustle(t *testing.T, w *World, random *rand.Rand) {
	ctx := context.Background()
	key := keyFor(t, w, credential.ForJWT)
	for range 60 {
		person := fmt.Sprintf("C-%d", random.IntN(3))
		exam := []string{"E1", "E2", "E3", "E4", "E7"}[random.IntN(5)]
		r := Pass(person+exam, exam, "2026-01-02")
		r.Candidate = issuer.Candidate{ID: person, Email: person + "@home.test", Name: "Somebody"}
		a := someAward(t, w, random)
		holder := issuer.Holder{ID: "acc_" + person, Addresses: []string{person + "@home.test"}}
		if err := second(w.Record(ctx, w.Caller, r)); err != nil && code(err) == "" {
			t.Error(err)
		}
		do := []func() error{
			func() error { r.ID, r.TakenAt = r.ID+"again", Start; return second(w.Record(ctx, w.Caller, r)) },
			func() error {
				r.ID, r.TakenAt = r.ID+"before", r.TakenAt.AddDate(-1, 0, 10)
				return second(w.Record(ctx, w.Caller, r))
			},
			func() error { return second(w.Void(ctx, w.Caller, r.ID, "a mistake")) },
			func() error { return second(w.SuspendAward(ctx, w.Caller, a, "review")) },
			func() error { return second(w.ReinstateAward(ctx, w.Caller, a, "cleared")) },
			func() error { return second(w.ReinstateAward(ctx, w.Caller, a, "cleared")) },
			func() error {
				return second(w.CorrectName(ctx, w.Caller, person, fmt.Sprintf("Somebody %d", random.IntN(3)), "r"))
			},
			func() error { return second(w.ReissueSignedBy(ctx, key)) },
			func() error { return second(w.IssuePending(ctx)) },
			func() error { return second(w.IssuePending(ctx)) },
			func() error { return w.SendAgain(ctx, person+"@home.test") },
			func() error { return w.Accept(ctx, holder, a, ledger.Public) },
			func() error { return w.Decline(ctx, holder, a) },
			func() error { return second(w.Queue.Drain(ctx)) },
			func() error { return errorOf(w.Published(ctx, a)) },
			func() error { return errorOf(w.StatusList(ctx, 1)) },
		}[random.IntN(16)]
		if err := do(); err != nil && code(err) == "" {
			t.Error(err)
		}
	}
}

func errorOf[T any](_ T, _ bool, err error) error { return err }

// someAward is the id of any award, if there is one.
func someAward(t *testing.T, w *World, random *rand.Rand) string {
	list, _, err := w.Awards(context.Background(), w.Caller, issuer.Page{Limit: 200})
	if err != nil {
		t.Error(err)
	}
	if len(list) == 0 {
		return "none"
	}
	return list[random.IntN(len(list))].ID
}
