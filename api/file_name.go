package api

import (
	"net/url"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/issuer"
)

// saveAs is the Content-Disposition of a badge's file: {title}-{holder}.{ext} in ASCII, and as the names are
// written where that says more (contract 6.1; RFC 6266, appendix D). It is shown where a browser can show it.
func saveAs(b *issuer.Badge, address string) string {
	ext := path.Ext(address)
	if ext == "" {
		return ""
	}
	name := b.Achievement.In(b.Achievement.Name, b.Achievement.Language) + " " + b.HolderName
	written := slug(norm.NFC.String(name), func(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) })
	plain := slug(norm.NFD.String(name), func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) })
	if plain == "" {
		plain = "badge"
	}
	value := `inline; filename="` + plain + ext + `"`
	if written != plain {
		value += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(written+ext), "+", "%20")
	}
	return value
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
