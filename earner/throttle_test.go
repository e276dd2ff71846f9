package earner_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

const (
	anas    = "ana@home.test"
	home    = "198.51.100.0/24" // Ana's network
	claimOf = "token-of-anas-claim-link"
)

// A stranger knows Ana's address and has as many browsers as he likes, but reads none of her letters.
type stranger struct {
	*desk
	browsers int
	wrong    int // codes that were looked at and did not match
}

// ask has a new browser ask for a code for the address, from one of a number of networks in turn.
func (s *stranger) ask(r earner.Request, networks int) (browser string) {
	s.browsers++
	n := s.browsers % networks
	r.Address, r.Browser, r.Network = anas, fmt.Sprint("stranger ", s.browsers), fmt.Sprintf("10.%d.%d.0/24", n/250, n%250)
	if r.Purpose == "" {
		r.Purpose = earner.SignIn
	}
	_, _ = s.Begin(s.t.Context(), r)
	return r.Browser
}

// guess hands in codes that are none for as long as they are looked at.
func (s *stranger) guess(browser string) {
	s.t.Helper()
	for _, code := range []string{"000000", "000001", "000002", "000003", "000004", "000005", "0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ"} {
		_, err := s.Finish(s.t.Context(), earner.Answer{Browser: browser, Network: "10.9.9.0/24", Code: code})
		var e *refusal.Error
		if err == nil {
			s.t.Fatal("a guess was right: one in a million; run again")
		}
		if errors.As(err, &e) && (e.Code == earner.WrongCode || e.Code == earner.Spent) && len(code) == 6 {
			if c, _, _ := s.Pending(s.t.Context(), browser, ""); !c.Shared && (e.Code == earner.WrongCode || e.TriesLeft == 0 && code == "000004") {
				s.wrong++
			}
		}
	}
}

// deeds are what a stranger may do, each without end. networks is from how many.
var deeds = []struct {
	name string
	do   func(s *stranger, networks int)
}{
	{"asks for codes", func(s *stranger, networks int) {
		for range 12 {
			s.ask(earner.Request{}, networks)
		}
	}},
	{"tries codes", func(s *stranger, networks int) {
		for range 12 {
			s.guess(s.ask(earner.Request{}, networks))
		}
	}},
	{"asks for lost mail", func(s *stranger, networks int) {
		for k := range 30 {
			_, _ = s.MailAgain(s.t.Context(), anas, fmt.Sprintf("10.0.%d.0/24", k%networks%250), "")
		}
	}},
	{"asks from a claim link that was forwarded", func(s *stranger, networks int) {
		for range 12 {
			s.guess(s.ask(earner.Request{Purpose: earner.Claim, ClaimLink: claimOf}, networks))
		}
	}},
	{"wants the address for an account of his own", func(s *stranger, networks int) {
		for range 12 {
			s.ask(earner.Request{Purpose: earner.AddAddress, Account: "ern_stranger"}, networks)
		}
	}},
	{"forges the cookie of a browser", func(s *stranger, networks int) {
		for _, forged := range []string{"ana's browse", "ana's browser2", "", "'; --"} {
			_, _ = s.Begin(s.t.Context(), earner.Request{Address: anas, Browser: forged, Purpose: earner.SignIn})
			s.guess(forged)
		}
	}},
	{"has stolen the cookie of Ana's browser", func(s *stranger, networks int) {
		for range 12 {
			_, _ = s.Begin(s.t.Context(), earner.Request{Address: anas, Browser: "ana's browser", Network: "10.1.1.0/24", Purpose: earner.SignIn})
			s.guess("ana's browser")
			s.pass(31 * time.Second)
		}
	}},
	{"asks in a sandbox", func(s *stranger, networks int) {
		for range 12 {
			s.ask(earner.Request{Purpose: earner.Claim, Sandbox: true}, networks)
		}
	}},
	{"asks in the owner's own network", func(s *stranger, networks int) {
		for k := range 130 {
			_, _ = s.Begin(s.t.Context(), earner.Request{Address: fmt.Sprintf("p%d@home.test", k), Browser: fmt.Sprint("near ", k), Network: home, Purpose: earner.SignIn})
		}
		for range 12 {
			s.browsers++
			b := fmt.Sprint("near too ", s.browsers)
			_, _ = s.Begin(s.t.Context(), earner.Request{Address: anas, Browser: b, Network: home, Purpose: earner.SignIn})
			s.guess(b)
		}
	}},
	{"does all of it", nil},
}

// TestOwnerAlwaysGetsIn: whatever a stranger does, for however long, the owner gets in within a minute, by what lies in the
// mailbox and nothing else: in a new browser, in one that has proved the address, with a claim link in hand.
func TestOwnerAlwaysGetsIn(t *testing.T) {
	for _, deed := range deeds {
		for _, networks := range []int{1, 1000} {
			t.Run(fmt.Sprintf("%s from %d", deed.name, networks), func(t *testing.T) {
				d := newDesk(t, databasetest.New(t))
				d.signIn(anas, "ana's browser")
				s := &stranger{desk: d}
				d.pass(time.Hour)
				for round := range 6 { // over more than a day
					for _, other := range deeds {
						if other.do != nil && (deed.do == nil || other.name == deed.name) {
							other.do(s, networks)
						}
					}
					d.getsIn(earner.Request{Browser: fmt.Sprint("new ", round), Purpose: earner.SignIn})
					d.getsIn(earner.Request{Browser: "ana's browser", Purpose: earner.SignIn})
					d.getsIn(earner.Request{Browser: fmt.Sprint("claim ", round), Purpose: earner.Claim, ClaimLink: claimOf})
					d.pass(5 * time.Hour)
				}
			})
		}
	}
}

// getsIn is Ana asking for a code in a browser and typing that of the letter which the page names. Where she asked a
// moment ago she waits as the page says; it takes a minute at most.
func (d *desk) getsIn(r earner.Request) {
	d.t.Helper()
	start := d.now()
	r.Address, r.Network = anas, home
	c, err := d.Begin(d.t.Context(), r)
	var e *refusal.Error
	if errors.As(err, &e) && e.Code == earner.Throttled {
		d.pass(e.When.Sub(d.now()))
		c, err = d.Begin(d.t.Context(), r)
	}
	if err != nil {
		d.t.Fatalf("%+v: %v", r, err)
	}
	letter, found := d.lying(c)
	if !found {
		d.t.Fatalf("%+v: no letter of %v lies in the mailbox", r, c.Sent)
	}
	if _, err := d.Finish(d.t.Context(), earner.Answer{Browser: r.Browser, Network: r.Network, Confirmation: c.ID, Code: letter.Code}); err != nil {
		d.t.Fatalf("%+v by a letter of %v: %v", r, c.Sent, err)
	}
	if took := d.now().Sub(start); took > time.Minute {
		d.t.Errorf("%+v took %v, want a minute at most", r, took)
	}
}

// lying is the letter that a page tells Ana to use: with a long code where it says so, else the last one.
func (d *desk) lying(c earner.Confirmation) (earner.CodeLetter, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for k := len(d.letters) - 1; k >= 0; k-- {
		if l := d.letters[k]; l.To.Address == c.Address && !l.To.Sandbox && c.Shared == (len(l.Code) > 6) {
			return l, true
		}
	}
	return earner.CodeLetter{}, false
}

// TestGuessingIsBounded has the best guesser, who asks and tries from a thousand networks all day, while the owner goes in and
// out: 6 letters of 5 tries a day, and 10 for a claim link in hand.
func TestGuessingIsBounded(t *testing.T) {
	for _, c := range []struct {
		name    string
		request earner.Request
		most    int
	}{
		{"nothing to show", earner.Request{}, 30},
		{"a claim link that was forwarded", earner.Request{Purpose: earner.Claim, ClaimLink: claimOf}, 30 + 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, databasetest.New(t))
			d.signIn(anas, "ana's browser")
			d.clock = d.clock.Truncate(24 * time.Hour).Add(24 * time.Hour)
			s := &stranger{desk: d}
			for today := range 2 {
				s.wrong = 0
				letters := len(d.letters)
				for range 6 {
					for range 8 {
						s.guess(s.ask(c.request, 1000))
					}
					d.pass(20 * time.Minute)
					d.getsIn(earner.Request{Browser: "ana's browser", Purpose: earner.SignIn})
					d.pass(4*time.Hour - 20*time.Minute)
				}
				if s.wrong != c.most {
					t.Errorf("day %d: got %d guesses, want %d", today, s.wrong, c.most)
				}
				if n, most := len(d.letters)-letters, c.most/5+6+6; n > most {
					t.Errorf("day %d: got %d letters, want %d: with six digits, one shared one each time, and Ana's", today, n, most)
				}
			}
		})
	}
}

// One network alone leaves an owner elsewhere letters with six digits.
func TestOneNetworkLeavesSixDigits(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	s := &stranger{desk: d}
	for range 30 {
		s.ask(earner.Request{}, 1)
	}
	if c := d.begin(earner.Request{Address: anas, Browser: "b", Network: home}); c.Shared || len(d.last().Code) != 6 {
		t.Errorf("got %+v with code %s, want six digits", c, d.last().Code)
	}
	if n := len(d.letters); n != 3+1+1 {
		t.Errorf("got %d letters, want three with six digits, the shared one, and the owner's", n)
	}
}

// The shared letter is one, whoever asks, and ends when it was used.
func TestSharedLetter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s := &stranger{desk: d}
		for range 7 {
			s.ask(earner.Request{}, 1000)
		}
		letter := d.last()
		if len(letter.Code) != 14 || len(d.letters) != 7 {
			t.Fatalf("got code %q in %d letters, want a long one in the seventh", letter.Code, len(d.letters))
		}
		asked := d.now()
		d.pass(20 * time.Minute)
		c := d.begin(earner.Request{Address: anas, Browser: "new", Return: "/me"})
		if !c.Shared || !c.Sent.Equal(asked) || len(d.letters) != 7 {
			t.Errorf("got %+v and %d letters, want the one of %v", c, len(d.letters), asked)
		}
		if p, found, err := d.Pending(ctx, "new", c.ID); err != nil || !found || p != c {
			t.Errorf("got pending %+v, %v, %v, want %+v", p, found, err, c)
		}
		for browser, same := range map[string]bool{"new": true, "elsewhere": false, "stranger 1": true} {
			p, err := d.Peek(ctx, letter.Link, browser)
			if err != nil || p.SameBrowser != same || (p.Code == letter.Code) == same || (p.Address == anas) != same {
				t.Errorf("%s: got %+v, %v", browser, p, err)
			}
		}
		_, err := d.FinishByLink(ctx, letter.Link, earner.Answer{Browser: "elsewhere"})
		refused(t, err, earner.Unknown)
		d.pass(15 * time.Minute)
		s.ask(earner.Request{}, 1000) // mailed again, with the same code
		if len(d.letters) != 8 || d.last().Code != letter.Code || d.last().Link != letter.Link {
			t.Errorf("got %d letters, the last with %s, want %s again", len(d.letters), d.last().Code, letter.Code)
		}
		for range 20 {
			_, err := d.Finish(ctx, earner.Answer{Browser: "new", Code: "0000-0000-0000"})
			refused(t, err, earner.WrongCode)
		}
		w := earner.Answer{Browser: "new", Code: " " + letter.Code[:4] + letter.Code[5:9] + " " + letter.Code[10:]}
		first, err := d.Finish(ctx, w)
		if err != nil || first.Return != "/me" {
			t.Fatalf("got %+v, %v", first, err)
		}
		again, err := d.Finish(ctx, w)
		again.Created = first.Created
		if err != nil || again != first {
			t.Errorf("got %+v, %v, want %+v again", again, err, first)
		}
		if _, found, err := d.Letter(ctx, letter.Ref); err != nil || found {
			t.Errorf("got letter %v, %v after it was used", found, err)
		}
		s.ask(earner.Request{}, 1000)
		if d.last().Code == letter.Code {
			t.Error("a code that was used is mailed again")
		}
		_, err = d.Peek(ctx, letter.Link, "new")
		refused(t, err, earner.Unknown)
	})
}

// What is mailed in a sandbox confirms nothing live, however it is asked for.
func TestSharedLettersOfASandboxAreItsOwn(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	s := &stranger{desk: d}
	for range 7 {
		s.ask(earner.Request{Sandbox: true}, 1000)
	}
	test := d.last()
	for range 7 {
		s.ask(earner.Request{}, 1000)
	}
	live := d.last()
	if !test.To.Sandbox || live.To.Sandbox || test.Code == live.Code || len(test.Code) != len(live.Code) || len(test.Code) != 14 {
		t.Fatalf("got %+v and %+v", test, live)
	}
	b := s.ask(earner.Request{}, 1000)
	_, err := d.Finish(t.Context(), earner.Answer{Browser: b, Code: test.Code})
	refused(t, err, earner.WrongCode)
	_, err = d.FinishByLink(t.Context(), test.Link, earner.Answer{Browser: b})
	refused(t, err, earner.Unknown)
}

// An address that nobody knows looks like any other, also where six digits are used up; once it is known its owner need not wait.
func TestSharedLetterOfNobody(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for k := range 7 {
		c := d.begin(earner.Request{Address: anas, Browser: fmt.Sprint("b", k), Mute: true})
		if want := k == 6; c.Shared != want || !c.Sent.Equal(d.now()) {
			t.Errorf("letter %d: got %+v", k, c)
		}
	}
	if len(d.letters) != 0 {
		t.Fatalf("got %d letters, want none", len(d.letters))
	}
	d.pass(time.Minute)
	d.getsIn(earner.Request{Browser: "b6", Purpose: earner.SignIn})
}

func TestSignOutEverywhereForgetsBrowsers(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := &stranger{desk: d}
		o := d.signIn(anas, "ana's browser")
		for range 7 {
			s.ask(earner.Request{}, 1000)
		}
		d.pass(time.Minute)
		if c := d.begin(earner.Request{Address: anas, Browser: "ana's browser"}); c.Shared {
			t.Error("a browser that has proved the address gets no six digits")
		}
		if _, err := d.SignOutEverywhere(t.Context(), o.Account.ID); err != nil {
			t.Fatal(err)
		}
		d.pass(time.Minute)
		if c := d.begin(earner.Request{Address: anas, Browser: "ana's browser"}); !c.Shared {
			t.Error("a browser is remembered after signing out everywhere")
		}
		d.getsIn(earner.Request{Browser: "ana's browser", Purpose: earner.SignIn})
		if n := d.count("device"); n != 1 {
			t.Fatalf("got %d browsers, want one", n)
		}
		d.pass(401 * 24 * time.Hour)
		if err := d.Forget(t.Context()); err != nil || d.count("device") != 0 {
			t.Errorf("got %v and %d browsers after 401 days, want none", err, d.count("device"))
		}
	})
}

func TestWhoGetsInMayComeOften(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for range 40 {
		d.pass(time.Minute)
		d.getsIn(earner.Request{Browser: "ana's browser", Purpose: earner.SignIn})
	}
}

// What a network may for many addresses.
func TestNetworkLimits(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	ask := func(k int, network string) (earner.Confirmation, error) {
		return d.Begin(t.Context(), earner.Request{Address: fmt.Sprintf("a%d@home.test", k), Browser: "b", Network: network, Purpose: earner.SignIn})
	}
	const near = "203.0.113.0/24"
	for k := range 125 {
		if c, err := ask(k, near); err != nil || c.Shared != (k >= 120) {
			t.Fatalf("letter %d: got %+v, %v", k, c, err)
		}
	}
	err := d.db.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE counter SET n = 1199 WHERE n = 125`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ask(1199, near); err != nil || !c.Shared {
		t.Errorf("got %+v, %v, want the last one of the hour", c, err)
	}
	_, err = ask(1200, near)
	if e := refused(t, err, earner.Throttled); !e.When.Equal(d.now().Add(time.Hour)) {
		t.Errorf("got again at %v, want in an hour", e.When)
	}
	for _, network := range []string{"", home} {
		if c, err := ask(1201, network); err != nil || c.Shared {
			t.Errorf("got %+v, %v from %q, want six digits", c, err, network)
		}
		d.pass(time.Minute)
	}
	// Second tries, all in one network: 240, and the first one of each of these 70 codes.
	wrong := 0
	for k := range 70 {
		for range 5 {
			c, _, err := d.Pending(t.Context(), "b", "")
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.Finish(t.Context(), earner.Answer{Browser: "b", Network: "192.0.2.0/24", Confirmation: c.ID, Code: other(d.last().Code)})
			var e *refusal.Error
			if errors.As(err, &e) && e.Code != earner.Throttled {
				wrong++
			}
		}
		if _, err := ask(2000+k, ""); err != nil {
			t.Fatal(err)
		}
	}
	if wrong != 240+70 {
		t.Errorf("got %d tries, want %d", wrong, 240+70)
	}
}

func TestMailAgain(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	sent := func(address, network, link string) (n int) {
		for range 40 {
			again, err := d.MailAgain(t.Context(), address, network, link)
			if err != nil {
				refused(t, err, earner.Throttled)
				break
			}
			if again {
				n++
			}
		}
		return n
	}
	if got := sent("Ana@home.test", "203.0.113.0/24", ""); got != 2 {
		t.Errorf("a network has %d letters sent in an hour, want 2", got)
	}
	if got := sent(anas, home, ""); got != 1 {
		t.Errorf("the owner has %d letters sent after that, want the third", got)
	}
	if got := sent(anas, "192.0.2.0/24", claimOf); got != 3 {
		t.Errorf("a claim link has %d letters sent, want 3", got)
	}
	total := 0
	for range 30 {
		d.pass(time.Hour)
		total += sent(anas, "", "")
	}
	if total != 3+6 { // today and tomorrow
		t.Errorf("got %d letters in 30 hours more, want 9", total)
	}
	if _, err := d.MailAgain(t.Context(), "nonsense", "", ""); err == nil {
		t.Error("nonsense is an address")
	}
}
