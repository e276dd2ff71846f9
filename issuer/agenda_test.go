package issuer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/partner"
)

// yearly is a pass of the exam whose certification lasts a year, by somebody.
func yearly(id, candidate, day string) issuer.Result {
	r := Pass(id, "E7", day)
	r.Candidate.ID, r.Candidate.Email = candidate, strings.ToLower(candidate)+"@home.test"
	return r
}

// until moves the clock to a day.
func until(t *testing.T, w *World, day string) {
	t.Helper()
	to, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(to.Sub(w.Clock.Now()))
}

// dropRenewals takes the letters about ends off the agenda, which have a test of their own.
func dropRenewals(t *testing.T, db *database.DB) {
	t.Helper()
	err := db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(context.Background(), `DELETE FROM agenda WHERE kind = 'award.renewal'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// doDue does what is due but letters about ends, and checks how much that was.
func doDue(t *testing.T, w *World, want int) {
	t.Helper()
	dropRenewals(t, w.DB)
	if done, err := w.DoDue(context.Background()); done != want || err != nil {
		t.Errorf("did %d things that were due, error %v, want %d", done, err, want)
	}
}

// badgeEvents are what the feed tells of badges but that they were offered: type, candidate and validity.
func badgeEvents(t *testing.T, w *World) (list []string) {
	t.Helper()
	for _, e := range feedOf(t, w, 0) {
		if e.Award != nil && e.Type != "badge.offered" {
			list = append(list, e.Type+" "+e.Candidate.ID+" "+e.Award.Validity)
		}
	}
	return list
}

// agendaOf is what is on the agenda beside reminders, in order.
func agendaOf(t *testing.T, db *database.DB) (rows []string) {
	t.Helper()
	var list []struct {
		Kind, Subject, Clock string
		At                   time.Time `db:"due_at"`
	}
	if err := db.Reader().Select(context.Background(), &list, `SELECT kind, subject, clock, due_at FROM agenda WHERE kind NOT IN ('claim.reminder', 'award.renewal') ORDER BY clock, due_at, subject`); err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		rows = append(rows, strings.TrimSpace(r.At.Format(time.DateTime)+" "+r.Kind+" "+r.Subject+" "+r.Clock))
	}
	return rows
}

// checkAgenda checks that the awards that stand and have still to end, and no others, are waited for on their day.
func checkAgenda(t *testing.T, w *World) {
	t.Helper()
	lists := map[string][]string{}
	for what, query := range map[string]string{
		"awards": `SELECT id || ' ' || expires_on FROM award WHERE revoked_at IS NULL AND superseded_by = '' AND expires_on > '2026-03-05' ORDER BY id`,
		"agenda": `SELECT subject || ' ' || SUBSTR(CAST(due_at AS TEXT), 1, 10) FROM agenda WHERE kind = 'award.expiry' AND due_at > '2026-03-05 00:00:00' ORDER BY subject`,
	} {
		var list []string
		if err := w.DB.Reader().Select(context.Background(), &list, query); err != nil {
			t.Fatal(err)
		}
		lists[what] = list
	}
	if diff := cmp.Diff(lists["awards"], lists["agenda"]); diff != "" || len(lists["awards"]) == 0 {
		t.Errorf("%d awards have still to end (-want +got on the agenda):\n%s", len(lists["awards"]), diff)
	}
}

// historyOf are the changes of an award with their days.
func historyOf(t *testing.T, w *World, caller partner.Caller, award string) (list []string) {
	t.Helper()
	entries, err := w.AwardHistory(context.Background(), caller, award)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.At.Format(time.DateOnly)+" "+string(e.Actor.Kind)+" "+e.Change)
	}
	return list
}

// TestExpiryIsTold once for each award that ends while it stands, in the order of the ends, with an entry in its
// history; nothing is told before its time, and nothing of what ends on no day or was over from the beginning.
func TestExpiryIsTold(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		june := awardOf(t, record(t, w, yearly("R-1", "C-1", "2025-06-02")), "C7")
		may := awardOf(t, record(t, w, yearly("R-2", "C-2", "2025-05-02")), "C7")
		over := awardOf(t, record(t, w, yearly("R-3", "C-3", "2024-01-01")), "C7")
		record(t, w, Pass("R-4", "E4", "2025-01-01")) // for ever
		sandbox, _ := w.Partner(t, "TestCo", true)
		test, err := w.Record(ctx, sandbox, yearly("R-1", "C-1", "2025-05-20"))
		if err != nil {
			t.Fatal(err)
		}
		tried := awardOf(t, test, "C7")
		want := []string{
			"2026-05-02 00:00:00 award.expiry " + may, "2026-06-02 00:00:00 award.expiry " + june,
			"2026-05-20 00:00:00 award.expiry " + tried + " " + sandbox.ID,
		}
		if diff := cmp.Diff(want, agendaOf(t, db)); diff != "" {
			t.Errorf("the agenda (-want +got):\n%s", diff)
		}
		until(t, w, "2026-05-01")
		w.Clock.Advance(24*time.Hour - time.Second)
		doDue(t, w, 0)
		w.Clock.Advance(time.Second)
		doDue(t, w, 1)
		w.Clock.Advance(-24 * time.Hour) // a clock that was wrong
		doDue(t, w, 0)
		until(t, w, "2026-07-01")
		doDue(t, w, 2)
		doDue(t, w, 0)
		if diff := cmp.Diff([]string{"badge.expired C-2 expired", "badge.expired C-1 expired"}, badgeEvents(t, w)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, a := range []struct {
			caller partner.Caller
			id     string
			want   []string
		}{
			{w.Caller, may, []string{"2026-03-05 system offered", "2026-05-02 system expired"}},
			{w.Caller, june, []string{"2026-03-05 system offered", "2026-06-02 system expired"}},
			{w.Caller, over, []string{"2026-03-05 system offered", "2026-03-05 system expired"}},
			{sandbox, tried, []string{"2026-03-05 system offered", "2026-05-20 system expired"}},
		} {
			if diff := cmp.Diff(a.want, historyOf(t, w, a.caller, a.id)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		}
		if left := agendaOf(t, db); len(left) > 0 {
			t.Errorf("still on the agenda: %v", left)
		}
	})
}

// TestEndsThatMove fall due on their new day only, withdrawn awards not at all, and what ends in the past because a
// renewal was taken back is told at once, unless that was told before.
func TestEndsThatMove(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		record(t, w, yearly("R-1", "C-renewed", "2025-06-02"))
		revoked := awardOf(t, record(t, w, yearly("R-2", "C-revoked", "2025-06-03")), "C7")
		record(t, w, yearly("R-3", "C-voided", "2025-06-04"))
		record(t, w, yearly("R-4", "C-replaced", "2025-09-01"))
		suspended := awardOf(t, record(t, w, yearly("R-5", "C-suspended", "2025-06-05")), "C7")
		record(t, w, yearly("R-6", "C-renewed", "2026-02-01")) // ends on 2027-02-01 then
		if _, err := w.RevokeAward(ctx, w.Caller, revoked, "cheated"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Void(ctx, w.Caller, "R-3", "cheated"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SuspendAward(ctx, w.Caller, suspended, "case 4711"); err != nil {
			t.Fatal(err)
		}
		record(t, w, yearly("R-7", "C-replaced", "2024-06-01")) // over already
		record(t, w, yearly("R-8", "C-replaced", "2025-03-01")) // renews that one until 2026-06-01, which takes over
		before := len(badgeEvents(t, w))
		if !slices.Contains(badgeEvents(t, w), "badge.superseded C-replaced superseded") {
			t.Fatal("nothing was superseded")
		}
		until(t, w, "2026-07-01")
		doDue(t, w, 2)
		if _, err := w.Void(ctx, w.Caller, "R-6", "cheated"); err != nil {
			t.Fatal(err)
		}
		doDue(t, w, 1) // ended a month ago, without that renewal
		record(t, w, yearly("R-9", "C-renewed", "2026-02-02"))
		if _, err := w.Void(ctx, w.Caller, "R-9", "cheated"); err != nil {
			t.Fatal(err)
		}
		doDue(t, w, 1)
		want := []string{
			"badge.expired C-replaced expired", "badge.expired C-suspended suspended",
			"badge.updated C-renewed expired", "badge.expired C-renewed expired",
			"badge.renewed C-renewed valid", "badge.updated C-renewed expired", "badge.expired C-renewed expired",
		}
		if diff := cmp.Diff(want, badgeEvents(t, w)[before:]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		until(t, w, "2030-01-01")
		doDue(t, w, 0)
		if left := agendaOf(t, db); len(left) > 0 {
			t.Errorf("still on the agenda: %v", left)
		}
	})
}

// TestTwoProcessesShareTheAgenda while results go on coming that renew what ends. Each end is told once and in
// order, and what was renewed in time is not told of.
func TestTwoProcessesShareTheAgenda(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		processes := []*World{On(t, db), On(t, db), On(t, db)}
		w := processes[0]
		const people = 250
		first := time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)
		var results []issuer.Result
		for n := range people {
			results = append(results, yearly(fmt.Sprint("R-", n), fmt.Sprintf("C-%03d", n), first.AddDate(0, 0, n%50).Format(time.DateOnly)))
		}
		rand.Shuffle(people, func(a, b int) { results[a], results[b] = results[b], results[a] })
		if _, errs := w.RecordAll(ctx, w.Caller, results); slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
			t.Fatal(errs)
		}
		for _, p := range processes {
			until(t, p, "2026-07-01")
		}
		dropRenewals(t, db)
		var group sync.WaitGroup
		var done [2]int
		for k := range done {
			group.Go(func() {
				var err error
				if done[k], err = processes[k].DoDue(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Go(func() { // late results
			for n := range 25 {
				w := processes[2]
				if _, err := w.Record(ctx, w.Caller, yearly(fmt.Sprint("L-", n), fmt.Sprintf("C-%03d", people-1-n*10), "2026-04-01")); err != nil {
					t.Error(err)
				}
			}
		})
		group.Wait()
		ends, renewals, last := 0, 0, ""
		told := map[string]string{}
		for _, e := range feedOf(t, w, 0) {
			switch e.Type {
			case "badge.expired":
				if told[e.Award.ID] != "" {
					t.Errorf("%s after %s: got badge.expired", e.Candidate.ID, told[e.Award.ID])
				}
				day := e.Raw[strings.Index(e.Raw, `"expires_on":"`):][:len(`"expires_on":"2026-05-01"`)]
				if day < last {
					t.Errorf("%s was told after %s", day, last)
				}
				ends, last = ends+1, day
			case "badge.renewed":
				renewals++
			default:
				continue
			}
			told[e.Award.ID] = e.Type
		}
		if ends != done[0]+done[1] || renewals != 25 || len(told) != people {
			t.Errorf("got %d and %d done, %d ends and %d renewals told of %d awards, want all %d", done[0], done[1], ends, renewals, len(told), people)
		}
		if left := agendaOf(t, db); len(left) != renewals {
			t.Errorf("got %d on the agenda, want the new ends of %d", len(left), renewals)
		}
	})
}

// TestWhatCannotBeDone does not hinder the rest, is tried again, and what a newer program put there is left alone.
func TestWhatCannotBeDone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		bad := awardOf(t, record(t, w, yearly("R-1", "C-1", "2025-05-01")), "C7")
		record(t, w, yearly("R-2", "C-2", "2025-05-02"))
		moved := awardOf(t, record(t, w, yearly("R-3", "C-3", "2025-05-03")), "C7")
		alter := func(statement string, args ...any) {
			t.Helper()
			if err := db.InTx(ctx, func(tx *database.Tx) error { _, err := tx.Exec(ctx, statement, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		alter(`UPDATE award SET supports = 'no list' WHERE id = ?`, bad)
		alter(`UPDATE award SET expires_on = '2026-09-01' WHERE id = ?`, moved) // by a program that knows no agenda
		alter(`INSERT INTO agenda (kind, subject, clock, due_at) VALUES ('newer.kind', 'x', '', '2026-01-01 00:00:00+00:00'), (?, 'gone', '', '2026-01-01 00:00:00+00:00')`, "award.expiry")
		until(t, w, "2026-06-01")
		dropRenewals(t, db)
		if done, err := w.DoDue(ctx); done != 3 || err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("did %d, error %v, want 3 and one about %s", done, err, bad)
		}
		alter(`UPDATE award SET supports = '["R-1"]' WHERE id = ?`, bad)
		doDue(t, w, 1)
		until(t, w, "2026-09-01")
		doDue(t, w, 1)
		want := []string{"badge.expired C-2 expired", "badge.expired C-1 expired", "badge.expired C-3 expired"}
		if diff := cmp.Diff(want, badgeEvents(t, w)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if left := agendaOf(t, db); !slices.Equal(left, []string{"2026-01-01 00:00:00 newer.kind x"}) {
			t.Errorf("on the agenda: %v", left)
		}
	})
}

// TestAgendaLoop does what is due when it begins, and soon what falls due then, and ends with its context.
func TestAgendaLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		record(t, w, yearly("R-1", "C-1", "2025-05-01"))
		record(t, w, yearly("R-2", "C-2", "2025-06-01"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		until(t, w, "2026-05-01")
		go func() { ended <- w.AgendaLoop(ctx) }()
		synctest.Wait()
		if got := badgeEvents(t, w); !slices.Equal(got, []string{"badge.expired C-1 expired"}) {
			t.Errorf("got %v at the beginning", got)
		}
		until(t, w, "2026-06-01")
		time.Sleep(10 * time.Second)
		if got := badgeEvents(t, w); len(got) != 2 {
			t.Errorf("got %v after ten seconds", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
