package earner_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

// elsewhere is somebody at a provider.
func elsewhere(subject, kind string) earner.Elsewhere {
	return earner.Elsewhere{Issuer: "https://id.test", Subject: subject, Provider: "id", Kind: kind, Shown: subject + "@id.test"}
}

// connect gives an identity to an account, in a browser of its own.
func (d *desk) connect(account string, e earner.Elsewhere, replaces string) (earner.Outcome, error) {
	browser := "browser of " + account + e.Subject
	if err := d.Identities.Wait(d.t.Context(), browser, earner.Waiting{Elsewhere: e}); err != nil {
		return earner.Outcome{}, err
	}
	return d.Identities.Connect(d.t.Context(), earner.Answer{Browser: browser, Account: account}, replaces)
}

// row 11: whatever is pressed at the same moment, one personal identity is left, by the index of the database.
func TestOnePersonalIdentity(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ben := d.signIn("ben@home.test", "b").Account.ID
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for n := range errs {
			wait.Go(func() { _, errs[n] = d.connect(ben, elsewhere(fmt.Sprint("P", n), earner.PersonalKind), "") })
		}
		wait.Wait()
		connected := 0
		for _, err := range errs {
			if err == nil {
				connected++
			} else {
				refused(t, err, earner.OnePersonal)
			}
		}
		list, err := d.Identities.List(t.Context(), ben)
		if err != nil || len(list) != 1 || connected != 1 {
			t.Fatalf("got %+v, %v, and %d connected", list, err, connected)
		}
		// Replacing it by two at once leaves one as well: what the second would replace is gone.
		for n := range errs {
			wait.Go(func() { _, errs[n] = d.connect(ben, elsewhere(fmt.Sprint("Q", n), earner.PersonalKind), list[0].ID) })
		}
		wait.Wait()
		if list, err = d.Identities.List(t.Context(), ben); err != nil || len(list) != 1 || list[0].Subject[0] != 'Q' {
			t.Errorf("got %+v, %v, after %v", list, err, errors.Join(errs...))
		}
		if _, err := d.connect(ben, elsewhere("W1", earner.WorkKind), ""); err != nil {
			t.Error(err)
		}
	})
}

// row 20: an identity that two accounts connect at the same moment belongs to one of them.
func TestAnIdentityBelongsToOneAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		accounts := []string{d.signIn("ben@home.test", "b1").Account.ID, d.signIn("ana@home.test", "b2").Account.ID}
		var wait sync.WaitGroup
		errs := make([]error, len(accounts))
		for n, account := range accounts {
			wait.Go(func() { _, errs[n] = d.connect(account, elsewhere("W1", earner.WorkKind), "") })
		}
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("got %v", errs)
		}
		refused(t, errors.Join(errs...), earner.IdentityTaken)
		out, found, err := d.Identities.SignIn(ctx, elsewhere("W1", earner.WorkKind), earner.Answer{})
		winner := accounts[0]
		if errs[0] != nil {
			winner = accounts[1]
		}
		if err != nil || !found || out.Account.ID != winner || out.Token == "" {
			t.Errorf("got %+v, %v, %v, want to be signed in to %s", out, found, err, winner)
		}
		if _, found, err := d.Identities.SignIn(ctx, earner.Elsewhere{Issuer: "https://other.test", Subject: "W1"}, earner.Answer{}); found || err != nil {
			t.Error("another provider's subject signed in", err)
		}
	})
}

// One address confirmed by a code and by a provider at the same moment makes one account.
func TestFirstAccountsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for n := range errs {
			wait.Go(func() {
				e := elsewhere(fmt.Sprint("P", n), earner.PersonalKind)
				e.Address, e.FullName = "ben@home.test", "Ben\u202e Okafor\x00"
				_, errs[n] = d.Identities.Create(ctx, e, earner.Answer{Language: "en"})
			})
		}
		d.begin(earner.Request{Address: "ben@home.test", Browser: "b"})
		_, byCode := d.Finish(ctx, earner.Answer{Browser: "b", Code: d.last().Code})
		wait.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if !refusal.Is(err, earner.AddressTaken) {
				t.Error(err)
			}
		}
		if byCode != nil || made > 1 || d.count("account") != 1 || d.count("address") != 1 {
			t.Errorf("got %v, %d made, %d accounts", byCode, made, d.count("account"))
		}
	})
}

// row 12: the last way in stays; what waits to be connected is for the account that began, in its browser, for an hour.
func TestWhatWaitsToBeConnected(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben, ana := d.signIn("ben@home.test", "b").Account.ID, d.signIn("ana@home.test", "b2").Account.ID
		w := earner.Waiting{Elsewhere: elsewhere("P1", earner.PersonalKind), Account: ben, Return: "/me"}
		for _, bad := range []earner.Waiting{{Return: "https://evil.test"}, {Return: "//evil.test"}} {
			refused(t, d.Identities.Wait(ctx, "x", bad), earner.Invalid)
		}
		if err := d.Identities.Wait(ctx, "x", w); err != nil {
			t.Fatal(err)
		}
		if got, found, err := d.Identities.Waits(ctx, "x"); err != nil || !found || got != w {
			t.Errorf("got %+v, %v, want %+v", got, err, w)
		}
		for _, c := range []earner.Answer{{Browser: "x", Account: ana}, {Browser: "y", Account: ben}, {Account: ben}} {
			_, err := d.Identities.Connect(ctx, c, "")
			refused(t, err, earner.Unknown)
		}
		d.pass(time.Hour)
		_, err := d.Identities.Connect(ctx, earner.Answer{Browser: "x", Account: ben}, "")
		refused(t, err, earner.Unknown)
		if err := d.Forget(ctx); err != nil || d.count("identity_waiting") != 0 {
			t.Error(err, d.count("identity_waiting"))
		}
		if err := d.Identities.Wait(ctx, "x", w); err != nil {
			t.Fatal(err)
		}
		if _, err = d.Identities.Connect(ctx, earner.Answer{Browser: "x", Account: ben}, ""); err != nil {
			t.Fatal(err)
		}
		_, err = d.Identities.Connect(ctx, earner.Answer{Browser: "x", Account: ben}, "") // pressed twice
		refused(t, err, earner.Unknown)
		list, _ := d.Identities.List(ctx, ben)
		session, _, err := d.Identities.SignIn(ctx, w.Elsewhere, earner.Answer{Device: "Firefox"})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Identities.Remove(ctx, ana, list[0].ID, ""); err != nil {
			t.Error(err)
		}
		if _, found, _ := d.Session(ctx, session.Token); !found {
			t.Error("another account removed it")
		}
		if err := d.Identities.Remove(ctx, ben, list[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := d.Session(ctx, session.Token); found {
			t.Error("its session goes on")
		}
	})
}
