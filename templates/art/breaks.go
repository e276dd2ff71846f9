package art

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWords bounds the search, which grows with the cube of the words.
const maxWords = 20

// breakLines returns the best lines for words and the font size they allow.
func breakLines(words []word, r region) ([]line, float64) {
	s := &search{words: words, region: r, cache: map[[2]int]line{}, score: math.Inf(-1)}
	s.try(nil, 0)
	return s.best, s.size
}

// search walks all ways to break words into at most region.lines lines.
type search struct {
	words  []word
	region region
	cache  map[[2]int]line
	best   []line
	size   float64
	score  float64
}

func (s *search) try(ends []int, from int) {
	if from == len(s.words) {
		s.judge(ends)
		return
	}
	if len(ends) == s.region.lines {
		return
	}
	for end := from + 1; end <= len(s.words); end++ {
		s.try(append(ends, end), end)
	}
}

// judge keeps the break with the best score. Size counts first; among near
// equals the one that breaks in good places and fills its lines wins.
func (s *search) judge(ends []int) {
	lines := make([]line, len(ends))
	from, score := 0, 0.0
	for i, end := range ends {
		lines[i] = s.line(from, end)
		if end < len(s.words) {
			score -= breakCost(s.words[end-1], s.words[end])
		}
		from = end
	}
	size := largest(lines, s.region)
	score += size/s.region.max - 0.12*slack(lines, size, s.region) - 0.01*float64(len(lines))
	if score > s.score {
		s.best, s.size, s.score = lines, size, score
	}
}

// slack is the share of its room that the emptiest line leaves unused.
func slack(lines []line, size float64, r region) float64 {
	most, space := 0.0, spacingOf(lines)
	for i, l := range lines {
		y := space.baseline(i, len(lines), size, r.cy)
		most = math.Max(most, 1-l.width*size/2/r.half(y-l.ascent*size, y+l.descent*size))
	}
	return most
}

func (s *search) line(from, end int) line {
	key := [2]int{from, end}
	l, known := s.cache[key]
	if !known {
		var next *word
		if end < len(s.words) {
			next = &s.words[end]
		}
		l = s.region.fonts.set(joined(s.words[from:end], next), 0)
		s.cache[key] = l
	}
	return l
}

// breakCost says how much a line break between two words costs, as a share of
// the greatest font size; good places earn a little.
func breakCost(before, after word) float64 {
	first, _ := utf8.DecodeRuneInString(before.text)
	next, _ := utf8.DecodeRuneInString(after.text)
	switch {
	case after.glued && before.ending != "": // inside a word
		return 0.2
	case after.glued:
		return 0
	case strings.HasSuffix(before.text, ":") || strings.HasSuffix(before.text, ",") || next == '(':
		return -0.1
	case utf8.RuneCountInString(before.text) <= 3 && unicode.IsLower(first): // "and", "de" look lost at the end
		return 0.06
	case unicode.IsDigit(next): // "Dynamics 365" stays together where it can
		return 0.16
	}
	return 0
}

// largest is the greatest font size at which every line stays inside the region.
func largest(lines []line, r region) float64 {
	low, high := 0.0, r.max
	if fits(lines, high, r) {
		return high
	}
	for range 12 {
		middle := (low + high) / 2
		if fits(lines, middle, r) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

func fits(lines []line, size float64, r region) bool {
	space := spacingOf(lines)
	for i, l := range lines {
		y := space.baseline(i, len(lines), size, r.cy)
		if l.width*size/2 > r.half(y-l.ascent*size, y+l.descent*size) {
			return false
		}
	}
	return true
}
