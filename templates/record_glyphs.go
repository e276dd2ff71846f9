package templates

import (
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

// noGlyph stands for a letter that the fonts of a PDF do not have. All of them have this one.
const noGlyph = '□'

// printedFonts are those in which words of strangers are printed.
var printedFonts = sync.OnceValue(func() (list []*sfnt.Font) {
	for _, data := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := sfnt.Parse(data)
		if err != nil {
			panic(err) // the fonts are compiled in
		}
		list = append(list, f)
	}
	return list
})

// printable is text as the sheet can print it: what its fonts do not have becomes noGlyph, and what
// steers the direction of writing is left out.
func (s *sheet) printable(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r) && r != '\u00a0':
			return ' '
		case !printed(&buffer, r):
			s.lost = true
			return noGlyph
		}
		return r
	}, text)
}

// printed reports whether all fonts have the letter. Those beyond the basic plane cannot be written.
func printed(buffer *sfnt.Buffer, r rune) bool {
	if r > 0xFFFF {
		return false
	}
	for _, f := range printedFonts() {
		if glyph, err := f.GlyphIndex(buffer, r); err != nil || glyph == 0 {
			return false
		}
	}
	return true
}
