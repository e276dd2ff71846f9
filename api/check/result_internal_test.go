package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func TestRunOrders(t *testing.T) {
	rows := []templates.RunRow{{Number: 1, Title: "b", Look: "valid"}, {Number: 2, Issuer: "X", Look: "revoked"}, {Number: 3, Title: "A", Holder: "Z"}}
	for order, want := range map[string][]int{
		"": {1, 2, 3}, "nonsense": {1, 2, 3}, "-order": {3, 2, 1}, "badge": {3, 1, 2}, "-badge": {2, 1, 3}, "issuer": {2, 1, 3}, "holder": {3, 1, 2}, "answer": {2, 1, 3}, "issued": {1, 2, 3}, "expires": {1, 2, 3},
	} {
		list := slices.Clone(rows)
		sortRows(list, order)
		if got := []int{list[0].Number, list[1].Number, list[2].Number}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", order, got, want)
		}
	}
	for _, column := range templates.Columns {
		if orders[column] == nil {
			t.Errorf("nothing sorts by %s", column)
		}
	}
}

// What strangers write has an end, and what failed is kept before what did not.
func TestBounded(t *testing.T) {
	long := strings.Repeat("é", 5000)
	r := &verifier.Report{Extracted: map[string]string{"openbadges": long}, Badge: &verifier.Badge{Name: long, ID: long, Recipient: long, Description: long, Image: long, Issuer: verifier.Issuer{ID: long, Name: long, URL: long}}}
	for k := range 1000 {
		outcome := verifier.Warning
		if k == checksKept+5 {
			outcome = verifier.Fail
		}
		r.Checks = append(r.Checks, verifier.Check{Name: "endorsement", Outcome: outcome, Message: long, Property: long})
	}
	got := bounded(r)
	if data := web.EncodeJSON(got); len(data) > 200_000 || len(got.Checks) != checksKept+1 || got.Checks[checksKept].Outcome != verifier.Fail || got.Extracted != nil {
		t.Errorf("%d bytes, %d checks", len(data), len(got.Checks))
	}
	if r.Badge.Name != long || len(r.Checks) != 1000 || r.Extracted == nil {
		t.Error("the report was changed")
	}
}

// What a document says of itself is shown only where its proof holds.
func TestProven(t *testing.T) {
	check := func(name string, o verifier.Outcome) verifier.Check { return verifier.Check{Name: name, Outcome: o} }
	for _, c := range []struct {
		checks []verifier.Check
		want   bool
	}{
		{nil, false},
		{[]verifier.Check{check("parse", verifier.Pass)}, false},
		{[]verifier.Check{check("key", verifier.Pass)}, false},
		{[]verifier.Check{check("proof", verifier.Pass)}, true},
		{[]verifier.Check{check("key", verifier.Pass), check("proof", verifier.Pass), check("status", verifier.Fail)}, true},
		{[]verifier.Check{check("key", verifier.Fail), check("proof", verifier.Pass)}, false},
		{[]verifier.Check{check("key", verifier.Pass), check("proof", verifier.Fail)}, false},
		{[]verifier.Check{check("key", verifier.Unknown)}, false},
	} {
		if got := proven(c.checks); got != c.want {
			t.Errorf("%v: got %v", c.checks, got)
		}
	}
}
