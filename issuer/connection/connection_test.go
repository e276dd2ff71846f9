package connection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
)

// told are the changes that accounts were told of.
type told struct {
	mu   sync.Mutex
	list []string
}

func (l *told) Tell(_ context.Context, _ *database.Tx, account, change, what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, account+" "+change+" "+what)
	return nil
}

func open(w *World) (*connection.Connections, *told) {
	l := &told{}
	return connection.New(w.DB, w.Queue, l, w.Clock.Now), l
}

// pass is a passed exam of a candidate.
func pass(id, candidate, exam, address string) issuer.Result {
	r := Pass(id, exam, "2026-01-01")
	r.Candidate.ID, r.Candidate.Email = candidate, address
	return r
}

func record(t testing.TB, w *World, r issuer.Result) string {
	t.Helper()
	got, err := w.Record(context.Background(), w.Caller, r)
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if len(got.Awards) == 0 {
		return ""
	}
	return got.Awards[0].ID
}

func holder(id string, addresses ...string) issuer.Holder {
	return issuer.Holder{ID: id, Addresses: addresses}
}

func who(id string, addresses ...string) connection.Who {
	return connection.Who{Account: id, Name: "Ana Ruiz", Addresses: addresses}
}

func accountOf(t testing.TB, w *World, candidate string) (account string) {
	t.Helper()
	err := w.DB.InTx(context.Background(), func(t *database.Tx) (err error) {
		account, err = connection.Connected(context.Background(), t, w.Caller.ID, candidate)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func code(err error) string {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// row 43: accepting a badge connects its profile, and what comes later is there without any action, wherever it is sent.
func TestAcceptedOnceAndNeverThoughtOfAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		ana := holder("acc_ana", "ana@home.test")
		first := record(t, w, pass("R-1", "C-77", "E2", "ana@home.test"))
		if got := accountOf(t, w, "C-77"); got != "" {
			t.Errorf("before: got account %q", got)
		}
		if err := w.Accept(ctx, ana, first, ledger.ByLink); err != nil {
			t.Fatal(err)
		}
		p, found, err := cs.Of(ctx, ana.ID)
		if err != nil || !found || accountOf(t, w, "C-77") != ana.ID || p.Name != "Ana Ruiz" || p.Numbers[0] != "C-77" || p.Exams != 1 || p.Since == nil {
			t.Errorf("got %+v, found %v, error %v", p, found, err)
		}
		other := record(t, w, pass("R-2", "C-88", "E4", "ana@home.test"))
		if err := w.Accept(ctx, ana, other, ledger.ByLink); err != nil || accountOf(t, w, "C-88") != "" {
			t.Errorf("a second profile: error %v, account %q", err, accountOf(t, w, "C-88"))
		}
		moved := pass("R-3", "C-77", "E3", "ana@moved.test")
		moved.TakenAt = moved.TakenAt.AddDate(0, 1, 0)
		record(t, w, moved)
		list, err := w.Backpack(ctx, ana)
		results, failed := w.Transcript(ctx, ana)
		if err != nil || failed != nil || len(list) != 4 || len(results) != 3 {
			t.Errorf("got %d badges and %d results, errors %v and %v, want E2, E4, E3 and C2 of 3 results", len(list), len(results), err, failed)
		}
		history, err := cs.History(ctx, ana.ID)
		if err != nil || len(history) != 1 || history[0].Kind != connection.Made || history[0].How != connection.ByAccepting || history[0].Actor.Name != "Ana Ruiz" ||
			history[0].Actor.Kind != ledger.ByPerson {
			t.Errorf("got history %+v, error %v", history, err)
		}
	})
}

// row 42: connecting shows what there is first, and is the same however often it is asked for.
func TestConnectAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		for n, exam := range []string{"E1", "E2", "E3"} {
			record(t, w, pass(fmt.Sprint("R-", n), "C-77", exam, "ana@home.test"))
		}
		found, err := cs.At(ctx, []string{"ana@home.test"}, false)
		if err != nil || len(found) != 1 || found[0].Exams != 3 || found[0].Certifications != 2 || found[0].Account != "" {
			t.Fatalf("got %+v, error %v, want one free profile with 3 exams and 2 certifications", found, err)
		}
		var first connection.Connection
		for n := range 3 {
			got, err := cs.Connect(ctx, who("acc_ana", "ana@home.test"), found[0].Candidate, connection.ByAddress)
			if n == 0 {
				first = got
			}
			if err != nil || got.Candidate != first.Candidate || !got.Since.Equal(first.Since) {
				t.Errorf("got %+v, error %v, want %+v again", got, err, first)
			}
			w.Clock.Advance(1e9)
		}
		if history, err := cs.History(ctx, "acc_ana"); err != nil || len(history) != 1 {
			t.Errorf("got %d entries, error %v, want one", len(history), err)
		}
		if _, err := cs.Connect(ctx, who("acc_eve", "eve@home.test"), found[0].Candidate, connection.ByAddress); code(err) != connection.Unknown {
			t.Errorf("a stranger: got %v", err)
		}
		sandboxed := who("acc_dev", "ana@home.test")
		sandboxed.Sandbox = true
		if _, err := cs.Connect(ctx, sandboxed, found[0].Candidate, connection.ByAddress); code(err) != connection.Unknown {
			t.Errorf("from a sandbox: got %v", err)
		}
	})
}

// row 44: of parallel connects of an account with different profiles, and of accounts with one profile, one succeeds.
func TestConnectAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		const many = 4
		for n := range many {
			record(t, w, pass(fmt.Sprint("R-", n), fmt.Sprint("C-", n), "E4", "ana@home.test"))
		}
		profiles, err := cs.At(ctx, []string{"ana@home.test"}, false)
		if err != nil || len(profiles) != many {
			t.Fatalf("got %d profiles, error %v", len(profiles), err)
		}
		codes := atOnce(many, func(n int) error {
			_, err := cs.Connect(ctx, who("acc_ana", "ana@home.test"), profiles[n].Candidate, connection.ByAddress)
			return err
		})
		if want := []string{"", "already_connected", "already_connected", "already_connected"}; !slices.Equal(codes, want) {
			t.Errorf("one account, several profiles: got %q, want %q", codes, want)
		}
		record(t, w, pass("R-9", "C-9", "E4", "bo@home.test"))
		one, err := cs.At(ctx, []string{"bo@home.test"}, false)
		if err != nil || len(one) != 1 {
			t.Fatal(one, err)
		}
		codes = atOnce(many, func(n int) error {
			_, err := cs.Connect(ctx, who(fmt.Sprint("acc_", n), "bo@home.test"), one[0].Candidate, connection.ByAddress)
			return err
		})
		if want := []string{"", "connected_elsewhere", "connected_elsewhere", "connected_elsewhere"}; !slices.Equal(codes, want) {
			t.Errorf("several accounts, one profile: got %q, want %q", codes, want)
		}
	})
}

func atOnce(n int, do func(n int) error) []string {
	codes := make([]string, n)
	var wg sync.WaitGroup
	for k := range n {
		wg.Go(func() { codes[k] = code(do(k)) })
	}
	wg.Wait()
	slices.Sort(codes)
	return codes
}

// row 3: a profile that moves takes its badges along, and what it was connected to keeps the rest.
func TestMove(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, l := open(w)
		old := holder("acc_old", "ben@home.test", "other@home.test")
		award := record(t, w, pass("R-1", "C-77", "E4", "ben@home.test"))
		other := record(t, w, pass("R-2", "C-78", "E4", "other@home.test"))
		for _, id := range []string{award, other} {
			if err := w.Accept(ctx, old, id, ledger.Public); err != nil {
				t.Fatal(err)
			}
		}
		p, _, err := cs.Of(ctx, old.ID)
		if err != nil || p.Numbers[0] != "C-77" {
			t.Fatal(p, err)
		}
		ben := who("acc_ben", "ben@work.test", "ben@home.test") // shown by a code
		if _, err := cs.Connect(ctx, ben, p.Candidate, connection.ByCode); code(err) != connection.ConnectedElsewhere {
			t.Errorf("not asked to move: got %v", err)
		}
		for range 2 {
			if _, err := cs.Move(ctx, ben, p.Candidate, connection.ByCode); err != nil {
				t.Fatal(err)
			}
		}
		w.Work(t)
		if got := accountOf(t, w, "C-77"); got != "acc_ben" {
			t.Errorf("got account %q", got)
		}
		mine, err := w.Backpack(ctx, holder("acc_ben", "ben@work.test"))
		if err != nil || len(mine) != 1 || mine[0].Award.ID != award || mine[0].Award.Visibility != ledger.Public {
			t.Errorf("got %d badges, error %v, want the one of the profile, as public as before", len(mine), err)
		}
		left, err := w.Backpack(ctx, old)
		if err != nil || len(left) != 1 || left[0].Award.ID != other {
			t.Errorf("got %d badges left, error %v, want that of the other profile", len(left), err)
		}
		if want := []string{"acc_old profile_given Ana Ruiz", "acc_ben profile_moved Ana Ruiz"}; !slices.Equal(l.list, want) {
			t.Errorf("told %q, want %q", l.list, want)
		}
		if err := w.Accept(ctx, old, record(t, w, pass("R-3", "C-79", "E4", "other@home.test")), ledger.ByLink); err != nil || accountOf(t, w, "C-79") != old.ID {
			t.Errorf("the old account is free again: error %v, account %q", err, accountOf(t, w, "C-79"))
		}
	})
}

// TestReusedID: a partner uses an id again for somebody else, whom the account of the first never meets; and a wrong
// address gives nothing once it is corrected.
func TestReusedID(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		ana := holder("acc_ana", "ana@home.test")
		if err := w.Accept(ctx, ana, record(t, w, pass("R-1", "C-77", "E2", "ana@home.test")), ledger.ByLink); err != nil {
			t.Fatal(err)
		}
		next := pass("R-2", "C-77", "E4", "zoe@other.test")
		next.Candidate.Name, next.TakenAt = "Zoe Quux", next.TakenAt.AddDate(0, 1, 0)
		record(t, w, next)
		if got := reach(t, w, ana); got != "E2" {
			t.Errorf("the first person reaches %q", got)
		}
		zoe := who("acc_zoe", "zoe@other.test")
		found, err := cs.At(ctx, zoe.Addresses, false)
		if err != nil || len(found) != 1 || found[0].Account != "" {
			t.Fatalf("got %+v, error %v, want a profile that is free for the second person", found, err)
		}
		if _, err := cs.Connect(ctx, zoe, found[0].Candidate, connection.ByAddress); err != nil || accountOf(t, w, "C-77") != "acc_zoe" {
			t.Errorf("error %v, account %q", err, accountOf(t, w, "C-77"))
		}
		if got := reach(t, w, holder("acc_zoe")); got != "E4" {
			t.Errorf("the second person reaches %q", got)
		}

		wrong := record(t, w, pass("R-5", "C-90", "E4", "eve@typo.test"))
		w.Accounts["acc_eve"] = []string{"eve@typo.test"}
		if err := w.Accept(ctx, holder("acc_eve", "eve@typo.test"), wrong, ledger.ByLink); err != nil || accountOf(t, w, "C-90") != "acc_eve" {
			t.Fatal(err, accountOf(t, w, "C-90"))
		}
		if _, err := w.CorrectEmail(ctx, w.Caller, "C-90", "ivy@right.test", "a typing error"); err != nil {
			t.Fatal(err)
		}
		history, err := cs.History(ctx, "acc_eve")
		if err != nil || accountOf(t, w, "C-90") != "" || len(history) != 2 || history[0].Kind != connection.Ended || history[0].Actor.Kind != ledger.ByPartner {
			t.Errorf("after the correction: account %q, history %+v, error %v", accountOf(t, w, "C-90"), history, err)
		}
		if got := reach(t, w, holder("acc_eve", "eve@typo.test")); got != "" {
			t.Errorf("the wrong address reaches %q", got)
		}
	})
}

func reach(t testing.TB, w *World, h issuer.Holder) string {
	t.Helper()
	list, err := w.Backpack(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, b := range list {
		if owns, err := w.Owns(context.Background(), h, b.Award); err != nil || !owns {
			t.Errorf("%s has %s in the backpack and does not own it (error %v)", h.ID, b.Award.Code, err)
		}
		codes = append(codes, b.Award.Code)
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// row 10: an attempt is found again for a day, whoever is signed in, and the same one while it is open.
func TestAttempt(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		a, err := cs.Begin(ctx, "acc_ben", "browser", "ben@home.test")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := cs.Begin(ctx, "acc_ben", "browser", "ben@home.test"); err != nil || again.ID != a.ID {
			t.Errorf("got %+v, error %v, want the same again", again, err)
		}
		other, err := cs.Begin(ctx, "acc_ben", "another", "ben@home.test")
		if err != nil || other.ID == a.ID || other.In("browser") || !other.In("another") || !a.In("browser") || a.In("another") || a.In("") {
			t.Errorf("got %+v in another browser, error %v", other, err)
		}
		if err := cs.Prove(ctx, a); err != nil {
			t.Fatal(err)
		}
		got, found, err := cs.Attempt(ctx, a.ID)
		if err != nil || !found || got.Proved == nil || got.Email != "ben@home.test" || got.Account != "acc_ben" {
			t.Errorf("got %+v, found %v, error %v", got, found, err)
		}
		for n := range 40 {
			_, err = cs.Begin(ctx, "acc_ben", "browser", fmt.Sprintf("a%d@home.test", n))
		}
		if code(err) != "too_many_requests" {
			t.Errorf("after 40 addresses: got %v", err)
		}
		w.Clock.Advance(25 * 3600e9)
		if _, found, err := cs.Attempt(ctx, a.ID); err != nil || found {
			t.Errorf("a day later: found %v, error %v", found, err)
		}
		if _, err := cs.Begin(ctx, "acc_ben", "browser", "ben@home.test"); err != nil {
			t.Error(err)
		}
	})
}

// row 20: asking twice to be brought together is one request, which can be listed; an account that is deleted takes all
// that is kept of it along.
func TestRequests(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := context.Background(), On(t, db)
		cs, _ := open(w)
		r := connection.Request{Kind: connection.Accounts, Account: "acc_a", Other: "acc_b", How: "code"}
		first, err := cs.Ask(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := cs.Ask(ctx, r); err != nil || again.ID != first.ID {
			t.Errorf("got %+v, error %v, want %s again", again, err, first.ID)
		}
		list, err := cs.Requests(ctx, connection.Request{})
		if err != nil || len(list) != 1 || list[0].ID != first.ID {
			t.Errorf("got %+v, error %v", list, err)
		}
		if list, err := cs.Requests(ctx, list[0]); err != nil || len(list) != 0 {
			t.Errorf("after the last one: got %+v, error %v", list, err)
		}
	})
}
