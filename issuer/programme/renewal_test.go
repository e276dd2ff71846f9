package programme

import (
	"slices"
	"strings"
	"testing"
)

// TestRenewal: the window opens as the rules have it, and what is retired is not renewed.
func TestRenewal(t *testing.T) {
	const file = `
issuer: {id: acme, name: Acme, languages: [en]}
exams:
  - {code: X1, name: One}
  - {code: X2, name: Two, retired: 2026-01-01}
certifications:
  - {code: year, name: Year, valid_for: 12 months, requires: {any: [{exam: X1}, {exam: X2}]}}
  - {code: short, name: Short, valid_for: 4 months, requires: {exam: X1}}
  - {code: above, name: Above, valid_for: 12 months, requires: {all: [{exam: X1}, {any: [{certification: year}, {certification: short}]}]}}
  - {code: either, name: Either, valid_for: 12 months, requires: {any: [{exam: X1}, {certification: short}]}}
  - {code: old, name: Old, valid_for: 12 months, requires: {exam: X2}}
  - {code: own, name: Own, valid_for: 12 months, renewal_window: 10 days, retired: 2026-06-30, requires: {exam: X1}}
`
	p, err := Parse(strings.NewReader(file), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := History{{Number: 1, Programme: p}}
	day := func(text string) Date {
		d, err := ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		code, expires, opens, today string
		open, over                  bool
		exams, holds                []string
	}{
		{"year", "2026-09-30", "2026-04-03", "2026-04-02", false, false, []string{"X1"}, nil},
		{"year", "2026-09-30", "2026-04-03", "2026-04-03", true, false, []string{"X1"}, nil},
		{"year", "2026-09-30", "2026-04-03", "2026-09-29", true, false, []string{"X1"}, nil},
		{"year", "2026-09-30", "2026-04-03", "2026-09-30", false, false, []string{"X1"}, nil},
		{"year", "2026-01-30", "2025-08-03", "2026-01-01", true, false, []string{"X1", "X2"}, nil},
		{"short", "2026-05-01", "2026-03-02", "2026-03-02", true, false, []string{"X1"}, nil},
		{"above", "2026-09-30", "2026-04-03", "2026-04-03", true, false, []string{"X1"}, []string{"year", "short"}},
		{"either", "2026-09-30", "2026-04-03", "2026-04-03", true, false, []string{"X1"}, nil},
		{"old", "2026-09-30", "2026-04-03", "2026-04-03", false, true, nil, nil},
		{"own", "2026-07-05", "2026-06-25", "2026-06-30", true, false, []string{"X1"}, nil},
		{"own", "2026-07-05", "2026-06-25", "2026-07-01", false, true, []string{"X1"}, nil},
	} {
		r, found := h.Renewal(c.code, day(c.expires), day(c.today))
		open, over := r.Open(day(c.today), day(c.expires)), r.Over(day(c.today))
		if !found || r.Opens.String() != c.opens || open != c.open || over != c.over || !slices.Equal(r.Exams, c.exams) || !slices.Equal(r.Holds, c.holds) {
			t.Errorf("%+v: got %+v, open %v, over %v, found %v", c, r, open, over, found)
		}
	}
	if _, found := h.Renewal("none", day("2026-01-01"), day("2025-01-01")); found {
		t.Error("a certification that there is none of can be renewed")
	}
}
