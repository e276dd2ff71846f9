package programme

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// reference is contract 1 read aloud, step by step and as slowly as one likes: no index, every certification looked at for every
// pass, calendar arithmetic by hand. It says what told and the first decision say.
type reference struct {
	h      History
	passed []string // exams, in order
	certs  []*refEarned
	badges map[string]bool // exams that have a badge
	seen   map[string]bool // exams that have an earning
	lines  []string
	exams  map[ResultKey]Reason // what became of the exam's own badge
}

type refEarned struct {
	code      string
	line      int
	from      time.Time
	until     *time.Time
	renewedOn []time.Time
	badge     bool
}

func refer(h History, results []Result) *reference {
	r := &reference{h: h, badges: map[string]bool{}, seen: map[string]bool{}, exams: map[ResultKey]Reason{}}
	rest := slices.Clone(results)
	for len(rest) > 0 {
		next := 0
		for i := range rest {
			a, b := rest[i], rest[next]
			if a.TakenAt.Before(b.TakenAt) || a.TakenAt.Equal(b.TakenAt) && (a.Partner < b.Partner || a.Partner == b.Partner && a.ID < b.ID) {
				next = i
			}
		}
		one := rest[next]
		rest = slices.DeleteFunc(rest, func(x Result) bool { return x.Key() == one.Key() })
		if one.Outcome == Pass && !one.Held && !one.Voided {
			r.exams[one.Key()] = r.pass(one)
		}
	}
	for _, c := range r.certs {
		r.lines[c.line] = c.String()
	}
	return r
}

func (c *refEarned) String() string {
	s := c.code + " " + c.from.Format(dateLayout)
	if c.until != nil {
		s += " until " + c.until.Format(dateLayout)
	}
	for _, d := range c.renewedOn {
		s += " renewed " + d.Format(dateLayout)
	}
	if !c.badge {
		s += " (no badge)"
	}
	return s
}

func (r *reference) told() string {
	var b strings.Builder
	for _, line := range r.lines {
		b.WriteString(line + "\n")
	}
	return b.String()
}

func (r *reference) pass(result Result) Reason {
	u := result.TakenAt.UTC()
	d := time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC)
	var v *Version
	for i := range r.h {
		from := r.h[i].Effective.Time()
		if !from.After(d) && (v == nil || !v.Effective.Time().After(from)) {
			v = &r.h[i]
		}
	}
	x := slices.IndexFunc(v.Programme.Exams, func(e Exam) bool { return e.Code == result.Exam })
	if x < 0 {
		return NotInBadgeProgramme
	}
	e := v.Programme.Exams[x]
	if !e.InProgrammeSince.IsZero() && e.InProgrammeSince.Time().After(d) { // step 1
		return NotInBadgeProgramme
	}
	if !e.Retired.IsZero() && e.Retired.Time().Before(d) {
		return ExamRetired
	}
	r.passed = append(r.passed, e.Code)

	type fresh struct {
		place int
		named bool
		*refEarned
	}
	var earned []fresh
	before := map[string]bool{}
	for _, c := range v.Programme.Certifications {
		before[c.Code] = r.held(c.Code, d)
	}
	for again := true; again; { // step 2
		again = false
		for place, c := range v.Programme.Certifications {
			names := refNames(c.Requires, "exam", e.Code)
			ever := slices.ContainsFunc(r.certs, func(x *refEarned) bool { return x.code == c.Code })
			through := slices.ContainsFunc(earned, func(f fresh) bool { return refNames(c.Requires, "certification", f.code) })
			may := !ever && (names || through) || ever && !r.held(c.Code, d) && names
			if !may || !refAlive(c, d) || !r.satisfied(c.Requires, d) {
				continue
			}
			got := &refEarned{code: c.Code, from: d, badge: c.Badge != Never}
			if c.ValidFor > 0 {
				until := refMonths(d, int(c.ValidFor))
				got.until = &until
			}
			r.certs = append(r.certs, got)
			earned = append(earned, fresh{place, names, got})
			again = true
		}
	}
	for _, c := range v.Programme.Certifications { // step 3
		if !before[c.Code] || !refAlive(c, d) || !r.satisfied(c.Requires, d) || !refNames(c.Requires, "exam", e.Code) {
			continue
		}
		last := r.latest(c.Code)
		window := 180
		if c.ValidFor > 0 {
			window = int(c.RenewalWindow)
		}
		if last.until == nil || last.until.AddDate(0, 0, -window).After(d) {
			continue
		}
		last.renewedOn = append(last.renewedOn, d)
		if c.ValidFor == 0 {
			last.until = nil
			continue
		}
		until := refMonths(*last.until, int(c.ValidFor))
		last.until = &until
	}
	reason, badge := ExamPassed, true
	for _, c := range v.Programme.Certifications { // step 4
		alone := &reference{passed: []string{e.Code}}
		if e.Badge != Always && c.Badge != Never && r.held(c.Code, d) && alone.satisfied(c.Requires, d) {
			reason, badge = ImpliedByCertification, false
		}
	}
	if e.Badge == Never {
		reason, badge = BadgeNever, false
	}
	if badge && r.badges[e.Code] { // step 5
		reason, badge = AlreadyEarned, false
	}
	if badge {
		r.badges[e.Code] = true
		r.lines = append(r.lines, fmt.Sprintf("%s %s", e.Code, d.Format(dateLayout)))
	} else if !r.seen[e.Code] {
		r.lines = append(r.lines, fmt.Sprintf("%s %s (no badge)", e.Code, d.Format(dateLayout)))
	}
	r.seen[e.Code] = true
	for _, named := range []bool{true, false} {
		for place := range v.Programme.Certifications {
			for _, f := range earned {
				if f.place == place && f.named == named {
					f.line = len(r.lines)
					r.lines = append(r.lines, "")
				}
			}
		}
	}
	return reason
}

func (r *reference) latest(code string) *refEarned {
	var last *refEarned
	for _, c := range r.certs {
		if c.code == code {
			last = c
		}
	}
	return last
}

func (r *reference) held(code string, d time.Time) bool {
	last := r.latest(code)
	return last != nil && (last.until == nil || d.Before(*last.until))
}

func (r *reference) satisfied(q Requirement, d time.Time) bool {
	if q.Exam != "" {
		return slices.Contains(r.passed, q.Exam)
	}
	if q.Certification != "" {
		return r.held(q.Certification, d)
	}
	count := func(list []Requirement) (n int) {
		for _, branch := range list {
			if r.satisfied(branch, d) {
				n++
			}
		}
		return n
	}
	if q.AtLeast != nil {
		return count(q.AtLeast.Of) >= q.AtLeast.N
	}
	if q.Any != nil {
		return count(q.Any) > 0
	}
	return count(q.All) == len(q.All)
}

func refNames(q Requirement, kind, code string) bool {
	if kind == "exam" && q.Exam == code || kind == "certification" && q.Certification == code {
		return true
	}
	inside := slices.Concat(q.All, q.Any)
	if q.AtLeast != nil {
		inside = append(inside, q.AtLeast.Of...)
	}
	return slices.ContainsFunc(inside, func(b Requirement) bool { return refNames(b, kind, code) })
}

func refAlive(c Certification, d time.Time) bool {
	return (c.InProgrammeSince.IsZero() || !d.Before(c.InProgrammeSince.Time())) && (c.Retired.IsZero() || !d.After(c.Retired.Time()))
}

// refMonths counts months one calendar page at a time and then looks for the day.
func refMonths(d time.Time, n int) time.Time {
	year, month := d.Year(), int(d.Month())
	for range n {
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	for of := d.Day(); ; of-- {
		if at := time.Date(year, time.Month(month), of, 0, 0, 0, 0, time.UTC); int(at.Month()) == month {
			return at
		}
	}
}
