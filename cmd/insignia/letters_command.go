package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/letter"
)

type lettersCommand struct {
	List  lettersListCommand  `cmd:"" help:"List letters that wait to be sent, are being sent or were given up, and why."`
	Retry lettersRetryCommand `cmd:"" help:"Send letters now that wait for another attempt or were given up. The server may run; otherwise they go when it starts."`
}

// What people call the states of letters.
const (
	letterWaiting = "waiting"
	letterSending = "sending"
	letterDead    = "dead"
)

var letterStates = map[string]string{letterWaiting: jobs.Ready, letterSending: jobs.Running, letterDead: jobs.Dead}

type lettersListCommand struct {
	databaseConfig
	State string `enum:"waiting,sending,dead," default:"" help:"Only those: waiting, sending or dead (given up)."`
}

// Run lists letters, the oldest first. Addresses are not shown.
func (l *lettersListCommand) Run(ctx context.Context, t *terminal) error {
	states := []string{jobs.Ready, jobs.Running, jobs.Dead}
	if l.State != "" {
		states = []string{letterStates[l.State]}
	}
	return l.withOutbox(ctx, toRead, func(o *letter.Outbox) error {
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tLETTER\tSTATE\tTRIES\tNEXT TRY\tWHY")
		for after := ""; ; {
			page, err := o.Pending(ctx, states, after)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return w.Flush()
			}
			for _, p := range page {
				fmt.Fprintln(w, letterRow(p))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			after = page[len(page)-1].ID
		}
	})
}

func letterRow(p letter.Pending) string {
	state, next := letterWaiting, p.Next.UTC().Format(time.RFC3339)
	switch p.State {
	case jobs.Running:
		state, next = letterSending, "now"
	case jobs.Dead:
		state, next = letterDead, "never"
	}
	why := strings.Join(strings.Fields(p.Why), " ")
	if p.Doubtful {
		why += " (it has probably arrived)"
	}
	kind := p.Kind
	if p.Sandbox {
		kind += " (sandbox)"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%d\t%s\t%s", p.ID, kind, state, p.Tries, next, cmp.Or(why, "-"))
}

type lettersRetryCommand struct {
	databaseConfig
	All bool     `help:"All of them but those that have probably arrived."`
	IDs []string `arg:"" optional:"" name:"id" help:"Ids of letters, as letters list shows them."`
}

// Validate refuses a command that does not say which letters it means.
func (l *lettersRetryCommand) Validate() error {
	if l.All == (len(l.IDs) > 0) {
		return errors.New("name letters by their ids, or say --all")
	}
	return nil
}

// Run makes letters due; the server, which may run, sends them.
func (l *lettersRetryCommand) Run(ctx context.Context, t *terminal) error {
	return l.withOutbox(ctx, toChange, func(o *letter.Outbox) error {
		n, missed := int64(0), []string(nil)
		var err error
		if l.All {
			n, err = o.RetryAll(ctx)
		}
		for _, id := range l.IDs {
			var due bool
			if due, err = o.Retry(ctx, id); err != nil {
				break
			}
			if due {
				n++
			} else {
				missed = append(missed, id)
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%d to be sent now.\n", n)
		if len(missed) > 0 {
			return fmt.Errorf("no letters that wait for later or were given up: %s", strings.Join(missed, ", "))
		}
		return nil
	})
}

// withOutbox opens the letters for a command that sends none.
func (c *databaseConfig) withOutbox(ctx context.Context, a access, do func(*letter.Outbox) error) error {
	s, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer s.db.Close()
	return do(letter.NewOutbox(s.db, jobs.New(s.db, slog.New(slog.DiscardHandler), time.Now), time.Now))
}
