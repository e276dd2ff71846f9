package art

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

const longWord = 24 // letters; longer words may be broken

// word is a piece of text that stays on one line.
type word struct {
	text   string
	glued  bool   // belongs to the word before it: no space between them
	ending string // what a line ends with that is broken after it, inside the word: "-" or nothing
}

// joined is the text of a line of words; next is the one after it.
func joined(words []word, next *word) string {
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

// glue joins the shortest neighbours of one word until there are at most n pieces, as far as that goes.
func glue(words []word, n int) []word {
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
