package issuer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
)

// TestOneLetterForLostMail lists everything that waits at an address, under however many candidates of however many
// partners, and what is offered elsewhere meanwhile leaves the link.
func TestOneLetterForLostMail(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := issuertest.On(t, db)
		other, _ := w.Partner(t, "OtherCo", false)
		sandbox, _ := w.Partner(t, "SandCo", true)
		record := func(caller partner.Caller, candidate, exam, address string) string {
			t.Helper()
			r := issuertest.Pass("R-"+candidate, exam, "2026-03-04")
			r.Candidate.ID, r.Candidate.Email = candidate, address
			receipt, err := w.Record(t.Context(), caller, r)
			if err != nil || len(receipt.Awards) != 1 {
				t.Fatal(receipt, err)
			}
			return receipt.Awards[0].ID
		}
		moves := record(w.Caller, "D2", "E4", "ana@home.test")
		w.Clock.Advance(time.Minute)
		record(w.Caller, "D1", "E1", "ana@home.test")
		record(other, "D3", "E1", "ana@home.test")
		record(sandbox, "D4", "E1", "ana@home.test")
		record(w.Caller, "D5", "E1", "ben@work.test")
		w.Work(t)
		ask := func() (live, test []issuer.OfferLetter) {
			t.Helper()
			before := len(w.Letters.Offers())
			if err := w.SendAgain(t.Context(), "Ana@Home.test"); err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			for _, l := range w.Letters.Offers()[before:] {
				if l.Email != "ana@home.test" || !l.Again {
					t.Errorf("got a letter to %s", l.Email)
				}
				if l.Sandbox {
					test = append(test, l)
				} else {
					live = append(live, l)
				}
			}
			return live, test
		}
		live, test := ask()
		if len(live) != 1 || len(live[0].Badges) != 3 || len(test) != 1 || len(test[0].Badges) != 1 {
			t.Fatalf("got %d letters and %d of sandboxes, want one of each with everything", len(live), len(test))
		}
		token := strings.TrimPrefix(live[0].ClaimURL, issuertest.BaseURL+"/claim/")
		claim, found, err := w.Claim(t.Context(), token)
		if err != nil || !found || len(claim.Badges) != 3 || claim.ReplacedAt != nil {
			t.Fatalf("the link leads to %+v, %v", claim, err)
		}
		if _, err := w.CorrectEmail(t.Context(), w.Caller, "D2", "eva@home.test", "typed wrong"); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if claim, _, err = w.Claim(t.Context(), token); err != nil || len(claim.Badges) != 2 {
			t.Errorf("the link leads to %d badges, %v, want those two that still wait there", len(claim.Badges), err)
		}
		h := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
		for _, b := range claim.Badges {
			if b.Award.ID == moves {
				t.Error("a badge that is offered elsewhere is shown")
			}
			if err := w.Accept(t.Context(), h, b.Award.ID, ledger.ByLink); err != nil {
				t.Error(err)
			}
		}
		if live, _ := ask(); len(live) != 0 {
			t.Errorf("got %d letters when nothing waits", len(live))
		}
		// However many there are, it is one letter.
		var many []issuer.Result
		for n := range 600 {
			r := issuertest.Pass(fmt.Sprint("M-", n), "E1", "2026-03-04")
			r.Candidate.ID = fmt.Sprint("M-", n)
			many = append(many, r)
		}
		if _, errs := w.RecordAll(t.Context(), w.Caller, many); errs[0] != nil {
			t.Fatal(errs[0])
		}
		w.Work(t)
		if live, _ := ask(); len(live) != 1 || len(live[0].Badges) != 500 {
			t.Errorf("got %d letters, want one with 500", len(live))
		}
	})
}
