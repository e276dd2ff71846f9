package art

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// Heights of the first font, in em. Lines with glyphs of other fonts are measured.
const (
	capHeight = 0.66
	ascent    = 0.76 // accented capitals reach higher and may touch the line above
	descent   = 0.24
)

// unit is the size at which text is shaped: results are divided by it, so it only has to be large.
const unit = 1000

// glyph is one drawn character in em units, y downwards, origin on the baseline.
type glyph struct {
	segments    []segment
	top, bottom float64 // of its outline
}

type segment struct {
	op     opentype.SegmentOp
	points [3]point
}

type point struct{ x, y float64 }

type glyphKey struct {
	face *font.Face
	id   font.GID
}

// Fonts are what texts are drawn with: two fonts that the program carries (Latin, Greek, Cyrillic; Arabic,
// Hebrew and more), and for other scripts those in a folder of the machine, each read when a text first
// needs it. A script without a font stays so until the next start. Safe for concurrent use; nil is the
// embedded fonts alone.
type Fonts struct {
	folder string

	mu        sync.Mutex // a face of typesetting is not for concurrent use
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
	wrapper   shaping.LineWrapper
	serif     *font.Face
	embedded  []*font.Face
	files     map[string]string       // path by name, of the folder
	scripts   map[string][]*font.Face // by script, from the folder
	covered   map[rune]*font.Face     // nil: no font has it
	glyphs    map[glyphKey]*glyph
}

// NewFonts are the fonts of the program and of a folder, which is searched with the folders in it when it is
// first needed. The folder may be missing.
func NewFonts(folder string) *Fonts {
	f := &Fonts{folder: folder, scripts: map[string][]*font.Face{}, covered: map[rune]*font.Face{}, glyphs: map[glyphKey]*glyph{}}
	// Liberation Serif Bold and DejaVu Sans Bold, from modules that carry them under the SIL Open Font
	// License 1.1 and the Bitstream Vera licence.
	for _, file := range [][]byte{liberationserifbold.TTF, dejavusansbold.TTF} {
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			panic("art: embedded font: " + err.Error()) // a broken build
		}
		f.embedded = append(f.embedded, face)
	}
	f.serif = f.embedded[0]
	f.shaper.SetFontCacheSize(16)
	return f
}

// builtIn stands in for a nil *Fonts.
var builtIn = sync.OnceValue(func() *Fonts { return NewFonts("") })

// orBuiltIn makes nil useful.
func (f *Fonts) orBuiltIn() *Fonts {
	if f == nil {
		return builtIn()
	}
	return f
}

// faceOf is the first font that has the character; nil if none has.
func (f *Fonts) faceOf(r rune) *font.Face {
	face, known := f.covered[r]
	if !known {
		if face = firstWith(f.embedded, r); face == nil {
			face = firstWith(f.inFolder(scriptOf(r)), r)
		}
		f.covered[r] = face
	}
	return face
}

func firstWith(faces []*font.Face, r rune) *font.Face {
	for _, face := range faces {
		if id, has := face.NominalGlyph(r); has && id != 0 {
			return face
		}
	}
	return nil
}

// scriptOf is the name that Unicode, and with it the Noto fonts, have for the character's script.
func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return strings.ReplaceAll(name, "_", "")
		}
	}
	return ""
}

// east are the fonts of Chinese, Japanese and Korean, those with thick strokes and serifs first.
var east = []string{
	"NanumMyeongjoBold.ttf", "NanumGothicBold.ttf", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf",
	"NotoSerifCJK-Bold.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc",
}

// candidates are the files that may have the characters of a script, the best first.
func candidates(script string) (names []string) {
	switch script {
	case "Han", "Hiragana", "Katakana", "Bopomofo":
		return east[2:] // the Korean fonts have some of the characters only: names would be mixed of two
	case "Hangul":
		return east
	case "Common", "Inherited": // signs that several scripts share
		return append(east[2:len(east):len(east)], candidates("Devanagari")...)
	case "Arabic":
		names = []string{"NotoNaskhArabic-Bold.ttf", "NotoNaskhArabic-Regular.ttf"}
	}
	for _, weight := range []string{"-Bold.ttf", "-Regular.ttf"} {
		names = append(names, "NotoSerif"+script+weight, "NotoSans"+script+weight)
	}
	return names
}

// inFolder reads the fonts of a script; one that cannot be read is passed over like one that is not there.
func (f *Fonts) inFolder(script string) []*font.Face {
	faces, known := f.scripts[script]
	if known || f.folder == "" {
		return faces
	}
	if f.files == nil {
		f.files = map[string]string{}
		_ = filepath.WalkDir(f.folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				f.files[d.Name()] = path
			}
			return nil // what cannot be listed is passed over
		})
	}
	for _, name := range candidates(script) {
		path, found := f.files[name]
		if !found {
			continue
		}
		file, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if all, err := font.ParseTTC(bytes.NewReader(file)); err == nil && len(all) > 0 {
			faces = append(faces, all[0])
			break // one is enough, and all its names look alike
		}
	}
	f.scripts[script] = faces
	return faces
}

// line is text set on one line: glyphs and the place of each, in em.
type line struct {
	glyphs          []placed
	width           float64
	ascent, descent float64
	tall            bool // not of the first font alone, so that ascent and descent are measured
}

type placed struct {
	*glyph
	x, y, advance float64
}

// faces are the fonts of one text, by character. Marks are drawn with the font of their letter, for only
// one font knows how the two go together.
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

func (f *Fonts) facesOf(text []rune) faces {
	list := faces{of: map[rune]*font.Face{}, other: f.serif}
	var last *font.Face
	for _, r := range text {
		if unicode.IsMark(r) && last != nil && firstWith([]*font.Face{last}, r) != nil {
			list.of[r] = last
			continue
		}
		list.of[r] = f.faceOf(r)
		if !unicode.IsMark(r) && r != ' ' {
			last = list.of[r]
		}
	}
	return list
}

// set lays s out, right to left where it is written so, with the given letter-spacing, which scripts whose
// letters join do without. Callers ask drawable first.
func (f *Fonts) set(s string, tracking float64) line {
	f.mu.Lock()
	defer f.mu.Unlock()
	l, _ := f.shape(s, tracking)
	return l
}

// shape reports false where a font lacked something.
func (f *Fonts) shape(s string, tracking float64) (line, bool) {
	l, whole := line{ascent: ascent, descent: descent}, true
	text := []rune(s)
	if len(text) == 0 {
		return l, true
	}
	input := shaping.Input{
		Text: text, RunEnd: len(text), Direction: direction(text), Size: fixed.I(unit), Language: language.DefaultLanguage(),
	}
	var runs []shaping.Output
	for _, run := range f.segmenter.Split(input, f.facesOf(text)) {
		out := f.shaper.Shape(run)
		runs = append(runs, out)
		l.tall = l.tall || out.Face != f.serif
	}
	if l.tall {
		tracking = 0
	}
	x := 0.0
	for _, out := range f.order(input, runs) {
		for _, g := range out.Glyphs {
			whole = whole && g.GlyphID != 0
			p := placed{f.glyph(out.Face, g.GlyphID), x + em(g.XOffset), -em(g.YOffset), em(g.Advance)}
			if l.tall {
				l.ascent, l.descent = max(l.ascent, -p.top-p.y), max(l.descent, p.bottom+p.y)
			}
			l.glyphs = append(l.glyphs, p)
			x += p.advance + tracking
		}
	}
	l.width = x - tracking
	return l, whole
}

// order is the runs from left to right.
func (f *Fonts) order(input shaping.Input, runs []shaping.Output) []shaping.Output {
	config := shaping.WrapConfig{Direction: input.Direction, BreakPolicy: shaping.Never}
	lines, _ := f.wrapper.WrapParagraph(config, math.MaxInt32/64, input.Text, shaping.NewSliceIterator(runs))
	var ordered []shaping.Output
	for _, l := range lines { // one, for there is no line break in it
		at := len(ordered)
		ordered = append(ordered, l...)
		for _, run := range l {
			ordered[at+int(run.VisualIndex)] = run
		}
	}
	return ordered
}

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

func em(v fixed.Int26_6) float64 { return float64(v) / 64 / unit }

// glyph reads an outline and keeps it.
func (f *Fonts) glyph(face *font.Face, id font.GID) *glyph {
	key := glyphKey{face, id}
	if g, known := f.glyphs[key]; known {
		return g
	}
	g := &glyph{}
	outline, _ := face.GlyphDataOutline(id) // without one it is a space
	upem := float64(face.Upem())
	for _, s := range outline.Segments {
		out := segment{op: s.Op}
		for i, p := range s.ArgsSlice() {
			q := point{float64(p.X) / upem, -float64(p.Y) / upem}
			out.points[i] = q
			g.top, g.bottom = math.Min(g.top, q.y), math.Max(g.bottom, q.y)
		}
		g.segments = append(g.segments, out)
	}
	f.glyphs[key] = g
	return g
}
