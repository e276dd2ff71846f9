package issuer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestHolderDecides walks one badge through everything its holder may do, and everybody else may not.
func TestHolderDecides(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}
		ben := issuer.Holder{ID: "acc_ben", Addresses: []string{"ben@work.test"}}
		twin := issuer.Holder{ID: "acc_twin", Addresses: []string{"ana@home.test"}} // the address changed hands
		is := func(what, state, visibility string, shown bool) {
			t.Helper()
			b := published(t, w, id)
			if b.Award.State != state || b.Award.Visibility != visibility || b.Award.Shown() != shown {
				t.Errorf("%s: got %s, %s, shown %v", what, b.Award.State, b.Award.Visibility, b.Award.Shown())
			}
		}
		do := func(what string, err error, want string) {
			t.Helper()
			if code(err) != want || want == "" && err != nil {
				t.Errorf("%s: got %v, want %q", what, err, want)
			}
		}
		do("a stranger accepts", w.Accept(ctx, ben, id, ledger.Public), "not_found")
		do("nobody declines", w.Decline(ctx, issuer.Holder{Addresses: ana.Addresses}, id), "not_found")
		do("no such visibility", w.Accept(ctx, ana, id, "friends"), "validation_failed")
		do("no such visibility", w.Show(ctx, ana, id, ""), "validation_failed")
		do("shows what is not accepted", w.Show(ctx, ana, id, ledger.Public), "")
		is("offered", ledger.Offered, ledger.ByLink, false)
		do("declines", w.Decline(ctx, ana, id), "")
		is("declined", ledger.Declined, ledger.ByLink, false)
		do("accepts after all", w.Accept(ctx, ana, id, ledger.Public), "")
		is("accepted", ledger.Accepted, ledger.Public, true)
		do("accepts again", w.Accept(ctx, ana, id, ledger.Private), "")
		is("as before", ledger.Accepted, ledger.Public, true)
		do("hides", w.Show(ctx, ana, id, ledger.Private), "")
		is("hidden", ledger.Accepted, ledger.Private, false)
		do("the next owner of the address", w.Show(ctx, twin, id, ledger.Public), "not_found")
		for who, h := range map[string]issuer.Holder{"ana": ana, "ben": ben, "twin": twin} {
			owns, err := w.Owns(ctx, h, published(t, w, id).Award)
			if err != nil || owns != (who == "ana") {
				t.Errorf("%s owns it: got %v, error %v", who, owns, err)
			}
		}
		do("revoked", second(w.RevokeAward(ctx, w.Caller, id, "misconduct")), "")
		do("declines what is revoked", w.Decline(ctx, ana, id), "")
		do("accepts what is revoked", w.Accept(ctx, ana, id, ledger.Public), "withdrawn")
	})
}

func second[T any](_ T, err error) error { return err }

// TestBackpack has what somebody decided about and what waits at their addresses, and nothing else.
func TestBackpack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		home := record(t, w, Pass("R-1", "E1", "2026-01-01")).Awards[0].ID
		for k, address := range []string{"ana@work.test", "ben@work.test"} {
			r := Pass(fmt.Sprint("R-", k+2), "E4", "2026-02-01")
			r.Candidate.ID, r.Candidate.Email = address, address
			record(t, w, r)
		}
		voided := record(t, w, Pass("R-9", "E2", "2026-01-01"))
		_ = second(w.Void(ctx, w.Caller, voided.Result.ID, "mistake"))
		ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test", "ana@work.test"}}
		if err := w.Accept(ctx, ana, home, ledger.Public); err != nil {
			t.Fatal(err)
		}
		has := func(h issuer.Holder, want string) {
			t.Helper()
			list, err := w.Backpack(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range list {
				got = append(got, b.Award.Code+" "+b.Award.State)
			}
			if s := strings.Join(got, ", "); s != want {
				t.Errorf("%s %v: got %s, want %s", h.ID, h.Addresses, s, want)
			}
		}
		has(ana, "C1 accepted, E4 offered")
		has(issuer.Holder{ID: "acc_ana"}, "C1 accepted")
		has(issuer.Holder{ID: "acc_new", Addresses: []string{"ana@home.test", "ben@work.test"}}, "E4 offered")
		has(issuer.Holder{Addresses: []string{"ben@work.test"}}, "")
		if list, err := w.Waiting(ctx, "Ana@work.test"); err != nil || len(list) != 1 {
			t.Errorf("got %d badges waiting, error %v, want 1", len(list), err)
		}
		for address, want := range map[string]bool{"Ben@work.test": true, "nobody@work.test": false} {
			if known, test, err := w.KnownAddress(ctx, address); err != nil || known != want || test {
				t.Errorf("%s known: got %v, error %v", address, known, err)
			}
		}
		entries, err := w.Transcript(ctx, ana)
		var told []string
		for _, e := range entries {
			told = append(told, e.Result.ID+" "+e.Result.State+" "+e.Partner)
		}
		want := []string{"R-2 recorded TestCo", "R-1 recorded TestCo", "R-9 voided TestCo"}
		if err != nil || !slices.Equal(told, want) {
			t.Errorf("got transcript %v, error %v, want %v", told, err, want)
		}
		if list, err := w.Transcript(ctx, issuer.Holder{ID: "acc_ana"}); err != nil || len(list) != 2 {
			t.Errorf("without an address: got %d results, error %v, want those of the accepted badge's candidate", len(list), err)
		}
		if list, err := w.Transcript(ctx, issuer.Holder{ID: "acc_new"}); err != nil || len(list) != 0 {
			t.Errorf("without an address or a badge: got %d results, error %v", len(list), err)
		}
	})
}

// TestAcceptAgainstRevoke lets holder and partner act at the same moment: in the end the badge is
// revoked, and whoever was told that they accepted it did so before.
func TestAcceptAgainstRevoke(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		for n := range 20 {
			r := Pass(fmt.Sprint("R-", n), "E4", "2026-01-01")
			r.Candidate.ID = r.ID
			id := record(t, w, r).Awards[0].ID
			var accepted, revoked error
			var wg sync.WaitGroup
			wg.Go(func() {
				accepted = w.Accept(ctx, issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}, id, ledger.Public)
			})
			wg.Go(func() { revoked = second(w.RevokeAward(ctx, w.Caller, id, "misconduct")) })
			wg.Wait()
			a := published(t, w, id).Award
			if revoked != nil || a.RevokedAt == nil {
				t.Fatalf("not revoked: %v", revoked)
			}
			if (accepted == nil) != (a.State == ledger.Accepted) || accepted != nil && code(accepted) != "withdrawn" {
				t.Fatalf("the holder was told %v and the badge is %s", accepted, a.State)
			}
		}
	})
}
