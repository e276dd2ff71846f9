package programme

import (
	"fmt"
	"maps"
	"slices"
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
		c.skillLinks(at, e.Skills)
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

func (c *checker) certification(at string, cert Certification) {
	c.dates(at, cert.InProgrammeSince, cert.Retired)
	c.link(at+"/schedule_url", cert.ScheduleURL)
	c.skillLinks(at, cert.Skills)
	c.line(at+"/level", cert.Level, longestName)
	if least := cert.ValidFor.shortest(); cert.ValidFor > 0 && cert.RenewalWindow >= least {
		c.refuse(at+"/renewal_window", fmt.Sprintf("without it, it would be %q", plural(int(cert.ValidFor.window()), "day")),
			"renewal_window must be shorter than valid_for: %s can have no more than %d days", plural(int(cert.ValidFor), "month"), least)
	}
	if cert.Requires.empty() {
		c.missing(at, "requires")
		return
	}
	if n := cert.Requires.size(); n > mostLeaves {
		c.refuse(at+"/requires", "", "the requirement names %d exams and certifications; %d is the most", n, mostLeaves)
		return
	}
	c.requirement(at+"/requires", cert.Requires)
}

const mostLeaves = 1000

func (r Requirement) size() int {
	n := 0
	r.leaves(func(Subject) { n++ })
	return n
}

func (r Requirement) empty() bool {
	_, is := r.leaf()
	return !is && r.All == nil && r.Any == nil && r.AtLeast == nil
}

// requirement checks the codes of a tree, and that no list names the same thing twice, which at_least would count twice.
func (c *checker) requirement(at string, r Requirement) {
	switch {
	case r.Exam != "":
		c.checkCode(at+"/exam", "exam", r.Exam)
	case r.Certification != "":
		c.checkCode(at+"/certification", "certification", r.Certification)
	}
	list := at
	switch {
	case r.All != nil:
		list += "/all"
	case r.Any != nil:
		list += "/any"
	case r.AtLeast != nil:
		list += "/at_least/of"
	}
	_, of := r.branches()
	for i, branch := range of {
		here := fmt.Sprintf("%s/%d", list, i)
		if branch.empty() {
			continue
		}
		if slices.ContainsFunc(of[:i], branch.Equal) {
			c.refuse(here, "name it once", "the list has the same requirement twice")
			continue
		}
		c.requirement(here, branch)
	}
}

// checkCode refuses a code that the programme does not have, and tells what may have been meant.
func (c *checker) checkCode(at, kind, code string) {
	exam, alias := c.exams[code]
	switch {
	case kind == "exam" && c.unread("/exams"):
	case kind == "exam" && exam == code, kind == "certification" && c.certs[code]:
	case kind == "exam" && alias:
		c.refuse(at, fmt.Sprintf("write exam: %s", exam), "%q is an alias; a requirement names the exam by its code", code)
	case kind == "exam" && c.certs[code]:
		c.refuse(at, "write certification: "+code, "%q is no exam but a certification", code)
	case kind == "certification" && alias:
		c.refuse(at, "write exam: "+exam, "%q is no certification but an exam", code)
	case kind == "exam":
		c.refuse(at, c.guess(code, slices.Collect(maps.Keys(c.exams))), "unknown exam %q", code)
	default:
		c.refuse(at, c.guess(code, slices.Collect(maps.Keys(c.certs))), "unknown certification %q", code)
	}
}

// guess is didYouMean for a file's first unknown codes; where nearly all are unknown, guessing each takes longer than it helps.
func (c *checker) guess(code string, known []string) string {
	if c.guesses++; c.guesses > mostGuesses {
		return ""
	}
	return didYouMean(code, known)
}

const mostGuesses = 50

// cycles refuses certifications that need themselves, directly or through others; each circle is told once.
func (c *checker) cycles() {
	needs := map[string][]string{}
	at := map[string]string{}
	for i, cert := range c.p.Certifications {
		if _, twice := at[cert.Code]; twice {
			continue
		}
		at[cert.Code] = fmt.Sprintf("/certifications/%d/requires", i)
		for _, s := range cert.Requires.Named() {
			if s.Kind == KindCertification {
				needs[cert.Code] = append(needs[cert.Code], s.Code)
			}
		}
	}
	w := walker{needs: needs, onPath: map[string]bool{}, done: map[string]bool{}}
	for _, cert := range c.p.Certifications {
		w.walk(cert.Code)
	}
	for _, circle := range w.circles {
		way := strings.Join(append(circle, circle[0]), " -> ")
		c.refuse(at[circle[0]], "", "certifications need each other in a circle: %s", way)
	}
}

type walker struct {
	needs   map[string][]string
	onPath  map[string]bool
	done    map[string]bool
	path    []string
	circles [][]string
}

func (w *walker) walk(code string) {
	if w.onPath[code] {
		w.circles = append(w.circles, slices.Clone(w.path[slices.Index(w.path, code):]))
		return
	}
	if w.done[code] {
		return
	}
	w.path, w.onPath[code] = append(w.path, code), true
	for _, needed := range w.needs[code] {
		w.walk(needed)
	}
	w.path, w.onPath[code] = w.path[:len(w.path)-1], false
	w.done[code] = true
}

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
