package earner_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
)

// add asks for a code that is to add an address to an account, from browser "b".
func (d *desk) add(address, account string) {
	d.t.Helper()
	d.begin(earner.Request{Address: address, Browser: "b", Purpose: earner.AddAddress, Account: account})
}

func TestAddressJoinsTheSignedInAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben@work.test", "b")
		d.add("c@ecole.test", ben.Account.ID)
		told := []earner.Added{{Account: ben.Account.ID, To: []earner.Mailbox{{Address: "ben@work.test"}}, Address: "c@ecole.test", Lang: ben.Account.Language}}
		w := earner.Answer{Browser: "b", Code: d.last().Code, Account: ben.Account.ID, Name: "Not Ben"}
		for repeat := range 2 {
			o, err := d.Finish(ctx, w)
			if err != nil || o.Account != ben.Account || o.Token != "" || o.Created || o.Added != (repeat == 0) {
				t.Errorf("got %+v, %v, want the address added once", o, err)
			}
			if diff := cmp.Diff(told, d.added); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		}
		addresses, err := d.Addresses(ctx, ben.Account.ID)
		if err != nil || len(addresses) != 2 || !addresses[0].Primary || addresses[0].Address != "ben@work.test" || addresses[1].Primary {
			t.Errorf("got %+v, %v, want ben@work.test first and primary", addresses, err)
		}
		if o := d.signIn("c@ecole.test", "b2"); o.Account != ben.Account {
			t.Errorf("got %+v, want to sign in to Ben's account by the added address", o)
		}
	})
}

func TestAddressOfAnotherAccountIsTaken(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.signIn("ana@home.test", "b1")
		ben := d.signIn("ben@work.test", "b")
		d.add("ana@home.test", ben.Account.ID)
		_, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: other(d.last().Code), Account: ben.Account.ID})
		refused(t, err, earner.WrongCode) // without the code nobody learns that it is taken
		_, err = d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: ben.Account.ID})
		if e := refused(t, err, earner.AddressTaken); strings.Contains(e.Detail, "ern_") || strings.Contains(e.Detail, "@") {
			t.Errorf("got %q, which tells whose", e.Detail)
		}
		d.pass(time.Minute)
		d.add("ben@work.test", ben.Account.ID) // one's own is no harm
		o, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: ben.Account.ID})
		if err != nil || o.Added || o.Account != ben.Account {
			t.Errorf("got %+v, %v, want nothing added", o, err)
		}
	})
}

func TestAddingNeedsTheAccountThatBegan(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ana, ben := d.signIn("ana@home.test", "b1"), d.signIn("ben@work.test", "b")
		d.add("c@ecole.test", ben.Account.ID)
		for _, account := range []string{"", ana.Account.ID} {
			_, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: account})
			refused(t, err, earner.SignedOut)
		}
		if known, _, err := d.Known(t.Context(), "c@ecole.test"); known || err != nil {
			t.Errorf("got known %v, %v, want it not confirmed", known, err)
		}
		d.add("d@ecole.test", "ern_gone")
		_, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: "ern_gone"})
		refused(t, err, earner.SignedOut)
	})
}

// Somebody who asked for a code while signed out, and is now signed in as another, gets the address's
// own account: nothing joins an account that did not ask for it.
func TestSignInIgnoresWhoIsSignedIn(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	ben := d.signIn("ben@work.test", "b")
	d.begin(earner.Request{Address: "ana@home.test", Browser: "b", Purpose: earner.Claim})
	o, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code, Account: ben.Account.ID})
	if err != nil || o.Account.ID == ben.Account.ID || !o.Created {
		t.Errorf("got %+v, %v, want an account of its own", o, err)
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.77":         "203.0.113.0/24",
		"::ffff:203.0.113.77":  "203.0.113.0/24",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1::/48",
		"fe80::1%eth0":         "fe80::/48",
		"127.0.0.1":            "",
		"::1":                  "",
		"0.0.0.0":              "unknown",
	} {
		if got := earner.Network(netip.MustParseAddr(in)); got != want {
			t.Errorf("Network(%s): got %q, want %q", in, got, want)
		}
	}
	if got := earner.Network(netip.Addr{}); got != "unknown" {
		t.Errorf("got %q for no address, want one network for all such", got)
	}
}
