package programme

import "slices"

// pass is contract 1, steps 2 to 5, for a pass that counts.
func (f *fold) pass(exam *Exam) []Decision {
	f.code = exam.Code
	if _, again := f.passed[exam.Code]; !again {
		f.passed[exam.Code] = f.at
	}
	naming := f.ix.byExam[exam.Code]
	all := make([]*candidate, 0, len(naming)+1)
	for _, place := range naming {
		all = append(all, f.candidate(place, nil))
	}
	all = f.earn(all)
	f.renew(all[:len(naming)])
	all = slices.DeleteFunc(all, func(c *candidate) bool { return !c.named && c.now == nil })
	slices.SortFunc(all[len(naming):], func(a, b *candidate) int { return a.place - b.place })

	decisions := make([]Decision, 0, 1+len(all))
	decisions = append(decisions, f.decideExam(exam))
	for _, c := range all {
		if c.now != nil {
			f.tenures = append(f.tenures, c.now)
		}
		decisions = append(decisions, f.decide(c))
	}
	return decisions
}

// earn is step 2, repeated until nothing more follows. Certifications that follow from certifications join the list.
func (f *fold) earn(all []*candidate) []*candidate {
	for more := true; more; {
		more = false
		for i := 0; i < len(all); i++ {
			c := all[i]
			if c.now == nil && c.held && c.was.Kept && !c.was.followed && c.alive(f.day) && c.cert.Requires.Satisfied(f.have) {
				// Earned by this pass, were it not kept: what follows from it is not to be lost for that.
				c.was.followed = true
				all = f.follow(all, c.cert.Code, c.was)
				more = true
			}
			if c.now != nil || c.held || !c.named && c.was != nil || !c.alive(f.day) || !c.cert.Requires.Satisfied(f.have) {
				continue
			}
			c.now = f.begin(c.subject(), c.cert.Badge != Never, f.supports(c))
			c.now.Expires = c.expiry(f.day)
			all = f.follow(all, c.cert.Code, c.now)
			more = true
		}
	}
	return all
}

// follow adds the certifications that name the one just earned.
func (f *fold) follow(all []*candidate, earned string, by *tenure) []*candidate {
	for _, place := range f.ix.byCert[earned] {
		if !slices.ContainsFunc(all, func(c *candidate) bool { return c.place == place }) {
			all = append(all, f.candidate(place, by))
		}
	}
	return all
}

// renew is step 3.
func (f *fold) renew(named []*candidate) {
	for _, c := range named {
		if !c.held || !c.inWindow(f.day) || !c.alive(f.day) || !c.cert.Requires.Satisfied(f.have) {
			continue
		}
		t := c.was
		t.Expires, t.Renewed = c.expiry(t.Expires), append(t.Renewed, f.day)
		t.renewedBy(f.supports(c))
		c.renewed = true
	}
}

// renewedBy adds the passes behind a renewal. Those older than the completing pass are left out: a kept award
// tells by that order which passes it rests on itself, and without its renewals it stands all the same.
func (t *tenure) renewedBy(places []int) {
	t.renewals = union(t.renewals, places)
	since := slices.DeleteFunc(slices.Clone(places), func(place int) bool { return place < t.at })
	t.supports = union(t.supports, since)
}

// decideExam is steps 4 and 5.
func (f *fold) decideExam(exam *Exam) Decision {
	s := Subject{KindExam, exam.Code}
	d := Decision{Subject: s, Outcome: Skipped, Date: f.day, Version: f.version.Number}
	had := f.last[s]
	switch implied := f.implied(exam); {
	case exam.Badge == Never:
		d.Reason = BadgeNever
	case exam.Badge != Always && implied != nil:
		d.Reason, d.Certification = ImpliedByCertification, implied.Code
	case had != nil && had.Badge && had.Revoked.IsZero():
		d.Reason, d.Date = AlreadyEarned, had.EarnedOn
		return d
	default:
		d.Outcome, d.Reason = Awarded, ExamPassed
		f.tenures = append(f.tenures, f.begin(s, true, []int{f.at}))
		return d
	}
	if had == nil {
		f.tenures = append(f.tenures, f.begin(s, false, []int{f.at}))
	}
	return d
}

// implied is the first certification that the exam implies, that is held and that has a badge (step 4).
func (f *fold) implied(exam *Exam) *Certification {
	for _, place := range f.ix.impliedBy[exam.Code] {
		c := &f.version.Programme.Certifications[place]
		if c.Badge != Never && f.have(Subject{KindCertification, c.Code}) {
			return c
		}
	}
	return nil
}
