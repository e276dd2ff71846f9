package verifier

import (
	"slices"
	"strings"
	"testing"
)

// TestSharedCodes: where the index of the 2.x cases names a fault, the report names it, too.
func TestSharedCodes(t *testing.T) {
	judged := 0
	for _, c := range sharedCases(t) {
		named, _ := c.Error.([]any)
		if !strings.HasPrefix(c.ID, "ob2/") || c.Expect != "invalid" {
			continue
		}
		r := c.report(t, c.people(t)[0].addresses...)
		for _, one := range named {
			code, property, _ := strings.Cut(one.(string), ":")
			judged++
			if !slices.ContainsFunc(r.Checks, func(check Check) bool {
				return (check.Outcome == Fail || check.Outcome == Unknown) && check.Code == code && (property == "" || slices.Contains(strings.Split(check.Property, "."), property))
			}) {
				t.Errorf("%s (%s): want %s, got %s", c.ID, c.Title, one, toJSON(t, r.Checks))
			}
		}
	}
	if judged < 60 {
		t.Errorf("only %d codes", judged)
	}
	t.Logf("%d codes", judged)
}
