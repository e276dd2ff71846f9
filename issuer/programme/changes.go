package programme

import "slices"

// changes collects the names of members that differ.
type changes []string

func (c *changes) note(member string, same bool) {
	if !same {
		*c = append(*c, member)
	}
}

func issuerChanges(a, b Issuer) []string {
	var c changes
	c.note("id", a.ID == b.ID)
	c.note("name", a.Name.Equal(b.Name))
	c.note("description", a.Description.Equal(b.Description))
	c.note("url", a.URL == b.URL)
	c.note("email", a.Email == b.Email)
	c.note("image", a.Image == b.Image)
	c.note("languages", slices.Equal(a.Languages, b.Languages))
	return c
}

func examChanges(a, b Exam) []string {
	var c changes
	c.note("name", a.Name.Equal(b.Name))
	c.note("description", a.Description.Equal(b.Description))
	c.note("skills", slices.EqualFunc(a.Skills, b.Skills, Text.Equal))
	c.note("badge", a.Badge == b.Badge)
	c.note("retired", a.Retired == b.Retired)
	c.note("in_programme_since", a.InProgrammeSince == b.InProgrammeSince)
	c.note("image", a.Image.Equal(b.Image))
	c.note("schedule_url", a.ScheduleURL == b.ScheduleURL)
	c.note("aliases", slices.Equal(a.Aliases, b.Aliases))
	return c
}

func certificationChanges(a, b Certification) []string {
	var c changes
	c.note("name", a.Name.Equal(b.Name))
	c.note("description", a.Description.Equal(b.Description))
	c.note("skills", slices.EqualFunc(a.Skills, b.Skills, Text.Equal))
	c.note("level", a.Level == b.Level)
	c.note("badge", a.Badge == b.Badge)
	c.note("retired", a.Retired == b.Retired)
	c.note("in_programme_since", a.InProgrammeSince == b.InProgrammeSince)
	c.note("image", a.Image.Equal(b.Image))
	c.note("schedule_url", a.ScheduleURL == b.ScheduleURL)
	c.note("valid_for", a.ValidFor == b.ValidFor)
	c.note("renewal_window", a.RenewalWindow == b.RenewalWindow)
	c.note("requires", a.Requires.Equal(b.Requires))
	return c
}
