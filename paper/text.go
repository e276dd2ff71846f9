package paper

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// unit is the size at which text is shaped: results are divided by it, so it only has to be large.
const unit = 1000

// style is how a text looks.
type style struct {
	family family
	size   float64
	colour string
	lead   float64 // from line to line in sizes, where the fonts need no more
}

// block is a text set in lines.
type block struct {
	style
	lang    string // of the text, where it is not the document's
	text    string
	lines   []line
	ascent  float64 // of the first line above its baseline, in points
	step    float64 // from baseline to baseline
	descent float64
}

// height from the top of the first line to the foot of the last.
func (b *block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return b.ascent + float64(len(b.lines)-1)*b.step + b.descent
}

// width of the longest line.
func (b *block) width() (width float64) {
	for _, l := range b.lines {
		width = max(width, l.width*b.size)
	}
	return width
}

// line is one line: runs in the order of reading, each with its place from the left.
type line struct {
	runs  []run
	width float64 // in sizes
}

// run is a stretch of one font and direction.
type run struct {
	face   *typeface
	left   float64 // in sizes
	glyphs []glyph // in the order of reading
	text   string
	exact  bool // the glyphs one by one spell the text
	rtl    bool
}

// glyph is a drawn character.
type glyph struct {
	id   font.GID
	text string // what it stands for
	x, y float64
}

// clean is one line of composed text without what steers terminals and directions of other lines.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
	return strings.Trim(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " "), " ")
}

// ignorable reports whether a character needs no glyph (Unicode, Default_Ignorable_Code_Point).
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r) || unicode.IsSpace(r)
}

// faces are the fonts of one text, by character. Marks are drawn with the font of their letter, for only one font
// knows how the two go together.
type faces struct {
	of    map[rune]*font.Face
	other *font.Face
}

// ResolveFace is called by the segmenter.
func (f faces) ResolveFace(r rune) *font.Face {
	if face := f.of[r]; face != nil {
		return face
	}
	return f.other
}

func (d *document) facesOf(text []rune, kind family) faces {
	list := faces{of: map[rune]*font.Face{}, other: d.setter.face(embedded().own[kind])}
	var last *typeface
	for _, r := range text {
		if unicode.IsMark(r) && last != nil && last.has(r) {
			list.of[r] = d.setter.face(last)
			continue
		}
		t := d.fonts.faceOf(kind, r)
		if t == nil {
			if !ignorable(r) {
				d.missing.add(r, isoScript(r))
			}
			continue
		}
		list.of[r] = d.setter.face(t)
		if !unicode.IsMark(r) && r != ' ' {
			last = t
		}
	}
	return list
}

// isoScript is the script of a character, or nothing for what belongs to none.
func isoScript(r rune) string {
	if s := language.LookupScript(r); s.Strong() && s != language.Unknown {
		return s.String()
	}
	return ""
}

// set breaks a text into lines of a width in points.
func (d *document) set(text, lang string, s style, width float64) *block {
	if lang == d.lang {
		lang = ""
	}
	b := &block{style: s, lang: lang, text: clean(text)}
	runes := []rune(b.text)
	if d.boxes {
		d.box(runes, s.family)
		b.text = string(runes)
	}
	if len(runes) == 0 {
		return b
	}
	input := shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction(runes), Size: fixed.I(unit),
		Language: language.NewLanguage(orElse(lang, d.lang)),
	}
	var shaped []shaping.Output
	ascent, descent := 0.0, 0.0
	for _, part := range d.setter.segmenter.Split(input, d.facesOf(runes, s.family)) {
		out := d.setter.shaper.Shape(part)
		ascent, descent = max(ascent, em(out.LineBounds.Ascent)), max(descent, -em(out.LineBounds.Descent))
		shaped = append(shaped, out)
	}
	config := shaping.WrapConfig{Direction: input.Direction}
	lines, _ := d.setter.wrapper.WrapParagraph(config, max(1, int(width/s.size*unit)), runes, shaping.NewSliceIterator(shaped))
	for _, l := range lines {
		b.lines = append(b.lines, d.line(runes, l))
	}
	b.ascent, b.descent = ascent*s.size, descent*s.size
	b.step = max(s.lead*s.size, b.ascent+b.descent)
	return b
}

// box puts a box in place of every character that no font has.
func (d *document) box(text []rune, kind family) {
	for k, r := range text {
		if d.fonts.faceOf(kind, r) == nil && !ignorable(r) {
			text[k], d.lost = '□', true
		}
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// fit sets a text in the largest of some sizes in which it takes no more than so many lines, or in the smallest.
func (d *document) fit(text, lang string, s style, width float64, lines int, sizes ...float64) (b *block) {
	for _, s.size = range sizes {
		if b = d.set(text, lang, s, width); len(b.lines) <= lines {
			return b
		}
	}
	return b
}

func em(v fixed.Int26_6) float64 { return float64(v) / 64 / unit }

// direction is that of the first letter that has one (UAX 9, P2 and P3).
func direction(text []rune) di.Direction {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko):
			return di.DirectionRTL
		case unicode.IsLetter(r):
			return di.DirectionLTR
		}
	}
	return di.DirectionLTR
}

// line places the runs of a line.
func (d *document) line(text []rune, l shaping.Line) line {
	var out line
	lefts := make([]float64, len(l))
	order := make([]int, len(l))
	for k := range l {
		order[l[k].VisualIndex] = k
	}
	for _, k := range order {
		lefts[k] = out.width
		out.width += em(l[k].Advance)
	}
	for k := range l {
		r := d.run(text, &l[k])
		r.left = lefts[k]
		out.runs = append(out.runs, r)
	}
	return out
}

// nothing is what a glyph stands for whose characters belong to another: each has to stand for something (ISO
// 14289-1, 7.21.7).
const nothing = "\u200B"

// run reads a shaped run in the order of its text.
func (d *document) run(text []rune, out *shaping.Output) run {
	r := run{
		face: d.setter.of[out.Face], text: string(text[out.Runes.Offset : out.Runes.Offset+out.Runes.Count]), exact: true,
		rtl: out.Direction.Progression() == di.TowardTopLeft,
	}
	glyphs := make([]glyph, len(out.Glyphs))
	at := 0.0
	for k, g := range out.Glyphs {
		glyphs[k] = glyph{id: g.GlyphID, x: at + em(g.XOffset), y: em(g.YOffset)}
		at += em(g.Advance)
	}
	for from := 0; from < len(out.Glyphs); {
		end := from + 1
		for end < len(out.Glyphs) && out.Glyphs[end].TextIndex() == out.Glyphs[from].TextIndex() {
			end++
		}
		first := out.Glyphs[from]
		r.exact = d.spell(glyphs[from:end], text[first.TextIndex():first.TextIndex()+first.RunesCount()], r.rtl) && r.exact
		from = end
	}
	if r.rtl {
		reverse(glyphs)
	}
	for _, g := range glyphs {
		if g.id != 0 { // else it is nothing to see, or known to be missing
			r.glyphs = append(r.glyphs, g)
		}
	}
	return r
}

func reverse(list []glyph) {
	for i, k := 0, len(list)-1; i < k; i, k = i+1, k-1 {
		list[i], list[k] = list[k], list[i]
	}
}

// spell says what each glyph of a cluster stands for, and whether a reader who goes by the place of glyphs finds the
// text in its order.
func (d *document) spell(glyphs []glyph, text []rune, rtl bool) (exact bool) {
	for k := range glyphs {
		g := &glyphs[k]
		if rtl {
			g = &glyphs[len(glyphs)-1-k]
		}
		switch {
		case k >= len(text):
			g.text = nothing
		case k == len(glyphs)-1:
			g.text = string(text[k:])
		default:
			g.text = string(text[k])
		}
		if g.id == 0 && k < len(text) {
			for _, r := range text[k:] {
				if !ignorable(r) {
					d.missing.add(r, isoScript(r))
				}
			}
		}
	}
	return len(glyphs) == 1
}
