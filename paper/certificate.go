package paper

import (
	"strings"
	"time"

	"github.com/open-insignia/insignia/templates"
)

// Certificate is what is printed of a badge.
type Certificate struct {
	templates.Certificate
	Size    Size
	Program string
	Made    time.Time // when what it says was signed
	Picture []byte    // PNG of the badge
	QR      [][]bool  // of its address: rows of modules with their margin
}

// Colours of the pages (templates' stylesheet, light).
const (
	ink   = "#1A1F26"
	ink2  = "#535B66"
	hair  = "#DEDCD5"
	blue  = "#0B4F9E"
	amber = "#7A4B00"
)

// Styles of a certificate.
var (
	issuerStyle = style{bold, 15, ink2, 1.3}
	headStyle   = style{serif, 24, ink, 1.2}
	labelStyle  = style{sans, 12, ink2, 1.4}
	holderStyle = style{serif, 36, ink, 1.1}
	titleStyle  = style{serif, 24, ink, 1.15}
	factStyle   = style{sans, 13, ink, 1.35}
	codeStyle   = style{mono, 10, ink, 1.35}
	noteStyle   = style{sans, 10.5, ink, 1.4}
	linkStyle   = style{mono, 9, blue, 1.35}
	warnStyle   = style{bold, 11, amber, 1.35}
)

// Measures of a certificate in points.
const (
	band     = 8.0  // at the top of the frame
	inset    = 30.0 // of the frame
	sides    = 62.0 // of the text
	qrEdge   = 104.0
	badgeMin = 84.0
	badgeMax = 200.0
)

// Certificate draws a certificate on one sheet. Where no font can write a text of it, the error is a *NoFontError.
func (f *Fonts) Certificate(c Certificate) ([]byte, error) {
	w := c.Words()
	picture, err := readPicture(c.Picture)
	if err != nil {
		return nil, err
	}
	d := f.document(info{lang: c.Language(), title: w.DocumentTitle, author: c.Issuer.Value, program: c.Program, made: c.Made})
	defer d.done()
	p := d.newPage(c.Size)
	s := certificateSheet{d, p, c, w, p.width - 2*sides}
	p.ornament(func() {
		p.frame(hair, inset, inset, p.width-2*inset, p.height-2*inset, 1)
		p.fill(blue, inset, inset, p.width-2*inset, band)
	})
	foot := s.foot()
	s.body(picture, foot.top)
	foot.draw()
	return d.bytes()
}

// certificateSheet is a certificate being drawn.
type certificateSheet struct {
	*document
	p     *page
	c     Certificate
	w     templates.CertificateWords
	width float64
}

// part is a block with its element and the space above it. The one without a block is the picture.
type part struct {
	tag   string
	block *block
	above float64
}

// body is everything above the foot, in the middle of what is free there. Long names and titles are set smaller, and
// make the picture smaller at last.
func (s certificateSheet) body(picture picture, foot float64) {
	d, c, w := s.document, s.c, s.w
	parts := []part{
		{"P", d.set(c.Issuer.Value, c.Issuer.Lang, issuerStyle, s.width), 0},
		{"H1", d.set(w.Heading, "", headStyle, s.width), 4},
		{"Figure", nil, 24},
	}
	if w.Sandbox != "" {
		parts = append(parts, part{"P", d.set(w.Sandbox, "", warnStyle, s.width), 12})
	}
	if c.Holder != "" {
		parts = append(parts,
			part{"P", d.set(w.AwardedTo, "", labelStyle, s.width), 26},
			part{"P", d.fit(c.Holder, "", holderStyle, s.width, 2, 36, 32, 28, 24, 20, 17, 14, 12), 2})
	}
	parts = append(parts,
		part{"P", d.set(w.Kind, "", labelStyle, s.width), 22},
		part{"P", d.fit(c.Title.Value, c.Title.Lang, titleStyle, s.width, 3, 24, 21, 18, 16, 14, 12), 2})
	facts := s.facts()
	const aboveFacts = 30
	used := facts.height() + aboveFacts
	for _, part := range parts {
		used += part.above
		if part.block != nil {
			used += part.block.height()
		}
	}
	const clear = 24
	top := inset + band + clear
	free := foot - clear - top - used
	badge := min(badgeMax, max(badgeMin, free))
	y := top + max(0, (free-badge)/2)
	for _, part := range parts {
		y += part.above
		e := d.root.add(part.tag)
		if part.block == nil {
			e.alt = w.PictureAlt
			d.place(s.p, e, picture, (s.p.width-badge)/2, y, badge, badge)
			y += badge
			continue
		}
		y = d.put(s.p, e, part.block, sides, y, s.width, middle)
	}
	s.table(facts, y+aboveFacts)
}

// factTable are the dates and the number, each below its label.
type factTable struct{ labels, values []*block }

func (t factTable) height() (height float64) {
	rows := [2]float64{}
	for k := range t.labels {
		rows[0], rows[1] = max(rows[0], t.labels[k].height()), max(rows[1], t.values[k].height())
	}
	return rows[0] + rows[1]
}

func (s certificateSheet) facts() (t factTable) {
	column := s.width/3 - 8
	for _, fact := range [][2]string{{s.w.Earned, s.w.EarnedOn}, {s.w.Until, s.w.Expires}, {s.w.Number, s.c.Number}} {
		style := factStyle
		if fact[0] == s.w.Number {
			style = codeStyle
		}
		t.labels = append(t.labels, s.set(fact[0], "", labelStyle, column))
		t.values = append(t.values, s.set(fact[1], "", style, column))
	}
	return t
}

func (s certificateSheet) table(t factTable, y float64) {
	table := s.root.add("Table")
	column := s.width / 3
	for k, row := range [][]*block{t.labels, t.values} {
		tr, foot := table.add("TR"), y
		for n, b := range row {
			tag := "TH"
			if k == 1 {
				tag = "TD"
			}
			cell := tr.add(tag)
			if tag == "TH" {
				cell.attributes = "/A<</O/Table/Scope/Column>>"
			}
			foot = max(foot, s.put(s.p, cell, b, sides+float64(n)*column+4, y, column-8, middle))
		}
		y = foot
	}
}

// certificateFoot is where the badge can be checked, which may change after printing.
type certificateFoot struct {
	certificateSheet
	top     float64
	notes   []*block
	address *block
}

func (s certificateSheet) foot() certificateFoot {
	f := certificateFoot{certificateSheet: s}
	width := s.width - qrEdge - 16
	f.notes = []*block{s.set(s.w.Check, "", style{bold, 10.5, ink, 1.4}, width)}
	if s.w.Private != "" {
		f.notes = append(f.notes, s.set(s.w.Private, "", noteStyle, width))
	}
	f.address = s.set(templates.ShortAddress(s.c.URL), "", linkStyle, width)
	f.top = s.p.height - inset - 20 - max(qrEdge, f.height())
	return f
}

func (f certificateFoot) height() float64 {
	height := f.address.height() + 3
	for _, b := range f.notes {
		height += b.height() + 3
	}
	return height
}

func (f certificateFoot) draw() {
	f.p.ornament(func() { f.p.fill(hair, sides, f.top-10, f.width, 1) })
	code := f.root.add("Figure")
	code.alt = f.w.QRAlt
	f.modules(f.p, code, f.c.QR, sides-8, f.top, qrEdge)
	x, width := sides+qrEdge+8, f.width-qrEdge-16
	y := f.top + max(0, (qrEdge-f.height())/2)
	for _, b := range f.notes {
		y = f.put(f.p, f.root.add("P"), b, x, y, width, left) + 3
	}
	link := f.root.add("P").add("Link")
	foot := f.put(f.p, link, f.address, x, y, width, left)
	f.link(f.p, link, f.c.URL, strings.TrimSpace(f.w.Check), x, y, f.address.width(), foot-y)
}
