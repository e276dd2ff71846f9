package art

import (
	"math"

	"github.com/go-text/typesetting/font/opentype"
)

// affine maps (x, y) to (a·x+c·y+e, b·x+d·y+f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p point) (x, y float64) {
	return m.a*p.x + m.c*p.y + m.e, m.b*p.x + m.d*p.y + m.f
}

// glyph adds the outline of g under m.
func (p *path) glyph(g *glyph, m affine) {
	open := false
	for _, s := range g.segments {
		var v [6]float64
		for i := range s.points {
			v[2*i], v[2*i+1] = m.apply(s.points[i])
		}
		switch s.op {
		case opentype.SegmentOpMoveTo:
			if open {
				p.close()
			}
			p.move(v[0], v[1])
			open = true
		case opentype.SegmentOpLineTo:
			p.line(v[0], v[1])
		case opentype.SegmentOpQuadTo:
			p.quad(v[0], v[1], v[2], v[3])
		case opentype.SegmentOpCubeTo:
			p.cube(v[:]...)
		}
	}
	if open {
		p.close()
	}
}

// text adds l with its baseline starting at (left, baseline).
func (p *path) text(l line, left, baseline, size float64) {
	for _, g := range l.glyphs {
		p.glyph(g.glyph, affine{size, 0, 0, size, left + g.x*size, baseline + g.y*size})
	}
}

// arc adds l along the top of a circle, centred on twelve o'clock, upright to
// the outside; the baseline lies on radius r.
func (p *path) arc(l line, cx, cy, r, size float64) {
	start := -math.Pi/2 - l.width*size/r/2
	for _, g := range l.glyphs {
		angle := start + (g.x+g.advance/2)*size/r
		sin, cos := math.Sincos(angle)
		// tangent (-sin, cos) is the text's x axis, outward (cos, sin) its up
		half, rise := g.advance/2*size, r-g.y*size
		p.glyph(g.glyph, affine{
			-sin * size, cos * size, -cos * size, -sin * size,
			cx + rise*cos + sin*half, cy + rise*sin - cos*half,
		})
	}
}
