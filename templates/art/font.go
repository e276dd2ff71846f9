package art

import (
	"sync"

	"github.com/go-fonts/liberation/liberationserifbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Heights of the font, in em.
const (
	capHeight = 0.66
	ascent    = 0.76 // accented capitals reach higher and may touch the line above
	descent   = 0.24
)

// glyph is one drawn character in em units, y downwards, origin on the baseline.
type glyph struct {
	index    sfnt.GlyphIndex
	advance  float64
	segments []segment
}

type segment struct {
	op     sfnt.SegmentOp
	points [3]point
}

type point struct{ x, y float64 }

// face reads glyphs on demand and keeps them; it is safe for concurrent use.
type face struct {
	mu     sync.Mutex
	font   *sfnt.Font
	buffer sfnt.Buffer
	upem   fixed.Int26_6
	glyphs map[rune]*glyph // nil: the font lacks it
}

// serif is Liberation Serif Bold, from a module that carries it under the SIL Open Font License 1.1.
var serif = openFace(liberationserifbold.TTF)

func openFace(file []byte) *face {
	f, err := sfnt.Parse(file)
	if err != nil {
		panic("art: embedded font: " + err.Error()) // a broken build
	}
	return &face{font: f, upem: fixed.I(int(f.UnitsPerEm())), glyphs: map[rune]*glyph{}}
}

// glyph returns nil for a character that the font cannot draw.
func (f *face) glyph(r rune) *glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, known := f.glyphs[r]
	if !known {
		g = f.load(r)
		f.glyphs[r] = g
	}
	return g
}

func (f *face) load(r rune) *glyph {
	index, err := f.font.GlyphIndex(&f.buffer, r)
	if err != nil || index == 0 {
		return nil
	}
	advance, err := f.font.GlyphAdvance(&f.buffer, index, f.upem, font.HintingNone)
	if err != nil {
		return nil
	}
	outline, err := f.font.LoadGlyph(&f.buffer, index, f.upem, nil)
	if err != nil {
		return nil
	}
	g := &glyph{index: index, advance: f.em(advance)}
	for _, s := range outline {
		var out segment
		out.op = s.Op
		for i, p := range s.Args {
			out.points[i] = point{f.em(p.X), f.em(p.Y)}
		}
		g.segments = append(g.segments, out)
	}
	return g
}

// kern is the extra space between two neighbours, in em; 0 when unknown.
func (f *face) kern(a, b *glyph) float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.font.Kern(&f.buffer, a.index, b.index, f.upem, font.HintingNone)
	if err != nil {
		return 0
	}
	return f.em(k)
}

func (f *face) em(v fixed.Int26_6) float64 { return float64(v) / float64(f.upem) }

// line is text set on one line: glyphs and the x of each, in em.
type line struct {
	glyphs []*glyph
	xs     []float64
	width  float64
}

// set lays s out with the given letter-spacing. Characters that the font lacks
// are skipped; callers ask drawable first.
func (f *face) set(s string, tracking float64) line {
	var l line
	var last *glyph
	x := 0.0
	for _, r := range s {
		g := f.glyph(r)
		if g == nil {
			continue
		}
		if last != nil {
			x += f.kern(last, g) + tracking
		}
		l.glyphs = append(l.glyphs, g)
		l.xs = append(l.xs, x)
		x += g.advance
		last = g
	}
	l.width = x
	return l
}
