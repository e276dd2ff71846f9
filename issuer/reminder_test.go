package issuer_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// remindersOver lets days go by, a day at a time, and returns on which of them letters went out, and which.
func remindersOver(t *testing.T, w *World, days int) (list []string) {
	t.Helper()
	before := len(w.Letters.Offers())
	for day := range days {
		w.Clock.Advance(24 * time.Hour)
		if _, err := w.DoDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		letters := w.Letters.Offers()
		for _, l := range letters[before:] {
			list = append(list, fmt.Sprintf("day %d: reminder %d of %d badges", day+1, l.Reminder, len(l.Badges)))
		}
		before = len(letters)
	}
	return list
}

// TestReminders come after 7 and 30 days to whoever does nothing, and then nothing comes for 400 days. They name what
// still waits, have the link of the first letter, and refer to that letter.
//
// row 112: never react: letters at day 0, 7 and 30, then none; row 78: the link works on.
func TestReminders(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		if _, err := w.RecordAll(ctx, w.Caller, []issuer.Result{Pass("R-1", "E2", "2026-03-01"), Pass("R-2", "E3", "2026-03-02")}); err[0] != nil {
			t.Fatal(err)
		}
		w.Work(t)
		first := w.Letters.Offers()[0]
		n := len(first.Badges)
		if diff := cmp.Diff([]string{fmt.Sprintf("day 7: reminder 1 of %d badges", n)}, remindersOver(t, w, 10)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}
		if err := w.Accept(ctx, ana, first.Badges[0].Award.ID, ledger.ByLink); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{fmt.Sprintf("day 20: reminder 2 of %d badges", n-1)}, remindersOver(t, w, 420)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for k, l := range w.Letters.Offers()[1:] {
			if l.ClaimURL != first.ClaimURL || l.First != first.Key || l.Key == first.Key || l.Last != (k == 1) || l.Locale != "es" {
				t.Errorf("reminder %d: got %+v", k+1, l)
			}
		}
		if claim := claimOf(t, w, first); claim.ReplacedAt != nil || len(claim.Badges) != n {
			t.Errorf("after all reminders: got %+v", claim)
		}
	})
}

// TestRemindersEnd with whatever the person does about the offer, and with whatever ends it.
//
// row 111: after Decline no reminders; row 112: one click stops them.
func TestRemindersEnd(t *testing.T) {
	t.Parallel()
	ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}
	first, second := "day 7: reminder 1 of 1 badges", "day 30: reminder 2 of 1 badges"
	for name, c := range map[string]struct {
		do   func(ctx context.Context, w *World, l issuer.OfferLetter) error
		want []string
	}{
		"nothing": {func(context.Context, *World, issuer.OfferLetter) error { return nil }, []string{first, second}},
		"accepted": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			return w.Accept(ctx, ana, l.Badges[0].Award.ID, ledger.Private)
		}, nil},
		"declined": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			return w.Decline(ctx, ana, l.Badges[0].Award.ID)
		}, nil},
		"revoked": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			_, err := w.RevokeAward(ctx, w.Caller, l.Badges[0].Award.ID, "mistake")
			return err
		}, nil},
		"stopped": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			_, err := w.StopMail(ctx, strings.TrimPrefix(l.StopURL, BaseURL+"/stop/"))
			return err
		}, nil},
		"stopped and turned on again": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			token := strings.TrimPrefix(l.StopURL, BaseURL+"/stop/")
			if _, err := w.StopMail(ctx, token); err != nil {
				return err
			}
			_, err := w.ResumeMail(ctx, token)
			return err
		}, []string{first, second}},
		"not me": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			_, err := w.Dispute(ctx, tokenOf(l), ledger.NeverTook)
			return err
		}, nil},
		"bounced": {func(_ context.Context, w *World, l issuer.OfferLetter) error {
			w.Letters.Refuse = func(l issuer.OfferLetter) error {
				if l.Reminder == 0 {
					return nil
				}
				return ErrNoSuchAddress
			}
			return nil
		}, nil},
		"sent again by the partner": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			_, err := w.Resend(ctx, w.Caller, l.Badges[0].Award.ID)
			return err
		}, []string{"day 1: reminder 0 of 1 badges", "day 8: reminder 1 of 1 badges", "day 31: reminder 2 of 1 badges"}},
		"another address": {func(ctx context.Context, w *World, l issuer.OfferLetter) error {
			_, err := w.CorrectEmail(ctx, w.Caller, "C-77", "ana@new.test", "typo")
			return err
		}, []string{"day 1: reminder 0 of 1 badges", "day 8: reminder 1 of 1 badges", "day 31: reminder 2 of 1 badges"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := New(t)
			record(t, w, Pass("R-1", "E4", "2026-03-01"))
			w.Work(t)
			if err := c.do(context.Background(), w, w.Letters.Offers()[0]); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, remindersOver(t, w, 60)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRemindersAreTwo however often the link is sent anew, and after a time without a server they do not come at once.
//
// row 112: at most two reminders.
func TestRemindersAreTwo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	award := record(t, w, Pass("R-1", "E4", "2026-03-01")).Awards[0].ID
	w.Work(t)
	var all []string
	for range 4 {
		all = append(all, remindersOver(t, w, 40)...)
		if _, err := w.Resend(ctx, w.Caller, award); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
	}
	if diff := cmp.Diff([]string{"day 7: reminder 1 of 1 badges", "day 30: reminder 2 of 1 badges"}, all); diff != "" {
		t.Errorf("sent anew every 40 days (-want +got):\n%s", diff)
	}
	down := New(t)
	record(t, down, Pass("R-1", "E4", "2026-03-01"))
	down.Work(t)
	down.Clock.Advance(100 * 24 * time.Hour)
	if diff := cmp.Diff([]string{"day 1: reminder 1 of 1 badges", "day 8: reminder 2 of 1 badges"}, remindersOver(t, down, 60)); diff != "" {
		t.Errorf("after 100 days without a server (-want +got):\n%s", diff)
	}
}

// TestNoReminderBeforeTheLetter: whose letter bounced, or has not gone out, has heard of nothing.
//
// row 80: permanent failure stops reminders for that address (flows 2.1.4).
func TestNoReminderBeforeTheLetter(t *testing.T) {
	t.Parallel()
	w := New(t)
	w.Letters.Refuse = func(issuer.OfferLetter) error { return ErrNoSuchAddress }
	record(t, w, Pass("R-1", "E4", "2026-03-01"))
	w.Work(t)
	w.Letters.Refuse = nil
	if got := remindersOver(t, w, 60); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// TestRemindersOfProcesses come once, whichever process does what is due, and go by the clock of their own partner.
//
// row 112: at most two reminders.
func TestRemindersOfProcesses(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w, other := On(t, db), On(t, db)
		sandbox, _ := w.Partner(t, "TestCo", true)
		for n := range 10 {
			r := Pass(fmt.Sprintf("R-%d", n), "E4", "2026-03-01")
			r.Candidate.ID, r.Candidate.Email = fmt.Sprintf("C-%d", n), fmt.Sprintf("c%d@home.test", n)
			record(t, w, r)
		}
		if _, err := w.Record(ctx, sandbox, Pass("R-1", "E4", "2026-03-01")); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		var clocks []string
		if err := db.Reader().Select(ctx, &clocks, `SELECT DISTINCT clock FROM agenda WHERE kind = 'claim.reminder' ORDER BY clock`); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"", sandbox.ID}, clocks); diff != "" {
			t.Errorf("clocks (-want +got):\n%s", diff)
		}
		for _, p := range []*World{w, other} {
			p.Clock.Advance(7*24*time.Hour + time.Second)
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				if _, err := []*World{w, other}[n%2].DoDue(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.Work(t)
		sent := map[string]int{}
		for _, l := range append(w.Letters.Offers(), other.Letters.Offers()...) {
			if l.Reminder > 0 {
				sent[l.Email]++
			}
		}
		for email, n := range sent {
			if n != 1 {
				t.Errorf("%s: got %d reminders, want one", email, n)
			}
		}
		if len(sent) != 11 {
			t.Errorf("got reminders to %d, want 11", len(sent))
		}
	})
}

// TestOneReminderForSeveral: who was offered badges in several letters within a day is reminded of all in one, whose link
// leads to all of them; the other links stay good. Of what was offered days later they are reminded later.
//
// row 112: at most two reminders; flows 2.1.2: several badges at once are one mail.
func TestOneReminderForSeveral(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		for n, exam := range []string{"E4", "E7", "E2"} {
			record(t, w, Pass(fmt.Sprintf("R-%d", n), exam, "2026-03-01"))
			w.Work(t)
			w.Clock.Advance(2 * time.Hour)
		}
		other := Pass("R-9", "E4", "2026-03-01")
		other.Candidate.ID, other.Candidate.Email = "C-9", "ben@home.test"
		record(t, w, other)
		w.Work(t)
		w.Clock.Advance(40 * time.Hour)
		record(t, w, Pass("R-5", "E1", "2026-03-02"))
		w.Work(t)
		offers := w.Letters.Offers()
		if len(offers) != 5 {
			t.Fatalf("got %d offers, want 5", len(offers))
		}
		var got []string
		for hour := range 24 * 60 {
			w.Clock.Advance(time.Hour)
			if _, err := w.DoDue(ctx); err != nil {
				t.Fatal(err)
			}
			before := len(w.Letters.Offers())
			w.Work(t)
			for _, l := range w.Letters.Offers()[before:] {
				got = append(got, fmt.Sprintf("day %d: reminder %d of %d badges to %s", (hour+47)/24, l.Reminder, len(l.Badges), l.Email))
				if claim := claimOf(t, w, l); len(claim.Badges) < len(l.Badges) {
					t.Errorf("the link leads to %d of %d badges", len(claim.Badges), len(l.Badges))
				}
			}
		}
		want := []string{
			"day 7: reminder 1 of 3 badges to ana@home.test", "day 7: reminder 1 of 1 badges to ben@home.test", "day 8: reminder 1 of 1 badges to ana@home.test",
			"day 30: reminder 2 of 3 badges to ana@home.test", "day 30: reminder 2 of 1 badges to ben@home.test", "day 31: reminder 2 of 1 badges to ana@home.test",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, l := range offers {
			if claim := claimOf(t, w, l); claim.ReplacedAt != nil || len(claim.Badges) == 0 {
				t.Errorf("the link of %v is not good any more", l.Badges)
			}
		}
	})
}
