package programme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const largestFile = 4 << 20

// source is a programme file while it is read: where everything stands, and what was wrong with it.
type source struct {
	file     string
	lines    map[string]int  // by JSON Pointer
	bad      map[string]bool // pointers at which the value could not be read, so that nobody calls it missing as well
	problems []Problem
}

// spot is a value in the file; without a node it is absent.
type spot struct {
	node *yaml.Node
	at   string // JSON Pointer
}

func (s *source) problem(at, suggestion, format string, args ...any) {
	s.problems = append(s.problems, s.newProblem(at, suggestion, format, args...))
}

// newProblem finds the line of a pointer, or of the nearest thing around it. A nil source knows no lines: what is checked is the
// merger of two versions then.
func (s *source) newProblem(at, suggestion, format string, args ...any) Problem {
	p := Problem{Pointer: at, Message: fmt.Sprintf(format, args...), Suggestion: suggestion}
	if s == nil {
		return p
	}
	p.File = s.file
	for p.Line == 0 {
		p.Line = s.lines[at]
		cut := strings.LastIndexByte(at, '/')
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	return p
}

func (s *source) misread(sp spot, suggestion, format string, args ...any) {
	s.bad[sp.at] = true
	s.problem(sp.at, suggestion, format, args...)
}

// unread reports whether the value there, or something around it, was refused already.
func (s *source) unread(at string) bool {
	if s == nil || s.bad[at] {
		return s != nil
	}
	cut := strings.LastIndexByte(at, '/')
	return cut >= 0 && s.unread(at[:cut])
}

func sortByLine(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
}

// document is the one document of the file.
func (s *source) document(data []byte) spot {
	if len(data) > largestFile {
		s.misread(spot{}, "", "the file is larger than %d MiB", largestFile>>20)
		return spot{}
	}
	dec := yaml.NewDecoder(bytes.NewReader(yamlEscapes(data)))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]) {
		s.misread(spot{}, "start with issuer:, exams: and certifications:", "the file is empty")
		return spot{}
	} else if err != nil {
		s.syntax(err, data)
		return spot{}
	}
	if err := dec.Decode(&more); err == nil {
		s.lines[""] = more.Line
		s.misread(spot{}, "write one file for each issuer", "a second document begins here")
		return spot{}
	} else if !errors.Is(err, io.EOF) {
		s.syntax(err, data)
		return spot{}
	}
	s.lines[""] = doc.Content[0].Line
	return spot{doc.Content[0], ""}
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax passes on what the YAML reader says. It has no error type; its text is all there is to learn the line from, and it
// names none where the first line is at fault.
func (s *source) syntax(err error, data []byte) {
	text, line := err.Error(), 0
	if m := syntaxLine.FindStringSubmatch(text); m != nil {
		text = m[2]
		line, _ = strconv.Atoi(m[1])
	}
	s.lines[""] = max(line, 1)
	if at := tabLine(data, line); at > 0 && (strings.Contains(text, "cannot start any token") || strings.Contains(text, "a tab character")) {
		s.lines[""] = at
		s.misread(spot{}, "indent with spaces", "tabs are not allowed")
		return
	}
	s.misread(spot{}, "", "no readable YAML or JSON: %s", text)
}

// tabLine is the first line from one on that has a tab where YAML takes none: before what stands in it, or before the value.
func tabLine(data []byte, from int) int {
	n := 0
	for line := range bytes.Lines(data) {
		if n++; n >= from && tabInside.Match(line) {
			return n
		}
	}
	return 0
}

var tabInside = regexp.MustCompile(`^ *(?:[-?:] *)*\t`)

var jsonEscape = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\.`)

// yamlEscapes writes out what JSON may escape and YAML may not: surrogate pairs and slashes. Lines stay where they are.
func yamlEscapes(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\`)) || !json.Valid(data) {
		return data
	}
	return jsonEscape.ReplaceAllFunc(data, func(escape []byte) []byte {
		var plain string
		if len(escape) == 2 && escape[1] != '/' || json.Unmarshal(slices.Concat([]byte(`"`), escape, []byte(`"`)), &plain) != nil {
			return escape
		}
		return []byte(plain)
	})
}

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
