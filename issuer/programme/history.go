package programme

import "slices"

// Version is a programme as it holds from a day on.
type Version struct {
	Number    int
	Effective Date // the zero date for the first version: from the beginning of time
	Programme *Programme
}

// History is the versions of a programme in the order in which they were applied, Number ascending.
type History []Version

// On is the version that rules on a day: the one with the latest effective day not after it, and of two with the same day the one that
// was applied later (contract 1). nil where there is none.
func (h History) On(day Date) *Version {
	var ruling *Version
	for i := range h {
		v := &h[i]
		if !v.Effective.After(day) && (ruling == nil || !v.Effective.Before(ruling.Effective)) {
			ruling = v
		}
	}
	return ruling
}

// After are the versions that go on ruling from a later day than the one given, in order of day.
func (h History) After(day Date) []Version {
	var later []Version
	for _, v := range h {
		if v.Effective.After(day) && h.On(v.Effective).Number == v.Number {
			later = append(later, v)
		}
	}
	slices.SortFunc(later, func(a, b Version) int { return a.Effective.Compare(b.Effective) })
	return later
}

// Latest is the version that was applied last, effective yet or not; nil where there is none.
func (h History) Latest() *Version {
	if len(h) == 0 {
		return nil
	}
	return &h[len(h)-1]
}

// numbered is the version with this number; nil where there is none.
func (h History) numbered(number int) *Version {
	for i := range h {
		if h[i].Number == number {
			return &h[i]
		}
	}
	return nil
}

// Exam is the exam that a partner means by a code or an alias, from the newest version that knows it. An alias that was dropped from
// the programme goes on meaning the exam, so that a ledger never loses its sense.
func (h History) Exam(codeOrAlias string) (*Exam, bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if e, found := h[i].Programme.Exam(codeOrAlias); found {
			return e, true
		}
	}
	return nil, false
}

// Certification is the certification with this code, from the newest version that knows it.
func (h History) Certification(code string) (*Certification, bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if c, found := h[i].Programme.Certification(code); found {
			return c, true
		}
	}
	return nil, false
}

// Suggest are up to three codes of exams in the latest version that somebody may have meant by an unknown code.
func (h History) Suggest(code string) []string {
	v := h.Latest()
	if v == nil {
		return nil
	}
	var codes []string
	for _, e := range v.Programme.Exams {
		codes = append(codes, e.Code)
	}
	return nearest(code, codes, 3)
}
