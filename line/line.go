// Package line says what a line of text that people or programs send may hold: a name, a reason, an id. It must not
// know what the line is for.
package line

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Problem says what is wrong with a line of text, to follow its name, or nothing.
func Problem(s string, most int) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "is empty"
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case utf8.RuneCountInString(s) > most:
		return fmt.Sprintf("is longer than %d characters", most)
	case strings.ContainsFunc(s, unicode.IsControl):
		return "has control characters"
	case strings.ContainsFunc(s, breaksLine):
		return "has a line break"
	case strings.ContainsFunc(s, turnsText):
		return "has characters that turn the direction of the text"
	case !strings.ContainsFunc(s, visible):
		return "has nothing that can be seen"
	case strings.TrimFunc(s, blank) != s:
		return "begins or ends with a blank"
	case strings.ContainsFunc(s, invisible):
		return "has characters that cannot be seen"
	}
	return ""
}

// Tidy is a text that people write, composed (NFC) and without blanks around it.
func Tidy(s string) string { return norm.NFC.String(strings.TrimFunc(s, blank)) }

// blank is what may stand around a text and means nothing there.
func blank(r rune) bool {
	return unicode.IsSpace(r) && !unicode.IsControl(r) && !breaksLine(r) || r == braille || invisible(r)
}

const braille = '\u2800' // the pattern without dots

func breaksLine(r rune) bool { return unicode.In(r, unicode.Zl, unicode.Zp) }

// invisible reports characters that show nothing and that no script needs: two texts that look alike would be two.
// Joiners, marks of direction and variation selectors are needed.
func invisible(r rune) bool { return ignorable(r) && !unicode.In(r, needed) }

var needed = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034f, 0x034f, 1}, {0x061c, 0x061c, 1}, {0x17b4, 0x17b5, 1}, {0x200c, 0x200f, 1}, {0xfe00, 0xfe0f, 1},
	},
	R32: []unicode.Range32{{0xe0100, 0xe01ef, 1}},
}

// ignorable is what shows nothing by itself (Default_Ignorable_Code_Point, UAX #44).
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.In(r, unicode.Prepended_Concatenation_Mark)
}

func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != braille && !ignorable(r)
}

// turnsText reports the characters that make a line read otherwise than it is written (Unicode UAX #9,
// embeddings, overrides and isolates). Marks and joiners, which names need, are none of them.
func turnsText(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// Storable reports whether a text can be in the database at all, so that looking for it makes sense:
// PostgreSQL refuses NUL and what is not UTF-8.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
