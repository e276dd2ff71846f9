package earner_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/earner"
)

// A passkey signs in by the record that it was checked by, keeps the new one, and is nobody's once it is removed.
func TestPasskeyOfAnAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben, ana := d.signIn("ben@home.test", "b").Account.ID, d.signIn("ana@home.test", "b2").Account.ID
		key := earner.Passkey{ID: "key", AccountID: ben, Record: "1", Name: "Safari,\u202e iPhone"}
		for range 2 {
			if err := d.Passkeys.Add(ctx, key); err != nil {
				t.Fatal(err)
			}
		}
		key.AccountID = ana // the same key for somebody else is not theirs
		if err := d.Passkeys.Add(ctx, key); err != nil {
			t.Fatal(err)
		}
		list, err := d.Passkeys.List(ctx, ben)
		if err != nil || len(list) != 1 || list[0].Name != "Safari, iPhone" {
			t.Fatalf("got %+v, %v", list, err)
		}
		if list, _ := d.Passkeys.List(ctx, ana); len(list) != 0 {
			t.Errorf("Ana has %+v", list)
		}
		out, err := d.Passkeys.SignIn(ctx, "key", "1", "2", earner.Answer{Device: "Safari, iPhone"})
		if err != nil || out.Account.ID != ben || out.Token == "" {
			t.Fatalf("got %+v, %v", out, err)
		}
		_, err = d.Passkeys.SignIn(ctx, "key", "1", "2", earner.Answer{})
		refused(t, err, earner.Unknown)
		if err := d.Passkeys.Refused(ctx, "key"); err != nil {
			t.Error(err)
		}
		if err := d.Passkeys.Remove(ctx, ana, "key", ""); err != nil {
			t.Error(err)
		}
		s, found, err := d.Session(ctx, out.Token)
		if err != nil || !found || s.Means != earner.ByPasskey || s.Way != "key" {
			t.Errorf("got %+v, %v, %v", s, found, err)
		}
		if err := d.Passkeys.Remove(ctx, ben, "key", ""); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := d.Session(ctx, out.Token); found {
			t.Error("its session goes on")
		}
		want := []string{"passkey_removed Safari, iPhone", "passkey_cloned Safari, iPhone", "passkey_added Safari, iPhone"}
		if got := d.kinds(ben); !slices.Equal(got, want) || len(d.changes) != 3 {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// One record is followed by one, however many answers come at the same moment.
func TestPasskeyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ben := d.signIn("ben@home.test", "b").Account.ID
		if err := d.Passkeys.Add(ctx, earner.Passkey{ID: "key", AccountID: ben, Record: "1"}); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for n := range errs {
			wait.Go(func() { _, errs[n] = d.Passkeys.SignIn(ctx, "key", "1", fmt.Sprint("2", n), earner.Answer{}) })
		}
		wait.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else {
				refused(t, err, earner.Unknown)
			}
		}
		if in != 1 {
			t.Errorf("%d got in, want one", in)
		}
	})
}
