package programme

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a programme file, or with going from one version to the next.
type Problem struct {
	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`    // from 1; 0 where no line is to blame
	Pointer    string `json:"pointer,omitempty"` // JSON Pointer (RFC 6901) into the file
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"` // what to write instead, as a sentence
}

// String is the problem on one line: file:line: message; suggestion.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			b.WriteString(":" + strconv.Itoa(p.Line))
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	if p.Suggestion != "" {
		b.WriteString("; " + p.Suggestion)
	}
	return b.String()
}

// Problems is the error of Parse and Merge: all that is wrong, in the order of the lines.
type Problems struct {
	All []Problem
}

// Error is one problem a line.
func (p *Problems) Error() string {
	lines := make([]string, len(p.All))
	for i, problem := range p.All {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

func quoted(list []string) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(words, ", ")
}
