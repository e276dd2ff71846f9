package issuer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// of is a result of somebody under Ana's candidate id.
func of(r issuer.Result, name, email string) issuer.Result {
	r.Candidate.Name, r.Candidate.Email = name, email
	return r
}

func account(id string, addresses ...string) issuer.Holder {
	return issuer.Holder{ID: id, Addresses: addresses}
}

// reach are the codes of the badges that a holder may take or has, in order.
func reach(t testing.TB, w *World, h issuer.Holder) string {
	t.Helper()
	list, err := w.Backpack(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, b := range list {
		owns, err := w.Owns(context.Background(), h, b.Award)
		if err != nil || !owns {
			t.Errorf("%s has %s in the backpack and does not own it (error %v)", h.ID, b.Award.Code, err)
		}
		codes = append(codes, b.Award.Code+" "+b.Award.State)
	}
	slices.Sort(codes)
	return strings.Join(codes, ", ")
}

// sent are the letters with offers so far: to whom, and what.
func sent(w *World) (list []string) {
	for _, l := range w.Letters.Offers() {
		var codes []string
		for _, b := range l.Badges {
			codes = append(codes, b.Award.Code)
		}
		slices.Sort(codes)
		list = append(list, l.Email+" "+strings.Join(codes, " "))
	}
	return list
}

func token(l issuer.OfferLetter) string { return strings.TrimPrefix(l.ClaimURL, BaseURL+"/claim/") }

// TestSomebodyElsesResult: whatever a result under Ana's id says of Mallory, she gets neither Ana's badge nor her
// offer (trials A1).
func TestSomebodyElsesResult(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	mallory := account("acc_mallory", "mallory@other.test")
	for name, change := range map[string]func(*issuer.Result){
		"held":      func(r *issuer.Result) { r.Identity = &issuer.IdentityCheck{Method: "passport"} },
		"failed":    func(r *issuer.Result) { r.Outcome = programme.Fail },
		"no-show":   func(r *issuer.Result) { r.Outcome = programme.NoShow },
		"unchecked": func(r *issuer.Result) { r.Outcome, r.Identity = programme.Fail, &issuer.IdentityCheck{} },
		"late":      func(r *issuer.Result) { r.TakenAt = r.TakenAt.AddDate(-1, 0, 0) },
		"passed":    func(r *issuer.Result) {},
		"voided":    func(r *issuer.Result) {},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t)
			id := record(t, w, Pass("R-1", "E4", "2026-02-01")).Awards[0].ID
			w.Work(t)
			link := token(w.Letters.Offers()[0])
			r := of(Pass("R-2", "E2", "2026-03-01"), "Mallory", "mallory@other.test")
			change(&r)
			record(t, w, r)
			if name == "voided" {
				if _, err := w.Void(ctx, w.Caller, "R-2", "wrong person"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Resend(ctx, w.Caller, id); err != nil {
				t.Fatal(err)
			}
			for _, address := range []string{"mallory@other.test", "ana@home.test"} {
				if err := w.SendAgain(ctx, address); err != nil {
					t.Fatal(err)
				}
			}
			w.Work(t)
			if err := w.Accept(ctx, mallory, id, ledger.Public); code(err) != "not_found" {
				t.Errorf("Mallory accepts Ana's badge: %v", err)
			}
			if got := reach(t, w, mallory); strings.Contains(got, "E4") {
				t.Errorf("Mallory reaches %s", got)
			}
			for _, letter := range sent(w) {
				if strings.HasPrefix(letter, "mallory") && strings.Contains(letter, "E4") {
					t.Errorf("got a letter %s", letter)
				}
			}
			if c, found, err := w.Claim(ctx, link); err != nil || !found || c.Email != "ana@home.test" {
				t.Errorf("Ana's link leads to %v, error %v", c, err)
			}
			if err := w.Accept(ctx, ana, id, ledger.Public); err != nil {
				t.Errorf("Ana: %v", err)
			}
			if name := published(t, w, id).HolderName; name != "Ana Ruiz" {
				t.Errorf("Ana's badge names %s", name)
			}
		})
	}
}

// TestBackfill: results in any order leave the person with the newest address and name, and everything waits there
// (trials A2).
func TestBackfill(t *testing.T) {
	t.Parallel()
	newest := of(Pass("R-2026", "E4", "2026-02-01"), "Ana Gomez", "ana.new@home.test")
	before := of(Pass("R-2022", "E2", "2022-02-01"), "Ana Ruiz", "ana@oldjob.test")
	for name, order := range map[string][]issuer.Result{"backfill": {newest, before}, "in order": {before, newest}} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := On(t, db)
				for _, r := range order {
					record(t, w, r)
					w.Work(t)
				}
				if _, err := w.Resend(t.Context(), w.Caller, receipt(t, w, "R-2026").Awards[0].ID); err != nil {
					t.Fatal(err)
				}
				w.Work(t)
				if got := reach(t, w, account("acc_new", "ana.new@home.test")); got != "E2 offered, E4 offered" {
					t.Errorf("at the newest address: got %s", got)
				}
				if got := reach(t, w, account("acc_old", "ana@oldjob.test")); got != "" {
					t.Errorf("at the address before: got %s", got)
				}
				letters := sent(w)
				if last := letters[len(letters)-1]; last != "ana.new@home.test E2 E4" {
					t.Errorf("got letters %v", letters)
				}
				if name == "backfill" && slices.ContainsFunc(letters, func(l string) bool { return strings.Contains(l, "oldjob") }) {
					t.Errorf("got letters %v, want none to the address before", letters)
				}
				for _, id := range []string{"R-2022", "R-2026"} {
					if n := published(t, w, receipt(t, w, id).Awards[0].ID).HolderName; n != "Ana Gomez" {
						t.Errorf("%s names %s", id, n)
					}
				}
			})
		})
	}
}

func receipt(t testing.TB, w *World, id string) issuer.Receipt {
	t.Helper()
	r, err := w.Result(context.Background(), w.Caller, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOffersFollow: an offer that waits goes along to another address of the same person, by a later result or by a
// correction: one new letter with a link, the links of before end, and the badge names the new address.
func TestOffersFollow(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(t *testing.T, w *World){
		"a later pass": func(t *testing.T, w *World) {
			record(t, w, of(Pass("R-2", "E2", "2026-02-01"), "Ana Ruiz", "ana@new.test"))
		},
		"a later failure": func(t *testing.T, w *World) {
			r := of(Pass("R-2", "E2", "2026-02-01"), "Ana Ruiz", "ana@new.test")
			r.Outcome = programme.Fail
			record(t, w, r)
		},
		"a correction": func(t *testing.T, w *World) {
			for _, want := range []int{1, 0} {
				if changed, err := w.CorrectEmail(t.Context(), w.Caller, "C-77", "Ana@New.test", "a slip"); err != nil || len(changed) != want {
					t.Errorf("got %d badges, error %v, want %d", len(changed), err, want)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := On(t, db)
				id := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
				w.Work(t)
				move(t, w)
				w.Work(t)
				want := []string{"ana@home.test E4", "ana@new.test E4"}
				if name == "a later pass" {
					want[1] = "ana@new.test E2 E4"
				}
				if got := sent(w); !slices.Equal(got, want) {
					t.Errorf("got letters %v, want %v", got, want)
				}
				if c, found, err := w.Claim(t.Context(), token(w.Letters.Offers()[0])); err != nil || !found || c.ReplacedAt == nil {
					t.Errorf("the first link is still good: %+v, %v", c, err)
				}
				if c, found, err := w.Claim(t.Context(), token(w.Letters.Offers()[1])); err != nil || !found || c.ReplacedAt != nil || c.Email != "ana@new.test" {
					t.Errorf("the second link is not good: %+v, %v", c, err)
				}
				if err := w.Accept(t.Context(), ana, id, ledger.Public); code(err) != "not_found" {
					t.Errorf("at the address before: %v", err)
				}
				if err := w.Accept(t.Context(), account("acc_new", "ana@new.test"), id, ledger.Public); err != nil {
					t.Errorf("at the new address: %v", err)
				}
				b := published(t, w, id)
				if doc := string(mustDocument(t, w.CredentialJSON, b)); !strings.Contains(doc, openbadge.HashIdentity("ana@new.test", b.Award.Salt)) {
					t.Error("the badge does not name the new address")
				}
				if n := count(t, w, "candidate.updated"); n != 1 {
					t.Errorf("got %d events candidate.updated, want 1", n)
				}
			})
		})
	}
}

func count(t testing.TB, w *World, event string) (n int) {
	t.Helper()
	if _, err := w.DB.Reader().Get(context.Background(), &n, `SELECT COUNT(*) FROM partner_event WHERE type = ?`, event); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOneOfTwoOffersFollows: of two badges that one letter offered, a late result gives the first to somebody else,
// who gets a letter although the link of the one before stays good for the other badge.
func TestOneOfTwoOffersFollows(t *testing.T) {
	t.Parallel()
	w := New(t)
	record(t, w, Pass("R-1", "E4", "2026-01-10"))
	record(t, w, Pass("R-2", "E3", "2026-01-11"))
	w.Work(t)
	late := of(Pass("R-0", "E4", "2026-01-05"), "Bea Sanz", "bea@home.test")
	e, err := w.Explain(context.Background(), w.Caller, late)
	if err != nil || len(e.Offers) != 1 || e.Offers[0].Email != "bea@home.test" || len(e.Offers[0].Badges) != 1 {
		t.Errorf("got %+v, error %v, want E4 offered to Bea", e, err)
	}
	record(t, w, late)
	w.Work(t)
	if got, want := sent(w), []string{"ana@home.test E3 E4", "bea@home.test E4"}; !slices.Equal(got, want) {
		t.Errorf("got letters %q, want %q", got, want)
	}
}

// TestOffersReachTheProfile: the account that has accepted from a profile sees what is offered to it at another
// address, and so does the one that has confirmed that address (row 121).
func TestOffersReachTheProfile(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		first := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		if err := w.Accept(t.Context(), ana, first, ledger.Public); err != nil {
			t.Fatal(err)
		}
		second := record(t, w, of(Pass("R-2", "E2", "2026-02-01"), "Ana Ruiz", "ana@work.test")).Awards[0].ID
		for _, c := range []struct {
			holder issuer.Holder
			want   string
		}{
			{ana, "E2 offered, E4 accepted"},
			{account("acc_work", "ana@work.test"), "E2 offered"},
			{account("acc_old", "ana@home.test"), ""},
			{account("acc_other", "ben@work.test"), ""},
		} {
			if got := reach(t, w, c.holder); got != c.want {
				t.Errorf("%s: got %s, want %s", c.holder.ID, got, c.want)
			}
		}
		if list, err := w.Transcript(t.Context(), ana); err != nil || len(list) != 2 {
			t.Errorf("got %d results, error %v, want both", len(list), err)
		}
		if err := w.Accept(t.Context(), ana, second, ledger.Public); err != nil {
			t.Error(err)
		}
		if b := published(t, w, first); b.Award.State != ledger.Accepted {
			t.Errorf("the first badge is %s", b.Award.State)
		}
	})
}

// TestCorrectEmailTakesBack: what a wrong address alone gave access to was never its owner's; other addresses of the
// same profile keep what they give.
func TestCorrectEmailTakesBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		for name, c := range map[string]struct {
			addresses []string // of the account that accepted
			kept      bool
		}{
			"only the wrong one":     {[]string{"stranger@home.test"}, false},
			"the right one as well":  {[]string{"stranger@home.test", "ana@home.test"}, true},
			"an earlier one as well": {[]string{"ana@school.test", "stranger@home.test"}, true},
			"neither of them":        {[]string{"ana@elsewhere.test"}, true},
		} {
			t.Run(name, func(t *testing.T) {
				w := On(t, db)
				who := account("acc_"+name, "stranger@home.test")
				w.Accounts[who.ID] = c.addresses
				candidate := "C-" + name
				mine := func(r issuer.Result) issuer.Result { r.ID, r.Candidate.ID = r.ID+name, candidate; return r }
				record(t, w, mine(of(Pass("R-0", "E5", "2020-01-01"), "Ana Ruiz", "ana@school.test")))
				id := record(t, w, mine(of(Pass("R-1", "E4", "2026-01-01"), "Ana Ruiz", "stranger@home.test"))).Awards[0].ID
				w.Work(t)
				if err := w.Accept(ctx, who, id, ledger.Public); err != nil {
					t.Fatal(err)
				}
				if _, err := w.CorrectEmail(ctx, w.Caller, candidate, "ana@home.test", "a slip"); err != nil {
					t.Fatal(err)
				}
				w.Work(t)
				b := published(t, w, id)
				if kept := b.Award.State == ledger.Accepted && b.Award.Holder == who.ID; kept != c.kept {
					t.Fatalf("got %s, holder %s", b.Award.State, b.Award.Holder)
				}
				if doc := string(mustDocument(t, w.CredentialJSON, b)); !strings.Contains(doc, openbadge.HashIdentity("ana@home.test", b.Award.Salt)) {
					t.Error("the badge names the wrong address")
				}
				var told []string
				for _, n := range w.Letters.Told() {
					if n.Kind == issuer.NoticeReturned {
						told = append(told, n.Email+n.Name)
					}
				}
				right := account("acc_right", "ana@home.test")
				if c.kept {
					if len(told) != 0 || b.Award.Shown() != true {
						t.Errorf("told %v, shown %v", told, b.Award.Shown())
					}
					return
				}
				if !slices.Equal(told, []string{"stranger@home.test"}) {
					t.Errorf("told %v, want the account", told)
				}
				if err := w.Accept(ctx, who, id, ledger.Public); code(err) != "not_found" {
					t.Errorf("the stranger accepts again: %v", err)
				}
				letters := sent(w)
				if last := letters[len(letters)-1]; !strings.HasPrefix(last, "ana@home.test ") || !strings.Contains(last, "E4") {
					t.Errorf("got letters %v", letters)
				}
				if err := w.Accept(ctx, right, id, ledger.ByLink); err != nil {
					t.Error(err)
				}
				repeat := mine(of(Pass("R-2", "E2", "2026-03-01"), "Ana Ruiz", "stranger@home.test"))
				repeat.TakenAt = w.Clock.Now()
				record(t, w, repeat)
				if got := storedFacts(t, w, candidate).Email; got != "ana@home.test" {
					t.Errorf("a feed that is behind brings back %s", got)
				}
			})
		}
		w := On(t, db)
		record(t, w, Pass("R-9", "E4", "2026-01-01"))
		for _, c := range [][3]string{{"C-78", "ana@home.test", "r"}, {"C-77", "ana", "r"}, {"C-77", "ana@home.test", ""}, {"\xff", "ana@home.test", "r"}} {
			if _, err := w.CorrectEmail(ctx, w.Caller, c[0], c[1], c[2]); code(err) == "" {
				t.Errorf("%q: got %v, want a refusal", c, err)
			}
		}
	})
}

// TestAcceptAgainstCorrectEmail lets the account at the wrong address and the partner act at the same moment: in the
// end it has nothing.
func TestAcceptAgainstCorrectEmail(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		wrong := account("acc_wrong", "stranger@home.test")
		w.Accounts[wrong.ID] = wrong.Addresses
		for n := range 20 {
			r := of(Pass(fmt.Sprint("R-", n), "E4", "2026-01-01"), "Ana Ruiz", "stranger@home.test")
			r.Candidate.ID = r.ID
			id := record(t, w, r).Awards[0].ID
			var accepted, corrected error
			var wg sync.WaitGroup
			wg.Go(func() { accepted = w.Accept(t.Context(), wrong, id, ledger.Public) })
			wg.Go(func() { corrected = second(w.CorrectEmail(t.Context(), w.Caller, r.ID, "ana@home.test", "a slip")) })
			wg.Wait()
			if corrected != nil || accepted != nil && code(accepted) != "not_found" {
				t.Fatalf("accepted: %v, corrected: %v", accepted, corrected)
			}
			if a := published(t, w, id).Award; a.State != ledger.Offered || a.Holder != "" {
				t.Fatalf("accepted: %v, and the badge is %s, held by %q", accepted, a.State, a.Holder)
			}
		}
	})
}

// TestReusedCandidateID: a partner uses Ana's id again for Ben. Neither gets anything of the other's.
func TestReusedCandidateID(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		w := On(t, db)
		ben := account("acc_ben", "ben@work.test")
		accepted := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		if err := w.Accept(ctx, ana, accepted, ledger.Public); err != nil {
			t.Fatal(err)
		}
		waits := record(t, w, Pass("R-2", "E2", "2026-01-02")).Awards[0].ID
		w.Work(t)
		bens := record(t, w, of(Pass("R-3", "E1", "2026-02-01"), "Ben Okri", "ben@work.test")).Awards[0].ID
		w.Work(t)
		for _, id := range []string{waits, bens} {
			if _, err := w.Resend(ctx, w.Caller, id); err != nil {
				t.Fatal(err)
			}
		}
		w.Work(t)
		if got, want := sent(w)[1:], []string{"ben@work.test C1", "ana@home.test E2", "ben@work.test C1"}; !slices.Equal(got, want) {
			t.Errorf("got letters %v, want %v", got, want)
		}
		if got := reach(t, w, ana); got != "E2 offered, E4 accepted" {
			t.Errorf("Ana reaches %s", got)
		}
		if got := reach(t, w, ben); got != "C1 offered" {
			t.Errorf("Ben reaches %s", got)
		}
		for who, want := range map[*issuer.Holder][]string{&ana: {"R-2", "R-1"}, &ben: {"R-3"}} {
			list, err := w.Transcript(ctx, *who)
			var got []string
			for _, e := range list {
				got = append(got, e.Result.ID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s has the results %v, error %v, want %v", who.ID, got, err, want)
			}
		}
		for _, l := range w.Letters.Offers() {
			want := map[string]string{"ana@home.test": "Ana Ruiz", "ben@work.test": "Ben Okri"}[l.Email]
			if c, found, err := w.Claim(ctx, token(l)); err != nil || !found || c.Name != want || l.Name != want {
				t.Errorf("the letter to %s greets %s, its link %s, error %v", l.Email, l.Name, c.Name, err)
			}
		}
		if _, err := w.CorrectName(ctx, w.Caller, "C-77", "Benjamin Okri", "as on the passport"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.CorrectEmail(ctx, w.Caller, "C-77", "benjamin@work.test", "a slip"); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{accepted, waits} { // for whatever reason they are signed anew
			if _, err := w.SuspendAward(ctx, w.Caller, id, "r"); err != nil {
				t.Fatal(err)
			}
			if _, err := w.ReinstateAward(ctx, w.Caller, id, "r"); err != nil {
				t.Fatal(err)
			}
		}
		w.Work(t)
		for id, want := range map[string][2]string{accepted: {"Ana Ruiz", "ana@home.test"}, waits: {"Ana Ruiz", "ana@home.test"}, bens: {"Benjamin Okri", "benjamin@work.test"}} {
			b := published(t, w, id)
			if doc := string(mustDocument(t, w.CredentialJSON, b)); b.HolderName != want[0] || !strings.Contains(doc, openbadge.HashIdentity(want[1], b.Award.Salt)) {
				t.Errorf("%s names %s and another address than %s", b.Award.Code, b.HolderName, want[1])
			}
		}
		if err := w.Accept(ctx, ben, waits, ledger.Public); code(err) != "not_found" {
			t.Errorf("Ben accepts Ana's badge: %v", err)
		}
		if err := w.Accept(ctx, account("acc_ben", "benjamin@work.test"), bens, ledger.Public); err != nil {
			t.Error(err)
		}
		if err := w.Accept(ctx, ana, waits, ledger.Public); err != nil {
			t.Error(err)
		}
	})
}

// TestNobodyGetsAnothersBadge posts at random, in any order, results of two people under one id, who change their
// names and addresses, and corrections of either: each offer waits where its own person is.
func TestNobodyGetsAnothersBadge(t *testing.T) {
	t.Parallel()
	people := [2]struct{ names, addresses []string }{
		{[]string{"Ana Ruiz", "Ana Gómez", "GOMEZ Ruiz"}, []string{"ana@home.test", "ana@work.test"}},
		{[]string{"Ben Okri", "Benjamin Okri"}, []string{"ben@home.test", "ben@work.test"}},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			candidate := fmt.Sprint("C-", n)
			by := map[string]int{} // result to person
			for k := range rapid.IntRange(1, 7).Draw(r, "steps") {
				who := rapid.IntRange(0, 1).Draw(r, "who")
				name, email := rapid.SampledFrom(people[who].names).Draw(r, "name"), rapid.SampledFrom(people[who].addresses).Draw(r, "email")
				w.Clock.Advance(time.Hour)
				var err error
				switch do := rapid.SampledFrom([]string{"result", "result", "void", "correct"}).Draw(r, "do"); {
				case do == "correct" && k > 0: // as whom the partner sees
					ours := people[0]
					if strings.HasPrefix(storedFacts(r, w, candidate).Email, "ben") {
						ours = people[1]
					}
					_, err = w.CorrectName(t.Context(), w.Caller, candidate, rapid.SampledFrom(ours.names).Draw(r, "right name"), "r")
					_, again := w.CorrectEmail(t.Context(), w.Caller, candidate, rapid.SampledFrom(ours.addresses).Draw(r, "right email"), "r")
					err = errors.Join(err, again)
				case do == "void" && len(by) > 0:
					_, err = w.Void(t.Context(), w.Caller, fmt.Sprint(candidate, "/", rapid.IntRange(0, k-1).Draw(r, "which")), "r")
					if code(err) == "not_found" {
						err = nil
					}
				default:
					p := of(Pass(fmt.Sprint(candidate, "/", k), rapid.SampledFrom([]string{"E1", "E2", "E4", "E7"}).Draw(r, "exam"), "2026-01-01"), name, email)
					p.Candidate.ID, p.TakenAt = candidate, w.Clock.Now().AddDate(0, 0, -rapid.IntRange(0, 90).Draw(r, "ago"))
					by[p.ID] = who
					_, err = w.Record(t.Context(), w.Caller, p)
				}
				if err != nil {
					r.Fatal(err)
				}
				list, _, err := w.Awards(t.Context(), w.Caller, issuer.Page{Candidate: candidate})
				if err != nil {
					r.Fatal(err)
				}
				for _, a := range list {
					for who, p := range people {
						owns := false
						for _, address := range p.addresses {
							one, err := w.Owns(t.Context(), account("acc", address), a)
							if owns = owns || one; err != nil {
								r.Fatal(err)
							}
						}
						if a.RevokedAt == nil && owns != (who == by[a.ResultID]) {
							r.Fatalf("%s of %s: owned by %s is %v", a.Code, people[by[a.ResultID]].names[0], p.names[0], owns)
						}
					}
				}
			}
		})
	})
}
