package issuer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// TestAnyOrderGivesTheSameAwards posts random ledgers in random orders with repeats, each order to a
// candidate of its own and partly through another process on the same database, and compares what
// everybody ended up with.
func TestAnyOrderGivesTheSameAwards(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		applyFrom(t, w, more, "2000-01-01")
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			results := rapid.SliceOfNDistinct(rapid.Custom(randomResult), 1, 8, func(r issuer.Result) string { return r.ID }).Draw(r, "results")
			inOrder := slices.Clone(results)
			sort.Slice(inOrder, func(a, b int) bool { return inOrder[a].TakenAt.Before(inOrder[b].TakenAt) })
			want := post(r, w, fmt.Sprintf("%d-sorted", n), inOrder)
			shuffled := rapid.Permutation(append(slices.Clone(results), results...)).Draw(r, "order")
			if got := post(r, w, fmt.Sprintf("%d-random", n), shuffled); got != want {
				r.Fatalf("got awards\n%s\nwant\n%s", got, want)
			}
		})
		checkAgenda(t, w)
	})
}

func randomResult(t *rapid.T) issuer.Result {
	day := time.Date(2023, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1100).Draw(t, "day"))
	r := Pass(fmt.Sprintf("R-%d", rapid.IntRange(0, 99).Draw(t, "id")), rapid.SampledFrom([]string{"E1", "E2", "E2-OLD", "E3", "E4", "E5", "E6", "E7", "E7", "E8"}).Draw(t, "exam"), day.Format(time.DateOnly))
	r.Outcome = rapid.SampledFrom([]programme.Mark{"pass", "pass", "pass", "fail", "no_show"}).Draw(t, "outcome")
	return r
}

// post records the results for a new candidate and returns what stands in the end, line by line. Each
// result is explained first.
func post(t *rapid.T, w *World, candidate string, results []issuer.Result) string {
	ctx := context.Background()
	known := map[string]bool{}
	for _, r := range results {
		r.ID, r.Candidate.ID = candidate+"/"+r.ID, candidate
		e, err := w.Explain(ctx, w.Caller, r)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := w.Record(ctx, w.Caller, r)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, e, receipt, known)
		for _, a := range receipt.Awards {
			known[a.ID] = true
		}
	}
	awards, _, err := w.Awards(ctx, w.Caller, issuer.Page{Candidate: candidate, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, a := range awards {
		if v := a.Validity(w.Today()); v == ledger.Valid || v == ledger.Expired {
			lines = append(lines, fmt.Sprintf("%s %s %s-%s by %s", a.Kind, a.Code, a.EarnedOn, a.ExpiresOn, strings.TrimPrefix(a.ResultID, candidate)))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// compare checks that a result did what its explanation said.
func compare(t *rapid.T, e issuer.Explanation, r issuer.Receipt, known map[string]bool) {
	var offers, changes []programme.Subject
	for _, a := range r.Awards {
		switch {
		case !known[a.ID]:
			offers = append(offers, a.Subject())
		case a.Successor == "":
			changes = append(changes, a.Subject())
		}
	}
	decisions := slices.Clone(r.Decisions)
	for k := range decisions {
		if !known[decisions[k].Award] {
			decisions[k].Award = "" // new, and nobody could know its id
		}
	}
	if r.Replayed {
		offers, changes, decisions = nil, nil, r.Decisions
	}
	var offered []programme.Subject // of one person, at one address
	for _, o := range e.Offers {
		offered = o.Badges
	}
	if diff := gocmp.Diff([]any{decisions, offers, changes, r.Replayed}, []any{e.Decisions, offered, e.Changes, e.Replayed}); diff != "" || len(e.Offers) > 1 {
		t.Fatalf("recorded (-) and explained (+):\n%s", diff)
	}
}

// TestConcurrentPosts has two processes post the same results of the same people at once.
func TestConcurrentPosts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		worlds := []*World{On(t, db), On(t, db)}
		const people, repeats = 10, 4
		var wg sync.WaitGroup
		for k := range people * repeats {
			for _, exam := range []string{"E1", "E2", "E3"} {
				wg.Go(func() {
					w := worlds[k%2]
					r := Pass(fmt.Sprintf("R-%d-%s", k%people, exam), exam, "2026-03-04")
					r.Candidate.ID = fmt.Sprintf("C-%d", k%people)
					if _, err := w.Record(ctx, worlds[0].Caller, r); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for _, w := range worlds {
			w.Work(t)
		}
		awards, _, err := worlds[0].Awards(ctx, worlds[0].Caller, issuer.Page{Limit: 200})
		if err != nil || len(awards) != 4*people { // C1, E2, E3, C2
			t.Errorf("got %d awards, error %v, want %d", len(awards), err, 4*people)
		}
		offered := 0
		for _, w := range worlds {
			for _, l := range w.Letters.Offers() {
				offered += len(l.Badges)
			}
		}
		if offered != 4*people {
			t.Errorf("got %d badges in letters, want each of %d once", offered, 4*people)
		}
	})
}

// TestBadResultIsRefusedWhole lists everything that is wrong and stores nothing.
func TestBadResultIsRefusedWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	r := Pass("", "E22", "2027-03-04")
	r.Candidate.Email = "ana@@home.test"
	var refused *refusal.Error
	if _, err := w.Record(ctx, w.Caller, r); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	var pointers []string
	for _, f := range refused.Fields {
		pointers = append(pointers, f.Pointer)
	}
	slices.Sort(pointers)
	if want := []string{"/candidate/email", "/exam", "/id", "/taken_at"}; !slices.Equal(pointers, want) {
		t.Errorf("got faults at %v, want %v", pointers, want)
	}
	if list, _, _ := w.Results(ctx, w.Caller, issuer.Page{}); len(list) != 0 {
		t.Errorf("got %d results stored, want none", len(list))
	}
}

func TestStaffRevocationHolds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	first, err := w.Record(ctx, w.Caller, Pass("R-1", "E1", "2026-03-01"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RevokeAward(ctx, w.Caller, first.Awards[0].ID, "misconduct"); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Record(ctx, w.Caller, Pass("R-0", "E1", "2026-02-01")); err != nil || len(r.Awards) != 0 {
		t.Errorf("an earlier result gave %v, error %v, want no award", r.Awards, err)
	}
	w.Clock.Advance(48 * time.Hour)
	again, err := w.Record(ctx, w.Caller, Pass("R-2", "E1", "2026-03-06"))
	if err != nil || len(again.Awards) != 1 || again.Awards[0].ID == first.Awards[0].ID {
		t.Errorf("a new pass gave %v, error %v, want a new award", again.Awards, err)
	}
}

func TestVoidAndCorrectionReconcile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	for _, r := range []issuer.Result{Pass("R-1", "E2", "2026-01-10"), Pass("R-2", "E3", "2026-02-10")} {
		if _, err := w.Record(ctx, w.Caller, r); err != nil {
			t.Fatal(err)
		}
	}
	voided, err := w.Correct(ctx, w.Caller, "R-1", issuer.Correction{Outcome: "fail", Reason: "scoring"})
	if err != nil {
		t.Fatal(err)
	}
	if len(voided.Awards) != 2 || voided.Awards[0].Code != "C2" || voided.Awards[0].Revocation != ledger.ByVoid {
		t.Fatalf("got %+v, want C2 and E2 revoked", voided.Awards)
	}
	back, err := w.Correct(ctx, w.Caller, "R-1", issuer.Correction{Outcome: "pass", Reason: "appeal"})
	if err != nil || len(back.Awards) != 2 || back.Awards[0].RevokedAt != nil || back.Awards[0].ID == voided.Awards[0].ID {
		t.Fatalf("got %+v, error %v, want two new awards", back.Awards, err)
	}
	if back.Awards[0].EarnedOn.String() != "2026-02-10" {
		t.Errorf("got C2 earned on %s, want the original day", back.Awards[0].EarnedOn)
	}
}

func TestHeldResultWaitsForRelease(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	r := Pass("R-1", "E4", "2026-03-01")
	r.Identity = &issuer.IdentityCheck{Method: "passport", Matched: false}
	receipt, err := w.Record(ctx, w.Caller, r)
	if err != nil || receipt.Result.State != ledger.StateHeld || len(receipt.Awards) != 0 || receipt.Decisions[0].Reason != programme.IdentityMismatch {
		t.Fatalf("got %+v, error %v, want a held result", receipt, err)
	}
	released, err := w.Release(ctx, w.Caller, "R-1", "checked by hand")
	if err != nil || len(released.Awards) != 1 {
		t.Errorf("got %+v, error %v, want an award", released, err)
	}
}

func TestProgrammeChangeGivesAndTakesNothingAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	if _, err := w.Record(ctx, w.Caller, Pass("R-1", "E4", "2026-03-01")); err != nil {
		t.Fatal(err)
	}
	p, err := programme.Parse(strings.NewReader(strings.Replace(Programme, "{code: E4, name: Stand-alone Exam}", "{code: E4, name: Stand-alone Exam, badge: never}", 1)), "x.yaml")
	if err != nil {
		t.Fatal(err)
	}
	from, _ := programme.ParseDate("2026-01-01")
	plan, err := w.PlanProgramme(ctx, p, from, nil)
	if err != nil || len(plan.Changed) != 1 {
		t.Fatalf("got plan %+v, error %v, want one change", plan, err)
	}
	if err := w.ApplyProgramme(ctx, plan); err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	awards, _, _ := w.Awards(ctx, w.Caller, issuer.Page{})
	if len(awards) != 1 || awards[0].RevokedAt != nil || !awards[0].Kept {
		t.Errorf("got %+v, want the award kept", awards)
	}
	if again, err := w.PlanProgramme(ctx, p, programme.Date{}, nil); err != nil || !again.Empty() {
		t.Errorf("got plan %+v, error %v, want an empty one", again, err)
	}
}
