package training_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/refusal"
)

var completed = time.Date(2026, 2, 20, 16, 0, 0, 0, time.UTC)

func posted(id, candidate, email string) training.Posted {
	return training.Posted{
		ID: id, Candidate: issuer.Candidate{ID: candidate, Email: email, Name: "Ana Ruiz", Locale: "es"}, Title: "Backups in practice",
		URL: "https://learn.testco.example/backups", CompletedAt: completed,
	}
}

// TestRecord: a training has the natural key of a result.
// row 32: training records are accepted from partners; the same again changes nothing, other content is refused.
func TestRecord(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := issuertest.On(t, db)
		ts := training.New(db, w.Clock.Now)
		first, replayed, err := ts.Record(ctx, w.Caller, posted("T-1", "C-77", "Ana@HOME.test"))
		if err != nil || replayed || first.Email != "ana@home.test" || first.Number != "C-77" {
			t.Fatalf("got %+v, replayed %v, error %v", first, replayed, err)
		}
		w.Clock.Advance(time.Hour)
		same := posted("T-1", "C-77", " Ana@home.test ")
		same.Title, same.CompletedAt = " Backups in practice", completed.In(time.FixedZone("", 3600))
		again, replayed, err := ts.Record(ctx, w.Caller, same)
		if err != nil || !replayed || !again.RecordedAt.Equal(first.RecordedAt) {
			t.Errorf("the same by meaning: %+v, replayed %v, error %v", again, replayed, err)
		}
		for name, change := range map[string]func(*training.Posted){
			"title": func(p *training.Posted) { p.Title = "Restores in practice" }, "address": func(p *training.Posted) { p.Candidate.Email = "ben@work.test" },
			"link": func(p *training.Posted) { p.URL = "" }, "time": func(p *training.Posted) { p.CompletedAt = completed.Add(time.Second) },
			"candidate": func(p *training.Posted) { p.Candidate.ID = "C-78" }, "name": func(p *training.Posted) { p.Candidate.Name = "Ana Ruis" },
		} {
			other := posted("T-1", "C-77", "Ana@home.test")
			change(&other)
			if _, _, err := ts.Record(ctx, w.Caller, other); !refusal.Is(err, "training_conflict") {
				t.Errorf("another %s: got %v, want training_conflict", name, err)
			}
		}
		beta, _ := w.Partner(t, "Beta", false)
		if _, err := ts.Training(ctx, beta, "T-1"); !refusal.Is(err, "not_found") {
			t.Errorf("another partner reads it: %v", err)
		}
		if _, replayed, err := ts.Record(ctx, beta, posted("T-1", "C-77", "ana@home.test")); err != nil || replayed {
			t.Errorf("another partner's own T-1: replayed %v, error %v", replayed, err)
		}
		if got, err := ts.Training(ctx, w.Caller, "T-1"); err != nil || !got.CompletedAt.Equal(completed) || got.Title != "Backups in practice" {
			t.Errorf("got %+v, error %v", got, err)
		}
		for _, id := range []string{"T-2", "", "T\x00", "\xff"} {
			if _, err := ts.Training(ctx, w.Caller, id); !refusal.Is(err, "not_found") {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

// TestRecordAtOnce: of many posts of one id at the same moment one records it.
func TestRecordAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := issuertest.On(t, db)
		ts := training.New(db, w.Clock.Now)
		var wait sync.WaitGroup
		var mu sync.Mutex
		made, conflicts := 0, 0
		for k := range 16 {
			wait.Go(func() {
				p := posted("T-1", "C-77", "ana@home.test")
				if k%2 == 1 {
					p.Title = "Something else"
				}
				_, replayed, err := ts.Record(context.Background(), w.Caller, p)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case refusal.Is(err, "training_conflict"):
					conflicts++
				case err != nil:
					t.Error(err)
				case !replayed:
					made++
				}
			})
		}
		wait.Wait()
		if made != 1 || conflicts != 8 {
			t.Errorf("got %d recorded and %d refused, want 1 and 8", made, conflicts)
		}
	})
}

func TestFaults(t *testing.T) {
	w := issuertest.New(t)
	ts := training.New(w.DB, w.Clock.Now)
	for name, c := range map[string]struct {
		change func(*training.Posted)
		want   string
	}{
		"nothing":    {func(p *training.Posted) { *p = training.Posted{} }, "/id required, /candidate/id required, /candidate/name required, /candidate/email required, /title required, /completed_at required"},
		"blank":      {func(p *training.Posted) { p.Title = "  " }, "/title bad_text"},
		"long":       {func(p *training.Posted) { p.Title = strings.Repeat("é", 201) }, "/title bad_text"},
		"turned":     {func(p *training.Posted) { p.Title = "a\u202eb" }, "/title bad_text"},
		"lines":      {func(p *training.Posted) { p.Title = "a\nb" }, "/title bad_text"},
		"script":     {func(p *training.Posted) { p.URL = "javascript:alert(1)" }, "/url bad_value"},
		"relative":   {func(p *training.Posted) { p.URL = "//evil.test" }, "/url bad_value"},
		"somebody":   {func(p *training.Posted) { p.URL = "https://bank.test@evil.test/" }, "/url bad_value"},
		"long link":  {func(p *training.Posted) { p.URL = "https://a.test/" + strings.Repeat("a", 2000) }, "/url bad_value"},
		"ahead":      {func(p *training.Posted) { p.CompletedAt = issuertest.Start.Add(6 * time.Minute) }, "/completed_at in_future"},
		"long ago":   {func(p *training.Posted) { p.CompletedAt = completed.AddDate(-200, 0, 0) }, "/completed_at bad_value"},
		"no address": {func(p *training.Posted) { p.Candidate.Email = "ana@" }, "/candidate/email bad_email"},
	} {
		p := posted("T-1", "C-77", "ana@home.test")
		c.change(&p)
		_, _, err := ts.Record(context.Background(), w.Caller, p)
		var no *refusal.Error
		if !errors.As(err, &no) || no.Code != "validation_failed" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range no.Fields {
			got = append(got, f.Pointer+" "+f.Code)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// TestWhoseTraining: a training is shown to whoever has confirmed its address, or has accepted a badge of its candidate
// at that address, and to nobody else.
// row 32: the items are the person's.
func TestWhoseTraining(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := issuertest.On(t, db)
		ts := training.New(db, w.Clock.Now)
		sandbox, _ := w.Partner(t, "Trial", true)
		r, err := w.Record(ctx, w.Caller, issuertest.Pass("R-1", "E1", "2026-03-01")) // Ana, C-77
		if err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		for _, p := range []training.Posted{
			posted("T-ana", "C-77", "ana@home.test"), posted("T-mallory", "C-77", "mallory@other.test"), posted("T-new", "C-9", "ben@work.test"),
		} {
			if _, _, err := ts.Record(ctx, w.Caller, p); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := ts.Record(ctx, sandbox, posted("T-test", "C-77", "ana@home.test")); err != nil {
			t.Fatal(err)
		}
		ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}
		moved := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@new.test"}}
		want := func(h issuer.Holder, want string) {
			t.Helper()
			list, err := ts.Of(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range list {
				if c.Sandbox != (c.ID == "T-test") {
					t.Errorf("%s: sandbox is %v", c.ID, c.Sandbox)
				}
				got = append(got, c.ID)
			}
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%v: got %v, want %s", h, got, want)
			}
		}
		want(issuer.Holder{Addresses: []string{"ana@home.test"}}, "")
		want(ana, "T-ana T-test")
		want(issuer.Holder{ID: "acc_trial", Addresses: []string{"ana@home.test"}, Sandbox: true}, "T-test")
		want(issuer.Holder{ID: "acc_mallory", Addresses: []string{"mallory@other.test"}}, "T-mallory")
		want(issuer.Holder{ID: "acc_ben", Addresses: []string{"ben@work.test"}}, "T-new")
		want(moved, "")
		if err := w.Accept(ctx, ana, r.Awards[0].ID, ledger.ByLink); err != nil {
			t.Fatal(err)
		}
		want(moved, "T-ana") // the badge was sent where the training was posted for
		if _, err := w.CorrectEmail(ctx, w.Caller, "C-77", "ana@right.test", "wrong address"); err != nil {
			t.Fatal(err)
		}
		want(issuer.Holder{ID: "acc_right", Addresses: []string{"ana@right.test"}}, "T-ana")
		want(issuer.Holder{ID: "acc_wrong", Addresses: []string{"ana@home.test"}}, "T-test")
	})
}
