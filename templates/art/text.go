package art

import (
	"strings"
	"unicode"

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

func (d Design) cleaned() Design {
	return Design{
		Title:  clean(d.Title, maxTitle),
		Kind:   d.Kind,
		Level:  clean(d.Level, maxWord),
		Issuer: clean(d.Issuer, maxIssuer),
		Code:   clean(d.Code, maxWord),
		Lang:   languageTag(d.Lang),
	}
}

// clean makes one line of composed text without control or format characters,
// of at most limit characters.
func clean(s string, limit int) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200C' || r == '\u200D':
			return r // joiners change how a word reads; <title> keeps them
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

// languageTag is the canonical form of a BCP 47 tag, empty when malformed.
func languageTag(s string) string {
	tag, err := language.Parse(s)
	if err != nil || s == "" {
		return ""
	}
	return tag.String()
}

func upper(s, lang string) string {
	return cases.Upper(language.Make(lang)).String(s)
}

// drawable returns s as the font can draw it: a letter whose accent is missing
// loses the accent, missing symbols are dropped. It reports false when a letter
// or digit cannot be drawn at all, or none is left; half a name is worse than none.
func drawable(s string) (string, bool) {
	var out strings.Builder
	words := false
	for _, r := range s {
		if r != ' ' && !drawableRune(r) {
			letter := base(r)
			if !drawableRune(letter) {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					return "", false
				}
				continue
			}
			r = letter
		}
		words = words || unicode.IsLetter(r) || unicode.IsDigit(r)
		out.WriteRune(r)
	}
	return strings.Join(strings.Fields(out.String()), " "), words
}

// drawableRune leaves scripts out that need shaping or run right to left, even
// where the font has their letters.
func drawableRune(r rune) bool {
	if unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		return false
	}
	if unicode.IsMark(r) {
		return false
	}
	return serif.glyph(r) != nil
}

// base is the letter under the accents of r.
func base(r rune) rune {
	for _, first := range norm.NFD.String(string(r)) {
		return first
	}
	return r
}
