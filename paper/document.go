package paper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// document is a PDF being made. Its origin is the top left corner, y grows downwards, in points.
type document struct {
	info
	fonts   *Fonts
	setter  *setter
	missing NoFontError
	boxes   bool // what no font has is printed as one, instead of being missing
	lost    bool // that happened

	objects  [][]byte // by number, from 1
	pages    []*page
	root     *element
	used     map[*typeface]*subset
	subsets  []*subset
	pictures []picture
	numbered int // annotations, each a key of the parent tree after those of pages
}

// info is what a document says about itself.
type info struct {
	lang, title, author, program string
	made                         time.Time
	extra                        string // XML for the metadata
}

// page is one sheet.
type page struct {
	number        int
	width, height float64
	content       bytes.Buffer
	marked        []*element // by number of marked content
	links         []*link
}

// element is a part of the document's structure: what it is, and in which order it is read.
type element struct {
	tag, lang, alt string
	attributes     string
	kids           []any // *element, content or *link
	object         int
}

// content is marked content of a page.
type content struct{ page, id int }

type link struct {
	url, title string
	box        [4]float64 // of PDF
	object     int
	key        int
	owner      *element
	page       *page
}

func (f *Fonts) document(i info) *document {
	return &document{info: i, fonts: f, setter: f.tools.Get().(*setter), root: &element{tag: "Document"}, used: map[*typeface]*subset{}}
}

// done gives back what others may use.
func (d *document) done() { d.fonts.tools.Put(d.setter) }

func (d *document) newPage(s Size) *page {
	p := &page{number: len(d.pages)}
	p.width, p.height = s.points()
	d.pages = append(d.pages, p)
	return p
}

// add puts an element below another.
func (e *element) add(tag string) *element {
	kid := &element{tag: tag}
	e.kids = append(e.kids, kid)
	return kid
}

// number writes hundredths of a point without trailing zeros.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64)
}

func numbers(list ...float64) string {
	texts := make([]string, len(list))
	for k, v := range list {
		texts[k] = number(v)
	}
	return strings.Join(texts, " ")
}

// colour is "#RRGGBB" as operands.
func colour(s string) string {
	rgb, err := hex.DecodeString(strings.TrimPrefix(s, "#"))
	if err != nil || len(rgb) != 3 {
		panic("paper: colour " + s)
	}
	list := make([]string, 3)
	for k, v := range rgb {
		list[k] = strconv.FormatFloat(math.Round(float64(v)/255*1000)/1000, 'f', -1, 64)
	}
	return strings.Join(list, " ")
}

// begin starts marked content that belongs to an element.
func (p *page) begin(e *element) {
	fmt.Fprintf(&p.content, "/%s <</MCID %d>> BDC\n", e.tag, len(p.marked))
	e.kids = append(e.kids, content{p.number, len(p.marked)})
	p.marked = append(p.marked, e)
}

func (p *page) end() { p.content.WriteString("EMC\n") }

// ornament draws what says nothing.
func (p *page) ornament(draw func()) {
	p.content.WriteString("/Artifact BMC\n")
	draw()
	p.end()
}

// fill paints a rectangle.
func (p *page) fill(c string, x, y, w, h float64) {
	fmt.Fprintf(&p.content, "%s rg %s re f\n", colour(c), numbers(x, p.height-y-h, w, h))
}

// frame draws along a rectangle.
func (p *page) frame(c string, x, y, w, h, thick float64) {
	fmt.Fprintf(&p.content, "%s RG %s w %s re S\n", colour(c), number(thick), numbers(x, p.height-y-h, w, h))
}

// Where lines stand in their width.
const (
	left   = 0.0
	middle = 0.5
	right  = 1.0
)

// put writes a block into an element with its top at y, and returns its foot.
func (d *document) put(p *page, e *element, b *block, x, y, width, align float64) float64 {
	if len(b.lines) == 0 {
		return y
	}
	if b.lang != "" {
		e.lang = b.lang
	}
	p.begin(e)
	d.lines(p, b, x, y, width, align)
	p.end()
	return y + b.height()
}

func (d *document) lines(p *page, b *block, x, y, width, align float64) {
	fmt.Fprintf(&p.content, "%s rg\n", colour(b.colour))
	for k, l := range b.lines {
		base := p.height - (y + b.ascent + float64(k)*b.step)
		from := x + (width-l.width*b.size)*align
		for r := range l.runs {
			d.show(p, &l.runs[r], from, base, b.size)
		}
	}
}

// show writes a run. Readers that turn right-to-left text themselves would turn what ActualText says once more, so
// that only runs from left to right have one.
func (d *document) show(p *page, r *run, x, y, size float64) {
	if len(r.glyphs) == 0 {
		return
	}
	s := d.subset(r.face)
	said := !r.exact && !r.rtl
	if said {
		fmt.Fprintf(&p.content, "/Span <</ActualText %s>> BDC\n", hexText(r.text))
	}
	fmt.Fprintf(&p.content, "BT /F%d %s Tf 1 0 0 1 %s Tm [", s.number, number(size), numbers(x+(r.left+r.glyphs[0].x)*size, y))
	pen, rise := r.glyphs[0].x, 0.0
	for _, g := range r.glyphs {
		if g.y != rise {
			rise = g.y
			fmt.Fprintf(&p.content, "]TJ %s Ts [", number(rise*size))
		}
		if back := math.Round((pen - g.x) * 1000); back != 0 {
			p.content.WriteString(number(back))
			pen -= back / 1000
		}
		id := s.take(drawn{g.id, g.text})
		fmt.Fprintf(&p.content, "<%04X>", id)
		pen += s.widths[id] / 1000
	}
	p.content.WriteString("]TJ")
	if rise != 0 {
		p.content.WriteString(" 0 Ts")
	}
	p.content.WriteString(" ET\n")
	if said {
		p.end()
	}
}

func (d *document) subset(t *typeface) *subset {
	s := d.used[t]
	if s == nil {
		s = newSubset(t, len(d.subsets)+1)
		d.used[t] = s
		d.subsets = append(d.subsets, s)
	}
	return s
}

// link makes what was last put into an element lead to an address.
func (d *document) link(p *page, e *element, url, title string, x, y, w, h float64) {
	l := &link{url: url, title: title, box: [4]float64{x, p.height - y - h, x + w, p.height - y}, key: d.numbered, owner: e, page: p}
	d.numbered++
	p.links = append(p.links, l)
	e.kids = append(e.kids, l)
}

// hexText is text as a PDF string.
func hexText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String() + ">"
}

// reserve takes a number for an object that is written later.
func (d *document) reserve() int {
	d.objects = append(d.objects, nil)
	return len(d.objects)
}

func (d *document) write(n int, format string, args ...any) int {
	d.objects[n-1] = fmt.Appendf(nil, format, args...)
	return n
}

func (d *document) object(format string, args ...any) int {
	return d.write(d.reserve(), format, args...)
}

// stream writes data, pressed where that is not done yet.
func (d *document) stream(dictionary string, data []byte, pressed bool) int {
	if !pressed {
		var b bytes.Buffer
		d.setter.zip.Reset(&b)
		_, _ = d.setter.zip.Write(data) // a bytes.Buffer does not fail
		_ = d.setter.zip.Close()
		data, dictionary = b.Bytes(), dictionary+"/Filter/FlateDecode"
	}
	return d.raw(dictionary, data)
}

func (d *document) raw(dictionary string, data []byte) int {
	n := d.object("<<%s/Length %d>>\nstream\n", dictionary, len(data))
	d.objects[n-1] = append(append(d.objects[n-1], data...), "\nendstream"...)
	return n
}

// bytes are the finished file. A text that no font can write is a *NoFontError.
func (d *document) bytes() ([]byte, error) {
	if len(d.missing.Characters) > 0 {
		return nil, &d.missing
	}
	catalog, tree, pages := d.reserve(), d.reserve(), d.reserve()
	resources := d.resources()
	pageObjects := make([]int, len(d.pages))
	for k := range d.pages {
		pageObjects[k] = d.reserve()
	}
	d.structure(tree, pageObjects)
	for k, p := range d.pages {
		body := d.stream("", p.content.Bytes(), false)
		var annotations strings.Builder
		for _, l := range p.links {
			d.write(l.object, "<</Type/Annot/Subtype/Link/Rect[%s]/Border[0 0 0]/F 4/StructParent %d/Contents%s/A<</S/URI/URI%s>>>>",
				numbers(l.box[:]...), len(d.pages)+l.key, hexText(l.title), literal(l.url))
			fmt.Fprintf(&annotations, " %d 0 R", l.object)
		}
		d.write(pageObjects[k], "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s]/Resources %d 0 R/Contents %d 0 R/Tabs/S/StructParents %d/Annots[%s]>>",
			pages, numbers(p.width, p.height), resources, body, k, annotations.String())
	}
	d.write(pages, "<</Type/Pages/Count %d/Kids[%s]>>", len(d.pages), references(pageObjects))
	metadata := d.raw("/Type/Metadata/Subtype/XML", d.metadata())
	d.write(catalog, "<</Type/Catalog/Pages %d 0 R/Lang%s/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>/StructTreeRoot %d 0 R/Metadata %d 0 R>>",
		pages, literal(d.lang), tree, metadata)
	about := d.object("<</Title%s/Author%s/Creator%s/Producer%s/CreationDate(D:%s)>>",
		hexText(d.title), hexText(d.author), hexText(d.program), hexText(d.program), d.made.UTC().Format("20060102150405Z"))
	return d.file(catalog, about), nil
}

func references(objects []int) string {
	list := make([]string, len(objects))
	for k, n := range objects {
		list[k] = strconv.Itoa(n) + " 0 R"
	}
	return strings.Join(list, " ")
}

// literal is ASCII text as a PDF string.
func literal(s string) string {
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s) + ")"
}

// resources are the fonts and pictures that pages use.
func (d *document) resources() int {
	var b strings.Builder
	b.WriteString("<</Font<<")
	for _, s := range d.subsets {
		fmt.Fprintf(&b, "/F%d %d 0 R", s.number, d.font(s))
	}
	b.WriteString(">>/XObject<<")
	for k, p := range d.pictures {
		fmt.Fprintf(&b, "/I%d %d 0 R", k+1, p.write(d))
	}
	return d.object("%s>>>>", b.String())
}

// font writes a subset.
func (d *document) font(s *subset) int {
	file := s.file()
	sum := sha256.Sum256(file)
	name := make([]byte, 6)
	for k := range name {
		name[k] = 'A' + sum[k]%26
	}
	full := string(name) + "+" + s.name
	m := s.metrics
	program := d.stream(fmt.Sprintf("/Length1 %d", len(file)), file, false)
	descriptor := d.object("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%s]/ItalicAngle 0/Ascent %s/Descent %s/CapHeight %s/StemV 80/FontFile2 %d 0 R>>",
		full, numbers(m.box[:]...), number(m.ascent), number(m.descent), number(m.capHeight), program)
	descendant := d.object("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[0[%s]]>>",
		full, descriptor, numbers(s.widths...))
	return d.object("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		full, descendant, d.stream("", s.toUnicode(), false))
}

// structure writes the tree of elements, and the way back to it from pages and links.
func (d *document) structure(tree int, pages []int) {
	var number func(e *element)
	number = func(e *element) {
		e.object = d.reserve()
		for _, kid := range e.kids {
			switch kid := kid.(type) {
			case *element:
				number(kid)
			case *link:
				kid.object = d.reserve()
			}
		}
	}
	number(d.root)
	d.element(d.root, tree, pages)
	var parents strings.Builder
	for k, p := range d.pages {
		owners := make([]int, len(p.marked))
		for n, e := range p.marked {
			owners[n] = e.object
		}
		fmt.Fprintf(&parents, "%d [%s] ", k, references(owners))
	}
	for _, p := range d.pages {
		for _, l := range p.links {
			fmt.Fprintf(&parents, "%d %d 0 R ", len(d.pages)+l.key, l.owner.object)
		}
	}
	parentTree := d.object("<</Nums[%s]>>", parents.String())
	d.write(tree, "<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>",
		d.root.object, parentTree, len(d.pages)+d.numbered)
}

func (d *document) element(e *element, parent int, pages []int) {
	var kids strings.Builder
	for _, kid := range e.kids {
		switch kid := kid.(type) {
		case *element:
			d.element(kid, e.object, pages)
			fmt.Fprintf(&kids, " %d 0 R", kid.object)
		case content:
			fmt.Fprintf(&kids, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[kid.page], kid.id)
		case *link:
			fmt.Fprintf(&kids, "<</Type/OBJR/Pg %d 0 R/Obj %d 0 R>>", pages[kid.page.number], kid.object)
		}
	}
	extra := e.attributes
	if e.lang != "" {
		extra += "/Lang" + literal(e.lang)
	}
	if e.alt != "" {
		extra += "/Alt" + hexText(e.alt)
	}
	d.write(e.object, "<</Type/StructElem/S/%s/P %d 0 R%s/K[%s]>>", e.tag, parent, extra, kids.String())
}

// metadata is the XMP packet (ISO 16684-1), which says that the file keeps to PDF/UA-1.
func (d *document) metadata() []byte {
	escaped := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
		return b.String()
	}
	return []byte(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + escaped(d.title) + `</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>` + escaped(d.author) + `</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>` + escaped(d.lang) + `</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>` + escaped(d.program) + `</xmp:CreatorTool><pdf:Producer>` + escaped(d.program) + `</pdf:Producer>
<xmp:CreateDate>` + d.made.UTC().Format(time.RFC3339) + `</xmp:CreateDate>
` + d.extra + `</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`)
}

// file puts the objects in a row. Its id follows from them: the same content has the same.
func (d *document) file(catalog, about int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	places := make([]int, len(d.objects))
	for k, body := range d.objects {
		places[k] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n", k+1)
		b.Write(body)
		b.WriteString("\nendobj\n")
	}
	sum := sha256.Sum256(b.Bytes())
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(d.objects)+1)
	for _, place := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", place)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%[4]X><%[4]X>]>>\nstartxref\n%[5]d\n%%%%EOF\n",
		len(d.objects)+1, catalog, about, sum[:16], start)
	return b.Bytes()
}
