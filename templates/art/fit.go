package art

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

const (
	maxLines   = 4
	lineHeight = 1.06 // baseline to baseline, in em
)

// region is the room that a text block may fill.
type region struct {
	fonts    *Fonts
	cx, cy   float64                        // where the block is centred
	half     func(top, end float64) float64 // half the width free between two heights; 0 or less when none
	max, min float64                        // font sizes
	lines    int                            // at most
}

// block is a fitted text.
type block struct {
	spacing
	lines     []line
	baselines []float64
	cx, size  float64
}

// fit sets text as large as the region allows, over as few and as even lines as
// that takes. Text that does not fit at the smallest size loses words at its
// end; a single word is made as small as it must be.
func fit(text string, r region) block {
	words := glueLastWords(splitWords(text, r.lines), maxWords)
	if len(words) > maxWords {
		words = shorten(words, maxWords)
	}
	for {
		lines, size := breakLines(words, r)
		if size >= r.min || len(words) == 1 {
			return placeLines(lines, size, r)
		}
		words = shorten(words, len(words)-1)
	}
}

// shorten keeps n words and marks the loss.
func shorten(words []word, n int) []word {
	kept := slices.Clone(words[:n])
	last := &kept[n-1]
	last.text, last.ending = strings.TrimRight(last.text, ",;:("+ellipsis)+ellipsis, ""
	return kept
}

// spacing is how lines stand above each other, in em.
type spacing struct {
	top    float64 // from where the first line seems to begin to its baseline
	step   float64 // from baseline to baseline
	bottom float64 // from the last baseline to where the text seems to end
}

// spacingOf goes by the capitals of the first font, and by what is there where letters of others stand higher
// and lower.
func spacingOf(lines []line) spacing {
	s := spacing{top: capHeight, step: lineHeight}
	for i, l := range lines {
		if i > 0 {
			s.step = max(s.step, lines[i-1].descent+l.ascent)
		}
	}
	if n := len(lines); n > 0 && lines[0].tall {
		s.top = lines[0].ascent
	}
	if n := len(lines); n > 0 && lines[n-1].tall {
		s.bottom = lines[n-1].descent
	}
	return s
}

// height of n lines.
func (s spacing) height(n int) float64 { return s.top + float64(n-1)*s.step + s.bottom }

// baseline of line i of n; the block is centred by what it seems to fill.
func (s spacing) baseline(i, n int, size, cy float64) float64 {
	return cy + size*(s.top+float64(i)*s.step-s.height(n)/2)
}

func placeLines(lines []line, size float64, r region) block {
	b := block{lines: lines, cx: r.cx, size: size, spacing: spacingOf(lines)}
	for i := range lines {
		b.baselines = append(b.baselines, b.baseline(i, len(lines), size, r.cy))
	}
	return b
}

// height of the block, from the top of its capitals to its last baseline.
func (b block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return b.size * b.spacing.height(len(b.lines))
}

// moveTo moves the block so that its top is at y.
func (b block) moveTo(y float64) {
	for i := range b.baselines {
		b.baselines[i] = y + b.size*(b.top+float64(i)*b.step)
	}
}

// centred is the outline of the block with its lines about the middle.
func (b block) centred() *path {
	p := &path{}
	for i, l := range b.lines {
		p.text(l, b.cx-l.width*b.size/2, b.baselines[i], b.size)
	}
	return p
}

// flush is the outline of the block with its lines starting at left.
func (b block) flush(left float64) *path {
	p := &path{}
	for i, l := range b.lines {
		p.text(l, left, b.baselines[i], b.size)
	}
	return p
}

// disc is the room inside a circle.
func disc(cy, radius float64) func(top, end float64) float64 {
	return func(top, end float64) float64 {
		far := math.Max(math.Abs(top-cy), math.Abs(end-cy))
		if far >= radius {
			return 0
		}
		return math.Sqrt(radius*radius - far*far)
	}
}

// box is the room inside a rectangle.
func box(y0, y1, half float64) func(top, end float64) float64 {
	return func(top, end float64) float64 {
		if top < y0 || end > y1 {
			return 0
		}
		return half
	}
}

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
		s.judgeBreaks(ends)
		return
	}
	if len(ends) == s.region.lines {
		return
	}
	for end := from + 1; end <= len(s.words); end++ {
		s.try(append(ends, end), end)
	}
}

// judgeBreaks keeps the break with the best score. Size counts first; among near
// equals the one that breaks in good places and fills its lines wins.
func (s *search) judgeBreaks(ends []int) {
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
		l = s.region.fonts.set(joinWords(s.words[from:end], next), 0)
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

const longWord = 24 // letters; longer words may be broken

// word is a piece of text that stays on one line.
type word struct {
	text   string
	glued  bool   // belongs to the word before it: no space between them
	ending string // what a line ends with that is broken after it, inside the word: "-" or nothing
}

// joinWords is the text of a line of words; next is the one after it.
func joinWords(words []word, next *word) string {
	var s strings.Builder
	for i, w := range words {
		if i > 0 && !w.glued {
			s.WriteByte(' ')
		}
		s.WriteString(w.text)
	}
	if next != nil && next.glued && len(words) > 0 {
		s.WriteString(words[len(words)-1].ending)
	}
	return s.String()
}

// splitWords cuts text where its lines may be broken.
func splitWords(text string, lines int) []word {
	var words []word
	for _, field := range strings.Fields(text) {
		if lines == 1 {
			words = append(words, word{text: strings.ReplaceAll(field, string(softHyphen), "")})
			continue
		}
		words = append(words, pieces(field)...)
	}
	return words
}

// pieces cuts a word where its writing allows that: between the characters of Chinese and Japanese, between
// the syllables of Thai, at soft hyphens, and in very long words of letters that
// stand apart at a syllable.
func pieces(field string) []word {
	var list []word
	add := func(text, end string) { list = append(list, word{text: text, glued: len(list) > 0, ending: end}) }
	runes := []rune(field)
	switch {
	case slices.Contains(runes, softHyphen):
		for part := range strings.SplitSeq(field, string(softHyphen)) {
			if part != "" {
				add(part, "-")
			}
		}
	case slices.ContainsFunc(runes, unspaced):
		var s segmenter.Segmenter
		s.Init(runes)
		for lines := s.LineIterator(); lines.Next(); {
			part := lines.Line().Text
			for cut := thaiSyllable(part); cut > 0; cut = thaiSyllable(part) {
				add(string(part[:cut]), "")
				part = part[cut:]
			}
			add(string(part), "")
		}
	default:
		for len(runes) > longWord {
			cut := syllable(runes)
			if cut == 0 {
				break
			}
			add(string(runes[:cut]), "-")
			runes = runes[cut:]
		}
		add(string(runes), "")
	}
	return list
}

// unspaced characters stand in text without spaces between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Thai)
}

// thaiSyllable is where the second syllable begins of what was written without spaces, 0 where that is not
// sure. Words cannot be told without a dictionary, but syllables show: before a vowel that is written first,
// and before a consonant, or a cluster of two, that carries a vowel or a tone.
func thaiSyllable(part []rune) int {
	is := func(i int, set string) bool { return i >= 0 && i < len(part) && strings.ContainsRune(set, part[i]) }
	const marked = "ะัาำิีึืุู็่้"
	voiced := is(0, "เแโใไ")
	for i := 1; i < len(part); i++ {
		if is(i, "เแโใไ") {
			return i
		}
		if !is(i, marked) {
			continue
		}
		start := i - 1
		for is(start, marked) {
			start--
		}
		if is(start, "รลว") && is(start-1, "กขคตปผพทซสห") || is(start, "งญนมย") && is(start-1, "ห") {
			start--
		}
		if voiced && start > 1 {
			return start
		}
		voiced = true
	}
	return 0
}

// syllable is where a long word may end on a line: before a consonant between vowels, the latest place that
// leaves a readable piece. 0: nowhere, as in scripts whose letters join.
func syllable(runes []rune) int {
	vowel := func(r rune) bool {
		return strings.ContainsRune("aeiouyAEIOUYаеиоуыэюяАЕИОУЫЭЮЯαεηιουωΑΕΗΙΟΥΩ", base(r))
	}
	for cut := min(longWord, len(runes)-5) - 1; cut > 5; cut-- {
		apart := unicode.In(runes[cut], unicode.Latin, unicode.Greek, unicode.Cyrillic)
		if apart && vowel(runes[cut-1]) && !vowel(runes[cut]) && vowel(runes[cut+1]) {
			return cut
		}
	}
	return 0
}

// glueLastWords joins the shortest neighbours of one word until there are at most n pieces, as far as that goes.
func glueLastWords(words []word, n int) []word {
	words = slices.Clone(words)
	for len(words) > n {
		best := 0
		for i := 1; i < len(words); i++ {
			if words[i].glued && (best == 0 || len(words[i-1].text)+len(words[i].text) < len(words[best-1].text)+len(words[best].text)) {
				best = i
			}
		}
		if best == 0 {
			break
		}
		words[best-1].text += words[best].text
		words[best-1].ending = words[best].ending
		words = slices.Delete(words, best, best+1)
	}
	return words
}
