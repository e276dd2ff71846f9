package art

import (
	"math"
)

// Measures of the stamp.
const (
	stampLow, stampHigh  = 16, 584 // paper
	frameLow, frameHigh  = 46, 554 // ink
	panelLeft, panelTop  = 64, 112 // paper in the frame
	panelWide, panelHigh = 600 - 2*panelLeft, 376
	longestCode          = 10 // longer ones are identifiers, not names
)

// drawStamp is the picture of an exam: a perforated stamp with the issuer above,
// the exam's code large and its title below.
func drawStamp(c *canvas, d Design) {
	f := familyOf(d.Code)
	edge := &path{}
	perforated(edge, stampLow, stampHigh, 17)
	c.fill(edge, f.paper, "shape")
	c.stroke(edge, mix(f.paper, f.ink, 70), 3, "edge")
	c.fill(box4(frameLow, frameLow, frameHigh, frameHigh), f.ink, "")
	c.stroke(box4(frameLow+6, frameLow+6, frameHigh-6, frameHigh-6), f.metal, 1.4, "")
	const right, low = panelLeft + panelWide, panelTop + panelHigh
	c.fill(panel(panelLeft, panelTop, right, low, 22), f.paper, "")
	c.stroke(panel(panelLeft+8, panelTop+8, right-8, low-8, 22), mix(f.paper, f.ink, 55), 1.4, "")
	guilloche(c, 120, 42, 18, 6, mix(f.paper, f.ink, 11), 1.1)
	if issuer, ok := d.Fonts.drawable(d.Issuer); ok {
		b := fit(d.Fonts.capitals(issuer, d.Lang), region{fonts: d.Fonts, cx: centre, cy: 82, half: box(50, 116, 225), max: 27, min: 13, lines: 1})
		c.fill(b.centred(), f.paper, "issuer")
	}
	drawMarks(c, d, f, func(i float64) (x, y float64) { return centre - i*46, 518 })
	drawLegend(c, d, f)
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

// drawLegend fills the panel: code and title, or whichever of them there is.
func drawLegend(c *canvas, d Design, f family) {
	const middle = panelTop + panelHigh/2
	const half, gap = 206, 38
	title, titled := d.Fonts.drawable(d.Title)
	code, coded := d.Fonts.drawable(d.Code)
	coded = coded && len([]rune(code)) <= longestCode
	if !titled {
		emblem(c, d, f.ink)
		return
	}
	room := box(panelTop+20, panelTop+panelHigh-20, half)
	if !coded {
		b := fit(title, region{fonts: d.Fonts, cx: centre, cy: middle, half: room, max: 84, min: 18, lines: maxLines})
		c.fill(b.centred(), f.ink, "title")
		return
	}
	head := fit(code, region{fonts: d.Fonts, cx: centre, cy: middle, half: room, max: 116, min: 20, lines: 1})
	rest := panelHigh - 40 - head.height() - 2*gap
	body := fit(title, region{fonts: d.Fonts, cx: centre, cy: middle, half: box(middle-rest/2, middle+rest/2, half), max: 58, min: 18, lines: maxLines})
	top := middle - (head.height()+2*gap+body.height())/2
	head.moveTo(top)
	rule(c, top+head.height()+gap, math.Min(half, 120), f)
	body.moveTo(top + head.height() + 2*gap)
	c.fill(head.centred(), f.ink, "code")
	c.fill(body.centred(), f.ink, "title")
}

// rule is the tapered line between code and title.
func rule(c *canvas, y, half float64, f family) {
	p := &path{}
	p.polygon(point{centre - half, y}, point{centre, y - 2}, point{centre + half, y}, point{centre, y + 2})
	star(p, centre, y, 9, 5, 4)
	c.fill(p, f.ink, "")
}
