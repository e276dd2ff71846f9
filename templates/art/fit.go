package art

import (
	"math"
	"strings"
)

const (
	maxLines   = 4
	lineHeight = 1.06 // baseline to baseline, in em
	longWord   = 24   // longer words are broken by force
)

// region is the room that a text block may fill.
type region struct {
	cx, cy   float64                        // where the block is centred
	half     func(top, end float64) float64 // half the width free between two heights; 0 or less when none
	max, min float64                        // font sizes
	lines    int                            // at most
}

// block is a fitted text.
type block struct {
	lines     []line
	baselines []float64
	cx, size  float64
}

// fit sets text as large as the region allows, over as few and as even lines as
// that takes. Text that does not fit at the smallest size loses words at its
// end; a single word is made as small as it must be.
func fit(text string, r region) block {
	words := splitWords(text, r.lines)
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
func shorten(words []string, n int) []string {
	kept := append([]string(nil), words[:n]...)
	kept[n-1] = strings.TrimRight(kept[n-1], ",;:("+ellipsis) + ellipsis
	return kept
}

// splitWords breaks words that no line could hold at a readable size.
func splitWords(text string, lines int) []string {
	var words []string
	for _, w := range strings.Fields(text) {
		runes := []rune(w)
		for lines > 1 && len(runes) > longWord {
			half := min(len(runes)/2, longWord-1)
			words = append(words, string(runes[:half])+"-")
			runes = runes[half:]
		}
		words = append(words, string(runes))
	}
	return words
}

// baseline of line i of n; the block is centred by the height of its capitals.
func baseline(i, n int, size, cy float64) float64 {
	return cy + size*(capHeight/2+(float64(i)-float64(n-1)/2)*lineHeight)
}

func place(lines []line, size float64, r region) block {
	b := block{lines: lines, cx: r.cx, size: size}
	for i := range lines {
		b.baselines = append(b.baselines, baseline(i, len(lines), size, r.cy))
	}
	return b
}

// height of the block, from the top of its capitals to its last baseline.
func (b block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return b.size * (capHeight + float64(len(b.lines)-1)*lineHeight)
}

// drop moves the block so that the top of its capitals is at y.
func (b block) drop(y float64) {
	for i := range b.baselines {
		b.baselines[i] = y + b.size*(capHeight+float64(i)*lineHeight)
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
