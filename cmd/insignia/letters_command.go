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

// Run lists letters, the oldest first. Addresses are not shown: they are not in what was kept.
func (l *lettersListCommand) Run(ctx context.Context, t *terminal) error {
	states := []string{jobs.Ready, jobs.Running, jobs.Dead}
	if l.State != "" {
		states = []string{letterStates[l.State]}
	}
	return l.withQueue(ctx, toRead, func(q *jobs.Queue) error {
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tLETTER\tSTATE\tTRIES\tNEXT TRY\tWHY")
		for after := ""; ; {
			page, err := q.List(ctx, letter.Kinds(), states, after)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return w.Flush()
			}
			for _, e := range page {
				fmt.Fprintln(w, letterRow(e))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			after = page[len(page)-1].ID
		}
	})
}

func letterRow(e jobs.Entry) string {
	state, next := letterWaiting, e.RunAt.UTC().Format(time.RFC3339)
	switch e.State {
	case jobs.Running:
		state, next = letterSending, "now"
	case jobs.Dead:
		state, next = letterDead, "never"
	}
	why := strings.Join(strings.Fields(e.LastError), " ")
	if e.Doubts > 0 {
		why += " (it has probably arrived)"
	}
	kind, sandbox := strings.CutPrefix(e.Kind, letter.SandboxJobs)
	if kind = strings.TrimPrefix(kind, "letter."); sandbox {
		kind += " (sandbox)"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%d\t%s\t%s", e.ID, kind, state, e.Attempts, next, cmp.Or(why, "-"))
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
	return l.withQueue(ctx, toChange, func(q *jobs.Queue) error {
		n, missed := int64(0), []string(nil)
		var err error
		if l.All {
			n, err = q.RetryAll(ctx, letter.Kinds())
		}
		for _, id := range l.IDs {
			var due bool
			if due, err = q.Retry(ctx, letter.Kinds(), id); err != nil {
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

// withQueue opens the table of jobs for a command that works none of them.
func (c *databaseConfig) withQueue(ctx context.Context, a access, do func(*jobs.Queue) error) error {
	s, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer s.db.Close()
	return do(jobs.New(s.db, slog.New(slog.DiscardHandler), time.Now))
}
