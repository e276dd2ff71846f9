package verifier

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
)

const casesFolder = "../../shared/cases"

// sharedCase is one entry of the index (its README explains the members).
type sharedCase struct {
	ID        string          `json:"id"`
	Input     string          `json:"input"`
	Kind      string          `json:"kind"`
	Resources string          `json:"resources"`
	At        string          `json:"at"`
	Recipient json.RawMessage `json:"recipient"`
	JWK       string          `json:"jwk"`
	Expect    string          `json:"expect"`
	Accept    []string        `json:"accept"`
	Verdict   Verdict         `json:"verdict"`
	Error     any             `json:"error"`
	Why       string          `json:"why"`
	Title     string          `json:"title"`
}

// sharedCases gives the cases of all indexes; the files that a case names lie beside its index.
func sharedCases(t testing.TB) []sharedCase {
	var all []sharedCase
	for _, folder := range []string{"", "reports-1"} {
		data, err := os.ReadFile(filepath.Join(casesFolder, folder, "index.json"))
		if err != nil {
			t.Skipf("the folder of shared cases is absent: %v", err)
		}
		var cases []sharedCase
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		for i := range cases {
			c := &cases[i]
			for _, name := range []*string{&c.Input, &c.Resources, &c.JWK} {
				if *name != "" {
					*name = filepath.Join(folder, *name)
				}
			}
		}
		all = append(all, cases...)
	}
	return all
}

// person is one recipient that a case asks about, by all their addresses, and whether the badge is theirs.
type person struct {
	addresses []string
	match     bool
}

func (c sharedCase) people(t testing.TB) []person {
	var byProperty struct{ Email any }
	var listed []struct {
		Value string
		Match bool
	}
	var people []person
	switch {
	case len(c.Recipient) == 0 || string(c.Recipient) == "null" || string(c.Recipient) == `""`:
		return []person{{nil, true}}
	case json.Unmarshal(c.Recipient, &listed) == nil:
		for _, p := range listed {
			people = append(people, person{[]string{p.Value}, p.Match})
		}
	case json.Unmarshal(c.Recipient, &byProperty) == nil:
		people = []person{{textsOf(byProperty.Email), true}}
	default:
		t.Fatalf("%s: recipient %s", c.ID, c.Recipient)
	}
	return people
}

func (c sharedCase) report(t testing.TB, addresses ...string) *Report {
	network, err := egress.Resources(filepath.Join(casesFolder, c.Resources))
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Data: caseFile(t, c.Input), Recipients: addresses}
	if c.JWK != "" {
		in.JWK = caseFile(t, c.JWK)
	}
	if c.At != "" {
		if in.At, err = time.Parse(time.RFC3339, c.At); err != nil {
			t.Fatal(err)
		}
	}
	return New(Options{Fetch: network}).Verify(context.Background(), in)
}

func caseFile(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join(casesFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// coarse is a verdict in the words of the index.
func coarse(v Verdict) string {
	switch v {
	case Valid:
		return "valid"
	case Undetermined:
		return "undetermined"
	}
	return "invalid"
}

func (c sharedCase) accepts(v string) bool {
	if len(c.Accept) > 0 {
		return slices.Contains(c.Accept, v)
	}
	return v == c.Expect || c.Expect == "either" && v != "undetermined"
}

// agrees reports whether every judgement of the case is as its index says, and the last report.
func (c sharedCase) agrees(t testing.TB) (bool, *Report) {
	var r *Report
	for _, p := range c.people(t) {
		r = c.report(t, p.addresses...)
		if !p.match {
			if r.Verdict != WrongRecipient {
				return false, r
			}
			continue
		}
		if !c.accepts(coarse(r.Verdict)) || c.Verdict != "" && r.Verdict != c.Verdict {
			return false, r
		}
	}
	return true, r
}

// TestSharedCases judges all cases and counts.
func TestSharedCases(t *testing.T) {
	cases := sharedCases(t)
	agreed := 0
	for _, c := range cases {
		ok, r := c.agrees(t)
		if !ok {
			t.Errorf("%s (%s): index %s %s %v %s, here %s: %s", c.ID, c.Title, c.Expect, c.Verdict, c.Error, c.Why, r.Verdict, toJSON(t, r.Checks))
			continue
		}
		agreed++
	}
	t.Logf("%d of %d cases agree with the index", agreed, len(cases))
}
