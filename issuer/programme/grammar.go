package programme

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
