package programme

import (
	"fmt"
	"slices"
)

// warnings are what is allowed and probably not meant.
func warnings(p *Programme, src *source) []Problem {
	var list []Problem
	warn := func(at, suggestion, format string, args ...any) {
		list = append(list, src.newProblem(at, suggestion, format, args...))
	}
	if p.Issuer.URL == "" {
		warn("/issuer", "", "the issuer has no url: Open Badges 2.0 asks for one")
	}
	if p.Issuer.Email == "" {
		warn("/issuer", "", "the issuer has no email: Open Badges 2.0 asks for one")
	}
	for i, c := range p.Certifications {
		at := fmt.Sprintf("/certifications/%d", i)
		named := func(s Subject) bool { return s.Kind == KindExam }
		if c.ValidFor > 0 && !slices.ContainsFunc(c.Requires.Named(), named) {
			warn(at+"/valid_for", "name an exam in requires, or leave out valid_for",
				"certification %q needs only certifications: once expired it can never be earned again", c.Code)
		}
		if c.ValidFor == 0 && src.lines[at+"/renewal_window"] > 0 {
			warn(at+"/renewal_window", "", "certification %q has a renewal_window and no valid_for: it never expires", c.Code)
		}
	}
	sortByLine(list)
	return list
}
