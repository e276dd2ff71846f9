package letter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
)

// TestAdopt: a letter that a program of before added, or was sending when it was killed, gets a row and a job like others.
func TestAdopt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		queue := jobs.New(db, slog.New(slog.DiscardHandler), time.Now)
		o := NewOutbox(db, queue, time.Now)
		for _, kind := range []string{issuer.LetterOffer, added} {
			queue.Handle(beforeRows+kind, o.adopt(kind, false))
			queue.Handle(sandboxPrefix+beforeRows+kind, o.adopt(kind, true))
		}
		var sends []string
		for _, kind := range jobKinds() {
			queue.Handle(kind, func(ctx context.Context, j jobs.Job) error {
				r, found, err := selectLetter(ctx, db.Reader(), j.ID)
				if err != nil || !found {
					t.Errorf("%s: found %v, %v", j.ID, found, err)
				}
				sends = append(sends, fmt.Sprintf("%s of %q about %s%s to %s in %s: %s", j.Kind, j.Lane, r.Candidate, r.Claim, r.Recipient, r.Language, r.About))
				return nil
			})
		}
		err := db.InTx(ctx, func(t *database.Tx) error {
			return queue.Add(ctx, t,
				jobs.Task{Kind: "letter.offer", Lane: "ptn_1", Payload: map[string]any{"candidate": "cnd_1", "claim": "clm_1"}},
				jobs.Task{Kind: "sandbox.letter.added", Payload: addedAbout{"ana@home.test", true, "new@home.test", "es"}})
		})
		for range 2 { // they are adopted, and then sent
			if err == nil {
				_, err = queue.Drain(ctx)
			}
		}
		slices.Sort(sends)
		want := []string{
			`outbox.offer of "ptn_1" about cnd_1clm_1 to  in : {"candidate":"cnd_1","claim":"clm_1"}`,
			`sandbox.outbox.added of "" about  to ana@home.test in es: {"to":"ana@home.test","sandbox":true,"address":"new@home.test","lang":"es"}`,
		}
		if err != nil || !slices.Equal(sends, want) {
			t.Errorf("got %q, %v, want %q", sends, err, want)
		}
	})
}

// TestOutboxTellsWhatIsPending lists letters by their rows and has them sent now.
func TestOutboxTellsWhatIsPending(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		queue := jobs.New(db, slog.New(slog.DiscardHandler), time.Now)
		o := NewOutbox(db, queue, time.Now)
		why := errors.New("greylisted")
		queue.Handle(jobKind(issuer.LetterNotice, true), func(context.Context, jobs.Job) error { return why })
		err := db.InTx(ctx, func(t *database.Tx) error {
			return o.Add(ctx, t, issuer.Letter{Kind: issuer.LetterNotice, Sandbox: true, About: "{}"}, issuer.Letter{Kind: issuer.LetterOffer, About: "{}"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := queue.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := o.Pending(ctx, []string{jobs.Ready, jobs.Dead}, "")
		if err != nil || len(list) != 2 {
			t.Fatalf("got %+v, %v", list, err)
		}
		if l := list[0]; l.Kind != issuer.LetterNotice || !l.Sandbox || l.State != jobs.Ready || l.Tries != 1 || l.Why != "greylisted" || !l.Next.After(time.Now()) {
			t.Errorf("got %+v", l)
		}
		if l := list[1]; l.Kind != issuer.LetterOffer || l.Sandbox || l.Tries != 0 || l.Why != "" {
			t.Errorf("got %+v", l)
		}
		if list, err := o.Pending(ctx, []string{jobs.Ready, jobs.Dead}, list[1].ID); err != nil || len(list) != 0 {
			t.Errorf("got %+v, %v after the last", list, err)
		}
		why = nil
		if due, err := o.Retry(ctx, list[0].ID); !due || err != nil {
			t.Errorf("retry: %v, %v", due, err)
		}
		if due, err := o.Retry(ctx, "ltr_unknown"); due || err != nil {
			t.Errorf("retry of no letter: %v, %v", due, err)
		}
		if n, err := queue.Drain(ctx); n != 1 || err != nil {
			t.Errorf("sent %d, %v, want the one", n, err)
		}
	})
}
