package earner_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

// desk is a set of accounts with a clock that stands still and a tray for letters.
type desk struct {
	*earner.Accounts
	t  *testing.T
	db *database.DB

	mu      sync.Mutex
	clock   time.Time
	letters []earner.CodeLetter
	added   []earner.Added
	changes []earner.Change
	full    error // what it says instead of taking a letter
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, d *desk)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		test(t, newDesk(t, db))
	})
}

func newDesk(t *testing.T, db *database.DB) *desk {
	d := &desk{t: t, db: db, clock: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	d.Accounts = earner.New(db, earner.Options{Secret: []byte("a secret for tests"), Letters: d, Now: d.now})
	return d
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *desk) pass(duration time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(duration)
}

func (d *desk) Code(_ context.Context, _ *database.Tx, l earner.CodeLetter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full == nil {
		d.letters = append(d.letters, l)
	}
	return d.full
}

func (d *desk) Added(_ context.Context, _ *database.Tx, a earner.Added) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.added = append(d.added, a)
	return nil
}

func (d *desk) Changed(_ context.Context, _ *database.Tx, c earner.Change) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = append(d.changes, c)
	return nil
}

func (d *desk) last() earner.CodeLetter {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.letters) == 0 {
		d.t.Fatal("got no letter, want one")
	}
	return d.letters[len(d.letters)-1]
}

func (d *desk) begin(r earner.Request) earner.Confirmation {
	d.t.Helper()
	if r.Purpose == "" {
		r.Purpose = earner.SignIn
	}
	c, err := d.Begin(d.t.Context(), r)
	if err != nil {
		d.t.Fatalf("begin: %v", err)
	}
	return c
}

// signIn confirms an address in a browser from the letter.
func (d *desk) signIn(address, browser string) earner.Outcome {
	d.t.Helper()
	d.begin(earner.Request{Address: address, Browser: browser})
	o, err := d.Finish(d.t.Context(), earner.Answer{Browser: browser, Code: d.last().Code})
	if err != nil {
		d.t.Fatalf("finish: %v", err)
	}
	return o
}

func (d *desk) count(table string) (n int) {
	d.t.Helper()
	if _, err := d.db.Reader().Get(d.t.Context(), &n, "SELECT COUNT(*) FROM "+table); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// refused checks that err is a refusal with that code and returns it.
func refused(t *testing.T, err error, code string) *refusal.Error {
	t.Helper()
	var e *refusal.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("got error %v (%T), want the refusal %q", err, err, code)
	}
	if e.Error() == "" {
		t.Errorf("%s has no sentence", code)
	}
	return e
}

// other is a code that differs from the given one.
func other(code string) string {
	if code[0] == '1' {
		return "2" + code[1:]
	}
	return "1" + code[1:]
}

func TestFirstCodeMakesAnAccountAndTheNextSignsIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		c := d.begin(earner.Request{Address: " Ana@Home.test ", Browser: "b1", Purpose: earner.Claim, Return: "/claim/abc?x=1"})
		l := d.last()
		if c.Address != "ana@home.test" || l.To.Address != c.Address || len(l.Code) != 6 || l.Purpose != earner.Claim || len(l.Link) < 20 {
			t.Fatalf("got confirmation %+v and letter %+v, want both for ana@home.test", c, l)
		}
		if want := d.now().Add(30 * time.Minute); !c.Expires.Equal(want) || !c.Again.Equal(d.now().Add(30*time.Second)) || c.TriesLeft != 5 {
			t.Errorf("got %+v, want 30 minutes, 30 seconds and 5 tries", c)
		}
		if known, _, err := d.Known(ctx, "ana@home.test"); known || err != nil {
			t.Errorf("got known %v, %v before the code, want false", known, err)
		}
		first, err := d.Finish(ctx, earner.Answer{Browser: "b1", Confirmation: c.ID, Code: l.Code[:3] + " " + l.Code[3:] + "\n", Name: " Ana \x00 Ruiz ", Language: "es"})
		if err != nil {
			t.Fatal(err)
		}
		if !first.Created || first.Added || first.Account.Name != "Ana Ruiz" || first.Account.Language != "es" || !strings.HasPrefix(first.Account.ID, "ern_") ||
			first.Return != "/claim/abc?x=1" || first.Purpose != earner.Claim || first.Address != "ana@home.test" || len(first.Token) < 40 {
			t.Errorf("got %+v, want a new account for Ana", first)
		}
		second := d.signIn("ANA@home.test", "b2")
		if second.Created || second.Account.ID != first.Account.ID || second.Token == first.Token {
			t.Errorf("got %+v, want a second session of the same account", second)
		}
		for _, o := range []earner.Outcome{first, second} {
			s, found, err := d.Session(ctx, o.Token)
			if err != nil || !found || s.Account.ID != first.Account.ID || s.Account.Name != "Ana Ruiz" {
				t.Errorf("got session %+v, %v, %v, want Ana's", s, found, err)
			}
		}
		addresses, err := d.Addresses(ctx, first.Account.ID)
		if err != nil || len(addresses) != 1 || addresses[0].Address != "ana@home.test" || !addresses[0].Primary || addresses[0].AccountID != first.Account.ID {
			t.Errorf("got addresses %+v, %v, want the one, primary", addresses, err)
		}
		if acc, found, err := d.AccountOf(ctx, "Ana@home.test"); err != nil || !found || acc.ID != first.Account.ID {
			t.Errorf("got %+v, %v, %v, want Ana's account", acc, found, err)
		}
		if acc, found, err := d.Account(ctx, first.Account.ID); err != nil || !found || acc != first.Account {
			t.Errorf("got %+v, %v, %v, want %+v", acc, found, err, first.Account)
		}
	})
}

func TestNameIsGivenOnce(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	first := d.signIn("ana@home.test", "b1")
	if first.Account.Name != "" {
		t.Errorf("got name %q, want none", first.Account.Name)
	}
	for _, name := range []string{"Ana", "Somebody Else"} {
		d.pass(time.Minute)
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b1"})
		o, err := d.Finish(t.Context(), earner.Answer{Browser: "b1", Code: d.last().Code, Name: name, Language: "fr"})
		if err != nil || o.Account.Name != "Ana" || o.Account.Language != "" {
			t.Errorf("got %+v, %v, want Ana's name and no other language", o.Account, err)
		}
	}
}

func TestHintsAreCut(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	browser := earner.NewBrowser()
	d.begin(earner.Request{Address: "ana@home.test", Browser: browser})
	o, err := d.Finish(t.Context(), earner.Answer{Browser: browser, Code: d.last().Code, Name: strings.Repeat("ñ", 300) + "\xff", Language: strings.Repeat("e", 300)})
	if err != nil || o.Account.Name != strings.Repeat("ñ", 200) || len(o.Account.Language) != 35 {
		t.Errorf("got %+v, %v, want 200 and 35 characters", o.Account, err)
	}
	if earner.NewBrowser() == browser || len(browser) < 26 {
		t.Errorf("got %q twice or too short", browser)
	}
}

func TestNothingSecretIsStored(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		o := d.signIn("ana@home.test", "browser-secret-1")
		l := d.last()
		for table, columns := range map[string]string{
			"confirmation": "browser || ' ' || address || ' ' || id || ' ' || nonce || ' ' || link || ' ' || purpose || ' ' || return_to",
			"session":      "digest || ' ' || account_id",
		} {
			var row string
			if _, err := d.db.Reader().Get(t.Context(), &row, "SELECT "+columns+" FROM "+table); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{l.Code, l.Link, o.Token, "browser-secret-1"} {
				if strings.Contains(row, secret) {
					t.Errorf("table %s holds a secret in clear", table)
				}
			}
		}
		stranger := earner.New(d.db, earner.Options{Secret: []byte("another secret"), Now: d.now})
		d.pass(time.Minute)
		d.begin(earner.Request{Address: "ana@home.test", Browser: "b"})
		_, err := stranger.Finish(t.Context(), earner.Answer{Browser: "b", Code: d.last().Code})
		refused(t, err, earner.WrongCode)
	})
}

func TestNewNeedsASecret(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("got no panic without a secret")
		}
	}()
	earner.New(nil, earner.Options{})
}

func TestDatabaseErrorsRise(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	o := d.signIn("ana@home.test", "b")
	link := d.last().Link
	d.pass(10 * time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, f := range map[string]func() error{
		"Account":           func() error { _, _, err := d.Account(ctx, o.Account.ID); return err },
		"AccountOf":         func() error { _, _, err := d.AccountOf(ctx, o.Address); return err },
		"Known":             func() error { _, _, err := d.Known(ctx, o.Address); return err },
		"Addresses":         func() error { _, err := d.Addresses(ctx, o.Account.ID); return err },
		"Forget":            func() error { return d.Forget(ctx) },
		"MailAgain":         func() error { _, err := d.MailAgain(ctx, o.Address, "", ""); return err },
		"MailAgain network": func() error { _, err := d.MailAgain(ctx, o.Address, "203.0.113.0/24", ""); return err },
		"Begin": func() error {
			_, err := d.Begin(ctx, earner.Request{Address: o.Address, Browser: "b"})
			return err
		},
		"Pending":           func() error { _, _, err := d.Pending(ctx, "b", ""); return err },
		"Peek":              func() error { _, err := d.Peek(ctx, link, "b"); return err },
		"Finish":            func() error { _, err := d.Finish(ctx, earner.Answer{Browser: "b"}); return err },
		"FinishByLink":      func() error { _, err := d.FinishByLink(ctx, link, earner.Answer{Browser: "b"}); return err },
		"Session":           func() error { _, _, err := d.Session(ctx, o.Token); return err },
		"SignOut":           func() error { return d.SignOut(ctx, o.Token) },
		"SignOutEverywhere": func() error { _, err := d.SignOutEverywhere(ctx, o.Account.ID); return err },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the database's error", name, err)
		}
	}
	if _, found, err := d.Session(t.Context(), o.Token); err != nil || !found {
		t.Errorf("got %v, %v afterwards, want the session unharmed", found, err)
	}
}

func TestNoAccountHasNonsense(t *testing.T) {
	d := newDesk(t, databasetest.New(t))
	for _, address := range []string{"", "nonsense", "nobody@home.test"} {
		if known, _, err := d.Known(t.Context(), address); known || err != nil {
			t.Errorf("got known %v, %v for %q", known, err, address)
		}
	}
	if _, found, err := d.Account(t.Context(), "ern_none"); found || err != nil {
		t.Errorf("got found %v, %v, want none", found, err)
	}
}
