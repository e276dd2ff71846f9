// Package programme holds the award rules: it reads a programme file (one issuer, its exams, its certifications and what each
// certification takes), keeps its versions apart, and decides what a person has earned from the ledger of that person's results.
//
// It is pure. It has no clock, writes nothing, reads nothing but the io.Reader it is given, and knows no database, no award and no
// badge: package issuer stores what is decided here. The same versions and the same ledger always give the same outcome, in
// whatever order the results arrived and however often they did.
//
// The rules are section 1 of the contract; comments name its steps.
package programme

import (
	"bytes"
	"slices"
)

// Programme is one version of what an issuer offers. It comes from Parse or Merge, is not changed afterwards and may be shared
// between goroutines. Its JSON is a programme file again, which Parse reads back: that is how a version is stored.
type Programme struct {
	Issuer         Issuer          `json:"issuer"`
	Exams          []Exam          `json:"exams,omitempty"`
	Certifications []Certification `json:"certifications,omitempty"`

	warnings []Problem
	src      *source // where it all stands, of a programme that was parsed
	ix       *index
}

// Issuer is who awards the badges of a programme.
type Issuer struct {
	ID          string   `json:"id"` // stays the same from version to version
	Name        Text     `json:"name"`
	Description Text     `json:"description,omitzero"`
	URL         string   `json:"url,omitempty"`
	Email       string   `json:"email,omitempty"`
	Image       string   `json:"image,omitempty"`
	LinkedIn    string   `json:"linkedin,omitempty"`    // number of its page there
	ResultsKept Months   `json:"results_kept,omitzero"` // how long the record of exams has to be kept; zero: not said
	Languages   []string `json:"languages"`             // never empty; texts fall back to the first
}

// Badge says whether an exam or a certification has a badge.
type Badge string

// The settings of Badge. For a certification Auto and Always mean the same.
const (
	Auto   Badge = "auto"   // an exam: unless it implies a certification that is held (contract 1, step 4)
	Always Badge = "always" // even then
	Never  Badge = "never"  // earned and counting, but without a badge
)

// Exam is something that partners post results for.
type Exam struct {
	Code             string   `json:"code"`
	Name             Text     `json:"name"`
	Description      Text     `json:"description,omitzero"`
	Skills           []Skill  `json:"skills,omitempty"`
	Badge            Badge    `json:"badge"`
	Retired          Date     `json:"retired,omitzero"`            // last day on which a result counts; zero: none
	InProgrammeSince Date     `json:"in_programme_since,omitzero"` // first day on which a result counts; zero: always did
	Image            Text     `json:"image,omitzero"`              // of a stored version: see PictureDigest
	ScheduleURL      string   `json:"schedule_url,omitempty"`
	Aliases          []string `json:"aliases,omitempty"` // other codes by which partners may post it
}

// Certification is what exams and other certifications add up to.
type Certification struct {
	Code             string      `json:"code"`
	Name             Text        `json:"name"`
	Description      Text        `json:"description,omitzero"`
	Skills           []Skill     `json:"skills,omitempty"`
	Level            string      `json:"level,omitempty"`
	Badge            Badge       `json:"badge"`
	Retired          Date        `json:"retired,omitzero"`
	InProgrammeSince Date        `json:"in_programme_since,omitzero"`
	Image            Text        `json:"image,omitzero"`
	ScheduleURL      string      `json:"schedule_url,omitempty"`
	ValidFor         Months      `json:"valid_for,omitzero"`      // zero: for ever
	RenewalWindow    Days        `json:"renewal_window,omitzero"` // before the expiry; zero exactly where ValidFor is
	Requires         Requirement `json:"requires"`
}

// Exam is the exam with this code or this alias.
func (p *Programme) Exam(codeOrAlias string) (*Exam, bool) {
	i, found := p.index().exams[codeOrAlias]
	if !found {
		return nil, false
	}
	return &p.Exams[i], true
}

// Certification is the certification with this code.
func (p *Programme) Certification(code string) (*Certification, bool) {
	i, found := p.index().certs[code]
	if !found {
		return nil, false
	}
	return &p.Certifications[i], true
}

// Warnings are what is allowed and probably not meant.
func (p *Programme) Warnings() []Problem { return slices.Clone(p.warnings) }

// Equal reports whether both programmes say the same; the order of exams and certifications is part of it.
func (p *Programme) Equal(q *Programme) bool {
	if p == nil || q == nil {
		return p == q
	}
	return len(issuerChanges(p.Issuer, q.Issuer)) == 0 &&
		slices.EqualFunc(p.Exams, q.Exams, func(a, b Exam) bool { return len(examChanges(a, b)) == 0 && a.Code == b.Code }) &&
		slices.EqualFunc(p.Certifications, q.Certifications, func(a, b Certification) bool {
			return len(certificationChanges(a, b)) == 0 && a.Code == b.Code
		})
}

// UnmarshalJSON reads a programme back with all the checks of Parse.
func (p *Programme) UnmarshalJSON(data []byte) error {
	q, err := Parse(bytes.NewReader(data), "programme.json")
	if err != nil {
		return err
	}
	*p = *q
	return nil
}

// counts reports whether a result of day d falls within the two dates of an exam or certification (contract 1, step 1).
func counts(since, retired, d Date) bool {
	return !d.Before(since) && (retired.IsZero() || !d.After(retired))
}

// index finds things in one version. It is built once, by Parse and Merge.
type index struct {
	exams     map[string]int   // by code and by alias
	certs     map[string]int   // by code
	byExam    map[string][]int // certifications that name an exam, in programme order
	byCert    map[string][]int // certifications that name a certification
	impliedBy map[string][]int // certifications that an exam implies (contract 1, step 4)
}

func (p *Programme) index() *index {
	if p.ix != nil {
		return p.ix
	}
	return newIndex(p)
}

func newIndex(p *Programme) *index {
	ix := &index{
		exams: map[string]int{}, certs: map[string]int{},
		byExam: map[string][]int{}, byCert: map[string][]int{}, impliedBy: map[string][]int{},
	}
	for i, e := range p.Exams {
		ix.exams[e.Code] = i
		for _, alias := range e.Aliases {
			ix.exams[alias] = i
		}
	}
	for i, c := range p.Certifications {
		ix.certs[c.Code] = i
		for _, s := range c.Requires.Named() {
			ix.name(s, i, c.Requires)
		}
	}
	return ix
}

func (ix *index) name(s Subject, cert int, requires Requirement) {
	if s.Kind == KindCertification {
		ix.byCert[s.Code] = append(ix.byCert[s.Code], cert)
		return
	}
	ix.byExam[s.Code] = append(ix.byExam[s.Code], cert)
	if requires.satisfied(func(other Subject) bool { return other == s }) {
		ix.impliedBy[s.Code] = append(ix.impliedBy[s.Code], cert)
	}
}
