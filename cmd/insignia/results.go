package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/partner"
)

type resultsCommand struct {
	Import resultsImportCommand `cmd:"" help:"Record a file of results, CSV or NDJSON. What became of each row is written to FILE.report.ndjson; a mended file skips what is recorded. Exit 1 when a row failed. The server may run."`
}

type resultsImportCommand struct {
	config
	File    string `arg:"" type:"existingfile" help:"CSV with a header, or NDJSON (.ndjson, .jsonl) with one body of POST /results a line."`
	Partner string `required:"" help:"Whose results they are: the name of the partner."`
	Sandbox bool   `help:"The partner's sandbox."`
	DryRun  bool   `help:"Record nothing and mail nothing; the report says what would happen."`
}

// Run records the file through the engine of the API: whichever process holds the lease works on it.
func (r *resultsImportCommand) Run(ctx context.Context, t *terminal) error {
	return r.withCore(ctx, toChange, func(k *core) error {
		who, found, err := k.partners.Named(ctx, r.Partner, r.Sandbox)
		if err == nil && !found {
			err = fmt.Errorf("there is no partner %q; insignia partner list shows them", r.Partner)
		}
		if err != nil {
			return err
		}
		caller := partner.Caller{Partner: who}
		m, err := r.send(ctx, k.imports, caller)
		if err != nil {
			return err
		}
		if m, err = follow(ctx, k.imports, caller, m.ID, newProgress(t.err)); err != nil {
			return fmt.Errorf("%w; import %s goes on where it stood when a server runs", err, m.ID)
		}
		return r.tell(ctx, t, k.imports, caller, m)
	})
}

func (r *resultsImportCommand) send(ctx context.Context, all *intake.Imports, caller partner.Caller) (m intake.Import, err error) {
	file, err := os.Open(r.File)
	if err != nil {
		return m, err
	}
	defer file.Close()
	u := intake.Upload{Mode: intake.ModeRun, Kind: intake.KindCSV, Body: file}
	if r.DryRun {
		u.Mode = intake.ModeCheck
	}
	switch strings.ToLower(filepath.Ext(r.File)) {
	case ".ndjson", ".jsonl":
		u.Kind = intake.KindNDJSON
	}
	received, err := all.Receive(ctx, caller, u)
	if err != nil {
		return m, err
	}
	return all.Start(ctx, received)
}

const lookEvery = 200 * time.Millisecond

// follow works on an import, or watches another process do it, until it has ended.
func follow(ctx context.Context, all *intake.Imports, caller partner.Caller, id string, shown progress) (m intake.Import, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var work errgroup.Group
	defer func() { err = errors.Join(err, work.Wait()) }()
	defer cancel()
	working := make(chan error, 1)
	begin := func() { work.Go(func() error { working <- all.Work(ctx, id); return nil }) }
	begin()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return intake.Import{ID: id}, ctx.Err()
		case err := <-working: // it has ended, is paused, or somebody else works on it
			if err != nil {
				return intake.Import{ID: id}, err
			}
			working = make(chan error, 1)
		case <-tick.C:
		}
		if m, err = all.Get(ctx, caller, id); err != nil {
			return intake.Import{ID: id}, err
		}
		shown.at(m)
		if m.Ended() {
			shown.end()
			return m, nil
		}
	}
}

// tell writes the report beside the file, and the sums.
func (r *resultsImportCommand) tell(ctx context.Context, t *terminal, all *intake.Imports, caller partner.Caller, m intake.Import) error {
	if f := m.Fault.Value; f != nil {
		return fmt.Errorf("%s, line %d: %s %s", r.File, f.Line, f.Detail, f.Suggestion)
	}
	path := r.File + ".report.ndjson"
	if err := writeReport(ctx, path, all, caller, m.ID); err != nil {
		return err
	}
	verb := "recorded"
	if m.Mode == intake.ModeCheck {
		verb = "would be recorded"
	}
	fmt.Fprintf(t.out, "%d rows: %d %s, %d were recorded before, %d failed. %d awards.\nReport: %s\n", m.Done, m.Recorded, verb, m.Replayed, m.Failed, m.Awards, path)
	switch {
	case m.State != intake.Done:
		return fmt.Errorf("the import is %s", m.State)
	case m.Failed > 0:
		return exit(exitFailure)
	}
	return nil
}

func writeReport(ctx context.Context, path string, all *intake.Imports, caller partner.Caller, id string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // it may hold addresses
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := all.EachLine(ctx, caller, id, false, func(l intake.Line) error { return lines.Encode(l) }); err != nil {
		return err
	}
	return out.Flush()
}

// progress shows how far an import is.
type progress interface {
	at(m intake.Import)
	end()
}

// newProgress is a bar on a terminal, and lines elsewhere.
func newProgress(out io.Writer) progress {
	if file, is := out.(*os.File); is && term.IsTerminal(int(file.Fd())) {
		return &bar{out: out}
	}
	return &plainLines{out: out}
}

type bar struct {
	out   io.Writer
	shown *progressbar.ProgressBar
}

func (b *bar) at(m intake.Import) {
	if m.Total == nil || *m.Total == 0 {
		return
	}
	if b.shown == nil {
		b.shown = progressbar.NewOptions64(*m.Total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription("Rows"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionSetWidth(30))
	}
	_ = b.shown.Set64(m.Done) // the terminal has gone
}

func (b *bar) end() {
	if b.shown != nil {
		fmt.Fprintln(b.out)
	}
}

// plainLines tell each tenth.
type plainLines struct {
	out  io.Writer
	told int64
}

func (p *plainLines) at(m intake.Import) {
	if m.Total == nil || *m.Total == 0 {
		return
	}
	if tenth := m.Done * 10 / *m.Total; tenth > p.told {
		p.told = tenth
		fmt.Fprintf(p.out, "%d of %d rows\n", m.Done, *m.Total)
	}
}

func (*plainLines) end() {}
