package wording

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// FileName is {title}-{holder} as the files of a badge are called (contract 6.1): in ASCII for every system, and as the
// names are written.
func FileName(title, holder string) (plain, written string) {
	name := title + " " + holder
	written = slug(norm.NFC.String(name), func(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) })
	plain = slug(norm.NFD.String(name), func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) })
	if plain == "" {
		plain = "badge"
	}
	return plain, written
}

const longestFileName = 100 // letters; systems take 255 bytes

// slug keeps some letters in lower case, with one dash for what is between them; marks go without a trace.
func slug(s string, keep func(r rune) bool) string {
	var out []rune
	for _, r := range strings.ToLower(s) {
		switch {
		case keep(r):
			out = append(out, r)
		case !unicode.IsMark(r) && len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	return strings.Trim(string(out[:min(len(out), longestFileName)]), "-")
}
