package programme

import (
	"cmp"
	"slices"
)

// Earned decides what a ledger of results has earned: contract 1, steps 1 to 6. It is a fold over the passes in the order of
// taken_at (ties: partner, then result id), so that the order of the ledger makes no difference; of a result that is there more than
// once, one counts. Each pass is judged by the version that holds on its UTC day. Nothing given is changed.
//
// standing are the recorded awards, as far as more than ledger and programme is needed to judge by (others do no harm):
//
// An award that staff revoked by hand (Revoked) ends its earning at that instant, just as an expiry does: passes taken before see it
// held, passes taken later do not. It is therefore not earned again from the same results, but by a later pass of an exam that the
// certification names, or, for an exam, of that exam. That is a new earning; earlier passes of other exams go on counting for it. The
// ended one stays among the earnings with Revoked set, so that the revoked award finds its pair. The earning meant is the one that By
// completed; should that pass be gone, or a late result have changed what completes what, it is the one whose time overlaps that of the
// award.
//
// An award that only a change of the programme left without an earning (Kept) counts as earned by the pass By, for as long as the
// programme version it was earned under says, and is renewed, ended and expires like any other. It stays out where the ledger earns
// the subject by itself at that time, and where a pass that it rested on up to By is voided, held, corrected or gone: then the award
// has no earning left and is revoked. A caller finds such awards by asking without them first: an award without an earning, whose
// supporting results are all in order and that no longer earning has swallowed, is kept from then on.
func Earned(h History, ledger []Result, standing []Standing) Outcome {
	f := &fold{
		h: h, out: Outcome{Decisions: make(map[ResultKey][]Decision, len(ledger))},
		passed: make(map[string]int, len(ledger)), last: make(map[Subject]*tenure, len(ledger)),
	}
	f.ledger = slices.Clone(ledger)
	slices.SortFunc(f.ledger, compareResults)
	f.sortStandings(standing)
	for i, r := range f.ledger {
		if _, repeat := f.out.Decisions[r.Key()]; repeat {
			continue
		}
		f.revokeBefore(r.TakenAt)
		f.out.Decisions[r.Key()] = f.beginKeptAwards(r.Key(), f.judge(i, r))
	}
	f.revokeRest()
	return f.outcome()
}

// compareResults is the order of the fold: by instant, then partner, then result id.
func compareResults(a, b Result) int {
	if c := a.TakenAt.Compare(b.TakenAt); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.ID, b.ID)); c != 0 {
		return c
	}
	// The same result again. Should its content differ, which should never be, the order is total all the same.
	return cmp.Or(cmp.Compare(a.Exam, b.Exam), cmp.Compare(a.Outcome, b.Outcome), compareBools(a.Held, b.Held), compareBools(a.Voided, b.Voided))
}

// fold is the state between two passes.
type fold struct {
	h      History
	ledger []Result // in the order of the fold
	out    Outcome

	passed  map[string]int      // first pass of each exam that counted, by its place in the ledger
	last    map[Subject]*tenure // the latest earning of each subject; of exams the one with a badge, if any
	tenures []*tenure           // all of them, in order

	kept        []Standing
	revocations []revocation // by instant

	// The pass being judged.
	at      int // its place in the ledger
	day     Date
	version *Version
	ix      *index
	code    string // its exam
}

// tenure is an earning in the making.
type tenure struct {
	Earning
	at       int   // place of the completing pass in the ledger
	supports []int // places in the ledger, ascending
	renewals []int // places of all passes behind its renewals, older ones too
	followed bool  // of what is kept: a pass came by which it is earned all the same
}

// passedOrHolds reports whether an exam was passed so far, or a certification is held on the day of the pass.
func (f *fold) passedOrHolds(s Subject) bool {
	if s.Kind == KindExam {
		_, passed := f.passed[s.Code]
		return passed
	}
	t := f.last[s]
	return t != nil && t.held(f.day)
}

// stillOpen reports whether something can still be earned on the day of the pass or later, as far as the version of the day says.
func (f *fold) stillOpen(s Subject) bool {
	p := f.version.Programme
	if s.Kind == KindExam {
		e, found := p.Exam(s.Code)
		return found && (e.Retired.IsZero() || !f.day.After(e.Retired))
	}
	c, found := p.Certification(s.Code)
	return found && (c.Retired.IsZero() || !f.day.After(c.Retired))
}

// outcome is the fold's state as the answer.
func (f *fold) outcome() Outcome {
	f.out.Earnings = make([]Earning, len(f.tenures))
	for i, t := range f.tenures {
		t.Supports = make([]ResultKey, len(t.supports))
		for n, place := range t.supports {
			t.Supports[n] = f.ledger[place].Key()
		}
		f.out.Earnings[i] = t.Earning
	}
	return f.out
}

// begin starts an earning by the pass being judged.
func (f *fold) begin(s Subject, badge bool, supports []int) *tenure {
	t := &tenure{at: f.at, supports: supports, Earning: Earning{
		Subject: s, EarnedOn: f.day, By: f.ledger[f.at].Key(), Badge: badge, Version: f.version.Number,
	}}
	f.last[s] = t
	return t
}

// judge decides on one result.
func (f *fold) judge(at int, r Result) []Decision {
	f.at, f.day = at, DateOf(r.TakenAt)
	f.version = f.h.On(f.day)
	exam, found := f.exam(r.Exam)
	d := Decision{Subject: Subject{KindExam, r.Exam}, Outcome: None}
	if exam != nil {
		d.Subject.Code = exam.Code
	}
	switch {
	case r.Voided:
		d.Reason = ResultVoided
	case r.Held:
		d.Outcome, d.Reason = Held, IdentityMismatch
	case r.Outcome != Pass:
		d.Reason = NotPassed
	case !found || f.day.Before(exam.InProgrammeSince):
		d.Reason, d.Version = NotInBadgeProgramme, f.number()
		if found {
			d.Date = exam.InProgrammeSince
		}
	case !counts(exam.InProgrammeSince, exam.Retired, f.day):
		d.Reason, d.Date, d.Version = ExamRetired, exam.Retired, f.number()
	default:
		f.ix = f.version.Programme.index()
		return f.pass(exam)
	}
	return []Decision{d}
}

// exam is the exam that a result is about. found says whether the version of the day has it; a version of another day may still know
// what an alias means.
func (f *fold) exam(codeOrAlias string) (exam *Exam, found bool) {
	if f.version != nil {
		if exam, found = f.version.Programme.Exam(codeOrAlias); found {
			return exam, true
		}
	}
	exam, known := f.h.Exam(codeOrAlias)
	if !known || f.version == nil {
		return exam, false
	}
	now, found := f.version.Programme.Exam(exam.Code)
	if found {
		exam = now
	}
	return exam, found
}

func (f *fold) number() int {
	if f.version == nil {
		return 0
	}
	return f.version.Number
}

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
			if c.now == nil && c.held && c.was.Kept && !c.was.followed && c.inProgramme(f.day) && c.cert.Requires.satisfied(f.passedOrHolds) {
				// Earned by this pass, were it not kept: what follows from it is not to be lost for that.
				c.was.followed = true
				all = f.follow(all, c.cert.Code, c.was)
				more = true
			}
			if c.now != nil || c.held || !c.named && c.was != nil || !c.inProgramme(f.day) || !c.cert.Requires.satisfied(f.passedOrHolds) {
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
		if !c.held || !c.inWindow(f.day) || !c.inProgramme(f.day) || !c.cert.Requires.satisfied(f.passedOrHolds) {
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
		if c.Badge != Never && f.passedOrHolds(Subject{KindCertification, c.Code}) {
			return c
		}
	}
	return nil
}

// decide says what the pass being judged did for a certification.
func (f *fold) decide(c *candidate) Decision {
	d := Decision{Subject: c.subject(), Outcome: Skipped, Version: f.version.Number}
	if t := f.last[d.Subject]; t != nil && t.held(f.day) {
		d.Date, d.Expires = t.EarnedOn, t.Expires
	}
	switch {
	case (c.now != nil || c.renewed) && c.cert.Badge == Never:
		d.Reason = BadgeNever
	case c.now != nil:
		d.Outcome, d.Reason = Awarded, CertificationEarned
	case c.renewed:
		d.Outcome, d.Reason, d.Date = Renewed, CertificationRenewed, f.day
	case c.held && !c.inWindow(f.day):
		d.Reason, d.RenewFrom = AlreadyEarned, c.opens()
	case f.day.Before(c.cert.InProgrammeSince):
		d.Outcome, d.Reason, d.Date = None, NotInBadgeProgramme, c.cert.InProgrammeSince
	case !c.inProgramme(f.day):
		d.Outcome, d.Reason, d.Date = None, CertificationRetired, c.cert.Retired
	default:
		d.Outcome, d.Reason = NotYet, RequirementMissing
		d.Missing = c.cert.Requires.Missing(f.passedOrHolds, f.stillOpen)
		d.Closed = !c.cert.Requires.satisfied(func(s Subject) bool { return f.passedOrHolds(s) || f.stillOpen(s) })
	}
	return d
}
