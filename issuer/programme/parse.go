package programme

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
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

// programme reads the whole file.
func (s *source) programme(root spot) *Programme {
	m := s.object(root, "a programme", "issuer", "exams", "certifications")
	p := &Programme{Issuer: s.issuer(m["issuer"])}
	for _, sp := range s.list(m["exams"], "exams") {
		p.Exams = append(p.Exams, s.exam(sp))
	}
	for _, sp := range s.list(m["certifications"], "certifications") {
		p.Certifications = append(p.Certifications, s.certification(sp))
	}
	return p
}

func (s *source) issuer(sp spot) Issuer {
	m := s.object(sp, "an issuer", "id", "name", "description", "url", "email", "image", "linkedin", "results_kept", "languages")
	i := Issuer{
		ID:          s.word(m["id"]),
		Name:        s.text(m["name"]),
		Description: s.text(m["description"]),
		URL:         s.word(m["url"]),
		Email:       s.word(m["email"]),
		Image:       s.word(m["image"]),
		LinkedIn:    s.word(m["linkedin"]),
		Languages:   s.words(m["languages"], "languages"),
	}
	s.span(m["results_kept"], &i.ResultsKept, "120 months")
	if len(i.Languages) == 0 {
		i.Languages = []string{"en"}
	}
	return i
}

func (s *source) exam(sp spot) Exam {
	m := s.object(sp, "an exam", "code", "name", "description", "skills", "badge", "retired", "in_programme_since", "image",
		"schedule_url", "aliases")
	return Exam{
		Code:             s.word(m["code"]),
		Name:             s.text(m["name"]),
		Description:      s.text(m["description"]),
		Skills:           s.skills(m["skills"]),
		Badge:            s.badge(m["badge"]),
		Retired:          s.date(m["retired"]),
		InProgrammeSince: s.date(m["in_programme_since"]),
		Image:            s.text(m["image"]),
		ScheduleURL:      s.word(m["schedule_url"]),
		Aliases:          s.words(m["aliases"], "aliases"),
	}
}

func (s *source) certification(sp spot) Certification {
	m := s.object(sp, "a certification", "code", "name", "description", "skills", "level", "badge", "retired",
		"in_programme_since", "image", "schedule_url", "valid_for", "renewal_window", "requires")
	c := Certification{
		Code:             s.word(m["code"]),
		Name:             s.text(m["name"]),
		Description:      s.text(m["description"]),
		Skills:           s.skills(m["skills"]),
		Level:            s.word(m["level"]),
		Badge:            s.badge(m["badge"]),
		Retired:          s.date(m["retired"]),
		InProgrammeSince: s.date(m["in_programme_since"]),
		Image:            s.text(m["image"]),
		ScheduleURL:      s.word(m["schedule_url"]),
		Requires:         s.requirement(m["requires"], 1),
	}
	s.span(m["valid_for"], &c.ValidFor, "12 months")
	s.span(m["renewal_window"], &c.RenewalWindow, "90 days")
	switch {
	case c.ValidFor == 0:
		c.RenewalWindow = 0 // nothing to renew; a warning tells
	case c.RenewalWindow == 0:
		c.RenewalWindow = c.ValidFor.window()
	}
	return c
}

// text reads one wording, or one for each language.
func (s *source) text(sp spot) Text {
	if sp.node == nil {
		return Text{}
	}
	if sp.node.Kind == mappingNode {
		words := map[string]string{}
		s.each(sp, "a text", func(lang string, value spot) {
			if lang == "" {
				s.problem(value.at, "", "a language is missing")
				return
			}
			words[lang] = strings.TrimSpace(s.word(value))
		})
		return Text{words: words}
	}
	word := s.word(sp)
	if s.unread(sp.at) {
		return Text{}
	}
	return Text{words: map[string]string{"": strings.TrimSpace(word)}}
}

// texts reads a list of wordings.
// skills reads skills, each a wording, or a name with the address of what it means.
func (s *source) skills(sp spot) (all []Skill) {
	for _, item := range s.list(sp, "skills") {
		if !hasMember(item, "name") && !hasMember(item, "uri") {
			all = append(all, Skill{Text: s.text(item)})
			continue
		}
		m := s.object(item, "a skill", "name", "uri")
		all = append(all, Skill{s.text(m["name"]), s.word(m["uri"])})
	}
	return all
}

func hasMember(sp spot, key string) bool {
	if sp.node == nil || sp.node.Kind != mappingNode {
		return false
	}
	for i := 0; i+1 < len(sp.node.Content); i += 2 {
		if sp.node.Content[i].Value == key {
			return true
		}
	}
	return false
}

func (s *source) date(sp spot) Date {
	word := s.word(sp)
	if sp.node == nil || s.unread(sp.at) {
		return Date{}
	}
	d, err := ParseDate(word)
	if err != nil {
		s.misread(sp, "write it like 2026-09-30", "%s", err)
	}
	return d
}

func (s *source) badge(sp spot) Badge {
	word := s.word(sp)
	switch b := Badge(word); {
	case sp.node == nil:
		return Auto
	case b == Auto || b == Always || b == Never:
		return b
	case !s.unread(sp.at):
		suggestion := didYouMean(word, []string{string(Auto), string(Always), string(Never)})
		s.misread(sp, suggestion, "badge is auto, always or never, not %q", word)
	}
	return Auto
}

// span reads a length of time; example shows how one is written.
func (s *source) span(sp spot, into interface{ UnmarshalText([]byte) error }, example string) {
	word := s.word(sp)
	if sp.node == nil || s.unread(sp.at) {
		return
	}
	if err := into.UnmarshalText([]byte(word)); err != nil {
		suggestion := inUnits(word, into)
		if suggestion == "" {
			suggestion = "write it like \"" + example + "\""
		}
		s.misread(sp, suggestion, "%s", err)
	}
}

const (
	mappingNode = yaml.MappingNode
	deepest     = 32 // lists within lists
	longestList = 200
)

// requirement reads: exam: CODE | certification: CODE | all: [..] | any: [..] | at_least: {n: N, of: [..]}.
func (s *source) requirement(sp spot, depth int) Requirement {
	var r Requirement
	switch {
	case sp.node == nil:
		return r
	case depth > deepest:
		s.misread(sp, "", "requirements are nested more than %d deep", deepest)
		return r
	case sp.node.Kind != mappingNode:
		s.misread(sp, requirementHint(sp.node), "a requirement must be one of exam:, certification:, all:, any: or at_least:, not %s", kindOf(sp.node))
		return r
	}
	m := s.object(sp, "a requirement", "exam", "certification", "all", "any", "at_least")
	if len(m) != 1 {
		if !s.unread(sp.at) && (len(m) > 1 || len(sp.node.Content) == 0 || nothingIn(sp.node)) {
			s.misread(sp, "put several into all: [...] or any: [...]", "a requirement has exactly one of exam, certification, all, any and at_least")
		}
		s.bad[sp.at] = true
		return r
	}
	r.Exam, r.Certification = s.code(m["exam"]), s.code(m["certification"])
	s.bad[sp.at] = s.bad[m["exam"].at] || s.bad[m["certification"].at]
	r.All = s.requirements(m["all"], depth)
	r.Any = s.requirements(m["any"], depth)
	r.AtLeast = s.atLeast(m["at_least"], depth)
	return r
}

// code reads a code that somebody else has; unlike an item's own it cannot be left out.
func (s *source) code(sp spot) string {
	word := s.word(sp)
	if word == "" && sp.node != nil && !s.unread(sp.at) {
		s.misread(sp, "", "the code is empty")
	}
	return word
}

// nothingIn reports whether all members are null, which object leaves out without a word.
func nothingIn(n *yaml.Node) bool {
	for i := 1; i < len(n.Content); i += 2 {
		if !isNull(n.Content[i]) {
			return false
		}
	}
	return true
}

func requirementHint(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "write all: [...] or any: [...]"
	case yaml.ScalarNode:
		return "write {exam: " + n.Value + "} or {certification: " + n.Value + "}"
	}
	return ""
}

func (s *source) requirements(sp spot, depth int) []Requirement {
	if sp.node == nil {
		return nil
	}
	list := []Requirement{}
	items := s.list(sp, "the requirements")
	switch {
	case s.unread(sp.at):
	case len(items) == 0:
		s.misread(sp, "", "the list is empty")
	case len(items) > longestList:
		s.misread(sp, "", "the list has more than %d requirements", longestList)
	default:
		for _, item := range items {
			list = append(list, s.requirement(item, depth+1))
		}
	}
	return list
}

func (s *source) atLeast(sp spot, depth int) *AtLeast {
	if sp.node == nil {
		return nil
	}
	m := s.object(sp, "at_least", "n", "of")
	a := &AtLeast{Of: s.requirements(m["of"], depth)}
	if s.unread(sp.at) {
		return a
	}
	for _, member := range []string{"n", "of"} {
		if m[member].node == nil {
			s.misread(sp, "write at_least: {n: 2, of: [...]}", "at_least has no %s", member)
			return a
		}
	}
	word := s.word(m["n"])
	n, err := strconv.Atoi(word)
	switch {
	case s.unread(m["n"].at) || s.unread(m["of"].at):
	case err != nil || n < 1 || n > len(a.Of):
		s.misread(m["n"], "", "n must be a number from 1 to %d, as many as are listed, not %q", len(a.Of), word)
	}
	a.N = n
	return a
}

// inUnits rewrites a length of time such as "1 year" or "3 months" in the unit that the member takes.
func inUnits(word string, into any) string {
	number, unit, _ := strings.Cut(strings.TrimSpace(word), " ")
	n, err := strconv.Atoi(number)
	days := map[string]int{"day": 1, "week": 7, "month": 30, "year": 365}[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || n > 1000 || days == 0 {
		return ""
	}
	if _, is := into.(*Days); is {
		return "did you mean \"" + plural(n*days, "day") + "\"?"
	}
	if days%365 == 0 {
		return "did you mean \"" + plural(n*12, "month") + "\"?"
	}
	return ""
}
