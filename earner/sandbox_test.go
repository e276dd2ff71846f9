package earner_test

import (
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
)

// TestSandboxOpensNoLiveAccount: a code that stayed in a sandbox, which whoever has a test key can read there, opens and
// changes no live account, whatever was there before and whatever it was asked for; nor does it become live later.
func TestSandboxOpensNoLiveAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		enter := func(browser string, sandbox bool, account string) (earner.Outcome, error) {
			t.Helper()
			r := earner.Request{Address: anas, Browser: browser, Purpose: earner.Claim, Sandbox: sandbox}
			if account != "" {
				r.Purpose, r.Account = earner.AddAddress, account
			}
			d.begin(r)
			if l := d.last(); l.To.Sandbox != sandbox {
				t.Fatalf("got a letter to %+v", l.To)
			}
			return d.Finish(ctx, earner.Answer{Browser: browser, Code: d.last().Code, Account: account})
		}
		before, err := enter("stranger", true, "") // before Ana has an account
		if err != nil || !before.Created {
			t.Fatal(before, err)
		}
		if _, found, err := d.AccountOf(ctx, anas); found || err != nil {
			t.Errorf("got an account of the live address: %v, %v", found, err)
		}
		live, err := enter("ana", false, "")
		if err != nil || !live.Created || live.Account.ID == before.Account.ID {
			t.Errorf("got %+v, %v for the live address, want an account of its own", live, err)
		}
		after, err := enter("stranger too", true, "") // and after
		if err != nil || after.Created || after.Account.ID != before.Account.ID {
			t.Errorf("got %+v, %v in the sandbox, want the account there", after, err)
		}
		if s, found, err := d.Session(ctx, before.Token); err != nil || !found || s.Account.ID == live.Account.ID {
			t.Errorf("got %+v, %v, %v for the stranger's session, want it to stay in the sandbox", s, found, err)
		}
		ben := d.signIn("ben@work.test", "ben").Account.ID
		_, err = enter("ben", true, ben)
		refused(t, err, earner.AddressTaken)
		d.pass(time.Minute)
		_, err = enter("stranger", false, before.Account.ID) // nor the other way round
		refused(t, err, earner.AddressTaken)
		for account, want := range map[string]earner.Address{
			before.Account.ID: {Address: anas, Sandbox: true}, live.Account.ID: {Address: anas}, ben: {Address: "ben@work.test"},
		} {
			list, err := d.Addresses(ctx, account)
			if err != nil || len(list) != 1 || list[0].Address != want.Address || list[0].Sandbox != want.Sandbox {
				t.Errorf("got addresses %+v, %v, want %+v", list, err, want)
			}
		}
		if live, sandbox, err := d.Known(ctx, anas); !live || !sandbox || err != nil {
			t.Errorf("got known %v, %v, %v, want both", live, sandbox, err)
		}
		// What the stranger proved is worth nothing where letters with six digits are counted.
		s := &stranger{desk: d}
		for range 7 {
			s.ask(earner.Request{}, 1000)
		}
		if c := d.begin(earner.Request{Address: anas, Browser: "stranger too"}); !c.Shared {
			t.Error("a browser that proved the address in a sandbox has letters of its own")
		}
	})
}
