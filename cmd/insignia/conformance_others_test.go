//go:build conformance

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/verifier"
)

// fromElsewhere is what sign.mjs made: badges of another issuer, and the network that goes with them.
type fromElsewhere struct {
	Cases []struct {
		Name, File, Text string
		Want             string // a verdict, or "not valid" for any other than valid and undetermined
	}
	Resources map[string]egress.Resource
}

// TestConformanceOthers judges badges that the JavaScript reference stack signed, and altered copies.
func TestConformanceOthers(t *testing.T) {
	w := newWorld(t)
	b := &site{nil, w, "", t.TempDir()}
	var made fromElsewhere
	w.script(t, "sign.mjs", map[string]any{"issuer": "https://issuer.conformance.example/issuers/1/issuer.json", "now": time.Now().UTC()}, &made)
	w.noStrays(t)
	network, err := json.Marshal(made.Resources)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"verify", "--json", "--resources", b.save(t, "resources.json", network)}
	for _, c := range made.Cases {
		args = append(args, b.save(t, c.File, []byte(c.Text)))
	}
	_, out, errOut := runCommand(t, "", args...)
	var reports []verifier.Report
	if err := json.Unmarshal([]byte(out), &reports); err != nil || len(reports) != len(made.Cases) {
		t.Fatalf("got %d reports of %d, %v\n%s", len(reports), len(made.Cases), err, errOut)
	}
	good := 0
	for n, c := range made.Cases {
		r := reports[n]
		if c.Want == "valid" {
			good++
		}
		agreed := string(r.Verdict) == c.Want || c.Want == "not valid" && !r.Valid && r.Verdict != verifier.Undetermined
		if !agreed || r.Valid != (r.Verdict == verifier.Valid) {
			t.Errorf("%s: got %s, want %s: %s", c.Name, r.Verdict, c.Want, unpassed(r))
		}
	}
	t.Logf("%d badges of the JavaScript stack and %d altered or ended ones", good, len(made.Cases)-good)
}

// decode reads JSON that must be right.
func decode(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%v in %.300s", err, data)
	}
}

// unpassed tells the checks that did not simply pass.
func unpassed(r verifier.Report) string {
	var told []string
	for _, c := range r.Checks {
		if c.Outcome != verifier.Pass {
			told = append(told, fmt.Sprintf("%s %s %s %s", c.Name, c.Outcome, c.Code, c.Message))
		}
	}
	return strings.Join(told, "; ")
}
