package programme

// Renewal is how a certification that ends on a day can be renewed, as far as the programme says (contract 1, step 3).
type Renewal struct {
	Opens   Date     // first day on which a pass renews it
	Retired Date     // last day on which one can, if the certification is retired before it ends; zero: it is not
	Exams   []string // codes of those of which a pass renews it, and that are held on the day it was asked for
	Holds   []string // codes of certifications without which none does: at least one has to be valid on the day of the pass
}

// Open reports whether a pass on a day renews what ends on another.
func (r Renewal) Open(day, expires Date) bool {
	return !day.Before(r.Opens) && day.Before(expires) && !r.Over(day)
}

// LastDay is the last day on which a pass renews what ends on a day.
func (r Renewal) LastDay(expires Date) Date {
	if last := expires.AddDays(-1); r.Retired.IsZero() || last.Before(r.Retired) {
		return last
	}
	return r.Retired
}

// Over reports whether it can be renewed no more on a day, because it is retired, or all of its exams are.
func (r Renewal) Over(day Date) bool {
	return len(r.Exams) == 0 || !r.Retired.IsZero() && day.After(r.Retired)
}

// Renewal is how a certification can be renewed that ends on a day; it reads the version of today. It is not found
// where no version knows it.
func (h History) Renewal(code string, expires, today Date) (r Renewal, found bool) {
	cert, found := h.Certification(code)
	if v := h.On(today); v != nil {
		if now, is := v.Programme.Certification(code); is {
			cert, found = now, true
		}
	}
	if !found {
		return r, false
	}
	window := cert.RenewalWindow
	if cert.ValidFor == 0 {
		window = cert.ValidFor.window() // held from a version in which it still expired
	}
	r.Opens = expires.AddDays(-int(window))
	if !cert.Retired.IsZero() && cert.Retired.Before(expires) {
		r.Retired = cert.Retired
	}
	for _, s := range cert.Requires.Named() {
		if e, found := h.Exam(s.Code); found && s.Kind == KindExam && counts(e.InProgrammeSince, e.Retired, today) {
			r.Exams = append(r.Exams, e.Code)
		}
	}
	if !cert.Requires.satisfied(func(s Subject) bool { return s.Kind == KindExam }) {
		for _, s := range cert.Requires.Named() {
			if s.Kind == KindCertification {
				r.Holds = append(r.Holds, s.Code)
			}
		}
	}
	return r, true
}
