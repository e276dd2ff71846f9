package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sharedCases = "../../../shared/cases"

// sharedCase is an entry of the index of badges with the verdict of a careful verifier.
type sharedCase struct {
	ID        string   `json:"id"`
	Input     string   `json:"input"`
	Kind      string   `json:"kind"`
	Resources string   `json:"resources"`
	At        string   `json:"at"`
	Recipient any      `json:"recipient"`
	JWK       string   `json:"jwk"`
	Expect    string   `json:"expect"`
	Accept    []string `json:"accept"`
	Verdict   string   `json:"verdict"` // where the words of Expect are too coarse
}

// TestVerifySharedCases has the command judge every shared case as its index says.
func TestVerifySharedCases(t *testing.T) {
	for _, c := range append(casesIn(t, ""), casesIn(t, "reports-1")...) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			for _, address := range c.addresses() {
				if got := c.judge(t, address); !c.accepts(got) {
					t.Errorf("for %q: got %s, want %s %v", address, got, c.Expect, c.Accept)
				}
			}
		})
	}
}

// casesIn are those of the index in a folder, beside which their files lie.
func casesIn(t *testing.T, folder string) (cases []sharedCase) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedCases, folder, "index.json"))
	if err != nil {
		t.Skipf("the folder of shared cases is absent: %v", err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for n := range cases {
		for _, name := range []*string{&cases[n].Input, &cases[n].Resources, &cases[n].JWK} {
			if *name != "" {
				*name = filepath.Join(folder, *name)
			}
		}
	}
	return cases
}

// addresses are those that the badge is judged for: the ones it was issued to.
func (c sharedCase) addresses() []string {
	switch r := c.Recipient.(type) {
	case string:
		return []string{r}
	case map[string]any:
		if list, ok := r["email"].([]any); ok {
			return []string{list[len(list)-1].(string)}
		}
		address, _ := r["email"].(string)
		return []string{address}
	case []any:
		var list []string
		for _, entry := range r {
			if m := entry.(map[string]any); m["match"] == true {
				list = append(list, m["value"].(string))
			}
		}
		return list
	}
	return []string{""}
}

// judge runs the command and checks that exit code and report say the same.
func (c sharedCase) judge(t *testing.T, address string) string {
	t.Helper()
	file := filepath.Join(sharedCases, c.Input)
	args := []string{"verify", file, "--json", "--resources", filepath.Join(sharedCases, c.Resources)}
	if c.Kind == "url" || c.Kind == "text" {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if url := strings.TrimSpace(string(text)); strings.HasPrefix(url, "http") {
			args[1] = url
		}
	}
	for flag, value := range map[string]string{"--at": c.At, "--recipient": address} {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if c.JWK != "" {
		args = append(args, "--jwk", filepath.Join(sharedCases, c.JWK))
	}
	var out strings.Builder
	code := run(t.Context(), args, strings.NewReader(""), &out, io.Discard)
	var report struct {
		Valid   bool   `json:"valid"`
		Verdict string `json:"verdict"`
	}
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil {
		t.Fatalf("exit %d, %q: %v", code, out.String(), err)
	}
	if c.Verdict != "" && report.Verdict != c.Verdict {
		t.Errorf("got the verdict %s, want %s", report.Verdict, c.Verdict)
	}
	coarse, ok := map[int]string{0: "valid", exitNotValid: "invalid", exitNotDecided: "undetermined"}[code]
	if !ok || report.Valid != (code == 0) || (report.Verdict == "undetermined") != (code == exitNotDecided) {
		t.Errorf("exit code %d for a report that says %+v", code, report)
	}
	return coarse
}

func (c sharedCase) accepts(v string) bool {
	if len(c.Accept) > 0 {
		return slices.Contains(c.Accept, v)
	}
	return v == c.Expect || c.Expect == "either" && v != "undetermined"
}
