package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/partners"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// office is an issuer with imports.
type office struct {
	*issuertest.World
	*intake.Imports
	t      *testing.T
	failed []error
}

func newOffice(t *testing.T, db *database.DB) *office {
	t.Helper()
	o := &office{World: issuertest.On(t, db), t: t}
	o.Imports = o.process()
	return o
}

// process is another one on the same database.
func (o *office) process() *intake.Imports {
	return intake.New(intake.Options{
		DB: o.DB, Issuer: o.Issuer, Partners: o.Partners, Now: o.Clock.Now, Failed: func(err error) { o.failed = append(o.failed, err) },
		Read: func(ctx context.Context, body []byte) (issuer.Result, error) {
			return partners.ReadResult(ctx, o.Issuer, body)
		},
	})
}

func (o *office) start(mode, kind, body string) intake.Import {
	o.t.Helper()
	r, err := o.Receive(o.t.Context(), o.Caller, intake.Upload{Mode: mode, Kind: kind, Body: strings.NewReader(body)})
	if err != nil {
		o.t.Fatal(err)
	}
	m, err := o.Start(o.t.Context(), r)
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

func (o *office) drain() {
	o.t.Helper()
	if err := o.Drain(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	if len(o.failed) > 0 {
		o.t.Fatal(o.failed)
	}
}

func (o *office) read(id string) intake.Import {
	o.t.Helper()
	m, err := o.Imports.Get(o.t.Context(), o.Caller, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

func (o *office) run(mode, kind, body string) intake.Import {
	o.t.Helper()
	m := o.start(mode, kind, body)
	o.drain()
	return o.read(m.ID)
}

// report tells each line in short.
func (o *office) report(id string, onlyFailed bool) (list []string) {
	o.t.Helper()
	err := o.EachLine(o.t.Context(), o.Caller, id, onlyFailed, func(l intake.Line) error {
		list = append(list, fmt.Sprintf("%d %s %s %s %s %d", l.Line, l.ID, l.Outcome, l.Code, l.Column, len(l.Awards)))
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// sums are what an import counted: total, done, recorded, replayed, failed, awards.
func sums(m intake.Import) string {
	total := int64(-1)
	if m.Total != nil {
		total = *m.Total
	}
	return fmt.Sprintf("%s %d %d %d %d %d %d", m.State, total, m.Done, m.Recorded, m.Replayed, m.Failed, m.Awards)
}

const head = "id,candidate_id,candidate_email,candidate_name,exam,outcome,score,max_score,taken_at\n"

func row(id string, candidate int, exam, outcome string) string {
	return fmt.Sprintf("%s,C-%d,c%d@home.test,Ana %d,%s,%s,812,1000,2026-03-04T10:00:00Z\n", id, candidate, candidate, candidate, exam, outcome)
}

// A row means what the same request means; one that fails hinders no other; the same file again records nothing twice,
// and a mended one only what was missing.
func TestImport(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		body := head + row("R-1", 1, "E4", "pass") + row("R-2", 2, "E4", "passed") + row("R-3", 3, "E9", "pass") + row("R-4", 4, "E4", "fail") +
			row("R-1", 1, "E4", "pass") + row("R-1", 1, "E4", "fail") + row("R-5", 5, `"E4`, "pass") + row("R-6", 6, "E4", "pass")
		m := o.run(intake.ModeRun, intake.KindCSV, body)
		if got, want := sums(m), "done 8 8 3 1 4 2"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		want := []string{
			"2 R-1 recorded   1", "3 R-2 failed validation_failed outcome 0", "4 R-3 failed unknown_exam exam 0", "5 R-4 recorded   0",
			"6 R-1 replayed   1", "7 R-1 failed result_conflict  0", "8  failed unreadable  0", "9 R-6 recorded   1",
		}
		if diff := cmp.Diff(want, o.report(m.ID, false)); diff != "" {
			t.Error(diff)
		}
		if got := o.report(m.ID, true); len(got) != 4 {
			t.Errorf("only failed: got %v", got)
		}
		receipt, err := o.Result(t.Context(), o.Caller, "R-1")
		if err != nil || len(receipt.Awards) != 1 {
			t.Errorf("got %+v, error %v", receipt, err)
		}
		if m.FinishedAt == nil || m.Encoding != "utf-8" || m.Delimiter != "," {
			t.Errorf("got %+v", m)
		}
		mended := strings.NewReplacer("passed", "pass", "E9", "E4", `"E4`, "E4").Replace(body)
		if got, want := sums(o.run(intake.ModeRun, intake.KindCSV, mended)), "done 8 8 3 4 1 3"; got != want {
			t.Errorf("mended: got %s, want %s", got, want)
		}
		if parts := o.parts(); parts != 0 {
			t.Errorf("%d parts of bodies are kept", parts)
		}
		feed, _, err := o.Partners.Feed(t.Context(), o.Caller, partner.FeedPage{Type: "import.finished"})
		if err != nil || len(feed) != 2 || !strings.Contains(feed[0].Data, `"import":{"id":"`+m.ID+`"`) || !strings.Contains(feed[0].Data, `"recorded":3`) {
			t.Errorf("got %+v, error %v", feed, err)
		}
	})
}

func (o *office) parts() (n int) {
	o.t.Helper()
	if _, err := o.DB.Reader().Get(o.t.Context(), &n, `SELECT COUNT(*) FROM import_part`); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// NDJSON is one body of POST /results a line.
func TestNDJSON(t *testing.T) {
	o := newOffice(t, databasetest.New(t))
	good := `{"id":"R-%d","candidate":{"id":"C-1","email":"ana@home.test","name":"Ana"},"exam":"E4","outcome":"pass","taken_at":"2026-03-04T10:00:00Z"}` + "\n"
	body := fmt.Sprintf(good, 1) + "\n" + `{"id":"R-2","exam":"E4"` + "\n" + strings.Replace(fmt.Sprintf(good, 3), `"exam"`, `"Exam"`, 1) +
		strings.Replace(fmt.Sprintf(good, 4), "Ana", "A\x00", 1) + "\"text\"\n" + strings.Replace(fmt.Sprintf(good, 5), "Ana", "Mu\xf1oz", 1) + fmt.Sprintf(good, 6)
	m := o.run(intake.ModeRun, intake.KindNDJSON, body)
	if got, want := sums(m), "done 7 7 2 0 5 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []string{
		"1 R-1 recorded   1", "3  failed unreadable  0", "4 R-3 failed validation_failed  0", "5  failed unreadable  0", "6  failed unreadable  0",
		"7  failed unreadable  0", "8 R-6 recorded   0",
	}
	if diff := cmp.Diff(want, o.report(m.ID, false)); diff != "" {
		t.Error(diff)
	}
	if m.Document().Delimiter != nil {
		t.Errorf("got %+v", m.Document())
	}
}

// A check records nothing and says what would be.
func TestCheck(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		o.run(intake.ModeRun, intake.KindCSV, head+row("R-1", 1, "E4", "pass"))
		body := head + row("R-1", 1, "E4", "pass") + row("R-1", 1, "E4", "fail") + row("R-2", 2, "E4", "pass") + row("R-2", 2, "E4", "pass") +
			row("R-2", 3, "E4", "pass") + row("R-3", 3, "E9", "pass")
		m := o.run(intake.ModeCheck, intake.KindCSV, body)
		if got, want := sums(m), "done 6 6 1 2 3 0"; got != want {
			t.Errorf("got %s, want %s: %v", got, want, o.report(m.ID, false))
		}
		if _, err := o.Result(t.Context(), o.Caller, "R-2"); !refusal.Is(err, "not_found") {
			t.Errorf("a check has recorded: %v", err)
		}
	})
}

// TestCrash kills the work after every chunk was recorded and before it was noted: the next process goes on, no row is
// lost or told twice, and all count as recorded.
func TestCrash(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		var b strings.Builder
		b.WriteString(head)
		const rows = 1000
		for n := range rows {
			b.WriteString(row(fmt.Sprintf("R-%d", n%(rows-10)), n%(rows-10), "E4", "pass")) // the last ten come twice
		}
		for _, mode := range []string{intake.ModeCheck, intake.ModeRun} {
			m := o.start(mode, intake.KindCSV, b.String())
			for range 6 {
				killed := o.process()
				chunks := 0
				killed.Crash(func() error {
					if chunks++; chunks == 2 {
						return errors.New("killed")
					}
					return nil
				})
				if err := killed.Work(t.Context(), m.ID); err != nil && err.Error() != "killed" {
					t.Fatal(err)
				}
			}
			o.drain()
			if got, want := sums(o.read(m.ID)), fmt.Sprintf("done %d %d %d 10 0", rows, rows, rows-10); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %s, want %s", mode, got, want)
			}
			lines := map[int64]int{}
			if err := o.EachLine(t.Context(), o.Caller, m.ID, false, func(l intake.Line) error { lines[l.Line]++; return nil }); err != nil {
				t.Fatal(err)
			}
			for line := int64(2); line < rows+2; line++ {
				if lines[line] != 1 {
					t.Fatalf("%s: line %d is told %d times", mode, line, lines[line])
				}
			}
		}
	})
}

// TestLease has a second process leave alone what another one works on, and go on with it once that has died.
func TestLease(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		m := o.start(intake.ModeRun, intake.KindCSV, head+row("R-1", 1, "E4", "pass"))
		o.exec(`UPDATE import SET leased_by = 'another', leased_until = ? WHERE id = ?`, time.Now().UTC().Add(15*time.Second), m.ID)
		o.drain()
		if got := o.read(m.ID); got.State != intake.Checking {
			t.Errorf("got %s while another process works on it", sums(got))
		}
		o.exec(`UPDATE import SET leased_until = ? WHERE id = ?`, time.Now().UTC().Add(-time.Second), m.ID)
		o.drain()
		if got := o.read(m.ID); got.State != intake.Done {
			t.Errorf("got %s", sums(got))
		}
		// A process that lost its lease stores nothing any more.
		m = o.start(intake.ModeRun, intake.KindCSV, head+row("R-2", 2, "E4", "pass"))
		late := o.process()
		late.Crash(func() error {
			o.exec(`UPDATE import SET leased_until = ? WHERE id = ?`, time.Now().UTC().Add(-time.Second), m.ID)
			return o.Imports.Work(t.Context(), m.ID)
		})
		if err := late.Work(t.Context(), m.ID); err == nil {
			t.Error("who lost the lease went on")
		}
		if got, want := sums(o.read(m.ID)), "done 1 1 1 0 0 1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func (o *office) exec(query string, args ...any) {
	o.t.Helper()
	err := o.DB.InTx(o.t.Context(), func(t *database.Tx) error {
		_, err := t.Exec(o.t.Context(), query, args...)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// Imports are paused, resumed and cancelled until they have ended.
func TestPauseAndCancel(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		var b strings.Builder
		b.WriteString(head)
		for n := range 700 {
			b.WriteString(row(fmt.Sprintf("R-%d", n), n, "E4", "fail"))
		}
		m := o.start(intake.ModeRun, intake.KindCSV, b.String())
		o.Crash(func() error { _, err := o.Pause(ctx, o.Caller, m.ID); return err }) // while rows are recorded
		o.drain()
		if got := o.read(m.ID); got.State != intake.Paused || got.Done == 0 || got.Done == 700 || got.FinishedAt != nil {
			t.Fatalf("got %s", sums(got))
		}
		if got, err := o.Resume(ctx, o.Caller, m.ID); err != nil || got.State != intake.Running {
			t.Errorf("got %s, error %v", sums(got), err)
		}
		o.Crash(func() error { _, err := o.Cancel(ctx, o.Caller, m.ID); return err })
		o.drain()
		got := o.read(m.ID)
		if got.State != intake.Cancelled || got.Done != 640 || got.FinishedAt == nil || len(o.report(m.ID, false)) != 640 {
			t.Errorf("got %s", sums(got))
		}
		for name, do := range map[string]func(context.Context, partner.Caller, string) (intake.Import, error){"pause": o.Pause, "resume": o.Resume, "cancel": o.Cancel} {
			if _, err := do(ctx, o.Caller, m.ID); !refusal.Is(err, "import_ended") {
				t.Errorf("%s: got %v, want import_ended", name, err)
			}
			beta, _ := o.Partner(t, "Beta", false)
			if _, err := do(ctx, beta, m.ID); !refusal.Is(err, "not_found") {
				t.Errorf("%s of another partner's: got %v, want not_found", name, err)
			}
		}
		feed, _, err := o.Partners.Feed(ctx, o.Caller, partner.FeedPage{Type: "import.finished"})
		if err != nil || len(feed) != 1 || !strings.Contains(feed[0].Data, `"state":"cancelled"`) {
			t.Errorf("got %+v, error %v", feed, err)
		}
	})
}

// Bodies that do not come whole, are too large or are no files leave nothing behind, or an import that says why.
func TestBadBodies(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		receive := func(body io.Reader) error {
			_, err := o.Receive(ctx, o.Caller, intake.Upload{Mode: intake.ModeRun, Kind: intake.KindCSV, Body: body})
			return err
		}
		cut := errors.New("cut off")
		if err := receive(io.MultiReader(strings.NewReader(head+strings.Repeat("x", 600_000)), failing{cut})); !errors.Is(err, cut) {
			t.Errorf("cut off: got %v", err)
		}
		if err := receive(io.MultiReader(strings.NewReader(head), failing{io.ErrUnexpectedEOF})); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut off early: got %v", err)
		}
		if err := receive(strings.NewReader("")); !refusal.Is(err, "empty_body") {
			t.Errorf("empty: got %v", err)
		}
		if list, err := o.List(ctx, o.Caller, "", 10); err != nil || len(list) != 0 || o.parts() != 0 {
			t.Errorf("got %+v, %d parts, error %v", list, o.parts(), err)
		}
		m := o.run(intake.ModeRun, intake.KindCSV, strings.Replace(head, "score", "exam", 1))
		if m.State != intake.Failed || m.Fault.Value.Code != "header_duplicate" || m.Fault.Value.Line != 1 || m.FinishedAt == nil || o.parts() != 0 {
			t.Errorf("got %+v", m)
		}
		// A server that was killed while a body came.
		r, err := o.Receive(ctx, o.Caller, intake.Upload{Mode: intake.ModeRun, Kind: intake.KindCSV, Body: strings.NewReader(head)})
		if err != nil {
			t.Fatal(err)
		}
		o.exec(`UPDATE import SET leased_until = ? WHERE id = ?`, time.Now().UTC().Add(-time.Second), r.ID)
		o.drain()
		if got := o.read(r.ID); got.State != intake.Failed || got.Fault.Value == nil {
			t.Errorf("got %+v", got)
		}
		o.Clock.Advance(91 * 24 * time.Hour)
		if err := o.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		if list, err := o.List(ctx, o.Caller, "", 10); err != nil || len(list) != 0 {
			t.Errorf("after 91 days: got %+v, error %v", list, err)
		}
	})
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
