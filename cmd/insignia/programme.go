package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

type programmeCommand struct {
	Apply applyCommand `cmd:"" help:"Show what a programme file would change and, once confirmed, make it the newest version."`
}

type applyCommand struct {
	config
	File      string `arg:"" type:"existingfile" help:"Programme file (YAML)."`
	DryRun    bool   `help:"Only show the plan."`
	Yes       bool   `help:"Apply without asking."`
	Effective string `help:"Day from which the version holds, as 2006-01-02. Default: today; the first version holds from the beginning of time."`
}

// Run plans, asks and applies.
func (a *applyCommand) Run(ctx context.Context, t *terminal) error {
	if err := a.checkValues(); err != nil {
		return err
	}
	file, effective, err := a.read()
	if err != nil {
		return err
	}
	pictures, err := bringPictures(file, a.File, art.NewFonts(a.Fonts))
	if err != nil {
		return err
	}
	if a.DryRun {
		return a.show(ctx, t, file, effective)
	}
	k, err := a.openCore(ctx, toFound, newLog(t.err, "warn"), time.Now)
	if err != nil {
		return err
	}
	defer k.db.Close()
	plan, err := k.plan(ctx, t, file, effective)
	if err != nil || plan.Empty() {
		return err
	}
	if !a.Yes && !confirmed(t) {
		fmt.Fprintln(t.out, "Nothing was applied.")
		return exit(exitFailure)
	}
	plan.Pictures = pictures
	if err := k.issuer.ApplyProgramme(ctx, plan); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "Applied.")
	return nil
}

// show only prints the plan. Where there is no installation yet it makes none to compare the file with.
func (a *applyCommand) show(ctx context.Context, t *terminal, file *programme.Programme, effective programme.Date) error {
	k, err := a.openCore(ctx, toRead, newLog(t.err, "warn"), time.Now)
	if errors.Is(err, errNoInstallation) {
		_, first, err := programme.Merge(nil, file)
		if err == nil {
			printPlan(t.out, issuer.ProgrammePlan{Plan: first})
		}
		return err
	}
	if err != nil {
		return err
	}
	defer k.db.Close()
	_, err = k.plan(ctx, t, file, effective)
	return err
}

// plan compares a file with the version in force and prints what applying it would do.
func (k *core) plan(
	ctx context.Context, t *terminal, file *programme.Programme, effective programme.Date,
) (issuer.ProgrammePlan, error) {
	plan, err := k.issuer.PlanProgramme(ctx, file, effective, t.progress("ledgers judged"))
	if err != nil {
		return plan, fmt.Errorf("the file does not follow the version in force:\n%w", err)
	}
	printPlan(t.out, plan)
	return plan, nil
}

// progress tells on one line how far something is, which ends by clearing it. Only people watch it: without a
// terminal nothing is written.
func (t *terminal) progress(what string) func(done, total int) {
	f, ok := t.err.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return progressLine(t.err, what)
}

func progressLine(out io.Writer, what string) func(done, total int) {
	return func(done, total int) {
		fmt.Fprintf(out, "\r\x1b[K%d of %d %s", done, total, what)
		if done == total {
			fmt.Fprint(out, "\r\x1b[K")
		}
	}
}

func (a *applyCommand) read() (file *programme.Programme, effective programme.Date, err error) {
	if a.Effective != "" {
		if effective, err = programme.ParseDate(a.Effective); err != nil {
			return nil, effective, fmt.Errorf("--effective: %w", err)
		}
	}
	f, err := os.Open(a.File)
	if err != nil {
		return nil, effective, err
	}
	defer f.Close()
	file, err = programme.Parse(f, a.File)
	return file, effective, err
}

func confirmed(t *terminal) bool {
	fmt.Fprint(t.out, "Apply this? Type yes: ")
	answer, _ := bufio.NewReader(t.in).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "yes")
}

func printPlan(out io.Writer, p issuer.ProgrammePlan) {
	if p.Empty() {
		fmt.Fprintln(out, "Nothing to change: the programme in force says the same.")
	} else if !p.Effective.IsZero() {
		fmt.Fprintln(out, "Effective from", p.Effective)
	}
	for _, v := range p.Later {
		fmt.Fprintf(out, "Version %d goes on ruling from %s\n", v.Number, v.Effective)
	}
	printSubjects(out, "Added", p.Added)
	for _, c := range p.Changed {
		fmt.Fprintf(out, "Changed  %s %s: %s\n", c.Subject.Kind, c.Subject.Code, strings.Join(c.Members, ", "))
	}
	printSubjects(out, "Retired", p.Retired)
	printSubjects(out, "Missing from the file and kept", p.Kept)
	if len(p.Issuer) > 0 {
		fmt.Fprintln(out, "Issuer  changed:", strings.Join(p.Issuer, ", "))
	}
	for _, w := range p.Warnings {
		fmt.Fprintln(out, "Warning:", w)
	}
	for _, s := range sortedGains(p.Gains) {
		fmt.Fprintf(out, "Newly earned: %d x %s %s\n", p.Gains[s], s.Kind, s.Code)
	}
	if p.Uncounted > 0 {
		fmt.Fprintf(out, "Earlier passes that do not count for what is added: %d; --effective DATE has them judged from an earlier day\n", p.Uncounted)
	}
	if p.Letters > 0 {
		fmt.Fprintf(out, "Letters that would go out: %d\n", p.Letters)
	}
}

func printSubjects(out io.Writer, what string, list []programme.Subject) {
	for _, s := range list {
		fmt.Fprintf(out, "%s  %s %s\n", what, s.Kind, s.Code)
	}
}

func sortedGains(gains map[programme.Subject]int) []programme.Subject {
	list := make([]programme.Subject, 0, len(gains))
	for s := range gains {
		list = append(list, s)
	}
	slices.SortFunc(list, programme.Subject.Compare)
	return list
}

// needs is a requirement in the words of a language.
func needs(r programme.Requirement, lang string, nameOf func(programme.Subject, string) string) templates.Needs {
	return programme.Convert(r, func(s programme.Subject) templates.Needs {
		name := templates.Text{Value: nameOf(s, lang)}
		if s.Kind == programme.KindExam {
			return templates.Needs{Exam: name}
		}
		return templates.Needs{Certification: name}
	}, templates.NeedsList)
}
