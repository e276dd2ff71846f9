package programme

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Merge is the version that follows when a file is applied to the current version: what the file says, and after it what the file
// leaves out, unchanged. current is nil for the first version. The error is *Problems where the two do not go together; the plan is
// complete even then. Neither argument is changed.
func Merge(current, file *Programme) (*Programme, Plan, error) {
	if current == nil {
		current = &Programme{Issuer: file.Issuer}
	}
	plan := Plan{Issuer: issuerChanges(current.Issuer, file.Issuer)}
	next := &Programme{Issuer: file.Issuer, warnings: file.warnings}
	next.Exams = mergeExams(&plan, current, file)
	next.Certifications = mergeCertifications(&plan, current, file)
	problems := between(current, file)
	for _, problem := range check(next, file.src) {
		problems = append(problems, ofKept(problem, next, file))
	}
	plan.Warnings = slices.Concat(file.warnings, moved(current, file))
	if len(problems) > 0 {
		return nil, plan, &Problems{problems}
	}
	next.finish()
	return next, plan, nil
}

func mergeExams(plan *Plan, current, file *Programme) []Exam {
	exams := slices.Clone(file.Exams)
	declared := map[string]bool{}
	for _, e := range file.Exams {
		declared[e.Code] = true
		subject := Subject{KindExam, e.Code}
		was, found := current.Exam(e.Code)
		if !found || was.Code != e.Code {
			plan.Added = append(plan.Added, subject)
			continue
		}
		plan.changed(subject, examChanges(*was, e), was.Retired.IsZero() && !e.Retired.IsZero())
	}
	for _, e := range current.Exams {
		if !declared[e.Code] {
			plan.Kept = append(plan.Kept, Subject{KindExam, e.Code})
			exams = append(exams, e)
		}
	}
	return exams
}

func mergeCertifications(plan *Plan, current, file *Programme) []Certification {
	certs := slices.Clone(file.Certifications)
	declared := map[string]bool{}
	for _, c := range file.Certifications {
		declared[c.Code] = true
		subject := Subject{KindCertification, c.Code}
		was, found := current.Certification(c.Code)
		if !found {
			plan.Added = append(plan.Added, subject)
			continue
		}
		plan.changed(subject, certificationChanges(*was, c), was.Retired.IsZero() && !c.Retired.IsZero())
	}
	for _, c := range current.Certifications {
		if !declared[c.Code] {
			plan.Kept = append(plan.Kept, Subject{KindCertification, c.Code})
			certs = append(certs, c)
		}
	}
	return certs
}

// between checks what no single version can: an issuer is one for ever.
func between(current, file *Programme) []Problem {
	if current.Issuer.ID == file.Issuer.ID {
		return nil
	}
	return []Problem{file.src.newProblem("/issuer/id", fmt.Sprintf("write %q", current.Issuer.ID),
		"the issuer was %q and cannot become %q: its id is part of every badge", current.Issuer.ID, file.Issuer.ID)}
}

// ofKept names the item of a problem with something that the file leaves out, for which it has no line.
func ofKept(problem Problem, next, file *Programme) Problem {
	parts := strings.Split(problem.Pointer, "/")
	if len(parts) < 3 {
		return problem
	}
	n, err := strconv.Atoi(parts[2])
	var code string
	switch {
	case err != nil:
	case parts[1] == "exams" && n >= len(file.Exams):
		code = next.Exams[n].Code
	case parts[1] == "certifications" && n >= len(file.Certifications):
		code = next.Certifications[n].Code
	}
	if code == "" {
		return problem
	}
	problem.Line, problem.Pointer = 0, ""
	problem.Message = fmt.Sprintf("%q, which the file leaves out and the programme keeps: %s", code, problem.Message)
	return problem
}

// moved warns of codes under which results may have been posted already and that mean another exam from now on.
func moved(current, file *Programme) []Problem {
	var list []Problem
	for i, e := range file.Exams {
		for _, code := range append([]string{e.Code}, e.Aliases...) {
			if was, found := current.Exam(code); found && was.Code != e.Code {
				list = append(list, file.src.newProblem(fmt.Sprintf("/exams/%d", i), "",
					"%q meant exam %q until now and will mean %q", code, was.Code, e.Code))
			}
		}
	}
	return list
}

// changes collects the names of members that differ.
type changes []string

func (c *changes) compare(member string, same bool) {
	if !same {
		*c = append(*c, member)
	}
}

func issuerChanges(a, b Issuer) []string {
	var c changes
	c.compare("id", a.ID == b.ID)
	c.compare("name", a.Name.Equal(b.Name))
	c.compare("description", a.Description.Equal(b.Description))
	c.compare("url", a.URL == b.URL)
	c.compare("email", a.Email == b.Email)
	c.compare("image", a.Image == b.Image)
	c.compare("linkedin", a.LinkedIn == b.LinkedIn)
	c.compare("results_kept", a.ResultsKept == b.ResultsKept)
	c.compare("languages", slices.Equal(a.Languages, b.Languages))
	return c
}

func examChanges(a, b Exam) []string {
	var c changes
	c.compare("name", a.Name.Equal(b.Name))
	c.compare("description", a.Description.Equal(b.Description))
	c.compare("skills", slices.EqualFunc(a.Skills, b.Skills, Skill.Equal))
	c.compare("badge", a.Badge == b.Badge)
	c.compare("retired", a.Retired == b.Retired)
	c.compare("in_programme_since", a.InProgrammeSince == b.InProgrammeSince)
	c.compare("image", a.Image.Equal(b.Image))
	c.compare("schedule_url", a.ScheduleURL == b.ScheduleURL)
	c.compare("aliases", slices.Equal(a.Aliases, b.Aliases))
	return c
}

func certificationChanges(a, b Certification) []string {
	var c changes
	c.compare("name", a.Name.Equal(b.Name))
	c.compare("description", a.Description.Equal(b.Description))
	c.compare("skills", slices.EqualFunc(a.Skills, b.Skills, Skill.Equal))
	c.compare("level", a.Level == b.Level)
	c.compare("badge", a.Badge == b.Badge)
	c.compare("retired", a.Retired == b.Retired)
	c.compare("in_programme_since", a.InProgrammeSince == b.InProgrammeSince)
	c.compare("image", a.Image.Equal(b.Image))
	c.compare("schedule_url", a.ScheduleURL == b.ScheduleURL)
	c.compare("valid_for", a.ValidFor == b.ValidFor)
	c.compare("renewal_window", a.RenewalWindow == b.RenewalWindow)
	c.compare("requires", a.Requires.Equal(b.Requires))
	return c
}

// Plan is what applying a programme would change, before anything does.
type Plan struct {
	Added    []Subject `json:"added,omitempty"`
	Changed  []Change  `json:"changed,omitempty"`
	Retired  []Subject `json:"retired,omitempty"` // got a date of retirement; also in Changed where more changed than that
	Kept     []Subject `json:"kept,omitempty"`    // missing from the file and kept: to end them, retire them
	Issuer   []string  `json:"issuer,omitempty"`  // members of the issuer that changed
	Warnings []Problem `json:"warnings,omitempty"`
}

// Change is an exam or certification and the members that are different now, as the file calls them.
type Change struct {
	Subject Subject  `json:"subject"`
	Members []string `json:"members"`
}

// Empty reports whether applying would change nothing, so that no new version is needed. What is merely kept is no change.
func (p Plan) Empty() bool {
	return len(p.Added)+len(p.Changed)+len(p.Retired)+len(p.Issuer) == 0
}

func (p *Plan) changed(s Subject, members []string, retired bool) {
	if retired {
		p.Retired = append(p.Retired, s)
	}
	if len(members) > 1 || len(members) == 1 && !retired {
		p.Changed = append(p.Changed, Change{s, members})
	}
}
