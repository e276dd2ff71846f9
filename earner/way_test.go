package earner_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
)

// join adds an address to an account, in browser "b", perhaps in the place of another.
func (d *desk) join(account, address, replaces string) {
	d.t.Helper()
	d.pass(time.Minute)
	d.begin(earner.Request{Address: address, Browser: "b", Purpose: earner.AddAddress, Account: account, Replaces: replaces})
	o, err := d.Finish(d.t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: account})
	if err != nil || !o.Added {
		d.t.Fatalf("%s: got %+v, %v", address, o, err)
	}
}

// addresses are those of an account, the primary one first.
func (d *desk) addresses(account string) (list []string) {
	d.t.Helper()
	all, err := d.Addresses(d.t.Context(), account)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, a := range all {
		list = append(list, a.Address)
	}
	return list
}

// kinds are the changes of an account, the newest first.
func (d *desk) kinds(account string) (list []string) {
	d.t.Helper()
	all, err := d.Ways.Changes(d.t.Context(), account)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range all {
		list = append(list, c.Kind+" "+c.What)
	}
	return list
}

// row 13: removing is a change of its own, written down and told to all addresses, the removed one too.
// row 24: what remains is a way in, and the removed one is none.
func TestAnAddressIsRemovedAndPutBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben@home.test", "b").Account.ID
		d.join(ben, "ben@work.test", "")
		if err := d.Ways.MakePrimary(ctx, ben, "ben@work.test"); err != nil {
			t.Fatal(err)
		}
		if got := d.addresses(ben); !slices.Equal(got, []string{"ben@work.test", "ben@home.test"}) {
			t.Fatalf("got %v", got)
		}
		for range 2 { // pressed twice it is removed once
			if err := d.Ways.RemoveAddress(ctx, ben, "ben@work.test", ""); err != nil {
				t.Fatal(err)
			}
		}
		if got := d.addresses(ben); !slices.Equal(got, []string{"ben@home.test"}) {
			t.Fatalf("got %v", got)
		}
		if all, _ := d.Addresses(ctx, ben); !all[0].Primary {
			t.Error("nothing is primary")
		}
		want := []string{"address_removed ben@work.test", "address_primary ben@work.test", "address_added ben@work.test"}
		if got := d.kinds(ben); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		told := d.changes[len(d.changes)-1]
		if len(d.changes) != 2 || len(told.To) != 2 || told.Removal == "" {
			t.Fatalf("told %+v", d.changes)
		}
		if acc, found, err := d.AccountOf(ctx, "ben@work.test"); err != nil || found {
			t.Errorf("the removed address still is a way in: %+v, %v", acc, err)
		}
		link, until, err := d.Ways.UndoLink(ctx, told.Removal)
		if err != nil || link == "" || until.Sub(d.now()) != 7*24*time.Hour {
			t.Fatalf("got %q until %s, %v", link, until, err)
		}
		if r, found, err := d.Ways.PeekRemoval(ctx, link); err != nil || !found || r.Address != "ben@work.test" || r.Back != nil {
			t.Errorf("got %+v, %v, %v", r, found, err)
		}
		if _, found, _ := d.Ways.PeekRemoval(ctx, "another"); found {
			t.Error("a guessed link is known")
		}
		if err := d.Ways.PutBack(ctx, "ern_other", told.Removal); err == nil {
			t.Error("another account put it back")
		}
		session := d.signIn("ben@home.test", "b9").Token
		for range 2 {
			if err := d.Ways.PutBackByLink(ctx, link); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, _ := d.Session(ctx, session); found {
			t.Error("who removed the address is still signed in")
		}
		if got := d.addresses(ben); !slices.Equal(got, []string{"ben@home.test", "ben@work.test"}) {
			t.Errorf("got %v", got)
		}
		if link, _, _ := d.Ways.UndoLink(ctx, told.Removal); link != "" {
			t.Error("the letter about it still has a link")
		}
		if err := d.Ways.RemoveAddress(ctx, ben, "ben@work.test", ""); err != nil {
			t.Fatal(err)
		}
		refused(t, d.Ways.PutBackByLink(ctx, link), earner.Unknown) // the link undid the first removal, not this one
		removals, err := d.Ways.Removals(ctx, ben)
		if err != nil || len(removals) != 1 {
			t.Fatalf("got %+v, %v", removals, err)
		}
		d.pass(7 * 24 * time.Hour)
		refused(t, d.Ways.PutBack(ctx, ben, removals[0].ID), earner.Unknown)
		if err := d.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		if o := d.signIn("ben@work.test", "b3"); !o.Created {
			t.Errorf("got %+v, want a new account after the seven days", o)
		}
	})
}

// Whoever proves a removed address within the seven days is where they were: a stranger at an open session cannot lock
// the owner out, and no second account begins.
func TestSigningInPutsAnAddressBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben@home.test", "b").Account.ID
		d.join(ben, "ben@work.test", "")
		if err := d.Ways.RemoveAddress(ctx, ben, "ben@home.test", ""); err != nil {
			t.Fatal(err)
		}
		if o := d.signIn("ben@home.test", "b2"); o.Created || o.Account.ID != ben {
			t.Errorf("got %+v, want Ben's account", o)
		}
		if got := d.addresses(ben); !slices.Equal(got, []string{"ben@work.test", "ben@home.test"}) {
			t.Errorf("got %v", got)
		}
	})
}

// row 12: another address takes the place of the only one in one step, and is the primary one.
func TestAnAddressIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben@work.test", "b").Account.ID
		refused(t, d.Ways.RemoveAddress(ctx, ben, "ben@work.test", ""), earner.LastWay)
		d.join(ben, "ben@home.test", "ben@work.test")
		if got := d.addresses(ben); !slices.Equal(got, []string{"ben@home.test"}) {
			t.Errorf("got %v", got)
		}
		if told := d.changes[0]; len(told.To) != 2 || told.Kind != earner.AddressRemoved {
			t.Errorf("told %+v", d.changes)
		}
	})
}

// The last way in stays, however many try to take it away at the same moment.
func TestTheLastAddressStays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben1@home.test", "b").Account.ID
		for n := 2; n <= 4; n++ {
			d.join(ben, fmt.Sprintf("ben%d@home.test", n), "")
		}
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for n := range errs {
			wait.Go(func() { errs[n] = d.Ways.RemoveAddress(ctx, ben, fmt.Sprintf("ben%d@home.test", n+1), "") })
		}
		wait.Wait()
		var last int
		for _, err := range errs {
			if err != nil {
				refused(t, err, earner.LastWay)
				last++
			}
		}
		if got := d.addresses(ben); len(got) != 1 || last != 1 {
			t.Errorf("got %v and %d refusals, want one of each: %v", got, last, errors.Join(errs...))
		}
		if all, _ := d.Addresses(ctx, ben); !all[0].Primary {
			t.Error("nothing is primary")
		}
	})
}
