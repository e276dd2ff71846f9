package earner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
)

func TestCodesAreLimitedPerAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ask := func(browser int) error {
			_, err := d.Begin(t.Context(), earner.Request{Address: "ana@home.test", Browser: fmt.Sprint("b", browser), Purpose: earner.SignIn}, d.queue)
			return err
		}
		for k := range 10 {
			if err := ask(k); err != nil {
				t.Fatal(err)
			}
		}
		if e := refused(t, ask(10), earner.Throttled); !e.When.Equal(d.now().Add(time.Hour)) {
			t.Errorf("got again at %v, want in an hour", e.When)
		}
		d.begin(earner.Request{Address: "ben@work.test", Browser: "b0"}) // nobody else is held up
		// Ana gets in by her last letter, and the counts begin anew.
		if _, err := d.Finish(t.Context(), earner.Answer{Browser: "b9", Code: d.letters[9].Code}); err != nil {
			t.Fatal(err)
		}
		if err := ask(10); err != nil {
			t.Errorf("got %v after Ana got in, want a letter", err)
		}
		d.pass(time.Hour)
		if err := ask(11); err != nil {
			t.Errorf("got %v an hour later, want a letter", err)
		}
	})
}

func TestCodesAreLimitedPerNetwork(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	ask := func(k int, network string) error {
		_, err := d.Begin(t.Context(), earner.Request{Address: fmt.Sprintf("a%d@home.test", k), Browser: "b", Network: network, Purpose: earner.SignIn}, d.queue)
		return err
	}
	for k := range 120 {
		if err := ask(k, "203.0.113.0/24"); err != nil {
			t.Fatal(err)
		}
	}
	for k := range 125 {
		if err := ask(200+k, ""); err != nil {
			t.Fatalf("got %v from nowhere, want no limit", err)
		}
	}
	for range 12 { // more than one address may have, to see that they do not count for it
		refused(t, ask(121, "203.0.113.0/24"), earner.Throttled)
	}
	if err := ask(121, "198.51.100.0/24"); err != nil {
		t.Errorf("got %v from another network, want a letter", err)
	}
}

func TestWhoGetsInMayComeOften(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for range 40 { // more than codes and tries a day
		d.signIn("ana@home.test", "b")
		d.pass(time.Minute)
	}
}

func TestTriesAreLimitedPerAddress(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	wrong := 0
	for browser := 0; ; browser++ {
		b := fmt.Sprint("b", browser)
		d.begin(earner.Request{Address: "ana@home.test", Browser: b})
		for range 5 {
			_, err := d.Finish(t.Context(), earner.Answer{Browser: b, Code: other(d.last().Code)})
			if wrong == 30 {
				refused(t, err, earner.Throttled)
				if p, _, err := d.Pending(t.Context(), b, ""); err != nil || p.TriesLeft != 5 {
					t.Errorf("got %d tries left, %v, want a refused try to cost none", p.TriesLeft, err)
				}
				return
			}
			if err == nil {
				t.Fatal("got in by a wrong code")
			}
			wrong++
		}
	}
}

func TestLostMailIsLimited(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for range 3 {
		if err := d.Allow(t.Context(), earner.LostMail, "Ana@home.test", "203.0.113.0/24"); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, d.Allow(t.Context(), earner.LostMail, "ana@home.test", ""), earner.Throttled)
	refused(t, d.Allow(t.Context(), earner.LostMail, "nonsense", ""), earner.Invalid)
	if err := d.Allow(t.Context(), earner.Codes, "ana@home.test", ""); err != nil {
		t.Errorf("got %v, want actions counted apart", err)
	}
}

// What each action may do, and no more: for an address in an hour and in a day, for a network in an hour.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		action             earner.Action
		hour, day, network int
	}{
		{earner.Codes, 10, 20, 120},
		{earner.Tries, 30, 30, 240},
		{earner.LostMail, 3, 6, 30},
	} {
		d := newDesk(t, databasetest.New(t))
		allowed := func(address, network string) (n int) {
			for d.Allow(t.Context(), test.action, address, network) == nil {
				n++
			}
			return n
		}
		if got := allowed("ana@home.test", ""); got != test.hour {
			t.Errorf("%s: an address is allowed %d in an hour, want %d", test.action, got, test.hour)
		}
		day := test.hour
		for range 4 {
			d.pass(time.Hour)
			day += allowed("ana@home.test", "")
		}
		if day != test.day {
			t.Errorf("%s: an address is allowed %d in a day, want %d", test.action, day, test.day)
		}
		d.pass(24 * time.Hour)
		if got := allowed("ana@home.test", ""); got != test.hour {
			t.Errorf("%s: on the next day an address is allowed %d, want %d", test.action, got, test.hour)
		}
		network := 0
		for k := 0; d.Allow(t.Context(), test.action, fmt.Sprintf("ana%d@home.test", k), "203.0.113.0/24") == nil; k++ {
			network++
		}
		if network != test.network {
			t.Errorf("%s: a network is allowed %d in an hour, want %d", test.action, network, test.network)
		}
	}
}
