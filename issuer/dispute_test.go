package issuer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// disputed posts a result of Ana's, has it offered, and disputes it by the link of the letter.
func disputed(t *testing.T, w *World, r issuer.Result, reason string) (award string) {
	t.Helper()
	award = record(t, w, r).Awards[0].ID
	w.Work(t)
	letters := w.Letters.Offers()
	dispute(t, w, letters[len(letters)-1], reason, true)
	w.Work(t)
	return award
}

func dispute(t *testing.T, w *World, l issuer.OfferLetter, reason string, want bool) {
	t.Helper()
	if held, err := w.Dispute(context.Background(), tokenOf(l), reason); err != nil || held != want {
		t.Fatalf("held %v, error %v, want %v", held, err, want)
	}
}

// disputeOf is the reason for which an award is held, empty for none.
func disputeOf(t *testing.T, w *World, award string) string {
	t.Helper()
	a, err := w.Award(context.Background(), w.Caller, award)
	if err != nil {
		t.Fatal(err)
	}
	if (a.DisputedAt != nil) != (a.Dispute != "") {
		t.Errorf("disputed at %v for %q", a.DisputedAt, a.Dispute)
	}
	return a.Dispute
}

// eventsOf are the kinds of events of an award, in order.
func eventsOf(t *testing.T, w *World, award string) (kinds []string) {
	t.Helper()
	var rows []struct {
		Type string `db:"type"`
		Data string `db:"data"`
	}
	if err := w.DB.Reader().Select(context.Background(), &rows, `SELECT type, data FROM partner_event ORDER BY partner_id, position`); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		var data struct{ Award struct{ ID string } }
		if err := json.Unmarshal([]byte(r.Data), &data); err != nil {
			t.Fatal(err)
		}
		if data.Award.ID == award {
			kinds = append(kinds, strings.TrimPrefix(r.Type, "badge."))
		}
	}
	return kinds
}

// TestDisputeHoldsEveryDoor tries everything by which an offer gets accepted or a letter goes out, for each
// reason, also in another process.
func TestDisputeHoldsEveryDoor(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		for n, reason := range issuer.DisputeReasons {
			w := On(t, db)
			r := Pass(fmt.Sprint("R-", n), "E4", "2026-01-01")
			r.Candidate.ID, r.Candidate.Email = r.ID, strings.ToLower(r.ID)+"@home.test"
			owner := issuer.Holder{ID: "acc_" + r.ID, Addresses: []string{r.Candidate.Email}}
			id := disputed(t, w, r, reason)
			letters := len(w.Letters.Offers())

			again := On(t, db) // the server was started anew
			for name, door := range map[string]func() error{
				"accept":       func() error { return again.Accept(ctx, owner, id, ledger.ByLink) },
				"accept twice": func() error { return w.Accept(ctx, owner, id, ledger.Public) },
				"declined before": func() error {
					if err := w.Decline(ctx, owner, id); err != nil {
						t.Error(err)
					}
					return w.Accept(ctx, owner, id, ledger.ByLink)
				},
			} {
				if err := door(); code(err) != "disputed" {
					t.Errorf("%s, %s: got %v, want a refusal", reason, name, err)
				}
			}
			if err := w.SendAgain(ctx, r.Candidate.Email); err != nil {
				t.Fatal(err)
			}
			if _, err := w.SuspendAward(ctx, w.Caller, id, "looking into it"); err != nil {
				t.Fatal(err)
			}
			if _, err := w.ReinstateAward(ctx, w.Caller, id, "looked into it"); err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			if len(w.Letters.Offers()) != letters || len(w.Letters.Told()) != 0 {
				t.Errorf("%s: a letter went to whoever disputes", reason)
			}
			if got := disputeOf(t, w, id); got != reason {
				t.Errorf("got %q, want %s", got, reason)
			}
			if got := eventsOf(t, w, id); !slices.Contains(got, "disputed") || slices.Contains(got, "accepted") {
				t.Errorf("%s: got events %v", reason, got)
			}
			told := w.Letters.Disputes()
			if len(told) != 1 || told[0].Email != "badges@acme.test" || told[0].Candidate != r.Candidate.ID || told[0].Reason != reason ||
				!slices.Equal(told[0].Exams, []string{"E4"}) || len(told[0].Badges) != 1 || told[0].Badges[0].Award.ID != id || told[0].StopURL != "" {
				t.Errorf("got letters %+v to the issuer, want one about %s", told, id)
			}
		}
	})
}

// TestEveryAnswerEndsADispute has the partner, or the owner, answer in each way that there is. What then
// waits is offered again, and can be accepted.
func TestEveryAnswerEndsADispute(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := databasetest.New(t)
	correct := func(w *World, r issuer.Result, c issuer.Correction) error {
		c.Reason = "mixed up"
		_, err := w.Correct(ctx, w.Caller, r.ID, c)
		return err
	}
	answers := map[string]struct {
		answer func(w *World, r issuer.Result, id string) error
		waits  bool // the award
	}{
		"void": {answer: func(w *World, r issuer.Result, _ string) error {
			_, err := w.Void(ctx, w.Caller, r.ID, "not hers")
			return err
		}},
		"revoke": {answer: func(w *World, _ issuer.Result, id string) error {
			_, err := w.RevokeAward(ctx, w.Caller, id, "not hers")
			return err
		}},
		"outcome": {answer: func(w *World, r issuer.Result, _ string) error {
			return correct(w, r, issuer.Correction{Outcome: "fail"})
		}},
		"score": {waits: true, answer: func(w *World, r issuer.Result, _ string) error {
			score := json.Number("7")
			return correct(w, r, issuer.Correction{Score: &score})
		}},
		"name": {waits: true, answer: func(w *World, r issuer.Result, _ string) error {
			_, err := w.CorrectName(ctx, w.Caller, r.Candidate.ID, "Anna Ruiz", "as on the passport")
			return err
		}},
		"address": {waits: true, answer: func(w *World, r issuer.Result, _ string) error {
			r.ID, r.Exam, r.Candidate.Email, r.TakenAt = r.ID+"-2", "E2", "new."+r.Candidate.Email, r.TakenAt.Add(time.Hour)
			_, err := w.Record(ctx, w.Caller, r)
			return err
		}},
		"email": {waits: true, answer: func(w *World, r issuer.Result, _ string) error {
			_, err := w.CorrectEmail(ctx, w.Caller, r.Candidate.ID, "new."+r.Candidate.Email, "mistyped")
			return err
		}},
		"resend": {waits: true, answer: func(w *World, _ issuer.Result, id string) error { _, err := w.Resend(ctx, w.Caller, id); return err }},
		"owner": {waits: true, answer: func(w *World, r issuer.Result, id string) error {
			return w.Recognise(ctx, issuer.Holder{ID: "acc_ana", Addresses: []string{r.Candidate.Email}}, id)
		}},
	}
	for name, a := range answers {
		for _, reason := range issuer.DisputeReasons {
			w := On(t, db)
			r := Pass(name+"-"+reason, "E4", "2026-01-01")
			r.Candidate.ID, r.Candidate.Email = r.ID, r.ID+"@home.test"
			id := disputed(t, w, r, reason)
			offers := len(w.Letters.Offers())
			w.Clock.Advance(time.Hour)
			if err := a.answer(w, r, id); err != nil {
				t.Fatalf("%s: %v", r.ID, err)
			}
			w.Work(t)
			if got := disputeOf(t, w, id); got != "" {
				t.Errorf("%s: still disputed", r.ID)
			}
			owner := issuer.Holder{ID: "acc_ana", Addresses: []string{r.Candidate.Email}}
			if name == "address" || name == "email" {
				owner.Addresses[0] = "new." + r.Candidate.Email
			}
			if events := eventsOf(t, w, id); slices.Contains(events, "undisputed") != a.waits {
				t.Errorf("%s: got events %v", r.ID, events)
			}
			if err := w.Accept(ctx, owner, id, ledger.ByLink); (err == nil) != a.waits {
				t.Errorf("%s: accept: %v", r.ID, err)
			}
			offered := slices.ContainsFunc(w.Letters.Offers()[offers:], func(l issuer.OfferLetter) bool {
				return slices.ContainsFunc(l.Badges, func(b issuer.OfferedBadge) bool { return b.Award.ID == id }) && l.Email == owner.Addresses[0]
			})
			if offered != (a.waits && name != "owner") { // who is here needs no letter
				t.Errorf("%s: offered again: %v", r.ID, offered)
			}
			if !a.waits && len(w.Letters.Notices()) != 1 {
				t.Errorf("%s: got %d letters of withdrawal, want one", r.ID, len(w.Letters.Notices()))
			}
		}
	}
}

// TestDisputeIsNoAnswer keeps an offer held by what says nothing of it.
func TestDisputeIsNoAnswer(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := disputed(t, w, Pass("R-1", "E7", "2025-05-01"), ledger.NeverTook)
		other := record(t, w, Pass("R-2", "E4", "2026-01-02")).Awards[0].ID
		w.Work(t)
		if err := w.Accept(ctx, ana, other, ledger.ByLink); err != nil {
			t.Errorf("another badge: %v", err)
		}
		if _, err := w.Void(ctx, w.Caller, "R-2", "another result"); err != nil {
			t.Fatal(err)
		}
		record(t, w, Pass("R-3", "E7", "2026-03-01")) // renews it: a new edition
		if _, err := w.CorrectName(ctx, w.Caller, "C-77", "Ana Ruiz", "the same name"); err != nil {
			t.Fatal(err)
		}
		stranger := issuer.Holder{ID: "acc_ben", Addresses: []string{"ben@work.test"}}
		if err := w.Recognise(ctx, stranger, id); code(err) != "not_found" {
			t.Errorf("a stranger: %v", err)
		}
		w.Work(t)
		if b := published(t, w, id); b.Award.Version != 2 || b.Award.Dispute != ledger.NeverTook {
			t.Errorf("edition %d is disputed for %q, want the second for %s", b.Award.Version, b.Award.Dispute, ledger.NeverTook)
		}
	})
}

// TestDisputeIsInherited holds what takes the place of a held offer, and every new offer at the address of
// somebody who does not know the person.
func TestDisputeIsInherited(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for n, reason := range issuer.DisputeReasons {
			w := On(t, db)
			pass := func(id, exam, day string) issuer.Result {
				r := Pass(fmt.Sprint(id, n), exam, day)
				r.Candidate.ID = fmt.Sprint("C-", n)
				return r
			}
			first := record(t, w, pass("R-1", "E7", "2023-01-10")).Awards[0].ID
			w.Work(t)
			second := disputed(t, w, pass("R-2", "E7", "2024-06-01"), reason)
			if got := disputeOf(t, w, first); (got != "") != (reason == ledger.UnknownPerson) {
				t.Errorf("%s: the offer of another letter is disputed for %q", reason, got)
			}
			record(t, w, pass("R-3", "E7", "2023-12-01")) // renews the first until after the second
			if got := disputeOf(t, w, second) + " " + disputeOf(t, w, first); got != " "+reason {
				t.Errorf("got disputes %q, want the one of what took its place", got)
			}
			letters := len(w.Letters.Offers())
			fresh := record(t, w, pass("R-4", "E4", "2026-01-01")).Awards[0].ID
			w.Work(t)
			held := reason == ledger.UnknownPerson
			if got := disputeOf(t, w, fresh); (got != "") != held || len(w.Letters.Offers()) != letters+map[bool]int{false: 1}[held] {
				t.Errorf("%s: a new offer is disputed for %q, and %d letters went out", reason, got, len(w.Letters.Offers())-letters)
			}
		}
	})
}

// TestDisputeOfAnotherPerson leaves alone what the same candidate's id offers to somebody else at another address,
// whether that result is later or earlier than the disputed one.
func TestDisputeOfAnotherPerson(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		for n, day := range []string{"2026-02-01", "2025-02-01"} {
			w := On(t, db)
			pass := func(id, exam, day string) issuer.Result {
				r := Pass(fmt.Sprint(id, n), exam, day)
				r.Candidate.ID = fmt.Sprint("C-", n)
				return r
			}
			held := disputed(t, w, pass("R-1", "E4", "2026-01-01"), ledger.UnknownPerson)
			r := pass("R-2", "E2", day)
			r.Candidate.Email, r.Candidate.Name = "xu@else.test", "Xu Wei"
			fresh := record(t, w, r).Awards[0].ID
			w.Work(t)
			if got := disputeOf(t, w, held) + " " + disputeOf(t, w, fresh); got != ledger.UnknownPerson+" " {
				t.Errorf("%s: got disputes %q, want that of the first offer only", day, got)
			}
			if err := w.Accept(ctx, issuer.Holder{ID: "acc_xu", Addresses: []string{"xu@else.test"}}, fresh, ledger.ByLink); err != nil {
				t.Errorf("%s: %v", day, err)
			}
		}
	})
}

// TestALinkDisputesOnce lets nobody hold a badge for ever with an old letter.
func TestALinkDisputesOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	w.Work(t)
	if err := w.SendAgain(ctx, "ana@home.test"); err != nil {
		t.Fatal(err)
	}
	id := disputed(t, w, Pass("R-2", "E2", "2026-01-01"), ledger.UnknownPerson)
	if _, err := w.Resend(ctx, w.Caller, id); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	letters := w.Letters.Offers()
	newest := letters[len(letters)-1]
	if len(newest.Badges) != 2 {
		t.Errorf("the answer offers %d badges, want what the report held", len(newest.Badges))
	}
	for _, old := range letters[:len(letters)-1] {
		dispute(t, w, old, ledger.NeverTook, false)
	}
	dispute(t, w, newest, ledger.NeverTook, true)
	dispute(t, w, newest, ledger.NeverTook, false)
	r := Pass("R-3", "E3", "2026-01-03")
	r.Candidate.Email = "ana@new.test"
	record(t, w, r)
	w.Work(t)
	for _, old := range letters { // which went to an address that is nobody's of hers
		dispute(t, w, old, ledger.UnknownPerson, false)
	}
	for _, bad := range []string{"", "no_exam", "no\x00reason"} {
		if _, err := w.Dispute(ctx, tokenOf(newest), bad); code(err) != "validation_failed" {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

// TestDisputedWhileAccepted has exactly one of two win who press at once.
func TestDisputedWhileAccepted(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		const people = 20
		for n := range people {
			r := Pass(fmt.Sprint("R-", n), "E4", "2026-01-01")
			r.Candidate.ID = r.ID
			record(t, w, r)
		}
		w.Work(t)
		for _, l := range w.Letters.Offers() {
			id := l.Badges[0].Award.ID
			var accepted, refused error
			var held bool
			var group sync.WaitGroup
			group.Go(func() { accepted = w.Accept(ctx, ana, id, ledger.ByLink) })
			group.Go(func() { held, refused = w.Dispute(ctx, tokenOf(l), ledger.NeverTook) })
			group.Wait()
			a, err := w.Award(ctx, w.Caller, id)
			switch {
			case err != nil || refused != nil:
				t.Fatal(err, refused)
			case held != (code(accepted) == "disputed"), held == (accepted == nil), held != (a.DisputedAt != nil), held == (a.State == ledger.Accepted):
				t.Errorf("held %v, accepted %v; the award is %s, disputed at %v", held, accepted, a.State, a.DisputedAt)
			}
		}
	})
}
