package earner_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
)

func TestWrongCodesUseTries(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		c := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		code := d.last().Code
		for left := 4; left >= 1; left-- {
			_, err := d.Finish(ctx, earner.Answer{Browser: "b", Confirmation: c.ID, Code: other(code)})
			if e := refused(t, err, earner.WrongCode); e.TriesLeft != left {
				t.Errorf("got %d tries left, want %d", e.TriesLeft, left)
			}
			if p, found, err := d.Pending(ctx, "b", c.ID); err != nil || !found || p.TriesLeft != left {
				t.Errorf("got pending %+v, %v, %v, want %d tries", p, found, err, left)
			}
		}
		for _, typed := range []string{"", "12345", "1234567", "abcdef", "１２３４５６", strings.Repeat(" ", 200)} {
			_, err := d.Finish(ctx, earner.Answer{Browser: "b", Code: typed})
			if e := refused(t, err, earner.WrongCode); e.TriesLeft != 1 {
				t.Errorf("got %d tries left after %q, want it to cost none", e.TriesLeft, typed)
			}
		}
		_, err := d.Finish(ctx, earner.Answer{Browser: "b", Code: other(code)})
		refused(t, err, earner.Spent)
		for range 20 { // an ended code stays so
			for _, typed := range []string{code, "nonsense", other(code)} {
				_, err = d.Finish(ctx, earner.Answer{Browser: "b", Code: typed})
				refused(t, err, earner.Spent)
			}
		}
		_, err = d.Peek(ctx, d.last().Link, "elsewhere")
		refused(t, err, earner.Spent)
		// Nobody guesses a link: where it was asked for it is as good as before.
		if p, err := d.Peek(ctx, d.last().Link, "b"); err != nil || !p.SameBrowser {
			t.Errorf("got %+v, %v for the link after all tries, want a button", p, err)
		}

		d.pass(31 * time.Second) // a new code begins anew and keeps the id
		again := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		if again.ID != c.ID || again.TriesLeft != 5 {
			t.Errorf("got %+v, want the same id with 5 tries", again)
		}
		if _, err := d.Finish(ctx, earner.Answer{Browser: "b", Confirmation: c.ID, Code: d.last().Code}); err != nil {
			t.Error(err)
		}
	})
}

func TestLastTryMayBeRight(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
	for range 4 {
		_, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: other(d.last().Code)})
		refused(t, err, earner.WrongCode)
	}
	if _, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code}); err != nil {
		t.Error(err)
	}
}

func TestCodeLivesThirtyMinutes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, c := range []struct {
			age  time.Duration
			good bool
		}{{30*time.Minute - time.Second, true}, {30 * time.Minute, false}, {31 * time.Minute, false}} {
			d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
			d.pass(c.age)
			_, err := d.Finish(ctx, earner.Answer{Browser: "b", Code: d.last().Code})
			if c.good {
				if err != nil {
					t.Errorf("got %v after %v, want it good", err, c.age)
				}
				continue
			}
			refused(t, err, earner.TooOld)
			_, err = d.FinishByLink(ctx, d.last().Link, earner.Answer{Browser: "b"})
			refused(t, err, earner.TooOld)
			_, err = d.Peek(ctx, d.last().Link, "b")
			refused(t, err, earner.TooOld)
		}
	})
}

func TestCodesDiffer(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	codes := map[string]bool{}
	for k := range 10 {
		d.begin(earner.Request{Address: fmt.Sprintf("ana%d@home.test", k), Browser: "b"})
		codes[d.last().Code] = true
	}
	if len(codes) < 9 { // two alike are one in 22,000
		t.Errorf("got %d codes in ten letters", len(codes))
	}
}

func TestOnlyTheBrowserThatBeganFinishes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		c := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		l := d.last()
		for _, browser := range []string{"", "elsewhere"} {
			_, err := d.Finish(ctx, earner.Answer{Browser: browser, Confirmation: c.ID, Code: l.Code})
			refused(t, err, earner.Unknown)
			_, err = d.FinishByLink(ctx, l.Link, earner.Answer{Browser: browser, Code: l.Code})
			refused(t, err, earner.Unknown)
			if _, found, err := d.Pending(ctx, browser, c.ID); found || err != nil {
				t.Errorf("got found %v, %v in another browser", found, err)
			}
			p, err := d.Peek(ctx, l.Link, browser)
			if want := (earner.Peeked{Purpose: earner.SignIn, Code: l.Code}); err != nil || p != want {
				t.Errorf("got %+v, %v elsewhere, want the code to type and no address", p, err)
			}
		}
		if n := d.count("account"); n != 0 {
			t.Fatalf("got %d accounts, want none", n)
		}
		p, err := d.Peek(ctx, l.Link, "b")
		if want := (earner.Peeked{SameBrowser: true, Purpose: earner.SignIn, Address: "ana@home.test"}); err != nil || p != want {
			t.Errorf("got %+v, %v, want %+v", p, err, want)
		}
		_, err = d.Peek(ctx, "made-up", "b")
		refused(t, err, earner.Unknown)
		_, err = d.FinishByLink(ctx, "made-up", earner.Answer{Browser: "b"})
		refused(t, err, earner.Unknown)
		if p, _, _ := d.Pending(ctx, "b", ""); p.TriesLeft != 5 {
			t.Errorf("got %d tries left, want all five", p.TriesLeft)
		}
		o, err := d.FinishByLink(ctx, l.Link, earner.Answer{Browser: "b"})
		if err != nil || !o.Created || o.Token == "" {
			t.Errorf("got %+v, %v, want an account by link", o, err)
		}
		_, err = d.Peek(ctx, l.Link, "elsewhere")
		refused(t, err, earner.Used)
	})
}

func TestNewerCodeReplacesTheOlder(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		first := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		older := d.last()
		d.pass(29 * time.Second)
		_, err := d.Begin(ctx, earner.Request{Address: "Ana@home.test", Browser: "b", Purpose: earner.SignIn})
		if e := refused(t, err, earner.Throttled); !e.When.Equal(first.Again) {
			t.Errorf("got again at %v, want %v", e.When, first.Again)
		}
		d.begin(earner.Request{Address: "ana@home.test", Browser: "another"}) // not held up by the first
		d.pass(time.Second)
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b", Return: "/me"})
		if older.Link == d.last().Link {
			t.Error("got the same link twice")
		}
		_, err = d.Peek(ctx, older.Link, "b")
		refused(t, err, earner.Unknown)
		if older.Code != d.last().Code { // one in a million
			_, err = d.Finish(ctx, earner.Answer{Browser: "b", Code: older.Code})
			refused(t, err, earner.WrongCode)
		}
		o, err := d.Finish(ctx, earner.Answer{Browser: "b", Code: d.last().Code})
		if err != nil || o.Return != "/me" {
			t.Errorf("got %+v, %v, want the newer code to lead to /me", o, err)
		}
	})
}

// TestClockThatWasAhead asks for a code again after the clock was set back: it need not wait for the time before.
func TestClockThatWasAhead(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for _, ahead := range []time.Duration{2 * time.Minute, time.Hour, 365 * 24 * time.Hour} {
			r := earner.Request{Address: "ana@home.test", Browser: ahead.String()}
			d.pass(ahead)
			d.begin(r)
			d.pass(-ahead)
			if c := d.begin(r); !c.Again.Equal(d.now().Add(30 * time.Second)) {
				t.Errorf("%v ahead: again at %v", ahead, c.Again)
			}
			_, err := d.Begin(t.Context(), r)
			refused(t, err, earner.Throttled)
		}
	})
}

func TestNewestConfirmationOfTheBrowser(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ana := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		codeForAna := d.last().Code
		d.begin(earner.Request{Address: "ben@work.test", Browser: "b"})
		if p, found, err := d.Pending(t.Context(), "b", ""); err != nil || !found || p.Address != "ben@work.test" {
			t.Errorf("got %+v, %v, %v, want Ben's", p, found, err)
		}
		o, err := d.Finish(t.Context(), earner.Answer{Browser: "b", Confirmation: ana.ID, Code: codeForAna})
		if err != nil || o.Address != "ana@home.test" {
			t.Errorf("got %+v, %v, want Ana's by id", o, err)
		}
		if p, _, _ := d.Pending(t.Context(), "b", ana.ID); !p.Finished {
			t.Error("Ana's confirmation is not shown as finished")
		}
	})
}

func TestMuteConfirmationNeverMatches(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		c := d.begin(earner.Request{Address: "nobody@home.test", Browser: "b", Mute: true})
		if len(d.letters) != 0 {
			t.Error("got a letter, want none")
		}
		loud := d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		c.ID, c.Address, loud.ID, loud.Address = "", "", "", ""
		if c != loud {
			t.Errorf("got %+v, want it to look like %+v", c, loud)
		}
		// Only the owner of the secret can know this code; let it be unmuted behind the server's back.
		err := d.db.InTx(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE confirmation SET mute = 1 WHERE address = 'ana@home.test'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Finish(t.Context(), earner.Answer{Browser: "b", Confirmation: "", Code: d.last().Code})
		refused(t, err, earner.WrongCode)
		_, err = d.FinishByLink(t.Context(), d.last().Link, earner.Answer{Browser: "b"})
		refused(t, err, earner.WrongCode)
	})
}

func TestBeginRefusesWhatIsMalformed(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for name, c := range map[string]struct {
		request earner.Request
		field   string
	}{
		"no address":     {earner.Request{Browser: "b"}, "address"},
		"no browser":     {earner.Request{Address: "ana@home.test"}, "browser"},
		"long browser":   {earner.Request{Address: "ana@home.test", Browser: strings.Repeat("b", 201)}, "browser"},
		"other site":     {earner.Request{Address: "ana@home.test", Browser: "b", Return: "https://evil.test/"}, "return"},
		"other host":     {earner.Request{Address: "ana@home.test", Browser: "b", Return: "//evil.test/"}, "return"},
		"backslash":      {earner.Request{Address: "ana@home.test", Browser: "b", Return: `/\evil.test`}, "return"},
		"line end":       {earner.Request{Address: "ana@home.test", Browser: "b", Return: "/me\r\nX: y"}, "return"},
		"very long path": {earner.Request{Address: "ana@home.test", Browser: "b", Return: "/" + strings.Repeat("a", 500)}, "return"},
	} {
		c.request.Purpose = earner.SignIn
		_, err := d.Begin(t.Context(), c.request)
		if e := refused(t, err, earner.Invalid); e.Fields[0].Pointer != "/"+c.field {
			t.Errorf("%s: got fields %v, want %q", name, e.Fields, c.field)
		}
	}
	for _, r := range []earner.Request{{Purpose: earner.AddAddress}, {Purpose: earner.SignIn, Account: "ern_1"}} {
		r.Address, r.Browser = "ana@home.test", "b"
		if _, err := d.Begin(t.Context(), r); err == nil {
			t.Errorf("got no error for purpose %s with account %q", r.Purpose, r.Account)
		}
	}
}

func TestLetterThatCannotBeQueuedLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		full := errors.New("queue is full")
		d.full = full
		_, err := d.Begin(t.Context(), earner.Request{Address: "ana@home.test", Browser: "b", Purpose: earner.SignIn})
		d.full = nil
		if !errors.Is(err, full) || d.count("confirmation") != 0 {
			t.Errorf("got %v and %d confirmations, want the queue's error and none", err, d.count("confirmation"))
		}
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b"}) // at once
	})
}

func TestRepeatedFinishGivesTheSameSession(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		first := d.signIn("ana@home.test", "b")
		w := earner.Answer{Browser: "b", Code: d.last().Code}
		d.pass(10 * time.Second)
		second, err := d.Finish(ctx, w)
		second.Created = true
		if err != nil || second != first || d.count("session") != 1 {
			t.Errorf("got %+v, %v and %d sessions, want %+v and one", second, err, d.count("session"), first)
		}
		_, err = d.Finish(ctx, earner.Answer{Browser: "b", Code: other(w.Code)})
		refused(t, err, earner.Used)
		if err := d.SignOut(ctx, first.Token); err != nil {
			t.Fatal(err)
		}
		_, err = d.Finish(ctx, w)
		refused(t, err, earner.Used)

		d.pass(time.Minute)
		d.signIn("ana@home.test", "b")
		w.Code = d.last().Code
		d.pass(61 * time.Second)
		_, err = d.Finish(ctx, w)
		refused(t, err, earner.Used)
	})
}

// TestLetter: what waits to be sent is not sent any more when its code is good for nothing.
func TestLetter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		good := func(l earner.CodeLetter, want bool) {
			t.Helper()
			got, found, err := d.Letter(t.Context(), l.Ref)
			if l.Lang = ""; err != nil || found != want || found && got != l {
				t.Errorf("got %+v, %v, %v, want %+v: %v", got, found, err, l, want)
			}
		}
		browser := earner.NewBrowser()
		d.begin(earner.Request{Address: "ana@home.test", Browser: browser, Lang: "es"})
		first := d.last()
		good(first, true)
		good(earner.CodeLetter{Ref: "cnf_none.x"}, false)
		good(earner.CodeLetter{Ref: strings.SplitAfter(first.Ref, ".")[0] + "x"}, false)
		d.pass(time.Minute)
		d.begin(earner.Request{Address: "ana@home.test", Browser: browser})
		second := d.last()
		good(first, false) // replaced
		good(second, true)
		if _, err := d.Finish(t.Context(), earner.Answer{Browser: browser, Code: second.Code}); err != nil {
			t.Fatal(err)
		}
		good(second, false) // used
		d.begin(earner.Request{Address: "ben@work.test", Browser: browser})
		d.pass(time.Hour)
		good(d.last(), false) // too old
	})
}

// The letter to an address that is to join an account names that account, so that nobody takes it for signing in.
func TestLetterOfAnAddressThatJoins(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	account := d.signIn("ben@work.test", "b").Account.ID
	for _, c := range []struct{ purpose, account, joins string }{{"add-address", account, "ben@work.test"}, {"sign-in", "", ""}, {"claim", "", ""}} {
		d.pass(time.Minute)
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b", Purpose: earner.Purpose(c.purpose), Account: c.account})
		if l, found, err := d.Letter(t.Context(), d.last().Ref); err != nil || !found || l.Joins != c.joins {
			t.Errorf("%s: got %+v, %v, %v, want it to join %q", c.purpose, l, found, err, c.joins)
		}
	}
}
