package earner_test

import (
	"sync"
	"testing"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

// row 109: a profile is off until it is turned on, and off again it is unknown.
func TestProfile(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ana := d.signIn("ana@home.test", "b").Account
		if p, err := d.Profile(t.Context(), ana.ID); err != nil || p != (earner.Profile{Account: ana.ID}) {
			t.Errorf("got %+v, %v", p, err)
		}
		for _, shown := range []bool{false, true, false} {
			want := earner.Profile{Account: ana.ID, Handle: "ana", Shown: shown}
			if err := d.SetProfile(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			if p, err := d.Profile(t.Context(), ana.ID); err != nil || p != want {
				t.Errorf("got %+v, %v", p, err)
			}
			if _, found, err := d.ShownProfile(t.Context(), "ana"); err != nil || found != shown {
				t.Errorf("switched %v, found %v, %v", shown, found, err)
			}
			if list, err := d.ShownProfiles(t.Context(), []string{ana.ID, "nobody"}); err != nil || (len(list) == 1) != shown {
				t.Errorf("switched %v: %v, %v", shown, list, err)
			}
		}
		if err := d.SetProfile(t.Context(), earner.Profile{Account: ana.ID, Shown: true}); !refusal.Is(err, earner.HandleInvalid) {
			t.Error(err)
		}
	})
}

// TestSandboxProfilesAreNotListed: nothing of a sandbox is told to search engines.
func TestSandboxProfilesAreNotListed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b", Sandbox: true})
		o, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SetProfile(t.Context(), earner.Profile{Account: o.Account.ID, Handle: "ana", Shown: true}); err != nil {
			t.Fatal(err)
		}
		if _, found, err := d.ShownProfile(t.Context(), "ana"); err != nil || !found {
			t.Errorf("found %v, %v", found, err)
		}
		if list, err := d.ShownProfiles(t.Context(), []string{o.Account.ID}); err != nil || len(list) != 0 {
			t.Errorf("listed: %v, %v", list, err)
		}
	})
}

// TestOneAccountTakesAHandle: of all that want a handle at the same moment one gets it, for ever.
func TestOneAccountTakesAHandle(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var accounts []string
		for _, address := range []string{"ana@home.test", "ben@work.test", "chloe@ecole.test"} {
			accounts = append(accounts, d.signIn(address, address).Account.ID)
		}
		var mu sync.Mutex
		owners := map[string]bool{}
		together(func(k int) {
			account := accounts[k%len(accounts)]
			err := d.SetProfile(t.Context(), earner.Profile{Account: account, Handle: "ana", Shown: true})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				owners[account] = true
			} else if !refusal.Is(err, earner.HandleTaken) {
				t.Error(err)
			}
		})
		p, found, err := d.ShownProfile(t.Context(), "ana")
		if err != nil || !found || len(owners) != 1 || !owners[p.Account] {
			t.Errorf("%v have it, it shows %+v, %v", owners, p, err)
		}
	})
}
