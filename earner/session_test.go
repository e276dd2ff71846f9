package earner_test

import (
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
)

func TestSessionEndsByIdlenessAndAge(t *testing.T) {
	const day = 24 * time.Hour
	cases := map[string]struct {
		visits []time.Duration // each so long after the one before
		good   bool
	}{
		"next visit just in time": {[]time.Duration{7*day - time.Second}, true},
		"idle for a week":         {[]time.Duration{7 * day}, false},
		"idle for longer":         {[]time.Duration{20 * day}, false},
		"kept alive":              {[]time.Duration{6 * day, 6 * day, 6 * day, 6 * day}, true},
		"thirty days old":         {[]time.Duration{6 * day, 6 * day, 6 * day, 6 * day, 6 * day}, false},
	}
	each(t, func(t *testing.T, d *desk) {
		for name, c := range cases {
			o := d.signIn("ana@home.test", name)
			if want := d.now().Add(30 * day); !o.Expires.Equal(want) {
				t.Errorf("%s: got cookie until %v, want %v", name, o.Expires, want)
			}
			for k, after := range c.visits {
				d.pass(after)
				s, found, err := d.Session(t.Context(), o.Token)
				want := c.good || k < len(c.visits)-1
				if err != nil || found != want {
					t.Errorf("%s, visit %d: got found %v, %v, want %v", name, k, found, err, want)
				}
				if found && !s.Seen.Equal(d.now()) {
					t.Errorf("%s, visit %d: got seen %v, want %v", name, k, s.Seen, d.now())
				}
			}
		}
	})
}

func TestVisitsAreWrittenDownEveryFiveMinutes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		o := d.signIn("ana@home.test", "b")
		start := d.now()
		for _, c := range []struct{ after, seen time.Duration }{
			{time.Minute, 0}, {4*time.Minute - time.Second, 0}, {time.Second, 5 * time.Minute}, {time.Minute, 5 * time.Minute},
		} {
			d.pass(c.after)
			s, found, err := d.Session(t.Context(), o.Token)
			if err != nil || !found {
				t.Fatal(found, err)
			}
			if got := s.Seen.Sub(start); got != c.seen {
				t.Errorf("got session seen after %v, want %v", got, c.seen)
			}
			var seen time.Time
			if _, err := d.db.Reader().Get(t.Context(), &seen, `SELECT seen_at FROM session`); err != nil {
				t.Fatal(err)
			}
			if got := seen.Sub(start); got != c.seen {
				t.Errorf("got stored seen after %v, want %v", got, c.seen)
			}
		}
	})
}

func TestSignOut(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		ana1, ana2, ben := d.signIn("ana@home.test", "b1"), d.signIn("ana@home.test", "b2"), d.signIn("ben@work.test", "b3")
		good := func(want ...bool) {
			t.Helper()
			for k, o := range []earner.Outcome{ana1, ana2, ben} {
				if _, found, err := d.Session(ctx, o.Token); err != nil || found != want[k] {
					t.Errorf("session %d: got %v, %v, want %v", k, found, err, want[k])
				}
			}
		}
		good(true, true, true)
		for range 2 {
			if err := d.SignOut(ctx, ana1.Token); err != nil {
				t.Fatal(err)
			}
			good(false, true, true)
		}
		if n, err := d.SignOutEverywhere(ctx, ana2.Account.ID); err != nil || n != 1 {
			t.Errorf("got %d, %v, want one session ended", n, err)
		}
		good(false, false, true)
		for _, token := range []string{"", "made-up"} {
			if _, found, err := d.Session(ctx, token); found || err != nil {
				t.Errorf("got %v, %v for token %q", found, err, token)
			}
		}
	})
}

func TestForgetDeletesWhatHasEnded(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.signIn("ana@home.test", "b1")
		d.pass(6 * 24 * time.Hour)
		d.begin(earner.Request{Address: "ben@work.test", Browser: "b2"})
		if err := d.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, c := d.count("session"), d.count("confirmation"); s != 1 || c != 1 {
			t.Errorf("got %d sessions and %d confirmations, want the live ones", s, c)
		}
		d.pass(25 * time.Hour)
		if err := d.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, c, a := d.count("session"), d.count("confirmation"), d.count("account"); s != 0 || c != 0 || a != 1 {
			t.Errorf("got %d sessions, %d confirmations, %d accounts, want only the account left", s, c, a)
		}
	})
}
