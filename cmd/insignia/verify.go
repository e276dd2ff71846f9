package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

type verifyCommand struct {
	Input          []string `arg:"" help:"Addresses, files (JSON, JWT or JWS, PNG, SVG), or - for standard input."`
	JSON           bool     `name:"json" help:"Print the report as JSON, an array for several inputs."`
	Resources      string   `type:"existingfile" help:"JSON file of URL -> {status, headers, body or file}, used instead of the network."`
	Recipient      string   `help:"E-mail address that the badge should have been issued to."`
	Name           string   `help:"Name of the person that the badge should have been issued to, compared where the badge says one."`
	At             *moment  `help:"Judge as of this moment, RFC 3339."`
	JWK            string   `name:"jwk" type:"existingfile" help:"Public key for a token whose header names none that can be fetched."`
	TrustedIssuers []string `env:"INSIGNIA_TRUSTED_ISSUERS" help:"Issuer ids that count as known."`
	Loopback       bool     `help:"Fetch from this machine too, also by http: for badges of a demo."`
	EgressProxy    string   `env:"INSIGNIA_EGRESS_PROXY" help:"Proxy for fetching: http://host:port or https://host:port."`
}

// moment is a time that somebody types. Package time takes more than RFC 3339 has.
type moment struct{ time.Time }

func (m *moment) UnmarshalText(text []byte) error {
	t, err := openbadge.ParseTimestamp(string(text))
	m.Time = t.Time
	return err
}

// Exit codes of verify.
const (
	exitNotValid   = 1
	exitNotDecided = 2
)

const (
	largestInput  = 16 << 20 // bytes
	verifyWorkers = 8        // inputs that are judged at once
)

// Run checks the inputs and prints their reports.
func (v *verifyCommand) Run(ctx context.Context, t *terminal) error {
	if v.At != nil && (v.At.IsZero() || v.At.After(time.Now())) {
		fmt.Fprintln(t.err, "insignia: --at must not be later than now, since nobody knows what will be withdrawn")
		return exit(exitUsage)
	}
	checks, jwk, err := v.prepare()
	if err != nil {
		fmt.Fprintln(t.err, "insignia:", err)
		return exit(exitUsage)
	}
	if i := slices.Index(v.Input, "-"); i >= 0 && slices.Contains(v.Input[i+1:], "-") {
		fmt.Fprintln(t.err, "insignia: standard input can be read only once")
		return exit(exitUsage)
	}
	inputs, unread := v.read(t.in)
	if len(inputs) == 0 {
		for place, name := range v.Input {
			fmt.Fprintf(t.err, "insignia: %s: %v\n", tame(name), unread[place])
		}
		return exit(exitUsage)
	}
	for i := range inputs {
		inputs[i].Recipient, inputs[i].Person, inputs[i].JWK = v.Recipient, v.Name, jwk
		if v.At != nil {
			inputs[i].At = v.At.Time
		}
	}
	reports := v.together(checks.VerifyAll(ctx, inputs, verifyWorkers, nil), unread)
	if err := v.print(t.out, reports, unread); err != nil {
		return err
	}
	v.hint(t.err, reports)
	code := 0
	for _, r := range reports {
		code = max(code, verifyCode(r))
	}
	if code != 0 {
		return exit(code)
	}
	return nil
}

// read reads what can be read, and says by place why the rest cannot. Standard input can be one of the inputs.
func (v *verifyCommand) read(stdin io.Reader) (inputs []verifier.Input, unread map[int]error) {
	unread = map[int]error{}
	for place, name := range v.Input {
		in, err := readInput(stdin, name)
		if err != nil {
			unread[place] = err
			continue
		}
		inputs = append(inputs, in)
	}
	return inputs, unread
}

// together puts a report in the place of each input that could not be read, so that there is one for each input: it
// could not be checked.
func (v *verifyCommand) together(judged []*verifier.Report, unread map[int]error) (all []*verifier.Report) {
	for place := range v.Input {
		err, missing := unread[place]
		if !missing {
			all, judged = append(all, judged[0]), judged[1:]
			continue
		}
		all = append(all, &verifier.Report{
			Verdict: verifier.Undetermined, CheckedAt: time.Now().UTC().Truncate(time.Second),
			Checks: []verifier.Check{{Name: verifier.CheckExtract, Outcome: verifier.Unknown, Code: verifier.FetchFailed, Message: err.Error()}},
		})
	}
	return all
}

// hint names the flag that was missing where a badge of this machine was not reached.
func (v *verifyCommand) hint(out io.Writer, reports []*verifier.Report) {
	if !v.Loopback && v.Resources == "" && slices.ContainsFunc(reports, (*verifier.Report).NeedsLoopback) {
		fmt.Fprintln(out, "insignia: an address is on this machine, which is asked only with --loopback")
	}
}

func verifyCode(r *verifier.Report) int {
	switch {
	case r.Valid:
		return 0
	case r.Verdict == verifier.Undetermined:
		return exitNotDecided
	}
	return exitNotValid
}

func (v *verifyCommand) prepare() (*verifier.Verifier, []byte, error) {
	var fetch egress.Fetcher
	if v.Resources != "" {
		memory, err := egress.Resources(v.Resources)
		if err != nil {
			return nil, nil, err
		}
		fetch = memory
	} else {
		proxy, err := egressProxy(v.EgressProxy)
		if err != nil {
			return nil, nil, fmt.Errorf("INSIGNIA_EGRESS_PROXY: %w", err)
		}
		fetch = egress.New(egress.Options{Proxy: proxy, Loopback: v.Loopback})
	}
	var jwk []byte
	if v.JWK != "" {
		var err error
		if jwk, err = os.ReadFile(v.JWK); err != nil {
			return nil, nil, err
		}
	}
	known := func(id string) bool { return slices.Contains(v.TrustedIssuers, id) }
	return verifier.New(verifier.Options{Fetch: fetch, Known: known, Now: time.Now}), jwk, nil
}

// readInput reads a file or standard input; an address is an input by itself.
func readInput(stdin io.Reader, name string) (verifier.Input, error) {
	if strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://") {
		return verifier.Input{Data: []byte(name)}, nil
	}
	source := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return verifier.Input{}, withoutName(err)
		}
		defer f.Close()
		source = f
	}
	data, err := io.ReadAll(io.LimitReader(source, largestInput+1))
	switch {
	case err != nil:
		return verifier.Input{}, withoutName(err)
	case len(data) > largestInput:
		return verifier.Input{}, fmt.Errorf("larger than %d bytes", largestInput)
	}
	return verifier.Input{Data: data, Name: name}, nil
}

// withoutName is why a file cannot be read, without its name, which is told beside.
func withoutName(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func (v *verifyCommand) print(out io.Writer, reports []*verifier.Report, unread map[int]error) error {
	if v.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if len(reports) == 1 {
			return e.Encode(reports[0])
		}
		return e.Encode(reports)
	}
	for n, r := range reports {
		if err, missing := unread[n]; missing {
			if _, err := fmt.Fprintf(out, "%s: NOT READ: %s\n", tame(v.Input[n]), tame(err.Error())); err != nil {
				return err
			}
			continue
		}
		if err := printReport(out, v.Input[n], r); err != nil {
			return err
		}
	}
	return nil
}

func printReport(out io.Writer, input string, r *verifier.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", tame(input), strings.ToUpper(string(r.Verdict)))
	if r.Format != "" {
		fmt.Fprintf(&b, " (%s)", r.Format)
	}
	b.WriteByte('\n')
	if r.Badge != nil {
		fmt.Fprintf(&b, "  %s, issued by %s (%s)\n", tame(r.Badge.Name), tame(r.Badge.Issuer.Name), tame(r.Badge.Issuer.ID))
		if r.Test {
			fmt.Fprintln(&b, "  Test badge: nothing was earned.")
		}
		if r.Badge.Recipient != "" {
			fmt.Fprintf(&b, "  Holder: %s\n", tame(r.Badge.Recipient))
		}
		if r.Valid && !r.IssuerKnown {
			fmt.Fprintln(&b, "  The badge is intact; whether to trust this issuer is yours to decide.")
		}
	}
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "  %-8s %-12s %s\n", c.Outcome, c.Name, strings.TrimSpace(c.Code+" "+tame(c.Message)))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

const longestText = 300 // characters

// tame is a stranger's text for a terminal, which does what control characters tell it.
func tame(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	if letters := []rune(text); len(letters) > longestText {
		text = string(letters[:longestText]) + "…"
	}
	return text
}
