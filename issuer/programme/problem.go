package programme

import (
	"cmp"
	"fmt"
	"slices"
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

const longestGuess = 40 // longer words are not compared

// nearest are the known words most like a word: those that are equally few letters away from it, at most n. Case counts for nothing
// here.
func nearest(word string, known []string, n int) []string {
	type guess struct {
		word  string
		steps int
	}
	var guesses []guess
	lower := strings.ToLower(word)
	far := min(1+len(word)/4, 4)
	for _, k := range known {
		if len(k) > longestGuess || len(word) > longestGuess || max(len(k)-len(word), len(word)-len(k)) > far {
			continue
		}
		if steps := distance(lower, strings.ToLower(k)); steps <= far && steps < len(word) {
			guesses = append(guesses, guess{k, steps})
		}
	}
	slices.SortFunc(guesses, func(a, b guess) int {
		return cmp.Or(cmp.Compare(a.steps, b.steps), cmp.Compare(a.word, b.word))
	})
	var words []string
	for _, g := range guesses[:min(n, len(guesses))] {
		if g.steps == guesses[0].steps {
			words = append(words, g.word)
		}
	}
	return words
}

// distance counts the bytes to add, drop, change or swap with their neighbour to get from a to b.
func distance(a, b string) int {
	var last, row []int
	next := make([]int, len(b)+1)
	for j := range next {
		next[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last, row = row, next
		next = make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], last[j-2]+1)
			}
		}
	}
	return next[len(b)]
}

// didYouMean is a suggestion, or nothing.
func didYouMean(word string, known []string) string {
	if guesses := nearest(word, known, 3); len(guesses) > 0 {
		return "did you mean " + strings.ReplaceAll(quoted(guesses), ", ", " or ") + "?"
	}
	return ""
}
