package paper

// flow is a document whose text runs over as many sheets as it takes, from top to bottom.
type flow struct {
	*document
	size Size
	p    *page
	y    float64
	x    float64 // of the text
	wide float64
}

// Measures of running text in points.
const (
	margin   = 56.0
	footRoom = 30.0 // at the foot of each sheet
)

func (f *Fonts) flow(size Size, i info) *flow {
	w := &flow{document: f.document(i), size: size, x: margin}
	w.turn()
	w.wide = w.p.width - 2*margin
	return w
}

// turn begins a new sheet.
func (w *flow) turn() {
	w.p = w.newPage(w.size)
	w.y = margin
}

func (w *flow) bottom() float64 { return w.p.height - margin - footRoom }

// room begins a new sheet where less than that is left of this one.
func (w *flow) room(height float64) {
	if w.y+height > w.bottom() && w.y > margin {
		w.turn()
	}
}

// text writes a paragraph, over several sheets where one does not hold it.
func (w *flow) text(tag, text, lang string, s style) *element {
	e := w.root.add(tag)
	w.block(e, w.set(text, lang, s, w.wide))
	return e
}

func (w *flow) block(e *element, b *block) {
	for len(b.lines) > 0 {
		w.room(b.ascent + b.descent)
		fits := min(len(b.lines), max(1, 1+int((w.bottom()-w.y-b.ascent-b.descent)/b.step)))
		rest := *b
		rest.lines = b.lines[fits:]
		now := *b
		now.lines = b.lines[:fits]
		w.y = w.put(w.p, e, &now, w.x, w.y, w.wide, left)
		b = &rest
	}
}

// rule is a line that only looks.
func (w *flow) rule() {
	w.p.ornament(func() { w.p.fill(hair, w.x, w.y, w.wide, 0.75) })
	w.y += 4
}

// cell is what a table has in one place: paragraphs, of which one may be a link.
type cell struct {
	blocks []*block
	url    string // of the last
}

func (c cell) height() (height float64) {
	for _, b := range c.blocks {
		height += b.height()
	}
	return height
}

// flowTable is a table being drawn. Its head is said once and drawn again on each sheet.
type flowTable struct {
	*flow
	e       *element
	columns []float64 // widths
	head    []*block
}

const gutter = 12.0 // between columns

// columns are the widths of columns by their shares.
func (w *flow) columns(shares ...float64) (list []float64) {
	sum := 0.0
	for _, share := range shares {
		sum += share
	}
	for _, share := range shares {
		list = append(list, (w.wide-gutter*float64(len(shares)-1))*share/sum)
	}
	return list
}

func (w *flow) table(s style, columns []float64, head ...string) *flowTable {
	t := &flowTable{flow: w, e: w.root.add("Table"), columns: columns}
	for k, text := range head {
		t.head = append(t.head, w.set(text, "", s, columns[k]))
	}
	w.room(80)
	t.drawHead(t.e.add("TR"))
	return t
}

// drawHead draws the head into a row, or without one for the eye alone.
func (t *flowTable) drawHead(row *element) {
	x, foot := t.x, t.y
	for k, b := range t.head {
		if row == nil {
			t.p.ornament(func() { t.lines(t.p, b, x, t.y, t.columns[k], left) })
		} else {
			th := row.add("TH")
			th.attributes = "/A<</O/Table/Scope/Column>>"
			t.put(t.p, th, b, x, t.y, t.columns[k], left)
		}
		foot = max(foot, t.y+b.height())
		x += t.columns[k] + gutter
	}
	t.y = foot + 3
	t.rule()
}

// row draws a row on one sheet.
func (t *flowTable) row(cells ...cell) {
	height := 0.0
	for _, c := range cells {
		height = max(height, c.height())
	}
	before := t.p
	if t.room(height + 4); t.p != before {
		t.drawHead(nil)
	}
	tr, x := t.e.add("TR"), t.x
	for k, c := range cells {
		td, y := tr.add("TD"), t.y
		for n, b := range c.blocks {
			e := td.add("P")
			if c.url != "" && n == len(c.blocks)-1 && len(b.lines) > 0 {
				e = e.add("Link")
				foot := t.put(t.p, e, b, x, y, t.columns[k], left)
				t.link(t.p, e, c.url, b.text, x, y, b.width(), foot-y)
				y = foot
				continue
			}
			y = t.put(t.p, e, b, x, y, t.columns[k], left)
		}
		x += t.columns[k] + gutter
	}
	t.y += height + 4
	t.rule()
}

// feet writes at the foot of every sheet which document it is of, and which sheet of it.
func (w *flow) feet(s style, text string, pageOf func(page, pages int) string) {
	for k, p := range w.pages {
		p.ornament(func() {
			w.lines(p, w.set(text, "", s, w.wide*0.7), margin, p.height-margin-4, w.wide*0.7, left)
			w.lines(p, w.set(pageOf(k+1, len(w.pages)), "", s, w.wide*0.28), margin+w.wide*0.72, p.height-margin-4, w.wide*0.28, right)
		})
	}
}
