package issuer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// passOf is a pass of a candidate at an address of its own.
func passOf(candidate, id, exam, day string) issuer.Result {
	r := Pass(id, exam, day)
	r.Candidate.ID, r.Candidate.Email = candidate, strings.ToLower(candidate)+"@home.test"
	return r
}

// known makes candidates of a partner known, and returns their keys.
func known(t *testing.T, w *World, caller partner.Caller, candidates ...string) (keys []ledger.CandidateKey) {
	t.Helper()
	for _, c := range candidates {
		r := passOf(c, "F-"+c, "E4", "2025-01-01")
		r.Outcome = programme.Fail
		if _, err := w.Record(context.Background(), caller, r); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, ledger.CandidateKey{Partner: caller.ID, Number: c})
	}
	return keys
}

// standingOf are the awards of a candidate's ledger that stand, with the partner's own ids of their candidates.
func standingOf(t *testing.T, w *World, caller partner.Caller, candidate string) (list []string) {
	t.Helper()
	ctx := context.Background()
	awards, _, err := w.Awards(ctx, caller, issuer.Page{Candidate: candidate, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	letters, err := w.Deliveries(ctx, awards...)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range awards {
		if a.Stands() {
			list = append(list, a.Code+" of "+letters[a.ID].Candidate+" rests on "+strings.Join(a.Supports.IDsOf(caller.ID), " "))
		}
	}
	slices.Sort(list)
	return list
}

// Candidates who share a ledger earn together; each award is the candidate's whose result completed it.
func TestJointLedger(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		if err := w.Join(ctx, known(t, w, w.Caller, "A1", "A2", "A3")...); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Record(ctx, w.Caller, passOf("A2", "R-2", "E2", "2026-01-10")); err != nil {
			t.Fatal(err)
		}
		third := passOf("A1", "R-3", "E3", "2026-02-10")
		e, err := w.Explain(ctx, w.Caller, third)
		if err != nil || len(e.Offers) != 1 || e.Offers[0].Email != "a1@home.test" || len(e.Offers[0].Badges) != 2 {
			t.Errorf("explained %+v, error %v, want E3 and C2 offered to a1", e, err)
		}
		r, err := w.Record(ctx, w.Caller, third)
		if err != nil || len(r.Awards) != 2 {
			t.Fatalf("got %+v, error %v, want E3 and C2", r.Awards, err)
		}
		want := []string{"C2 of A1 rests on R-2 R-3", "E2 of A2 rests on R-2", "E3 of A1 rests on R-3"}
		for _, candidate := range []string{"A1", "A2", "A3"} {
			if got := standingOf(t, w, w.Caller, candidate); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", candidate, got, want)
			}
		}
		w.Work(t)
		to := map[string]int{}
		for _, l := range w.Letters.Offers() {
			to[l.Email] += len(l.Badges)
		}
		if to["a1@home.test"] != 2 || to["a2@home.test"] != 1 {
			t.Errorf("letters offer %v, want each badge at the address of its candidate", to)
		}
		if _, err := w.CorrectName(ctx, w.Caller, "A2", "Ana Ruíz Gil", "typing error"); err != nil {
			t.Fatal(err)
		}
		p, err := w.Profile(ctx, w.Caller, "A1")
		if err != nil || p.Name != "Ana Ruiz" || p.Email != "a1@home.test" || p.Mail != issuer.MailOK || !slices.Equal(p.MergedWith, []string{"A2", "A3"}) {
			t.Errorf("got %+v, error %v, want A1 with its own facts beside A2 and A3", p, err)
		}
		if _, err := w.Void(ctx, w.Caller, "R-2", "cheated"); err != nil {
			t.Fatal(err)
		}
		if got, want := standingOf(t, w, w.Caller, "A3"), []string{"E3 of A1 rests on R-3"}; !slices.Equal(got, want) {
			t.Errorf("after the void: got %q, want %q", got, want)
		}
	})
}

// Partners whose candidates share a ledger hear of their own results and awards alone.
func TestJointLedgerOfTwoPartners(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		other, _ := w.Partner(t, "OtherCo", false)
		if err := w.Join(ctx, append(known(t, w, w.Caller, "A"), known(t, w, other, "B")...)...); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Record(ctx, w.Caller, passOf("A", "R-1", "E2", "2026-01-10")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Record(ctx, other, passOf("B", "R-1", "E3", "2026-02-10")); err != nil { // the same id
			t.Fatal(err)
		}
		if got, want := standingOf(t, w, w.Caller, "A"), []string{"E2 of A rests on R-1"}; !slices.Equal(got, want) {
			t.Errorf("TestCo: got %q, want %q", got, want)
		}
		if got, want := standingOf(t, w, other, "B"), []string{"C2 of B rests on R-1", "E3 of B rests on R-1"}; !slices.Equal(got, want) {
			t.Errorf("OtherCo: got %q, want %q", got, want)
		}
		earlier, err := w.Record(ctx, w.Caller, passOf("A", "R-0", "E3", "2025-12-10"))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range earlier.Decisions {
			if d.Award != "" {
				t.Errorf("TestCo is told of award %s of %+v, which is OtherCo's", d.Award, d.Subject)
			}
		}
		if got, want := standingOf(t, w, other, "B"), []string{"C2 of B rests on ", "E3 of B rests on "}; !slices.Equal(got, want) {
			t.Errorf("OtherCo after an earlier pass: got %q, want %q", got, want)
		}
		if p, err := w.Profile(ctx, other, "B"); err != nil || len(p.MergedWith) != 0 {
			t.Errorf("OtherCo is told of %q, error %v, want nobody", p.MergedWith, err)
		}
		if _, err := w.Void(ctx, w.Caller, "R-0", "cheated"); err != nil {
			t.Fatal(err)
		}
		if got, want := standingOf(t, w, other, "B"), []string{"C2 of B rests on R-1", "E3 of B rests on R-1"}; !slices.Equal(got, want) {
			t.Errorf("OtherCo after that was voided: got %q, want %q", got, want)
		}
	})
}

// Two processes post to all candidates of a joint ledger and to others at once, alone and together.
func TestConcurrentPostsToAJointLedger(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		worlds := []*World{On(t, db), On(t, db)}
		caller := worlds[0].Caller
		if err := worlds[0].Join(ctx, known(t, worlds[0], caller, "B", "A", "C")...); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for k, candidates := range [][]string{{"A", "B"}, {"B", "C"}, {"C", "X", "A"}, {"X", "B"}, {"A"}, {"B"}, {"X"}, {"C"}} {
			wg.Go(func() {
				var batch []issuer.Result
				for n, exam := range []string{"E1", "E2", "E3"} {
					batch = append(batch, passOf(candidates[n%len(candidates)], fmt.Sprintf("R-%d-%s", k, exam), exam, fmt.Sprintf("2026-02-%02d", 1+(k*3+n)%5)))
				}
				_, errs := worlds[k%2].RecordAll(ctx, caller, batch)
				for _, err := range errs {
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for _, candidate := range []string{"A", "X"} {
			got := standingOf(t, worlds[0], caller, candidate)
			for n := range got {
				got[n] = got[n][:2]
			}
			if candidate == "A" && !slices.Equal(got, []string{"C1", "C2", "E2", "E3"}) {
				t.Errorf("%s: got %q, want each badge once", candidate, got)
			}
		}
	})
}
