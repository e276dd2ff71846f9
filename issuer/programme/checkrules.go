package programme

import (
	"fmt"
	"maps"
	"slices"
)

func (c *checker) certification(at string, cert Certification) {
	c.dates(at, cert.InProgrammeSince, cert.Retired)
	c.link(at+"/schedule_url", cert.ScheduleURL)
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
		c.known(at+"/exam", "exam", r.Exam)
	case r.Certification != "":
		c.known(at+"/certification", "certification", r.Certification)
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

// known refuses a code that the programme does not have, and tells what may have been meant.
func (c *checker) known(at, kind, code string) {
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
