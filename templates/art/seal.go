package art

import (
	"math"
)

// centre is the middle of every badge, both ways.
const centre = 300

// Radii of the seal, outside in.
const (
	sealEdge   = 285 // valleys of the scallops
	sealPaper  = 277
	sealRim    = 254
	sealDisc   = 206
	sealTitle  = 187
	rimRadius  = 221 // baseline of the issuer
	rimText    = 27.0
	marksFrom  = 230  // middle of the stars
	marksStep  = 0.19 // angle from star to star
	rimArc     = math.Pi * 1.14
	rimSpacing = 0.13
)

// drawSeal is the picture of a certification: a scalloped notary's seal with the
// issuer round the rim and the title in the middle. The middle of the highest
// level is inked, that of the others is paper.
func drawSeal(c *canvas, d Design) {
	f := familyOf(d.Code)
	ground, ink := f.paper, f.ink
	if d.marks() == 3 {
		ground, ink = f.ink, f.paper
	}
	edge := &path{}
	scallops(edge, sealEdge, 56)
	c.fill(edge, f.ink, "shape")
	c.fill(ring(sealPaper), f.paper, "")
	guilloche(c, (sealPaper+sealRim)/2, 7.5, 48, 4, mix(f.paper, f.ink, 60), 1.1)
	c.fill(ring(sealRim), f.ink, "")
	c.stroke(ring(sealRim-5), f.metal, 1.4, "")
	c.fill(ring(sealDisc), ground, "")
	if d.marks() == 3 {
		c.stroke(ring(sealDisc), f.metal, 5, "")
	} else {
		c.stroke(ring(sealDisc-6), mix(f.paper, f.ink, 55), 1.4, "")
	}
	guilloche(c, 146, 42, 18, 6, mix(ground, ink, 13), 1.1)
	drawFlourish(c, f, drawRim(c, d, f), float64(d.marks()))
	drawMarks(c, d, f, func(i float64) (x, y float64) {
		sin, cos := math.Sincos(math.Pi/2 + i*marksStep)
		return centre + marksFrom*cos, centre + marksFrom*sin
	})
	title, ok := d.Fonts.drawable(d.Title)
	if !ok {
		emblem(c, d, ink)
		return
	}
	b := fit(title, region{fonts: d.Fonts, cx: centre, cy: centre, half: disc(centre, sealTitle), max: 92, min: 20, lines: maxLines})
	c.fill(b.centred(), ink, "title")
}

// drawRim sets the issuer on the upper rim, shrunk and at last cut to fit, and
// returns the angle that it takes up.
func drawRim(c *canvas, d Design, f family) float64 {
	issuer, ok := d.Fonts.drawable(d.Issuer)
	if !ok {
		return 0
	}
	const room = rimRadius * rimArc
	text := d.Fonts.capitals(issuer, d.Lang)
	l := d.Fonts.set(text, rimSpacing)
	size := math.Min(rimText, math.Max(17, room/l.width))
	for l.width*size > room {
		text = cut(text, len([]rune(text))-1)
		l = d.Fonts.set(text, rimSpacing)
	}
	radius := rimRadius + (rimText-size)*capHeight/2
	if l.tall {
		const low, high = sealDisc + 5, sealRim - 6
		size = math.Min(size, (high-low)/(l.ascent+l.descent))
		radius = (low+high)/2 + (l.descent-l.ascent)/2*size
	}
	p := &path{}
	p.arc(l, centre, centre, radius, size)
	c.fill(p, f.paper, "issuer")
	return l.width * size / rimRadius
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

// drawFlourish joins the issuer and the marks with a fine line on either side.
func drawFlourish(c *canvas, f family, written, marks float64) {
	from := math.Max(0.12, marks*marksStep/2+0.06)
	to := math.Pi - written/2 - 0.12
	p, ends := &path{}, &path{}
	for _, side := range []float64{-1, 1} {
		p.bow(centre, centre, marksFrom, math.Pi/2+side*from, math.Pi/2+side*to)
		sin, cos := math.Sincos(math.Pi/2 + side*to)
		star(ends, centre+marksFrom*cos, centre+marksFrom*sin, 6, 3.4, 4)
	}
	c.stroke(p, f.metal, 1.4, "")
	c.fill(ends, f.metal, "")
}

// bow adds an open arc of a circle between two angles, clockwise from three o'clock.
func (p *path) bow(cx, cy, r, from, to float64) {
	pieces := int(math.Abs(to-from)/(math.Pi/4)) + 1
	step := (to - from) / float64(pieces)
	handle := r * 4 / 3 * math.Tan(step/4)
	sin0, cos0 := math.Sincos(from)
	p.move(cx+r*cos0, cy+r*sin0)
	for i := 1; i <= pieces; i++ {
		sin1, cos1 := math.Sincos(from + float64(i)*step)
		p.cube(
			cx+r*cos0-handle*sin0, cy+r*sin0+handle*cos0,
			cx+r*cos1+handle*sin1, cy+r*sin1-handle*cos1,
			cx+r*cos1, cy+r*sin1,
		)
		sin0, cos0 = sin1, cos1
	}
}

// drawMarks sets one to three stars for the level, a lozenge when there is none;
// at gives the place of the i-th, counted from the middle.
func drawMarks(c *canvas, d Design, f family, at func(i float64) (x, y float64)) {
	p := &path{}
	n := d.marks()
	for i := range n {
		x, y := at(float64(n-1)/2 - float64(i))
		star(p, x, y, 19, 8.5, 5)
	}
	if n == 0 {
		x, y := at(0)
		star(p, x, y, 13, 6.5, 4)
	}
	c.fill(p, f.metal, "level")
}

// emblem stands in for a title that cannot be drawn: the code, or a star.
func emblem(c *canvas, d Design, ink colour) {
	if code, ok := d.Fonts.drawable(d.Code); ok {
		b := fit(code, region{fonts: d.Fonts, cx: centre, cy: centre, half: disc(centre, 180), max: 92, min: 20, lines: 2})
		c.fill(b.centred(), ink, "code")
		return
	}
	p := &path{}
	star(p, centre, centre, 105, 44, 8)
	c.fill(p, ink, "emblem")
}

// ring is a full circle about the middle of the picture.
func ring(r float64) *path {
	p := &path{}
	p.circle(centre, centre, r)
	return p
}

// circle adds a full circle, clockwise on the screen.
func (p *path) circle(cx, cy, r float64) { p.wave(cx, cy, r, 0, 4, 0) }

// scallops adds a closed edge of n round bumps, whose valleys lie on radius r.
func scallops(p *path, r float64, n int) {
	step := 2 * math.Pi / float64(n)
	handle := r * step * 0.42
	lean := math.Pi / 3.2 // between the handles and the way ahead
	for i := range n {
		angle := step*float64(i) - math.Pi/2
		sin0, cos0 := math.Sincos(angle)
		sin1, cos1 := math.Sincos(step*float64((i+1)%n) - math.Pi/2)
		if i == 0 {
			p.move(centre+r*cos0, centre+r*sin0)
		}
		out, back := angle+math.Pi/2-lean, angle+step-math.Pi/2+lean
		p.cube(
			centre+r*cos0+handle*math.Cos(out), centre+r*sin0+handle*math.Sin(out),
			centre+r*cos1+handle*math.Cos(back), centre+r*sin1+handle*math.Sin(back),
			centre+r*cos1, centre+r*sin1,
		)
	}
	p.close()
}

// guilloche weaves lines that swing n times about a circle of radius r, as on
// banknotes.
func guilloche(c *canvas, r, swing float64, n, lines int, ink colour, width float64) {
	p := &path{}
	for k := range lines {
		p.wave(centre, centre, r, swing, n, float64(k)/float64(lines))
	}
	c.stroke(p, ink, width, "")
}

// star adds a star of n points, one of them up.
func star(p *path, cx, cy, outer, inner float64, n int) {
	points := make([]point, 0, 2*n)
	for i := range 2 * n {
		r := outer
		if i%2 == 1 {
			r = inner
		}
		sin, cos := math.Sincos(math.Pi*float64(i)/float64(n) - math.Pi/2)
		points = append(points, point{cx + r*cos, cy + r*sin})
	}
	p.polygon(points...)
}

// box4 is an upright rectangle.
func box4(x0, y0, x1, y1 float64) *path {
	p := &path{}
	p.polygon(point{x0, y0}, point{x1, y0}, point{x1, y1}, point{x0, y1})
	return p
}

// arcHandle is the length of a cubic's handle for a quarter circle of radius 1.
const arcHandle = 0.5523

// panel is a rectangle whose corners are bitten out with radius r, as on banknotes.
func panel(x0, y0, x1, y1, r float64) *path {
	p := &path{}
	h := r * arcHandle
	p.move(x0+r, y0)
	p.line(x1-r, y0)
	p.cube(x1-r, y0+h, x1-h, y0+r, x1, y0+r)
	p.line(x1, y1-r)
	p.cube(x1-h, y1-r, x1-r, y1-h, x1-r, y1)
	p.line(x0+r, y1)
	p.cube(x0+r, y1-h, x0+h, y1-r, x0, y1-r)
	p.line(x0, y0+r)
	p.cube(x0+h, y0+r, x0+r, y0+h, x0+r, y0)
	p.close()
	return p
}
