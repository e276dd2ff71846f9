package art

import "math"

// ring is a full circle about the middle of the picture.
func ring(r float64) *path {
	p := &path{}
	p.circle(centre, centre, r)
	return p
}

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

// perforated adds a square from low to high with n half-round holes on each side.
func perforated(p *path, low, high float64, n int) {
	pitch := (high - low) / float64(n)
	r := pitch * 0.3
	p.move(low, low)
	side := func(x, y, dx, dy float64) { // walks along (dx, dy); inside lies to the right
		for i := range n {
			m := pitch * (float64(i) + 0.5)
			at := func(along, in float64) (float64, float64) {
				return x + dx*(m+along) - dy*in, y + dy*(m+along) + dx*in
			}
			x0, y0 := at(-r, 0)
			p.line(x0, y0)
			h := r * arcHandle
			ax, ay := at(-r, h)
			bx, by := at(-h, r)
			mx, my := at(0, r)
			p.cube(ax, ay, bx, by, mx, my)
			ax, ay = at(h, r)
			bx, by = at(r, h)
			mx, my = at(r, 0)
			p.cube(ax, ay, bx, by, mx, my)
		}
		p.line(x+dx*(high-low), y+dy*(high-low))
	}
	side(low, low, 1, 0)
	side(high, low, 0, 1)
	side(high, high, -1, 0)
	side(low, high, 0, -1)
	p.close()
}
