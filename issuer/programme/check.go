package programme

import (
	"fmt"
	"strings"
)

// Longest texts, in characters.
const (
	longestCode        = 100
	longestName        = 200
	longestDescription = 4000
	longestURL         = 2000
	longestEmail       = 254
)

// checker looks at what was read as a whole.
type checker struct {
	*source
	p        *Programme
	exams    map[string]string // codes and aliases, to codes
	certs    map[string]bool
	guesses  int
	problems []Problem
}

// check finds everything that is wrong with the values of a programme. src knows where they stand; after Merge it knows the lines of
// the file that was merged in, and the pointers of what was kept lead nowhere.
func check(p *Programme, src *source) []Problem {
	c := &checker{source: src, p: p}
	if c.unread("") {
		return nil
	}
	c.exams, c.certs = codesOf(p)
	c.issuer()
	for _, t := range p.texts() {
		c.text(t)
	}
	c.codes()
	for i, e := range p.Exams {
		at := fmt.Sprintf("/exams/%d", i)
		c.dates(at, e.InProgrammeSince, e.Retired)
		c.link(at+"/schedule_url", e.ScheduleURL)
	}
	for i, cert := range p.Certifications {
		c.certification(fmt.Sprintf("/certifications/%d", i), cert)
	}
	c.cycles()
	return c.problems
}

func codesOf(p *Programme) (exams map[string]string, certs map[string]bool) {
	exams, certs = map[string]string{}, map[string]bool{}
	for _, e := range p.Exams {
		for _, alias := range e.Aliases {
			exams[alias] = e.Code
		}
	}
	for _, e := range p.Exams {
		exams[e.Code] = e.Code
	}
	for _, cert := range p.Certifications {
		certs[cert.Code] = true
	}
	return exams, certs
}

func (c *checker) refuse(at, suggestion, format string, args ...any) {
	if !c.unread(at) {
		c.problems = append(c.problems, c.newProblem(at, suggestion, format, args...))
	}
}

func (c *checker) missing(at, member string) { c.refuse(at+"/"+member, "", "%s is missing", member) }

// codes are unique: those of exams together with their aliases, and those of certifications.
func (c *checker) codes() {
	exams, certs := map[string]string{}, map[string]string{}
	for i, e := range c.p.Exams {
		c.code(exams, fmt.Sprintf("/exams/%d", i), "/code", "exam", e.Code)
	}
	for i, e := range c.p.Exams {
		for n, alias := range e.Aliases {
			c.code(exams, fmt.Sprintf("/exams/%d", i), fmt.Sprintf("/aliases/%d", n), "alias", alias)
		}
	}
	for i, cert := range c.p.Certifications {
		c.code(certs, fmt.Sprintf("/certifications/%d", i), "/code", "certification", cert.Code)
	}
}

func (c *checker) code(taken map[string]string, item, member, what, code string) {
	at := item + member
	if code == "" {
		if what == "alias" {
			c.refuse(at, "", "an alias is empty")
			return
		}
		c.missing(item, "code")
		return
	}
	if code != strings.TrimSpace(code) {
		c.refuse(at, fmt.Sprintf("write %q", strings.TrimSpace(code)), "%q has spaces around it", code)
		return
	}
	c.line(at, code, longestCode)
	first, twice := taken[code]
	if !twice {
		taken[code] = at
		return
	}
	where := "the programme has it already and keeps it"
	if c.source != nil && c.source.lines[first] > 0 {
		where = fmt.Sprintf("first in line %d", c.source.lines[first])
	}
	c.refuse(at, "codes and aliases are unique", "%s %q is there twice (%s)", what, code, where)
}
