package paper

import (
	"encoding/xml"
	"strings"

	"github.com/open-insignia/insignia/templates"
)

// tones are the colours of the pages in which answers are printed.
var tones = map[string]string{
	"ok": "#0B6B43", "warn": "#7A4B00", "bad": "#A61B1B", "info": "#0B4F9E", "neutral": "#4A525C",
}

// Styles of a record.
var (
	answerStyle = style{bold, 14, ink, 1.3}
	factLabel   = style{sans, 9, ink2, 1.35}
	factValue   = style{sans, 9.5, ink, 1.35}
	factCode    = style{mono, 9, ink, 1.35}
	checkStyle  = style{bold, 9.5, ink, 1.35}
	smallStyle  = style{sans, 8, ink2, 1.35}
	signedStyle = style{mono, 6.5, ink2, 1.3}
)

// Record draws the record of a check. The signed text also stands in the metadata in one piece, so that the file itself
// can be handed in again. What strangers wrote in letters of no font here is printed with boxes in their place, and the
// sheet says so: the record is of a document that may say anything, and the signed text has it all.
func (f *Fonts) Record(r templates.RecordSheet) ([]byte, error) {
	d := f.flow(A4, info{lang: r.Lang, title: r.Title, author: r.Site, program: r.Program, made: r.CheckedAt, extra: signedMetadata(r.Signed)})
	defer d.done()
	d.boxes = true
	w := recordSheets{d, r}
	w.text("P", r.Site, "", factLabel)
	w.text("H1", r.Title, "", pageHead)
	w.y += 8
	w.answer()
	w.y += 10
	for _, fact := range r.Facts {
		w.fact(fact)
	}
	if len(r.Checks) > 0 {
		w.heading(r.ChecksTitle)
		for _, check := range r.Checks {
			w.check(check)
		}
	}
	w.heading(r.TrustTitle)
	for _, text := range r.Trust {
		w.text("P", text, "", factValue)
	}
	w.y += 4
	w.fact(r.Key)
	if w.lost {
		w.text("P", r.Lost, "", smallStyle)
	}
	w.y += 4
	w.room(40)
	w.text("H3", r.SignedTitle, "", checkStyle)
	w.code(r.Signed)
	w.feet(footStyle, r.Foot, r.PageOf)
	return w.bytes()
}

// signedMetadata is the signed text for the XMP packet.
func signedMetadata(signed string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(signed)) // a strings.Builder does not fail
	return `<insignia:record xmlns:insignia="https://github.com/open-insignia/insignia#">` + b.String() + "</insignia:record>\n"
}

// recordSheets is a record being drawn.
type recordSheets struct {
	*flow
	r templates.RecordSheet
}

func (w recordSheets) heading(text string) {
	w.y += 12
	w.room(90)
	w.text("H2", text, "", partHead)
	w.y += 4
}

// answer is the verdict, with a bar in its colour and the word that tells the same.
func (w recordSheets) answer() {
	head := answerStyle
	head.colour = tones[w.r.Tone]
	const aside = 16
	top, x, wide := w.y, w.x, w.wide
	w.x, w.wide = x+aside, wide-aside
	w.y += 2
	w.text("P", w.r.Headline, "", head)
	w.text("P", w.r.Sentence, "", rowStyle)
	w.y += 2
	w.p.ornament(func() { w.p.fill(tones[w.r.Tone], x, top, 5, w.y-top) })
	w.x, w.wide = x, wide
}

// aside writes paragraphs beside a label, and a line below both.
func (w recordSheets) aside(label *block, width float64, paragraphs ...*block) {
	w.room(max(label.height(), 26))
	sheet, top := w.p, w.y
	foot := w.put(w.p, w.root.add("P"), label, w.x, top, width, left)
	x, wide := w.x, w.wide
	w.x, w.wide = x+width+gutter, wide-width-gutter
	for _, b := range paragraphs {
		if len(b.lines) > 0 {
			w.block(w.root.add("P"), b)
		}
	}
	w.x, w.wide = x, wide
	if w.p == sheet {
		w.y = max(w.y, foot)
	}
	w.y += 3
	w.rule()
}

const (
	labelWidth   = 124.0
	outcomeWidth = 76.0
)

func (w recordSheets) fact(fact templates.SheetFact) {
	s := factValue
	if fact.Code {
		s = factCode
	}
	var values []*block
	for _, value := range fact.Values {
		values = append(values, w.set(value, "", s, w.wide-labelWidth-gutter))
	}
	w.aside(w.set(fact.Label, "", factLabel, labelWidth), labelWidth, values...)
}

func (w recordSheets) check(check templates.SheetCheck) {
	outcome, wide := checkStyle, w.wide-outcomeWidth-gutter
	outcome.colour = orElse(tones[check.Tone], ink)
	w.aside(w.set(check.Outcome, "", outcome, outcomeWidth), outcomeWidth,
		w.set(check.Question, "", checkStyle, wide), w.set(check.Answer, "", factValue, wide), w.set(check.Technical, "", smallStyle, wide))
}

// code writes text that is all one word, of letters that are all as wide, a sheet's worth at a time at most.
func (w recordSheets) code(text string) {
	e := w.root.add("P")
	const piece = 2000 // characters
	for len(text) > 0 {
		n := min(piece, len(text))
		w.block(e, w.set(text[:n], "", signedStyle, w.wide))
		text = text[n:]
	}
}
