package issuer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
)

func plan(t *testing.T, w *World, file, from string) issuer.ProgrammePlan {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(file), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	day, err := programme.ParseDate(from)
	if err != nil {
		t.Fatal(err)
	}
	pl, err := w.PlanProgramme(context.Background(), p, day, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pl
}

// TestPlanTellsWhatWillHappen compares the gains of a plan with what the reconciliation gives, for more
// candidates than it takes at a time.
func TestPlanTellsWhatWillHappen(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		const people = 203
		var results []issuer.Result
		for n := range people {
			r := Pass(fmt.Sprint("R-", n), "E4", "2026-01-01")
			r.Candidate.ID, r.Candidate.Email = r.ID, fmt.Sprintf("c%d@home.test", n)
			results = append(results, r)
		}
		if _, errs := w.RecordAll(ctx, w.Caller, results); errors.Join(errs...) != nil {
			t.Fatal(errs)
		}
		w.Work(t)
		next := strings.Replace(Programme, "certifications:\n", "certifications:\n  - {code: C4, name: New, requires: {exam: E4}}\n", 1)
		first, second := plan(t, w, next, "2000-01-01"), plan(t, w, next, "2000-01-01")
		subject := programme.Subject{Kind: programme.KindCertification, Code: "C4"}
		if first.Gains[subject] != people || len(first.Gains) != 1 || first.Letters != people {
			t.Errorf("got gains %v and %d letters, want %d of C4", first.Gains, first.Letters, people)
		}
		if n := len(allAwards(t, w, issuer.Page{})); n != people {
			t.Errorf("planning changed something: %d awards", n)
		}
		if err := w.ApplyProgramme(ctx, first); err != nil {
			t.Fatal(err)
		}
		if err := w.ApplyProgramme(ctx, second); code(err) != "programme_changed" {
			t.Errorf("got %v, want a plan of before to be refused", err)
		}
		if err := w.ApplyProgramme(ctx, plan(t, w, next, "2000-01-01")); err != nil {
			t.Errorf("an empty plan: %v", err)
		}
		w.Work(t)
		if n := len(allAwards(t, w, issuer.Page{})); n != 2*people {
			t.Errorf("got %d awards, want %d", n, 2*people)
		}
		w.Clock.Advance(2 * time.Minute) // a second reconciliation finds nothing to do
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 2*people {
			t.Errorf("got %d letters, want %d", n, 2*people)
		}
	})
}

// TestPlanTellsHowFarItIs, from none to all ledgers, some hundred at a time.
func TestPlanTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		var results []issuer.Result
		for n := range 203 {
			r := Pass(fmt.Sprint("R-", n), "E4", "2026-01-01")
			r.Candidate.ID = r.ID
			results = append(results, r)
		}
		if _, errs := w.RecordAll(ctx, w.Caller, results); errors.Join(errs...) != nil {
			t.Fatal(errs)
		}
		p, err := programme.Parse(strings.NewReader(strings.Replace(Programme, "name: Stand-alone Exam", "name: Other", 1)), "x.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var told [][2]int
		_, err = w.PlanProgramme(ctx, p, programme.Date{}, func(done, total int) { told = append(told, [2]int{done, total}) })
		if want := [][2]int{{0, 203}, {200, 203}, {203, 203}}; err != nil || !slices.Equal(told, want) {
			t.Errorf("got %v, error %v, want %v", told, err, want)
		}
	})
}

// TestAnotherProcessAppliesAProgramme is noticed with the next result.
func TestAnotherProcessAppliesAProgramme(t *testing.T) {
	t.Parallel()
	w := New(t)
	other := On(t, w.DB)
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	applyFrom(t, other, strings.Replace(Programme, "certifications:\n", "  - {code: E10, name: Brand-new}\ncertifications:\n", 1), "2000-01-01")
	if r := record(t, w, Pass("R-2", "E10", "2026-01-02")); len(r.Awards) != 1 {
		t.Errorf("got %+v, want an award", r)
	}
}

// TestNames are those of the newest version, and codes where there is none.
func TestNames(t *testing.T) {
	t.Parallel()
	w := New(t)
	h, err := w.History(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range []programme.Subject{{Kind: programme.KindExam, Code: "E1"}, {Kind: programme.KindCertification, Code: "C1"}, {Kind: programme.KindExam, Code: "C1"}} {
		got = append(got, catalogue.Name(h, s, "es"))
	}
	if want := []string{"Examen de nube", "Fundamentos de nube", "C1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPlanTellsOfOtherDays: passes taken before the day do not count for what is added, and a version of a later
// day goes on ruling from it, whichever was applied first.
func TestPlanTellsOfOtherDays(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	r := Pass("R-1", "E4", "2026-01-01")
	if _, err := w.Record(ctx, w.Caller, r); err != nil {
		t.Fatal(err)
	}
	next := strings.Replace(Programme, "certifications:\n", "certifications:\n  - {code: C4, name: New, requires: {exam: E4}}\n", 1)
	late := plan(t, w, next, "2026-02-01")
	if late.Uncounted != 1 || len(late.Gains) != 0 || len(late.Later) != 0 {
		t.Errorf("from after the pass: got %d passes that do not count, gains %v, later %v", late.Uncounted, late.Gains, late.Later)
	}
	if err := w.ApplyProgramme(ctx, late); err != nil {
		t.Fatal(err)
	}
	early := plan(t, w, strings.Replace(next, "C4, name: New", "C4, name: Newer", 1), "2026-01-15")
	if len(early.Later) != 1 || early.Later[0].Number != 2 {
		t.Errorf("from an earlier day: got %v going on, want version 2", early.Later)
	}
}
