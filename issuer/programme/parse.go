package programme

import (
	"io"
	"slices"
)

// Parse reads a programme file, YAML or JSON; name is what problems call the file. The error is *Problems with everything that is
// wrong, or what the reader said.
func Parse(r io.Reader, name string) (*Programme, error) {
	data, err := io.ReadAll(io.LimitReader(r, largestFile+1))
	if err != nil {
		return nil, err
	}
	s := &source{file: name, lines: map[string]int{}, bad: map[string]bool{}}
	p := s.programme(s.document(data))
	s.problems = append(s.problems, check(p, s)...)
	if len(s.problems) > 0 {
		sortByLine(s.problems)
		return nil, &Problems{s.problems}
	}
	p.finish()
	p.warnings, p.src = warnings(p, s), s
	return p, nil
}

// finish makes a checked programme ready for use.
func (p *Programme) finish() {
	first := p.Issuer.Languages[0]
	for i := range p.Exams {
		p.Exams[i].Skills = slices.Clone(p.Exams[i].Skills) // another version may have them too
	}
	for i := range p.Certifications {
		p.Certifications[i].Skills = slices.Clone(p.Certifications[i].Skills)
	}
	for _, t := range p.texts() {
		t.text.first = first
	}
	p.ix = newIndex(p)
}
