package issuer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestOneLetterForAll offers everything that one transaction earned in one letter, certifications
// first, whatever order the results had.
func TestOneLetterForAll(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		results := []issuer.Result{Pass("R-1", "E4", "2026-01-01"), Pass("R-2", "E2", "2026-01-02"), Pass("R-3", "E3", "2026-01-03"), Pass("R-4", "E1", "2026-01-04")}
		if _, errs := w.RecordAll(context.Background(), w.Caller, results); errors.Join(errs...) != nil {
			t.Fatal(errs)
		}
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 1 {
			t.Fatalf("got %d letters, want one", len(letters))
		}
		claim := claimOf(t, w, letters[0])
		for name, badges := range map[string][]issuer.OfferedBadge{"letter": letters[0].Badges, "claim": claim.Badges} {
			var codes []string
			for _, b := range badges {
				codes = append(codes, b.Award.Code)
			}
			slices.Sort(codes[:2])
			slices.Sort(codes[2:])
			if got := strings.Join(codes, " "); got != "C1 C2 E2 E3 E4" {
				t.Errorf("%s: got %s, want the certifications first", name, got)
			}
		}
		if claim.Partner != "TestCo" || claim.Email != "ana@home.test" || claim.Name != "Ana Ruiz" || claim.ReplacedAt != nil {
			t.Errorf("got claim %+v", claim)
		}
	})
}

func claimOf(t *testing.T, w *World, l issuer.OfferLetter) *issuer.Claim {
	t.Helper()
	claim, found, err := w.Claim(context.Background(), tokenOf(l))
	if err != nil || !found {
		t.Fatalf("claim: found %v, error %v", found, err)
	}
	return claim
}

func tokenOf(l issuer.OfferLetter) string { return strings.TrimPrefix(l.ClaimURL, BaseURL+"/claim/") }

// TestSendAgain replaces the links of before by one letter with everything that waits, and touches
// nobody else's.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		first := record(t, w, Pass("R-1", "E4", "2026-01-01"))
		w.Work(t)
		record(t, w, Pass("R-2", "E2", "2026-01-02"))
		sandbox, _ := w.Partner(t, "TestCo", true)
		test, err := w.Record(ctx, sandbox, Pass("R-1", "E4", "2026-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 3 {
			t.Fatalf("got %d letters, want 3", n)
		}
		if err := w.SendAgain(ctx, "nobody@home.test"); err != nil {
			t.Fatal(err)
		}
		for range 3 { // asked thrice before it is sent: one letter
			if _, err := w.Resend(ctx, w.Caller, first.Awards[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 4 || letters[3].Again || len(letters[3].Badges) != 2 || letters[3].Sandbox {
			t.Fatalf("got %d letters, the last %+v, want one more with two badges", len(letters), letters[len(letters)-1])
		}
		for k, l := range letters {
			if replaced := claimOf(t, w, l).ReplacedAt != nil; replaced != (k < 3 && !l.Sandbox) {
				t.Errorf("letter %d, sandbox %v: got a link that is replaced: %v", k, l.Sandbox, replaced)
			}
		}
		if err := w.SendAgain(ctx, "ANA@home.test"); err != nil { // both partners' candidates
			t.Fatal(err)
		}
		w.Work(t)
		letters = w.Letters.Offers()
		if len(letters) != 6 || !letters[4].Again || !letters[5].Again {
			t.Errorf("got %d letters, want two more that say they were asked for", len(letters))
		}
		if _, err := w.Resend(ctx, w.Caller, test.Awards[0].ID); code(err) != "not_found" {
			t.Errorf("another partner's award: got %v", err)
		}
	})
}

// TestStopMail stops letters to the address that the link was mailed to, also after the partner has
// corrected it, and leaves links that work as they are.
func TestStopMail(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		r := Pass("R-1", "E4", "2026-01-01")
		r.Candidate.Email = "Wrong@home.test"
		record(t, w, r)
		w.Work(t)
		wrong := w.Letters.Offers()[0]
		record(t, w, Pass("R-2", "E2", "2026-01-02")) // now ana@home.test
		stop := strings.TrimPrefix(wrong.StopURL, BaseURL+"/stop/")
		if email, found, err := w.StopAddress(ctx, stop); err != nil || !found || email != "wrong@home.test" {
			t.Fatalf("got %q, found %v, error %v, want the address of the letter", email, found, err)
		}
		if found, err := w.StopMail(ctx, stop); err != nil || !found {
			t.Fatalf("found %v, error %v", found, err)
		}
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 2 || letters[1].Email != "ana@home.test" {
			t.Fatalf("got %d letters, want one more, to the right address", len(letters))
		}
		if found, err := w.StopMail(ctx, strings.TrimPrefix(letters[1].StopURL, BaseURL+"/stop/")); err != nil || !found {
			t.Fatalf("found %v, error %v", found, err)
		}
		e, err := w.Explain(ctx, w.Caller, Pass("R-3", "E3", "2026-01-03"))
		if err != nil || len(e.Offers) != 1 || !e.Offers[0].Stopped {
			t.Errorf("got %+v, error %v, want to hear that no letter would go", e, err)
		}
		record(t, w, Pass("R-3", "E3", "2026-01-03"))
		if err := w.SendAgain(ctx, "ana@home.test"); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 2 || claimOf(t, w, letters[1]).ReplacedAt != nil {
			t.Errorf("got %d letters, want 2 and a link that still works", n)
		}
		for _, token := range []string{"", "x", stop[1:], stop + "x", strings.Repeat("a", 42), "\x00" + stop, stop[:16] + "\xff" + stop[17:]} {
			if found, err := w.StopMail(ctx, token); found || err != nil {
				t.Errorf("token %q: found %v, error %v, want neither", token, found, err)
			}
		}
	})
}

// TestCorrectedAddress sends a letter that has not gone out yet to the address as it is now.
func TestCorrectedAddress(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		r := Pass("R-1", "E4", "2026-01-01")
		r.Candidate.Email = "wrong@home.test"
		record(t, w, r)
		failed := Pass("R-2", "E2", "2026-01-02")
		failed.Outcome, failed.Candidate.Name, failed.Candidate.Locale = "fail", "Ana Ruiz Gil", ""
		record(t, w, failed)
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 1 || letters[0].Email != "ana@home.test" || letters[0].Name != "Ana Ruiz Gil" || letters[0].Locale != "es" {
			t.Fatalf("got letters %+v, want one to the corrected address", letters)
		}
		if c := claimOf(t, w, letters[0]); c.Email != "ana@home.test" {
			t.Errorf("got a claim for %s", c.Email)
		}
	})
}

// TestCorrectedAfterIssue has a letter that is queued already follow the address.
func TestCorrectedAfterIssue(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		r := Pass("R-1", "E4", "2026-01-01")
		r.Candidate.Email = "wrong@home.test"
		record(t, w, r)
		if _, err := w.IssuePending(ctx); err != nil {
			t.Fatal(err)
		}
		failed := Pass("R-2", "E2", "2026-01-02")
		failed.Outcome = "fail"
		record(t, w, failed)
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 1 || letters[0].Email != "ana@home.test" || claimOf(t, w, letters[0]).Email != "ana@home.test" {
			t.Errorf("got letters %+v, want one to the corrected address", letters)
		}
	})
}

// TestNoLetterForWhatIsGone leaves out what was withdrawn or accepted before the letter went out.
func TestNoLetterForWhatIsGone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	if _, err := w.Void(ctx, w.Caller, "R-1", "mistake"); err != nil {
		t.Fatal(err)
	}
	a := record(t, w, Pass("R-2", "E2", "2026-01-01")).Awards[0]
	if err := w.Accept(ctx, issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}, a.ID, ledger.Public); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	if n := len(w.Letters.Offers()); n != 0 {
		t.Errorf("got %d letters, want none", n)
	}
}

// TestLetterIsTriedAgain sends the same letter, with the same link, when the first attempt failed.
func TestLetterIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := New(t)
	var refused *issuer.OfferLetter
	w.Letters.Refuse = func(o issuer.OfferLetter) error {
		if refused != nil {
			return nil
		}
		refused = &o
		return errors.New("the server is down")
	}
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	w.Work(t)
	w.Clock.Advance(time.Minute)
	w.Work(t)
	letters := w.Letters.Offers()
	if len(letters) != 1 || refused.ClaimURL != letters[0].ClaimURL || refused.Key != letters[0].Key {
		t.Errorf("got %d letters, want the refused one", len(letters))
	}
}
