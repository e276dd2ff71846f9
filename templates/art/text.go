package art

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/font"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Longest texts taken in, in characters; more is cut with an ellipsis.
const (
	maxTitle  = 160
	maxIssuer = 80
	maxWord   = 60 // level, code
	maxHolder = 100
)

const ellipsis = "…"

// clean makes one line of composed text without control or format characters,
// of at most limit characters.
func clean(s string, limit int) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case joiner(r) || r == softHyphen:
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs), r >= 0xFFFE && r <= 0xFFFF:
			return -1
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(s), " "), limit)
}

// cut shortens s to limit characters, the ellipsis included.
func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return strings.TrimRight(string(runes[:limit-1]), " ,;:-–") + ellipsis
}

// capitals is a drawable text in capitals, where the fonts have them: they lack those of Georgian.
func (f *Fonts) capitals(s, lang string) string {
	if upper, ok := f.drawable(cases.Upper(language.Make(lang)).String(s)); ok {
		return upper
	}
	return s
}

// drawable returns s as the fonts can draw it: a letter whose accent is missing
// loses the accent, missing symbols are dropped. It reports false when a letter
// or digit cannot be drawn at all, or none is left; half a name is worse than none.
func (f *Fonts) drawable(s string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out strings.Builder
	words := false
	var under *font.Face // of the letter that a mark stands on
	for _, r := range s {
		if unicode.IsMark(r) && under != nil && firstWith([]*font.Face{under}, r) != nil || joiner(r) || r == softHyphen {
			out.WriteRune(r)
			continue
		}
		if unicode.In(r, unicode.Inherited) {
			continue // an accent that its letter's font lacks
		}
		if r != ' ' && f.faceOf(r) == nil {
			letter := base(r)
			if f.faceOf(letter) == nil {
				if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
					return "", false
				}
				continue
			}
			r = letter
		}
		words = words || unicode.IsLetter(r) || unicode.IsDigit(r)
		under = f.faceOf(r)
		out.WriteRune(r)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	_, whole := f.shape(text, 0)
	return text, words && whole
}

// joiner changes how the letters beside it are written.
func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// softHyphen is where a word may be broken.
const softHyphen = '\u00AD'

// base is the letter under the accents of r.
func base(r rune) rune {
	for _, first := range norm.NFD.String(string(r)) {
		return first
	}
	return r
}
