package art

import (
	"math"

	"golang.org/x/image/font/sfnt"
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
		case sfnt.SegmentOpMoveTo:
			if open {
				p.close()
			}
			p.move(v[0], v[1])
			open = true
		case sfnt.SegmentOpLineTo:
			p.line(v[0], v[1])
		case sfnt.SegmentOpQuadTo:
			p.quad(v[0], v[1], v[2], v[3])
		case sfnt.SegmentOpCubeTo:
			p.cube(v[:]...)
		}
	}
	if open {
		p.close()
	}
}

// text adds l with its baseline starting at (left, baseline).
func (p *path) text(l line, left, baseline, size float64) {
	for i, g := range l.glyphs {
		p.glyph(g, affine{size, 0, 0, size, left + l.xs[i]*size, baseline})
	}
}

// arc adds l along the top of a circle, centred on twelve o'clock, upright to
// the outside; the baseline lies on radius r.
func (p *path) arc(l line, cx, cy, r, size float64) {
	start := -math.Pi/2 - l.width*size/r/2
	for i, g := range l.glyphs {
		middle := (l.xs[i] + g.advance/2) * size
		angle := start + middle/r
		sin, cos := math.Sincos(angle)
		// tangent (-sin, cos) is the text's x axis, outward (cos, sin) its up
		half := g.advance / 2 * size
		p.glyph(g, affine{
			-sin * size, cos * size, -cos * size, -sin * size,
			cx + r*cos + sin*half, cy + r*sin - cos*half,
		})
	}
}
