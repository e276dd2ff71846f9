package programme

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
