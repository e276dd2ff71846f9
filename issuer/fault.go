package issuer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// faults collects what is wrong with a request, each with its pointer.
type faults []refusal.Field

func (f *faults) add(pointer, code, detail string) {
	*f = append(*f, refusal.Field{Pointer: pointer, Code: code, Detail: detail})
}

func (f *faults) text(pointer, s string, most int) {
	if s == "" {
		f.add(pointer, "required", "is required")
		return
	}
	if problem := textProblem(s, most); problem != "" {
		f.add(pointer, "bad_text", problem)
	}
}

// textProblem says what is wrong with a line of text, or nothing.
func textProblem(s string, most int) string {
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

// tidy is a text that people write, composed (NFC) and without blanks around it.
func tidy(s string) string { return norm.NFC.String(strings.TrimFunc(s, blank)) }

// blank is what may stand around a text and means nothing there.
func blank(r rune) bool {
	return unicode.IsSpace(r) && !unicode.IsControl(r) && !breaksLine(r) || r == braille || invisible(r)
}

const braille = '\u2800' // the pattern without dots

func breaksLine(r rune) bool { return unicode.In(r, unicode.Zl, unicode.Zp) }

// invisible reports characters that show nothing and that no script needs: two texts that look alike would be two.
// Joiners, marks of direction and variation selectors are needed.
func invisible(r rune) bool { return ignorable(r) && !unicode.In(r, needed) }

var needed = &unicode.RangeTable{R16: []unicode.Range16{{0x034f, 0x034f, 1}, {0x061c, 0x061c, 1}, {0x17b4, 0x17b5, 1}, {0x200c, 0x200f, 1}, {0xfe00, 0xfe0f, 1}}, R32: []unicode.Range32{{0xe0100, 0xe01ef, 1}}}

// ignorable is what shows nothing by itself (Default_Ignorable_Code_Point, UAX #44).
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && !unicode.In(r, unicode.Prepended_Concatenation_Mark)
}

func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != braille && !ignorable(r)
}

// turnsText reports the characters that make a line read otherwise than it is written (Unicode UAX #9,
// embeddings, overrides and isolates). Marks and joiners, which names need, are none of them.
func turnsText(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// storable reports whether a text can be in the database at all, so that looking for it makes sense:
// PostgreSQL refuses NUL and what is not UTF-8.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// prose is text that people write, as it is once it is tidy.
func (f *faults) prose(pointer, s string, most int) {
	if tidied := tidy(s); tidied != "" {
		s = tidied
	}
	f.text(pointer, s, most)
}

// name refuses addresses: names go into letters, which carry our signature.
func (f *faults) name(pointer, s string) {
	f.prose(pointer, s, maxName)
	if strings.Contains(s, "://") {
		f.add(pointer, "bad_value", "is not a name")
	}
}

func (f *faults) email(pointer, s string) {
	f.prose(pointer, s, maxEmail)
	tidied := tidy(s)
	if s == "" || textProblem(tidied, maxEmail) != "" {
		return
	}
	if _, ok := email.Canonical(tidied); !ok {
		f.add(pointer, "bad_email", fmt.Sprintf("%q is not an e-mail address", s))
	}
}

func (f *faults) outcome(o programme.Mark) {
	switch o {
	case programme.Pass, programme.Fail, programme.NoShow:
	case "":
		f.add("/outcome", "required", "is required")
	default:
		f.add("/outcome", "bad_value", "must be pass, fail or no_show")
	}
}

const maxScoreDigits = 20

func (f *faults) score(score, most *json.Number) {
	s, known := f.number("/score", score)
	m, bounded := f.number("/max_score", most)
	if known && bounded && s > m {
		f.add("/score", "bad_value", "is more than max_score")
	}
}

func (f *faults) number(pointer string, n *json.Number) (value float64, ok bool) {
	if n == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || value < 0 || len(*n) > maxScoreDigits || !json.Valid([]byte(*n)) {
		f.add(pointer, "bad_value", "must be a number of 0 or more")
		return 0, false
	}
	return value, true
}

func (f *faults) takenAt(at, now time.Time) {
	switch {
	case at.IsZero():
		f.add("/taken_at", "required", "is required")
	case at.After(now.Add(ahead)):
		f.add("/taken_at", "in_future", "lies in the future")
	case at.Year() < 1900:
		f.add("/taken_at", "bad_value", "lies before the year 1900")
	}
}
