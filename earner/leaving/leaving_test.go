package leaving_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/letter"
)

// house is people with badges, and everything that knows of them.
type house struct {
	*issuertest.World
	t        *testing.T
	accounts *earner.Accounts
	outbox   *letter.Outbox
	requests *leaving.Requests
	register *register
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := issuertest.On(t, db)
		h := &house{World: w, t: t, outbox: letter.NewOutbox(db, w.Queue, w.Clock.Now)}
		h.accounts = earner.New(db, earner.Options{Secret: w.Secret, Letters: h.outbox, Now: w.Clock.Now})
		w.Earners = h.accounts
		if _, err := letter.New(letter.Options{
			Outbox: h.outbox, Issuer: w.Issuer, Earners: h.accounts, BaseURL: issuertest.BaseURL, Site: "Acme", From: "Acme <badges@acme.test>", Now: w.Clock.Now,
		}); err != nil {
			t.Fatal(err)
		}
		h.register = &register{departures: w.Leaving}
		h.requests = leaving.NewRequests(db, w.Queue, leaving.Options{Accounts: h.accounts, Register: h.register, Letters: h.outbox, Now: w.Clock.Now})
		test(t, h)
	})
}

// register is the issuer, which a test may have fail.
type register struct {
	departures issuer.Departures
	before     func(what string) error
}

func holder(p leaving.Person) issuer.Holder {
	return issuer.Holder{ID: p.Account, Addresses: p.Addresses, Sandbox: p.Sandbox}
}

func (r *register) fail(what string) error {
	if r.before == nil {
		return nil
	}
	return r.before(what)
}

func (r *register) Withdraw(ctx context.Context, p leaving.Person) error {
	return errors.Join(r.departures.Withdraw(ctx, holder(p)), r.fail("withdrawn"))
}

func (r *register) Erase(ctx context.Context, t *database.Tx, p leaving.Person, withdrawn bool) (int, error) {
	left, err := r.departures.Erase(ctx, t, holder(p), withdrawn)
	return left, errors.Join(err, r.fail("erased"))
}

// pocket takes codes.
type pocket struct{ code string }

func (p *pocket) Code(_ context.Context, _ *database.Tx, l earner.CodeLetter) error {
	p.code = l.Code
	return nil
}
func (*pocket) Added(context.Context, *database.Tx, earner.Added) error    { return nil }
func (*pocket) Changed(context.Context, *database.Tx, earner.Change) error { return nil }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// signIn confirms an address, for an account if one is named.
func (h *house) signIn(address, account string) leaving.Person {
	h.t.Helper()
	ctx, p, browser := h.t.Context(), new(pocket), earner.NewBrowser()
	accounts := earner.New(h.DB, earner.Options{Secret: h.Secret, Letters: p, Now: h.Clock.Now})
	r := earner.Request{Address: address, Browser: browser, Purpose: earner.SignIn}
	if account != "" {
		r.Purpose, r.Account = earner.AddAddress, account
	}
	_, err := accounts.Begin(ctx, r)
	h.must(err)
	out, err := accounts.Finish(ctx, earner.Answer{Browser: browser, Code: p.code, Account: account, Name: "Ana Ruiz", Language: "es"})
	h.must(err)
	list, err := accounts.Addresses(ctx, out.Account.ID)
	h.must(err)
	who := leaving.Person{Account: out.Account.ID}
	for _, d := range list {
		who.Addresses = append(who.Addresses, d.Address)
	}
	return who
}

// post records passes and signs what they earn.
func (h *house) post(results ...issuer.Result) (awards []*ledger.Award) {
	h.t.Helper()
	for _, r := range results {
		receipt, err := h.Record(h.t.Context(), h.Caller, r)
		h.must(err)
		awards = append(awards, receipt.Awards...)
	}
	h.Work(h.t)
	return awards
}

// after lets the days pass and does what is due then.
func (h *house) after(days int) {
	h.t.Helper()
	h.Clock.Advance(time.Duration(days) * 24 * time.Hour)
	_, err := h.requests.DoDue(h.t.Context())
	h.must(err)
	h.Work(h.t)
}

func (h *house) found(who leaving.Person) bool {
	h.t.Helper()
	_, found, err := h.requests.Find(h.t.Context(), who)
	h.must(err)
	return found
}

func (h *house) account(id string) bool {
	h.t.Helper()
	_, found, err := h.accounts.Account(h.t.Context(), id)
	h.must(err)
	return found
}

func (h *house) badge(id string) *credential.Badge {
	h.t.Helper()
	b, found, err := h.Published(h.t.Context(), id)
	if err != nil || !found {
		h.t.Fatal(id, found, err)
	}
	return b
}

// columns are all of the database, by table.
func columns(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	query := `
		SELECT m.name AS tab, p.name AS col
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%'`
	if db.Postgres() {
		query = `
			SELECT table_name AS tab, column_name AS col
			FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%'`
	}
	var rows []struct {
		Table  string `db:"tab"`
		Column string `db:"col"`
	}
	if err := db.Reader().Select(t.Context(), &rows, query); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, r := range rows {
		all[r.Table] = append(all[r.Table], r.Column)
	}
	return all
}

// mentions are the columns in which a text stands, whatever it stands in.
func (h *house) mentions(text string) (found []string) {
	h.t.Helper()
	for table, list := range columns(h.t, h.DB) {
		for _, column := range list {
			var n int
			_, err := h.DB.Reader().Get(h.t.Context(), &n, fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE CAST("%s" AS TEXT) LIKE ?`, table, column), "%"+text+"%")
			h.must(err)
			if n > 0 {
				found = append(found, table+"."+column)
			}
		}
	}
	slices.Sort(found)
	return found
}

// TestTraces reads the schema: what has an account, an address, a holder or a handle in it is in the one list of what
// goes with somebody who leaves.
func TestTraces(t *testing.T) {
	personal := regexp.MustCompile(`account|address|email|holder|recipient|handle`)
	each(t, func(t *testing.T, h *house) {
		all := columns(t, h.DB)
		for table, list := range all {
			for _, column := range list {
				named := slices.ContainsFunc(leaving.Traces, func(tr leaving.Trace) bool { return tr.Table == table && tr.Column == column })
				if personal.MatchString(column) && !named {
					t.Errorf("%s.%s leads to a person, and leaving.Traces does not say what becomes of it", table, column)
				}
			}
		}
		for _, trace := range leaving.Traces {
			if !slices.Contains(all[trace.Table], trace.Column) {
				t.Errorf("there is no %s.%s", trace.Table, trace.Column)
			}
		}
	})
}

// somebody is a person of whom there is something in every table.
func (h *house) somebody() (who leaving.Person, awards []*ledger.Award) {
	h.t.Helper()
	ctx := h.t.Context()
	other := issuertest.Pass("R-3", "E2", "2025-01-07")
	other.Candidate.Email = "ana@before.test"
	awards = h.post(other, issuertest.Pass("R-1", "E1", "2026-03-04"), issuertest.Pass("R-2", "E4", "2026-03-04"))
	_, err := h.CorrectEmail(ctx, h.Caller, "C-77", "ana@corrected.test", "a typing error")
	h.must(err)
	_, err = h.CorrectEmail(ctx, h.Caller, "C-77", "ana@home.test", "and back")
	h.must(err)
	h.Work(h.t)
	who = h.signIn("ana@home.test", "")
	who = h.signIn("ana@work.test", who.Account)
	who = h.signIn("ana_x@old.test", who.Account)
	h.must(h.accounts.Ways.RemoveAddress(ctx, who.Account, "ana_x@old.test", ""))
	h.must(h.accounts.Ways.Dismiss(ctx, who.Account, earner.LeavingHint))
	h.must(h.accounts.Choose(ctx, who.Account, earner.Choice{Automatic: true, Visibility: ledger.Public}))
	h.must(h.accounts.SetProfile(ctx, earner.Profile{Account: who.Account, Handle: "ana-ruiz", Shown: true}))
	h.must(h.accounts.Passkeys.Add(ctx, earner.Passkey{ID: "key", AccountID: who.Account, Record: "{}", Name: "Ana's phone"}))
	h.must(h.Present(ctx, holder(who), credential.Presentation{Name: credential.NameFull}))
	h.must(h.StopMailTo(ctx, holder(who), "ana@work.test", true))
	for _, a := range awards {
		if a.ID != awards[len(awards)-1].ID { // which waits
			h.must(h.Accept(ctx, holder(who), a.ID, ledger.ByLink))
		}
	}
	who.Addresses = []string{"ana@home.test", "ana@work.test"}
	return who, awards
}

// erased are all traces of the addresses, the account and its passkey.
func (h *house) erased(who leaving.Person, but ...string) {
	h.t.Helper()
	for _, trace := range append([]string{who.Account, "ana@", "ana_x", "ana-ruiz", "Ana's phone"}, who.Addresses...) {
		found := slices.DeleteFunc(h.mentions(trace), func(column string) bool { return slices.Contains(but, column) })
		if len(found) > 0 {
			h.t.Errorf("%q still stands in %v", trace, found)
		}
	}
}

// TestKeepingCertifications: until the fourteenth day nothing changes; then account and contact data are gone from every
// column of the database, the register has who passed what, and badges stand and are seen by nobody.
//
// row 110: a badge whose holder left is seen by nobody, and still stands.
func TestKeepingCertifications(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who, awards := h.somebody()
		asked, err := h.requests.Ask(ctx, who, leaving.Leave, "es")
		h.must(err)
		if again, err := h.requests.Ask(ctx, who, leaving.Erase, "fr"); err != nil || again != asked {
			t.Errorf("asked again: %+v, %v; want %+v", again, err, asked)
		}
		h.after(13)
		if b := h.badge(awards[0].ID); !h.account(who.Account) || !b.Award.Shown() || b.Award.Holder != who.Account {
			t.Fatal("something changed before the fourteenth day")
		}
		h.after(1)
		if h.found(who) || h.account(who.Account) {
			t.Fatal("nothing was done on the fourteenth day")
		}
		h.erased(who, "letter.recipient", "letter.about", "letter_copy.body", "letter_copy.content", "letter_copy.name")
		for _, a := range awards {
			b := h.badge(a.ID)
			if b.Award.Shown() || b.Award.Holder != "" || !b.Award.Stands() || b.HolderName != "Ana Ruiz" || len(b.CredentialJWT().Body) == 0 {
				t.Errorf("%s: %+v", a.Code, b.Award)
			}
		}
		var c struct{ Name, Email string }
		_, err = h.DB.Reader().Get(ctx, &c, `SELECT name, email FROM candidate WHERE number = 'C-77'`)
		h.must(err)
		if c.Name != "Ana Ruiz" || !strings.HasSuffix(c.Email, "@erased.invalid") {
			t.Errorf("the register has %q at %q", c.Name, c.Email)
		}
		if list, _, err := h.Results(ctx, h.Caller, issuer.Page{Limit: 10}); err != nil || len(list) != 3 {
			t.Errorf("the register has %d results, %v", len(list), err)
		}
		letters := h.lastLetters()
		if len(letters) != 2 || !strings.Contains(letters[0], "último correo") {
			t.Errorf("last letters: %q", letters)
		}
		h.after(8)
		h.must(h.outbox.Forget(ctx))
		h.erased(who)

		// A mail is never written again to whom nobody can reach, and the handle leads to nobody else.
		before := len(h.Letters.Offers())
		r := issuertest.Pass("R-9", "E3", "2026-03-06")
		r.Candidate.Email = c.Email
		h.post(r)
		if len(h.Letters.Offers()) != before {
			t.Error("somebody who left is written to")
		}
		ben := h.signIn("ben@work.test", "")
		if err := h.accounts.SetProfile(ctx, earner.Profile{Account: ben.Account, Handle: "ana-ruiz", Shown: true}); err == nil {
			t.Error("the handle of somebody who left is somebody else's")
		}
	})
}

// lastLetters are the texts of the letters that stay here about somebody's leaving.
func (h *house) lastLetters() (list []string) {
	h.t.Helper()
	h.must(h.DB.Reader().Select(h.t.Context(), &list, `
		SELECT c.body
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE l.kind = 'leaving'
		ORDER BY c.place`))
	return list
}

// TestErasingEverything: badges are withdrawn at the holder's request, what was signed is gone, and lists say so.
func TestErasingEverything(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who, awards := h.somebody()
		_, err := h.requests.Ask(ctx, who, leaving.Erase, "en")
		h.must(err)
		// A process is killed after the badges were withdrawn, and again in the middle of erasing.
		fails := 2
		h.register.before = func(what string) error {
			if fails > 0 && (what == "withdrawn") == (fails == 2) {
				fails--
				return errors.New("killed")
			}
			return nil
		}
		h.after(14)
		for range 2 {
			h.Clock.Advance(time.Hour) // when it is tried again
			h.Work(t)
		}
		if fails > 0 || h.found(who) || h.account(who.Account) {
			t.Fatalf("it was not finished after it had failed, %d to go", fails)
		}
		h.Clock.Advance(8 * 24 * time.Hour)
		h.must(h.outbox.Forget(ctx))
		h.erased(who)
		for _, a := range awards {
			b := h.badge(a.ID)
			if b.Award.Shown() || b.Award.RevokedAt == nil || b.Award.Reason != "holder request" || b.HolderName != "" || len(b.CredentialJWT().Body) > 0 {
				t.Errorf("%s: %+v holder %q", a.Code, b.Award, b.HolderName)
			}
			history, err := h.AwardHistory(ctx, h.Caller, a.ID)
			h.must(err)
			last := history[len(history)-1]
			if last.Change != "revoked" || last.Actor.Kind != ledger.ByPerson || last.Reason != "holder request" {
				t.Errorf("%s: the history ends with %+v", a.Code, last)
			}
		}
		// The same exams earn nothing again.
		if got := h.post(issuertest.Pass("R-1", "E1", "2026-03-04")); slices.ContainsFunc(got, func(a *ledger.Award) bool { return a.Stands() }) {
			t.Error("a repeated result earned a badge")
		}
	})
}

// TestChangingOnesMind: taken back, nothing happens on the day; on the last day either the one or the other wins.
func TestChangingOnesMind(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.signIn("ana@home.test", "")
		_, err := h.requests.Ask(ctx, who, leaving.Leave, "en")
		h.must(err)
		for _, want := range []bool{true, false} {
			if kept, err := h.requests.Keep(ctx, who); err != nil || kept != want {
				t.Errorf("kept %v, %v; want %v", kept, err, want)
			}
		}
		h.after(20)
		if !h.account(who.Account) || h.found(who) {
			t.Fatal("it was done although it was taken back")
		}
		changes, err := h.accounts.Ways.Changes(ctx, who.Account)
		h.must(err)
		if len(changes) != 2 || changes[0].Kind != leaving.DeletionKept || changes[1].Kind != leaving.DeletionAsked {
			t.Errorf("written down: %+v", changes)
		}

		for n := range 6 {
			who := h.signIn(fmt.Sprintf("ana%d@home.test", n), "")
			_, err := h.requests.Ask(ctx, who, leaving.Leave, "en")
			h.must(err)
			h.Clock.Advance(leaving.Wait)
			var kept bool
			var did int
			var all sync.WaitGroup
			all.Go(func() {
				k, err := h.requests.Keep(ctx, who)
				if kept = k; err != nil {
					t.Error(err)
				}
			})
			for range 3 { // processes
				all.Go(func() {
					if _, err := h.requests.DoDue(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			done, err := h.Queue.Drain(ctx)
			did += done
			h.must(err)
			if kept != h.account(who.Account) || h.found(who) {
				t.Errorf("kept %v, and the account is there: %v, after %d jobs", kept, h.account(who.Account), did)
			}
		}
	})
}

// TestAskingAtOnce: one request, one letter to each address.
func TestAskingAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		who := h.signIn("ana@home.test", "")
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				if _, err := h.requests.Ask(t.Context(), who, []string{leaving.Leave, leaving.Erase}[n%2], "en"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		h.Work(t)
		if got := h.lastLetters(); len(got) != 1 {
			t.Errorf("got %d letters", len(got))
		}
	})
}

// TestLeavingWhileOthersWork: a letter, a job that accepts badges and a new result at the same moment leave nothing
// behind.
func TestLeavingWhileOthersWork(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who, _ := h.somebody()
		_, err := h.requests.Ask(ctx, who, leaving.Erase, "en")
		h.must(err)
		h.Clock.Advance(leaving.Wait)
		_, err = h.requests.DoDue(ctx)
		h.must(err)
		var all sync.WaitGroup
		all.Go(func() {
			for n, exam := range []string{"E7", "E3", "E5"} {
				r := issuertest.Pass(fmt.Sprint("R-2", n), exam, "2024-03-04")
				r.Candidate.Email = "ana@home.test"
				if _, err := h.Record(ctx, h.Caller, r); err != nil {
					t.Error(err)
				}
				if _, err := h.IssuePending(ctx); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			if _, err := h.Queue.Drain(ctx); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		h.Work(t)
		if h.account(who.Account) || h.found(who) {
			t.Error("it was not done")
		}
		if found := h.mentions(who.Account); len(found) > 0 {
			t.Errorf("the account still stands in %v", found)
		}
	})
}
