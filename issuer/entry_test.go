package issuer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// TestHistoryTellsWhoDidWhat lets everybody do everything to an award and its results. Whatever an event told of
// the award stands in its history too, with who did it, the oldest first; what is older than the entries is
// derived; and reasons are for whoever gave them.
func TestHistoryTellsWhoDidWhat(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		award := awardOf(t, record(t, w, Pass("R-1", "E7", "2025-04-01")), "C7")
		w.Work(t)
		step := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			w.Clock.Advance(time.Minute)
		}
		alter := func(verb func(context.Context, partner.Caller, string, string) (*ledger.Award, error), reason string) {
			t.Helper()
			_, err := verb(ctx, w.Caller, award, reason)
			step(err)
		}
		offer := w.Letters.Offers()[0].ClaimURL
		_, err := w.Dispute(ctx, offer[strings.LastIndex(offer, "/")+1:], ledger.NeverTook)
		step(err)
		_, err = w.Resend(ctx, w.Caller, award)
		step(err)
		step(w.Accept(ctx, ana, award, ledger.ByLink))
		step(w.Show(ctx, ana, award, ledger.Public)) // nobody's business
		step(w.Decline(ctx, ana, award))
		step(w.Accept(ctx, ana, award, ledger.Public))
		record(t, w, Pass("R-2", "E7", "2026-02-01"))
		step(nil)
		_, err = w.CorrectName(ctx, w.Caller, "C-77", "Ana María Ruiz", "marriage")
		step(err)
		alter(w.SuspendAward, "case 4711")
		alter(w.ReinstateAward, "cleared")
		_, err = w.Correct(ctx, w.Caller, "R-2", issuer.Correction{Outcome: programme.Fail, Reason: "recount"})
		step(err)
		_, err = w.Void(ctx, w.Caller, "R-1", "cheated")
		step(err)

		testCo, person, system := "partner TestCo", "person Ana Ruiz", "system "
		want := []string{
			system + "offered", "person disputed: never_took", testCo + " undisputed", person + " accepted", person + " declined", person + " accepted", system + "renewed", testCo + " renamed: marriage",
			testCo + " suspended: case 4711", testCo + " reinstated: cleared", testCo + " updated", testCo + " revoked: cheated",
		}
		check := func(want []string, of func(context.Context, partner.Caller, string) ([]ledger.Entry, error), caller partner.Caller, id string) {
			t.Helper()
			list, err := of(ctx, caller, id)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for k, e := range list {
				line := string(e.Actor.Kind) + " " + e.Actor.Name
				line = strings.TrimSuffix(line, " ") + " " + e.Change
				if e.Reason != "" {
					line += ": " + e.Reason
				}
				if got = append(got, line); k > 0 && e.At.Before(list[k-1].At) {
					t.Errorf("%s comes after %s", line, got[k-1])
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
		check(want, w.AwardHistory, w.Caller, award)
		check([]string{testCo + " recorded", testCo + " voided: cheated"}, w.ResultHistory, w.Caller, "R-1")
		check([]string{testCo + " recorded", testCo + " corrected: recount"}, w.ResultHistory, w.Caller, "R-2")

		var events []string
		if err := db.Reader().Select(ctx, &events, `SELECT type FROM partner_event WHERE data LIKE ? ORDER BY position`, `%"award":{"id":"`+award+`"%`); err != nil {
			t.Fatal(err)
		}
		if len(events) != len(want) {
			t.Errorf("got events %v, want one for each entry", events)
		}

		// What is known of an award from before there were entries.
		if err := db.InTx(ctx, func(tx *database.Tx) error { _, err := tx.Exec(ctx, `DELETE FROM award_entry`); return err }); err != nil {
			t.Fatal(err)
		}
		check([]string{system + "offered", "person Ana María Ruiz accepted", testCo + " revoked: cheated"}, w.AwardHistory, w.Caller, award)
		other, _ := w.Partner(t, "Other", false)
		if _, err := w.AwardHistory(ctx, other, award); code(err) != "not_found" {
			t.Errorf("another partner's award: %v", err)
		}
		if _, err := w.ResultHistory(ctx, other, "R-1"); code(err) != "not_found" {
			t.Errorf("another partner's result: %v", err)
		}
	})
}
