package programme

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
	if requires.Satisfied(func(other Subject) bool { return other == s }) {
		ix.impliedBy[s.Code] = append(ix.impliedBy[s.Code], cert)
	}
}
