package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/open-insignia/insignia/verifier"
)

type verifyCommand struct {
	Input          []string  `arg:"" help:"Addresses, files (JSON, JWT or JWS, PNG, SVG), or - for standard input."`
	JSON           bool      `name:"json" help:"Print the report as JSON, an array for several inputs."`
	Resources      string    `type:"existingfile" help:"JSON file of URL -> {status, headers, body or file}, used instead of the network."`
	Recipient      string    `help:"E-mail address that the badge should have been issued to."`
	At             time.Time `help:"Judge as of this moment, RFC 3339."`
	JWK            string    `name:"jwk" type:"existingfile" help:"Public key for a token whose header names none that can be fetched."`
	TrustedIssuers []string  `env:"INSIGNIA_TRUSTED_ISSUERS" help:"Issuer ids that count as known."`
	EgressProxy    string    `env:"INSIGNIA_EGRESS_PROXY" help:"HTTP proxy for fetching."`
}

// Exit codes of verify.
const (
	exitNotValid     = 1
	exitNotDecided   = 2
	largestInput     = 16 << 20
	verifyTotalLimit = 60 * time.Second
)

// Run checks each input and prints its report.
func (v *verifyCommand) Run(ctx context.Context, t *terminal) error {
	checks, jwk, err := v.prepare()
	if err != nil {
		fmt.Fprintln(t.err, "insignia:", err)
		return exit(exitUsage)
	}
	var reports []*verifier.Report
	code := 0
	for _, name := range v.Input {
		input, err := readInput(t.in, name)
		if err != nil {
			fmt.Fprintln(t.err, "insignia:", err)
			return exit(exitUsage)
		}
		input.Recipient, input.At, input.JWK = v.Recipient, v.At, jwk
		one, cancel := context.WithTimeout(ctx, verifyTotalLimit)
		r := checks.Verify(one, input)
		cancel()
		reports = append(reports, r)
		code = max(code, verifyCode(r))
	}
	if err := v.print(t.out, reports); err != nil {
		return err
	}
	if code != 0 {
		return exit(code)
	}
	return nil
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
	var fetch verifier.Fetcher
	if v.Resources != "" {
		memory, err := verifier.Resources(v.Resources)
		if err != nil {
			return nil, nil, err
		}
		fetch = memory
	} else {
		o := verifier.WebOptions{}
		if v.EgressProxy != "" {
			u, err := url.Parse(v.EgressProxy)
			if err != nil {
				return nil, nil, fmt.Errorf("egress proxy: %w", err)
			}
			o.Proxy = u
		}
		fetch = verifier.Web(o)
	}
	var jwk []byte
	if v.JWK != "" {
		var err error
		if jwk, err = os.ReadFile(v.JWK); err != nil {
			return nil, nil, err
		}
	}
	known := func(id string) bool {
		for _, trusted := range v.TrustedIssuers {
			if trusted == id {
				return true
			}
		}
		return false
	}
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
			return verifier.Input{}, err
		}
		defer f.Close()
		source = f
	}
	data, err := io.ReadAll(io.LimitReader(source, largestInput+1))
	if err == nil && len(data) > largestInput {
		err = fmt.Errorf("%s: larger than %d bytes", name, largestInput)
	}
	return verifier.Input{Data: data, Name: name}, err
}

func (v *verifyCommand) print(out io.Writer, reports []*verifier.Report) error {
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
		if err := printReport(out, v.Input[n], r); err != nil {
			return err
		}
	}
	return nil
}

func printReport(out io.Writer, input string, r *verifier.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", input, strings.ToUpper(string(r.Verdict)))
	if r.Format != "" {
		fmt.Fprintf(&b, " (%s)", r.Format)
	}
	b.WriteByte('\n')
	if r.Badge != nil {
		fmt.Fprintf(&b, "  %s, issued by %s (%s)\n", r.Badge.Name, r.Badge.Issuer.Name, r.Badge.Issuer.ID)
		if r.Valid && !r.IssuerKnown {
			fmt.Fprintln(&b, "  The badge is intact; whether to trust this issuer is yours to decide.")
		}
	}
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "  %-8s %-12s %s\n", c.Outcome, c.Name, c.Message)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
