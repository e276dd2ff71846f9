package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// TestDecisionNamesItsAward names the award that a result is about, not just the newest.
func TestDecisionNamesItsAward(t *testing.T) {
	t.Parallel()
	w := New(t)
	later := record(t, w, Pass("R-2", "E7", "2024-06-01")).Awards[0].ID
	late := record(t, w, Pass("R-1", "E7", "2023-01-01"))
	named := func(r issuer.Receipt) string {
		for _, d := range r.Decisions {
			if d.Subject.Kind == programme.KindCertification {
				return d.Award
			}
		}
		return ""
	}
	if len(late.Awards) != 1 || named(late) != late.Awards[0].ID {
		t.Errorf("earned: got award %q, want the new one", named(late))
	}
	for _, test := range []struct{ day, want string }{{"2023-02-01", late.Awards[0].ID}, {"2024-07-01", later}} {
		r := record(t, w, Pass("R-"+test.day, "E7", test.day))
		if r.Decisions[0].Reason != programme.ImpliedByCertification || r.Decisions[0].Award != test.want || named(r) != test.want {
			t.Errorf("passed again on %s: got %+v, want award %s", test.day, r.Decisions, test.want)
		}
	}
	if r := record(t, w, Pass("R-3", "E7", "2025-05-01")); named(r) != later || r.Awards[0].ID != later {
		t.Errorf("renewed: got %q, want %s", named(r), later)
	}
}

// TestRecordAll records what it can, answers in order, and takes a result once that comes twice.
func TestRecordAll(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		conflict := Pass("R-1", "E2", "2026-01-01")
		conflict.Candidate.ID = "C-nobody"
		bad := Pass("R-3", "E22", "2026-01-01")
		results := []issuer.Result{Pass("R-1", "E1", "2026-01-01"), bad, Pass("R-1", "E1", "2026-01-01"), conflict, Pass("R-2", "E2-OLD", "2026-01-02")}
		receipts, errs := w.RecordAll(ctx, w.Caller, results)
		var got []string
		for k := range results {
			got = append(got, fmt.Sprintf("%s/%d/%v", code(errs[k]), len(receipts[k].Awards), receipts[k].Replayed))
		}
		if s, want := strings.Join(got, " "), "/1/false unknown_exam/0/false /1/true result_conflict/0/false /1/false"; s != want {
			t.Errorf("got %s, want %s", s, want)
		}
		if receipts[4].Result.Exam != "E2" {
			t.Errorf("got exam %s, want what the alias means", receipts[4].Result.Exam)
		}
		if known, err := candidates(t, w); err != nil || known != 1 {
			t.Errorf("got %d candidates, error %v, want none of a result that was refused", known, err)
		}
		again, errs := w.RecordAll(ctx, w.Caller, results)
		if errors.Join(errs[0], errs[2], errs[4]) != nil || !again[0].Replayed || again[0].Awards[0].ID != receipts[0].Awards[0].ID {
			t.Errorf("again: got %+v, errors %v", again[0], errs)
		}
	})
}

func candidates(t *testing.T, w *World) (n int, err error) {
	t.Helper()
	_, err = w.DB.Reader().Get(context.Background(), &n, `SELECT COUNT(*) FROM candidate`)
	return n, err
}

// TestWithdrawnPost does not record what nobody waits for any more.
func TestWithdrawnPost(t *testing.T) {
	t.Parallel()
	w := New(t)
	held, release := make(chan bool), make(chan bool)
	go func() {
		_ = w.DB.InTx(context.Background(), func(*database.Tx) error { // the one writer of SQLite
			held <- true
			<-release
			return nil
		})
	}()
	<-held
	var leader sync.WaitGroup
	leader.Go(func() { record(t, w, Pass("R-1", "E4", "2026-01-01")) })
	for w.Busy() == 0 {
		runtime.Gosched() // until R-1 has the lane
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := w.Record(ctx, w.Caller, Pass("R-2", "E2", "2026-01-01")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the time", err)
	}
	close(release)
	leader.Wait()
	record(t, w, Pass("R-3", "E3", "2026-01-01"))
	if got := strings.Join(allResults(t, w, issuer.Page{Candidate: "C-77"}), " "); got != "R-1 R-3" {
		t.Errorf("got %s, want nothing of the post that was withdrawn", got)
	}
}

// TestFailedCommit leaves nothing behind that hinders the next attempt.
func TestFailedCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	err := w.RecordAnd(ctx, w.Caller, Pass("R-1", "E2", "2026-01-01"), func(t *database.Tx) error {
		if _, err := t.Exec(ctx, `PRAGMA defer_foreign_keys = ON`); err != nil {
			return err
		}
		_, err := t.Exec(ctx, `INSERT INTO claim (id, digest, candidate_id, email, awards, created_at, disowned_reason) VALUES ('x', 'x', 'nobody', '', '', ?, '')`, Start)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "commit") {
		t.Fatalf("got %v, want a failed commit", err)
	}
	if n, err := w.IssuePending(ctx); n != 0 || err != nil {
		t.Errorf("issued %d, error %v, want nothing of it", n, err)
	}
	if r := record(t, w, Pass("R-1", "E2", "2026-01-01")); r.Replayed || len(r.Awards) != 1 {
		t.Errorf("got %+v, want it recorded at last", r)
	}
}

// TestUnreadableLedger records what comes together with a result whose ledger cannot be read.
func TestUnreadableLedger(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		record(t, w, Pass("R-1", "E4", "2026-01-01"))
		err := db.InTx(ctx, func(t *database.Tx) error {
			_, err := t.Exec(ctx, `UPDATE award SET supports = '{'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sound := Pass("R-3", "E4", "2026-01-01")
		sound.Candidate.ID = "C-78"
		receipts, errs := w.RecordAll(ctx, w.Caller, []issuer.Result{Pass("R-2", "E2", "2026-01-01"), sound})
		if errs[0] == nil || errs[1] != nil || len(receipts[1].Awards) != 1 {
			t.Errorf("got %+v, errors %v, want the second one recorded", receipts, errs)
		}
	})
}

// TestCheck refuses what Record would refuse, and stores nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	if err := w.Check(ctx, Pass("R-1", "E4", "2026-01-01")); err != nil {
		t.Error(err)
	}
	if err := w.Check(ctx, Pass("R-1", "E44", "2026-01-01")); code(err) != "unknown_exam" {
		t.Errorf("got %v, want a refusal", err)
	}
	if known, err := candidates(t, w); err != nil || known != 0 {
		t.Errorf("got %d candidates, error %v", known, err)
	}
}

// TestManyAwardsOfOneResult makes, issues and revokes a dozen together.
func TestManyAwardsOfOneResult(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	file := "certifications:\n"
	for n := range 12 {
		file += fmt.Sprintf("  - {code: X%d, name: X, requires: {exam: E4}}\n", n)
	}
	applyFrom(t, w, strings.Replace(Programme, "certifications:\n", file, 1), "2000-01-01")
	r := Pass("R-1", "E4", "2026-01-01")
	if got := record(t, w, r); len(got.Awards) != 12 {
		t.Fatalf("got %d awards, want 12", len(got.Awards))
	}
	voided, err := w.Void(ctx, w.Caller, "R-1", "mistake")
	if err != nil || len(voided.Awards) != 12 || len(voided.Decisions) != 13 {
		t.Errorf("got %d awards and %d decisions, error %v", len(voided.Awards), len(voided.Decisions), err)
	}
	again, err := w.Void(ctx, w.Caller, "R-1", "once more")
	if err != nil || !again.Replayed || len(again.Awards) != 12 {
		t.Errorf("voided again: got %d awards, replayed %v, error %v", len(again.Awards), again.Replayed, err)
	}
}

// TestChangesOfAResult are refused where they make no sense.
func TestChangesOfAResult(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	correct := func(c issuer.Correction) error { return second(w.Correct(ctx, w.Caller, "R-1", c)) }
	for _, test := range []struct {
		what, want string
		err        error
	}{
		{"nothing to correct", "validation_failed", correct(issuer.Correction{Reason: "r"})},
		{"no reason", "validation_failed", correct(issuer.Correction{Outcome: "fail"})},
		{"bad outcome", "validation_failed", correct(issuer.Correction{Outcome: "maybe", Reason: "r"})},
		{"bad number", "validation_failed", correct(issuer.Correction{Score: number("-1"), Reason: "r"})},
		{"score", "", correct(issuer.Correction{Score: number("700"), MaxScore: number("1000"), Reason: "r"})},
		{"score above the maximum of before", "validation_failed", correct(issuer.Correction{Score: number("1001"), Reason: "r"})},
		{"unknown", "not_found", second(w.Void(ctx, w.Caller, "R-9", "r"))},
		{"nothing held", "", second(w.Release(ctx, w.Caller, "R-1", "r"))},
		{"void", "", second(w.Void(ctx, w.Caller, "R-1", "r"))},
		{"voided", "result_voided", correct(issuer.Correction{Outcome: "fail", Reason: "r"})},
		{"voided", "result_voided", second(w.Release(ctx, w.Caller, "R-1", "r"))},
	} {
		if code(test.err) != test.want || test.want == "" && test.err != nil {
			t.Errorf("%s: got %v, want %q", test.what, test.err, test.want)
		}
	}
	if r, err := w.Result(ctx, w.Caller, "R-1"); err != nil || r.Result.Score != "700" || r.Result.State != ledger.StateVoided {
		t.Errorf("got %+v, error %v", r.Result, err)
	}
}

// TestIdentityFollows keeps how the person was checked at the exam that completed the award.
func TestIdentityFollows(t *testing.T) {
	t.Parallel()
	w := New(t)
	checked := func(r issuer.Result, method string) issuer.Result {
		r.Identity = &issuer.IdentityCheck{Method: method, Matched: true}
		return r
	}
	if a := record(t, w, checked(Pass("R-2", "E4", "2026-01-02"), "passport")).Awards[0]; a.Identity != "passport" {
		t.Errorf("got %q", a.Identity)
	}
	if a := record(t, w, checked(Pass("R-1", "E4", "2026-01-01"), "")).Awards[0]; a.Identity != "checked" {
		t.Errorf("got %q, want that of the earlier result", a.Identity)
	}
	record(t, w, Pass("R-0", "E4", "2025-12-31"))
	if list, _, _ := w.Awards(context.Background(), w.Caller, issuer.Page{}); len(list) != 1 || list[0].Identity != "" {
		t.Errorf("got %+v, want nothing known of the first result", list)
	}
}

func number(s string) *json.Number { return (*json.Number)(&s) }
