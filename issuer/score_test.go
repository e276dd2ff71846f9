package issuer_test

import (
	"context"
	"encoding/json"
	"fmt"
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
	"github.com/open-insignia/insignia/openbadge"
)

// TestShareScores has a badge tell its scores in both forms of 3.0, follow a correction, and tell nothing
// again. Nobody is mailed, and partners do not learn of it.
//
// proves: 3.0 §2.5 issued: each Result refers to a ResultDescription of the same achievement; told while shared
func TestShareScores(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		record(t, w, scoredPass("R-1", "E2", "812", "1000"))
		id := record(t, w, scoredPass("R-2", "E3", "66.5", "")).Awards[0].ID
		w.Work(t)
		if err := w.Accept(ctx, ana, id, ledger.ByLink); err != nil {
			t.Fatal(err)
		}
		before := published(t, w, id)
		events := countEvents(t, w)
		const e2, e3 = "#score-E2-of-1000 Score in E2 Operating Clouds: %s of 1000", "#score-E3 Score in E3 Securing Clouds: 66.5 of "
		checkScores(t, w, id)
		for range 2 {
			if err := w.ShareScores(ctx, ana, id, true); err != nil {
				t.Fatal(err)
			}
			checkScores(t, w, id, fmt.Sprintf(e2, "812"), e3)
		}
		if v := published(t, w, id).Award.Version; v != before.Award.Version+1 {
			t.Errorf("got version %d after version %d, want the next one", v, before.Award.Version)
		}
		if n := countEvents(t, w); n != events {
			t.Errorf("got %d more events, want none", n-events)
		}

		r, err := w.Correct(ctx, w.Caller, "R-1", issuer.Correction{Score: new(json.Number("900")), Reason: "recount"})
		if err != nil || len(r.Awards) != 1 || r.Awards[0].ID != id {
			t.Errorf("got %+v, error %v, want the badge that tells the score", r.Awards, err)
		}
		checkScores(t, w, id, fmt.Sprintf(e2, "900"), e3)

		if err := w.ShareScores(ctx, ana, id, false); err != nil {
			t.Fatal(err)
		}
		checkScores(t, w, id)
		r, err = w.Correct(ctx, w.Caller, "R-1", issuer.Correction{Score: new(json.Number("901")), Reason: "recount"})
		if err != nil || len(r.Awards) != 0 {
			t.Errorf("got %+v, error %v, want nothing that a score changes", r.Awards, err)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 1 {
			t.Errorf("got %d letters, want the first one only", n)
		}
	})
}

// TestScoresOfOneExam describes the score once for the passes of one exam, that of a renewal too, and has an
// award that a correction changes anyway reissued once.
func TestScoresOfOneExam(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	id := record(t, w, scoredPass("R-1", "E7", "600", "1000")).Awards[0].ID
	w.Work(t)
	if err := w.Accept(ctx, ana, id, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	renewal := scoredPass("R-2", "E7", "700", "1000")
	renewal.TakenAt = renewal.TakenAt.AddDate(0, 10, 0)
	renewal.Outcome = programme.Fail
	w.Clock.Advance(300 * 24 * time.Hour)
	record(t, w, renewal)
	if err := w.ShareScores(ctx, ana, id, true); err != nil {
		t.Fatal(err)
	}
	r, err := w.Correct(ctx, w.Caller, "R-2", issuer.Correction{Outcome: programme.Pass, Score: new(json.Number("710")), Reason: "recount"})
	if err != nil || len(r.Awards) != 1 || r.Awards[0].Version != 3 {
		t.Errorf("got %+v, error %v, want the third edition of the one badge", r.Awards, err)
	}
	const line = "#score-E7-of-1000 Score in E7 Yearly Exam: %s of 1000"
	checkScores(t, w, id, fmt.Sprintf(line, "600"), fmt.Sprintf(line, "710"))
	if n := len(published(t, w, id).Award.Supports); n != 2 {
		t.Errorf("rests on %d passes, want both", n)
	}
}

func TestShareScoresRefusals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	scored := record(t, w, scoredPass("R-1", "E4", "1", "2")).Awards[0].ID
	bare := record(t, w, Pass("R-2", "E1", "2026-01-02")).Awards[0].ID
	ben := issuer.Holder{ID: "ern_ben", Addresses: []string{"ben@work.test"}}
	check := func(h issuer.Holder, award string, share bool, want string) {
		t.Helper()
		if err := w.ShareScores(ctx, h, award, share); code(err) != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	check(ana, scored, true, "not_accepted")
	for _, id := range []string{scored, bare} {
		if err := w.Accept(ctx, ana, id, ledger.Private); err != nil {
			t.Fatal(err)
		}
	}
	check(ana, bare, true, "no_scores")
	check(ana, bare, false, "")
	check(ana, "none", true, "not_found")
	check(ana, "\xff", true, "not_found")
	check(ben, scored, true, "not_found")
	if _, err := w.RevokeAward(ctx, w.Caller, scored, "an error"); err != nil {
		t.Fatal(err)
	}
	check(ana, scored, true, "not_accepted")
	check(ana, scored, false, "")
}

// TestHideScoresOfRevoked takes the scores out of a badge that was withdrawn; its new edition is withdrawn too.
func TestHideScoresOfRevoked(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	id := record(t, w, scoredPass("R-1", "E4", "1", "2")).Awards[0].ID
	w.Work(t)
	for _, step := range []error{w.Accept(ctx, ana, id, ledger.ByLink), w.ShareScores(ctx, ana, id, true)} {
		if step != nil {
			t.Fatal(step)
		}
	}
	checkScores(t, w, id, "#score-E4-of-2 Score in E4 Stand-alone Exam: 1 of 2")
	if _, err := w.RevokeAward(ctx, w.Caller, id, "an error"); err != nil {
		t.Fatal(err)
	}
	if err := w.ShareScores(ctx, ana, id, false); err != nil {
		t.Fatal(err)
	}
	checkScores(t, w, id)
	if b := published(t, w, id); b.Validity != ledger.Revoked || !statusBit(t, w, string(b.CredentialJWT().Body)) {
		t.Errorf("got %s, want the new edition withdrawn", b.Validity)
	}
}

func scoredPass(id, exam, score, most string) issuer.Result {
	r := Pass(id, exam, "2026-01-02")
	r.Score = new(json.Number(score))
	if most != "" {
		r.MaxScore = new(json.Number(most))
	}
	return r
}

// checkScores compares what both forms of 3.0 tell of scores: anchor, name, value and maximum of each.
func checkScores(t *testing.T, w *World, id string, want ...string) {
	t.Helper()
	b := published(t, w, id)
	proven := mustDocument(t, w.CredentialJSON, b)
	checkProof(t, w, proven)
	for form, data := range map[string][]byte{"JSON": proven, "JWT": mustPayload(t, b.CredentialJWT().Body)} {
		var c struct {
			CredentialSubject struct {
				Result      []openbadge.Result
				Achievement openbadge.Achievement
			}
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		described := map[string]openbadge.ResultDescription{}
		for _, d := range c.CredentialSubject.Achievement.ResultDescription {
			if _, twice := described[d.ID]; twice {
				t.Errorf("%s describes %s twice", form, d.ID)
			}
			described[d.ID] = d
		}
		var got []string
		for _, r := range c.CredentialSubject.Result {
			d := described[r.ResultDescription]
			anchor, below := strings.CutPrefix(d.ID, c.CredentialSubject.Achievement.ID)
			if !below || d.ResultType != "RawScore" {
				t.Errorf("%s: %+v is described by %+v", form, r, d)
			}
			got = append(got, fmt.Sprintf("%s %s: %s of %s", anchor, d.Name, r.Value, d.ValueMax))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form, diff)
		}
	}
}

func countEvents(t *testing.T, w *World) (n int) {
	t.Helper()
	if _, err := w.DB.Reader().Get(context.Background(), &n, `SELECT count(*) FROM partner_event`); err != nil {
		t.Fatal(err)
	}
	return n
}
