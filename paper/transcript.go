package paper

import (
	"time"

	"github.com/open-insignia/insignia/templates"
)

// Transcript is what is printed of a person's record.
type Transcript struct {
	templates.Transcript
	QR      [][]bool // of CheckURL, where a code leads there: rows of modules with their margin; nil: none
	Size    Size
	Program string
	Made    time.Time
}

// Styles of a transcript.
var (
	pageHead   = style{serif, 22, ink, 1.2}
	ownerStyle = style{serif, 26, ink, 1.15}
	partHead   = style{bold, 13, ink, 1.3}
	columnHead = style{bold, 9.5, ink2, 1.3}
	rowStyle   = style{sans, 10, ink, 1.35}
	rowTitle   = style{bold, 10.5, ink, 1.35}
	rowNote    = style{sans, 9.5, ink2, 1.35}
	rowCode    = style{mono, 8.5, blue, 1.35}
	footStyle  = style{sans, 8.5, ink2, 1.3}
)

// Transcript draws a transcript on as many sheets as it takes. Where no font can write a text of it, the error is a
// *NoFontError.
func (f *Fonts) Transcript(t Transcript) ([]byte, error) {
	words := t.Words()
	d := f.flow(t.Size, info{lang: t.Language(), title: words.DocumentTitle, author: t.Site, program: t.Program, made: t.Made})
	defer d.done()
	w := transcriptSheets{d, words}
	w.text("P", t.Site, "", rowNote)
	w.text("H1", words.Heading, "", pageHead)
	w.y += 6
	if t.Name != "" {
		w.block(w.root.add("P"), w.fit(t.Name, "", ownerStyle, w.wide, 2, 26, 22, 18, 15, 12))
		w.y += 2
	}
	w.text("P", words.Made, "", rowNote)
	w.y += 4
	w.certifications(words.Active, words.NoneActive, t.Active, false)
	if len(t.Past) > 0 {
		w.certifications(words.Past, "", t.Past, true)
	}
	if t.With.Exams {
		w.exams(t.Exams)
	}
	w.room(60)
	w.y += 8
	w.text("P", words.Check, "", rowStyle)
	link := w.root.add("P").add("Link")
	b := w.set(templates.ShortAddress(t.CheckURL), "", linkStyle, w.wide)
	y := w.y
	w.block(link, b)
	w.link(w.p, link, t.CheckURL, words.Check, w.x, y, b.width(), w.y-y)
	if t.QR != nil {
		w.room(qrEdge + 8)
		code := w.root.add("Figure")
		code.alt = words.QRAlt
		w.modules(w.p, code, t.QR, w.x-8, w.y+8, qrEdge)
		w.y += qrEdge + 8
	}
	w.feet(footStyle, words.DocumentTitle, t.PageOf)
	return w.bytes()
}

// transcriptSheets is a transcript being drawn.
type transcriptSheets struct {
	*flow
	words templates.TranscriptWords
}

func (w transcriptSheets) part(heading string) {
	w.y += 16
	w.room(110) // with the head of the table and a row
	w.text("H2", heading, "", partHead)
	w.y += 4
}

func (w transcriptSheets) certifications(heading, none string, list []templates.TranscriptBadge, past bool) {
	w.part(heading)
	if len(list) == 0 {
		w.text("P", none, "", rowStyle)
		return
	}
	columns := w.columns(4, 3.5, 3.5, 3.3)
	t := w.table(columnHead, columns, w.words.Certification, w.words.Earned, w.words.Until, w.words.Number)
	for _, b := range list {
		title := cell{blocks: []*block{w.set(b.Name.Value, b.Name.Lang, rowTitle, columns[0]), w.set(b.Code, "", rowNote, columns[0])}}
		if b.Renewed != "" {
			title.blocks = append(title.blocks, w.set(b.Renewed, "", rowNote, columns[0]))
		}
		until := cell{blocks: []*block{w.set(b.Until, "", rowStyle, columns[2])}}
		if past {
			until.blocks = append(until.blocks, w.set(b.Standing, "", rowNote, columns[2]))
		}
		number := cell{blocks: []*block{w.set(b.Number, "", rowNote, columns[3])}}
		if b.URL != "" {
			number = cell{url: b.URL, blocks: []*block{w.set(b.Number, "", rowCode, columns[3])}}
		}
		t.row(title, cell{blocks: []*block{w.set(b.Earned, "", rowStyle, columns[1])}}, until, number)
	}
}

func (w transcriptSheets) exams(list []templates.TranscriptExam) {
	w.part(w.words.Exams)
	if len(list) == 0 {
		w.text("P", w.words.NoExams, "", rowStyle)
		return
	}
	columns := w.columns(6, 3.4, 4)
	t := w.table(columnHead, columns, w.words.Exam, w.words.Date, w.words.Partner)
	for _, e := range list {
		title := cell{blocks: []*block{w.set(e.Name.Value, e.Name.Lang, rowTitle, columns[0]), w.set(e.Code, "", rowNote, columns[0])}}
		if e.Score != "" {
			title.blocks = append(title.blocks, w.set(w.words.Score+": "+e.Score, "", rowNote, columns[0]))
		}
		if e.Note != "" {
			title.blocks = append(title.blocks, w.set(e.Note, "", rowNote, columns[0]))
		}
		t.row(title, cell{blocks: []*block{w.set(e.Date, "", rowStyle, columns[1])}}, cell{blocks: []*block{w.set(e.Partner, "", rowStyle, columns[2])}})
	}
}
