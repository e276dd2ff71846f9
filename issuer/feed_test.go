package issuer_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// toldEvent is an event as the feed has it.
type toldEvent struct {
	Position int64  `db:"position"`
	Type     string `db:"type"`
	Raw      string `db:"data"`

	Result    *struct{ ID, Exam, Outcome, State string }
	Candidate *struct{ ID string }
	Award     *struct {
		ID, State, Validity string
		Results             []string
		Mail                issuer.Mail
	}
	Reason string
}

// feedOf are the events of TestCo after a position, whose positions follow on it.
func feedOf(t testing.TB, w *World, after int64) (list []toldEvent) {
	t.Helper()
	if err := w.DB.Reader().Select(context.Background(), &list,
		`SELECT position, type, data FROM partner_event WHERE partner_id = ? AND position > ? ORDER BY position`, w.Caller.ID, after); err != nil {
		t.Fatal(err)
	}
	for n := range list {
		if list[n].Position != after+int64(n)+1 {
			t.Errorf("position %d follows on %d", list[n].Position, after+int64(n))
		}
		if err := json.Unmarshal([]byte(list[n].Raw), &list[n]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestEventsFollowTheirResult: a result is told of before what follows from it, and what is told is what was true
// then, whatever becomes of it (contract 3.2).
func TestEventsFollowTheirResult(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID
		w.Work(t)
		if err := w.Accept(ctx, ana, id, ledger.Public); err != nil {
			t.Fatal(err)
		}
		second := Pass("R-2", "E4", "2026-01-03")
		second.Candidate.Name = "Ana Ruiz Gil"
		record(t, w, second)
		held := Pass("R-3", "E1", "2026-01-04")
		held.Identity = &issuer.IdentityCheck{Method: "government-id"}
		held.Candidate.Name = "Ana Ruiz Gil"
		record(t, w, held)
		for _, do := range []func() (issuer.Receipt, error){
			func() (issuer.Receipt, error) { return w.Release(ctx, w.Caller, "R-3", "was her") },
			func() (issuer.Receipt, error) {
				return w.Correct(ctx, w.Caller, "R-3", issuer.Correction{Outcome: programme.Fail, Reason: "recount"})
			},
			func() (issuer.Receipt, error) { return w.Void(ctx, w.Caller, "R-1", "cheated") },
		} {
			if _, err := do(); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, e := range feedOf(t, w, 0) {
			line := e.Type + " " + e.Candidate.ID
			if e.Result != nil {
				line += " " + strings.Join([]string{e.Result.ID, e.Result.Exam, e.Result.Outcome, e.Result.State}, " ")
			}
			if e.Award != nil {
				line += " " + strings.Join(append([]string{e.Award.State, e.Award.Validity, string(e.Award.Mail)}, e.Award.Results...), " ")
			}
			got = append(got, strings.TrimSpace(line+" "+e.Reason))
		}
		want := []string{
			"result.recorded C-77 R-1 E4 pass recorded",
			"badge.offered C-77 offered valid waiting R-1",
			"badge.accepted C-77 accepted valid sent R-1",
			"result.recorded C-77 R-2 E4 pass recorded",
			"candidate.updated C-77",
			"result.held C-77 R-3 E1 pass held",
			"result.released C-77 R-3 E1 pass recorded was her",
			"badge.offered C-77 offered valid waiting R-3",
			"result.corrected C-77 R-3 E1 fail recorded recount",
			"badge.revoked C-77 offered revoked none R-3 recount",
			"result.voided C-77 R-1 E4 pass voided cheated",
			"badge.updated C-77 accepted valid sent R-2",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestFeedOfABatch: many results in one transaction are told of in their order, each with what follows from it.
func TestFeedOfABatch(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		batch := []issuer.Result{Pass("R-1", "E2", "2026-01-02"), Pass("R-2", "E3", "2026-01-02"), Pass("R-3", "E2", "2026-01-02")}
		batch[2].Candidate.ID = "C-78"
		if _, errs := w.RecordAll(context.Background(), w.Caller, batch); slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
			t.Fatal(errs)
		}
		var got []string
		for _, e := range feedOf(t, w, 0) {
			got = append(got, e.Type+" "+e.Candidate.ID)
		}
		want := []string{
			"result.recorded C-77", "badge.offered C-77", "result.recorded C-77", "badge.offered C-77", "badge.offered C-77",
			"result.recorded C-78", "badge.offered C-78",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestFirstOfferIsToldWithItsMail: what is told of the letter to somebody new is right at once, and goes by the address
// that the last of their results gives.
func TestFirstOfferIsToldWithItsMail(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		record(t, w, Pass("R-0", "E2", "2026-01-01"))
		w.Work(t)
		if found, err := w.StopMail(ctx, strings.TrimPrefix(w.Letters.Offers()[0].StopURL, BaseURL+"/stop/")); err != nil || !found {
			t.Fatalf("found %v, error %v", found, err)
		}
		from := func(id, candidate, address, day string) issuer.Result {
			r := Pass(id, "E4", day)
			r.Candidate = issuer.Candidate{ID: candidate, Email: address, Name: "Ben Ito"}
			return r
		}
		for what, c := range map[string]struct {
			results []issuer.Result
			want    issuer.Mail
		}{
			"no stop":        {[]issuer.Result{from("R-1", "C-1", "ben@home.test", "2026-01-02")}, issuer.MailWaiting},
			"stop":           {[]issuer.Result{from("R-2", "C-2", "ana@home.test", "2026-01-02")}, issuer.MailStopped},
			"moved to stop":  {[]issuer.Result{from("R-3", "C-3", "ben@home.test", "2026-01-02"), from("R-4", "C-3", "ana@home.test", "2026-01-03")}, issuer.MailStopped},
			"moved off stop": {[]issuer.Result{from("R-5", "C-4", "ana@home.test", "2026-01-02"), from("R-6", "C-4", "ben@home.test", "2026-01-03")}, issuer.MailWaiting},
		} {
			before := len(feedOf(t, w, 0))
			receipts, errs := w.RecordAll(ctx, w.Caller, c.results)
			if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
				t.Fatal(what, errs)
			}
			a := receipts[0].Awards[0]
			want := issuer.Delivery{Candidate: c.results[0].Candidate.ID, Mail: c.want}
			if got := receipts[0].Deliveries[a.ID]; got != want {
				t.Errorf("%s: the receipt has %+v, want %+v", what, got, want)
			}
			for _, e := range feedOf(t, w, int64(before)) {
				if e.Award != nil && e.Award.Mail != c.want {
					t.Errorf("%s: %s tells that mail is %s, want %s", what, e.Type, e.Award.Mail, c.want)
				}
			}
		}
	})
}

// TestBouncedMailIsTold once, with the awards that it was to offer.
func TestBouncedMailIsTold(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		record(t, w, Pass("R-1", "E4", "2026-01-02"))
		record(t, w, Pass("R-2", "E1", "2026-01-02"))
		w.Letters.Refuse = func(issuer.OfferLetter) error { return ErrNoSuchAddress }
		w.Work(t)
		w.Letters.Refuse = nil
		var got []string
		for _, e := range feedOf(t, w, 4) {
			got = append(got, e.Type+" "+e.Candidate.ID+" "+string(e.Award.Mail)+" "+strings.Join(e.Award.Results, " "))
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"mail.bounced C-77 bounced R-1", "mail.bounced C-77 bounced R-2"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
