package programme

import (
	"cmp"
	"slices"
	"strings"
)

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
