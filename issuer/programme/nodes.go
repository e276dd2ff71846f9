package programme

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// object reads a mapping with these members; others are refused. What is null is absent.
func (s *source) object(sp spot, what string, known ...string) map[string]spot {
	members := map[string]spot{}
	s.each(sp, what, func(key string, value spot) {
		if !slices.Contains(known, key) {
			suggestion := didYouMean(key, known)
			if suggestion == "" {
				suggestion = "known are " + strings.Join(known, ", ")
			}
			s.problem(value.at, suggestion, "%s has no member %q", what, key)
			return
		}
		members[key] = value
	})
	return members
}

// each reads a mapping with any members, in the order of the file.
func (s *source) each(sp spot, what string, visit func(key string, value spot)) {
	if sp.node == nil {
		return
	}
	if sp.node.Kind != yaml.MappingNode {
		s.misread(sp, "", "%s must be a mapping (name: value), not %s", what, kindOf(sp.node))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(sp.node.Content); i += 2 {
		key, value := sp.node.Content[i], sp.node.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			s.problem(sp.at, "", "the name of a member must be a word, not %s", kindOf(key))
			continue
		}
		at := sp.at + "/" + escape(key.Value)
		if line, twice := seen[key.Value]; twice {
			again := s.newProblem(at, "keep one of them", "%q is written twice, in lines %d and %d", key.Value, line, key.Line)
			again.Line = key.Line
			s.problems = append(s.problems, again)
			continue
		}
		seen[key.Value] = key.Line
		s.lines[at] = key.Line
		if !isNull(value) {
			visit(key.Value, spot{value, at})
		}
	}
}

// escape makes a member's name part of a JSON Pointer (RFC 6901, section 3).
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// list reads a sequence.
func (s *source) list(sp spot, what string) []spot {
	if sp.node == nil {
		return nil
	}
	if sp.node.Kind != yaml.SequenceNode {
		s.misread(sp, "", "%s must be a list, not %s", what, kindOf(sp.node))
		return nil
	}
	spots := make([]spot, len(sp.node.Content))
	for i, n := range sp.node.Content {
		spots[i] = spot{n, sp.at + "/" + strconv.Itoa(i)}
		s.lines[spots[i].at] = n.Line
	}
	return spots
}

// word reads a scalar as it is written: a code 70680 or 2024-01-01 is text here, not a number or a date.
func (s *source) word(sp spot) string {
	if sp.node == nil {
		return ""
	}
	tag := sp.node.ShortTag()
	switch {
	case sp.node.Kind != yaml.ScalarNode:
		s.misread(sp, "", "a text is needed, not %s", kindOf(sp.node))
	case tag == "!!bool":
		s.misread(sp, fmt.Sprintf("write %q in quotes if that is meant", sp.node.Value), "a text is needed, not %s", sp.node.Value)
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, tag):
		s.misread(sp, "", "a text is needed, not %s", strings.TrimPrefix(tag, "!!"))
	default:
		return sp.node.Value
	}
	return ""
}

func (s *source) words(sp spot, what string) []string {
	var words []string
	for _, item := range s.list(sp, what) {
		words = append(words, s.word(item))
	}
	return words
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "a YAML alias (*" + n.Value + "); write it out"
	}
	if isNull(n) {
		return "nothing"
	}
	return "a single value"
}
