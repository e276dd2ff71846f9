package issuer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// letUntil does what falls due, and sends what follows, day by day until a day, and returns the days on which letters
// about ends went out, with whether each was the first.
func letUntil(t *testing.T, w *World, day string) (sent []string) {
	t.Helper()
	for w.Clock.Now().Format("2006-01-02") < day {
		until(t, w, w.Clock.Now().AddDate(0, 0, 1).Format("2006-01-02"))
		w.Clock.Advance(7 * 3600e9)
		before := len(w.Letters.Renewals())
		if _, err := w.DoDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		for _, l := range w.Letters.Renewals()[before:] {
			text := w.Clock.Now().Format("2006-01-02") + " " + l.Email
			if l.First {
				text += " first"
			}
			sent = append(sent, text)
		}
	}
	return sent
}

// ofC7 is the award of the yearly certification that a person accepted.
func ofC7(t *testing.T, w *World, id, candidate, day string) (award string, h issuer.Holder) {
	t.Helper()
	award = awardOf(t, record(t, w, yearly(id, candidate, day)), "C7")
	h = issuer.Holder{ID: "ern_" + candidate, Addresses: []string{strings.ToLower(candidate) + "@home.test"}}
	w.Accounts[h.ID] = h.Addresses
	if err := w.Accept(t.Context(), h, award, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	return award, h
}

// TestRenewalLetters go out when a certification can be renewed, 90, 30, 7 and 1 days before it ends and one day
// after, to whoever has accepted it, until it is renewed, and anew before its new end (flows 2.10).
// row 34: who can renew is told when, and until when.
func TestRenewalLetters(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		ofC7(t, w, "R-1", "C-1", "2026-03-01")
		record(t, w, yearly("R-2", "C-offered", "2026-03-01"))
		declined, h := ofC7(t, w, "R-3", "C-declined", "2026-03-01")
		if err := w.Decline(t.Context(), h, declined); err != nil {
			t.Fatal(err)
		}
		held, _ := ofC7(t, w, "R-4", "C-held", "2026-03-01")
		if _, err := w.SuspendAward(t.Context(), w.Caller, held, "case"); err != nil {
			t.Fatal(err)
		}
		gone, _ := ofC7(t, w, "R-5", "C-gone", "2026-03-01")
		if _, err := w.RevokeAward(t.Context(), w.Caller, gone, "case"); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"2026-09-02 c-1@home.test first", "2026-12-01 c-1@home.test", "2027-01-30 c-1@home.test", "2027-02-22 c-1@home.test",
			"2027-02-28 c-1@home.test", "2027-03-02 c-1@home.test",
		}
		if diff := cmp.Diff(want, letUntil(t, w, "2027-06-01")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		ofC7(t, w, "R-6", "C-2", "2027-05-01")
		renewing := letUntil(t, w, "2027-11-06")
		record(t, w, yearly("R-7", "C-2", "2027-11-05")) // until 2029-05-01
		renewing = append(renewing, letUntil(t, w, "2028-12-01")...)
		want = []string{"2027-11-03 c-2@home.test first", "2028-11-02 c-2@home.test first"}
		if diff := cmp.Diff(want, renewing); diff != "" {
			t.Errorf("renewed in time (-want +got):\n%s", diff)
		}
	})
}

// TestRenewalLettersStop for an address that wants none, by a link of their own that needs no account; other mail
// about badges still comes, and it can be undone.
func TestRenewalLettersStop(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, w := t.Context(), On(t, db)
		ofC7(t, w, "R-1", "C-1", "2026-03-01")
		if sent := letUntil(t, w, "2026-09-10"); len(sent) != 1 {
			t.Fatalf("sent %v", sent)
		}
		link := w.Letters.Renewals()[0].StopURL
		token := link[strings.LastIndex(link, "/")+1:]
		for _, wrong := range []string{"", "x", token[:30], token + "x", strings.Repeat("z", len(token))} {
			if found, err := w.Renewals.Stop(ctx, wrong); found || err != nil {
				t.Errorf("%q: found %v, error %v", wrong, found, err)
			}
		}
		if address, found, err := w.Renewals.StopAddress(ctx, token); address != "c-1@home.test" || !found || err != nil {
			t.Errorf("%s, found %v, error %v", address, found, err)
		}
		for range 2 {
			if found, err := w.Renewals.Stop(ctx, token); !found || err != nil {
				t.Fatalf("found %v, error %v", found, err)
			}
		}
		offers := len(w.Letters.Offers())
		record(t, w, yearly("R-2", "C-1", "2026-09-05"))
		other := Pass("R-3", "E4", "2026-09-05")
		other.Candidate.ID, other.Candidate.Email = "C-1", "c-1@home.test"
		record(t, w, other)
		w.Work(t)
		if len(w.Letters.Offers()) == offers {
			t.Error("letters about new badges stopped as well")
		}
		if sent := letUntil(t, w, "2027-12-10"); len(sent) != 0 {
			t.Errorf("sent %v", sent)
		}
		if found, err := w.Renewals.Resume(ctx, token); !found || err != nil {
			t.Fatalf("found %v, error %v", found, err)
		}
		if sent := letUntil(t, w, "2028-02-01"); len(sent) != 1 {
			t.Errorf("after it was undone sent %v", sent)
		}
		all := w.Letters.Offers()[0].StopURL // of all mail about badges
		if found, err := w.StopMail(ctx, all[strings.LastIndex(all, "/")+1:]); !found || err != nil {
			t.Fatalf("found %v, error %v", found, err)
		}
		if badges, renewals, err := w.Renewals.MailsTo(ctx, "c-1@home.test"); badges || renewals || err != nil {
			t.Errorf("after all mail was stopped: badges %v, renewals %v, error %v", badges, renewals, err)
		}
		if sent := letUntil(t, w, "2028-03-05"); len(sent) != 0 {
			t.Errorf("after all mail was stopped sent %v", sent)
		}
		if found, err := w.ResumeMail(ctx, all[strings.LastIndex(all, "/")+1:]); !found || err != nil {
			t.Fatalf("found %v, error %v", found, err)
		}
		h := issuer.Holder{ID: "ern_C-1", Addresses: []string{"c-1@home.test"}}
		if err := w.Renewals.StopTo(ctx, h, "c-1@home.test", true); err != nil {
			t.Fatal(err)
		}
		if badges, renewals, err := w.Renewals.MailsTo(ctx, "c-1@home.test"); !badges || renewals || err != nil {
			t.Errorf("badges %v, renewals %v, error %v, want badges alone", badges, renewals, err)
		}
		if err := w.Renewals.StopTo(ctx, h, "c-2@home.test", true); err == nil {
			t.Error("somebody else's letters were stopped")
		}
	})
}

// TestRenewalLettersOfTheRetired: what cannot be renewed any more is told once, and that it is over once; where a
// server was away, only the last letter that was missed goes out.
// row 101: retiring ends earning, never what is held.
func TestRenewalLettersOfTheRetired(t *testing.T) {
	t.Parallel()
	w := New(t)
	ofC7(t, w, "R-1", "C-1", "2026-03-01")
	w.Apply(t, strings.Replace(Programme, "valid_for: 12 months,", "valid_for: 12 months, retired: 2026-04-01,", 1))
	sent := letUntil(t, w, "2027-06-01")
	if want := []string{"2026-09-02 c-1@home.test first", "2027-03-02 c-1@home.test"}; !slices.Equal(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
	if r := w.Letters.Renewals()[0].Renewal; !r.Over(w.Letters.Renewals()[0].Today) {
		t.Errorf("got %+v, want that it is over", r)
	}

	w = New(t)
	ofC7(t, w, "R-1", "C-1", "2026-03-01")
	until(t, w, "2027-02-25")
	for range 2 {
		if _, err := w.DoDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Work(t)
	if n := len(w.Letters.Renewals()); n != 1 {
		t.Errorf("%d letters at once", n)
	}
}

// TestRenewalLettersOnce, whichever of several processes does what is due.
func TestRenewalLettersOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		processes := []*World{On(t, db), On(t, db)}
		w := processes[0]
		for n := range 30 {
			ofC7(t, w, fmt.Sprint("R-", n), fmt.Sprintf("C-%02d", n), "2026-03-01")
		}
		errs := make(chan error)
		for _, p := range processes {
			until(t, p, "2026-09-03")
			go func() {
				_, err := p.DoDue(context.Background())
				errs <- err
			}()
		}
		for range processes {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		var letters int
		if _, err := db.Reader().Get(t.Context(), &letters, `SELECT SUM(letters) FROM renewal_letter`); err != nil || letters != 30 {
			t.Errorf("%d letters, %v, want 30", letters, err)
		}
	})
}
