package art

import (
	"math"
	"strconv"

	"github.com/go-text/typesetting/font/opentype"
)

// path is SVG path data: absolute M, L, Q, C and Z only.
type path struct{ data []byte }

func (p *path) move(x, y float64) { p.add('M', x, y) }

func (p *path) line(x, y float64) { p.add('L', x, y) }

func (p *path) quad(a, b, x, y float64) { p.add('Q', a, b, x, y) }

func (p *path) cube(v ...float64) { p.add('C', v...) }

func (p *path) close() { p.data = append(p.data, 'Z') }

func (p *path) polygon(points ...point) {
	for i, q := range points {
		if i == 0 {
			p.move(q.x, q.y)
			continue
		}
		p.line(q.x, q.y)
	}
	p.close()
}

func (p *path) add(op byte, values ...float64) {
	p.data = append(p.data, op)
	for i, v := range values {
		if i > 0 {
			p.data = append(p.data, ' ')
		}
		p.data = appendNumber(p.data, v)
	}
}

// appendNumber writes tenths without trailing zeros: half a hair at 600 px, and
// the rounding keeps the bytes equal between processors.
func appendNumber(b []byte, v float64) []byte {
	tenths := math.Round(v*10) + 0 // no "-0"
	return strconv.AppendFloat(b, tenths/10, 'f', -1, 64)
}

// wave adds a closed line that swings n times about a circle of radius r. Its
// corners are the crests and troughs, where it runs along the circle, so two
// cubic pieces for each swing are enough. turn moves it on, in swings.
func (p *path) wave(cx, cy, r, swing float64, n int, turn float64) {
	step := math.Pi / float64(n)
	at := func(i int) (x, y, dx, dy float64) {
		radius := r + swing
		if i%2 == 1 {
			radius = r - swing
		}
		sin, cos := math.Sincos(step * (float64(i%(2*n)) + 2*turn))
		handle := radius * 4 / 3 * math.Tan(step/4)
		return cx + radius*cos, cy + radius*sin, -sin * handle, cos * handle
	}
	x0, y0, dx0, dy0 := at(0)
	p.move(x0, y0)
	for i := 1; i <= 2*n; i++ {
		x1, y1, dx1, dy1 := at(i)
		p.cube(x0+dx0, y0+dy0, x1-dx1, y1-dy1, x1, y1)
		x0, y0, dx0, dy0 = x1, y1, dx1, dy1
	}
	p.close()
}

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
