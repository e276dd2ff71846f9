package art

import (
	"math"
	"slices"
	"strings"
)

const (
	maxLines   = 4
	lineHeight = 1.06 // baseline to baseline, in em
)

// region is the room that a text block may fill.
type region struct {
	fonts    *Fonts
	cx, cy   float64                        // where the block is centred
	half     func(top, end float64) float64 // half the width free between two heights; 0 or less when none
	max, min float64                        // font sizes
	lines    int                            // at most
}

// block is a fitted text.
type block struct {
	spacing
	lines     []line
	baselines []float64
	cx, size  float64
}

// fit sets text as large as the region allows, over as few and as even lines as
// that takes. Text that does not fit at the smallest size loses words at its
// end; a single word is made as small as it must be.
func fit(text string, r region) block {
	words := glue(splitWords(text, r.lines), maxWords)
	if len(words) > maxWords {
		words = shorten(words, maxWords)
	}
	for {
		lines, size := breakLines(words, r)
		if size >= r.min || len(words) == 1 {
			return place(lines, size, r)
		}
		words = shorten(words, len(words)-1)
	}
}

// shorten keeps n words and marks the loss.
func shorten(words []word, n int) []word {
	kept := slices.Clone(words[:n])
	last := &kept[n-1]
	last.text, last.ending = strings.TrimRight(last.text, ",;:("+ellipsis)+ellipsis, ""
	return kept
}

// spacing is how lines stand above each other, in em.
type spacing struct {
	top    float64 // from where the first line seems to begin to its baseline
	step   float64 // from baseline to baseline
	bottom float64 // from the last baseline to where the text seems to end
}

// spacingOf goes by the capitals of the first font, and by what is there where letters of others stand higher
// and lower.
func spacingOf(lines []line) spacing {
	s := spacing{top: capHeight, step: lineHeight}
	for i, l := range lines {
		if i > 0 {
			s.step = max(s.step, lines[i-1].descent+l.ascent)
		}
	}
	if n := len(lines); n > 0 && lines[0].tall {
		s.top = lines[0].ascent
	}
	if n := len(lines); n > 0 && lines[n-1].tall {
		s.bottom = lines[n-1].descent
	}
	return s
}

// height of n lines.
func (s spacing) height(n int) float64 { return s.top + float64(n-1)*s.step + s.bottom }

// baseline of line i of n; the block is centred by what it seems to fill.
func (s spacing) baseline(i, n int, size, cy float64) float64 {
	return cy + size*(s.top+float64(i)*s.step-s.height(n)/2)
}

func place(lines []line, size float64, r region) block {
	b := block{lines: lines, cx: r.cx, size: size, spacing: spacingOf(lines)}
	for i := range lines {
		b.baselines = append(b.baselines, b.baseline(i, len(lines), size, r.cy))
	}
	return b
}

// height of the block, from the top of its capitals to its last baseline.
func (b block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return b.size * b.spacing.height(len(b.lines))
}

// drop moves the block so that its top is at y.
func (b block) drop(y float64) {
	for i := range b.baselines {
		b.baselines[i] = y + b.size*(b.top+float64(i)*b.step)
	}
}

// centred is the outline of the block with its lines about the middle.
func (b block) centred() *path {
	p := &path{}
	for i, l := range b.lines {
		p.text(l, b.cx-l.width*b.size/2, b.baselines[i], b.size)
	}
	return p
}

// flush is the outline of the block with its lines starting at left.
func (b block) flush(left float64) *path {
	p := &path{}
	for i, l := range b.lines {
		p.text(l, left, b.baselines[i], b.size)
	}
	return p
}

// disc is the room inside a circle.
func disc(cy, radius float64) func(top, end float64) float64 {
	return func(top, end float64) float64 {
		far := math.Max(math.Abs(top-cy), math.Abs(end-cy))
		if far >= radius {
			return 0
		}
		return math.Sqrt(radius*radius - far*far)
	}
}

// box is the room inside a rectangle.
func box(y0, y1, half float64) func(top, end float64) float64 {
	return func(top, end float64) float64 {
		if top < y0 || end > y1 {
			return 0
		}
		return half
	}
}
