package programme

import (
	"strings"
)

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
	m := s.object(sp, "an issuer", "id", "name", "description", "url", "email", "image", "languages")
	i := Issuer{
		ID:          s.word(m["id"]),
		Name:        s.text(m["name"]),
		Description: s.text(m["description"]),
		URL:         s.word(m["url"]),
		Email:       s.word(m["email"]),
		Image:       s.word(m["image"]),
		Languages:   s.words(m["languages"], "languages"),
	}
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
		Skills:           s.texts(m["skills"], "skills"),
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
		Skills:           s.texts(m["skills"], "skills"),
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
func (s *source) texts(sp spot, what string) (all []Text) {
	for _, item := range s.list(sp, what) {
		all = append(all, s.text(item))
	}
	return all
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
