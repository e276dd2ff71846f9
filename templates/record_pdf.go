package templates

import (
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

// PDF writes the record for printing and filing, on A4. The signed text also stands in the metadata in
// one piece, so that the file itself can be handed in again. The same record gives the same bytes.
func (p Record) PDF(w io.Writer) error {
	p.Lang = in(p.Lang).lang
	s := newSheet(p)
	s.answer()
	s.facts()
	s.steps()
	s.trust()
	if err := s.pdf.Output(w); err != nil {
		return fmt.Errorf("write record as PDF: %w", err)
	}
	return nil
}

const (
	margin   = 20.0 // millimetres
	labelled = 48.0 // width of the labels of facts
	aliasAll = "{all}"
)

// Families of type on the sheet.
const (
	sansType = "sans"
	monoType = "mono"
)

// ink are the colours of the pages, in which tones are printed.
var ink = map[string][3]int{
	"": {0x1A, 0x1F, 0x26}, "soft": {0x53, 0x5B, 0x66}, "hair": {0xDE, 0xDC, 0xD5}, "ok": {0x0B, 0x6B, 0x43}, "warn": {0x7A, 0x4B, 0x00},
	"bad": {0xA6, 0x1B, 0x1B}, "info": {0x0B, 0x4F, 0x9E}, "neutral": {0x4A, 0x52, 0x5C},
}

// sheet is a PDF being drawn.
type sheet struct {
	*catalogue
	p    Record
	pdf  *fpdf.Fpdf
	lost bool // a letter could not be printed
}

func newSheet(p Record) *sheet {
	s := &sheet{catalogue: in(p.Lang), p: p, pdf: fpdf.New("P", "mm", "A4", "")}
	f := s.pdf
	f.AddUTF8FontFromBytes(sansType, "", liberationsansregular.TTF)
	f.AddUTF8FontFromBytes(sansType, "B", liberationsansbold.TTF)
	f.AddUTF8FontFromBytes(monoType, "", liberationmonoregular.TTF)
	f.SetCatalogSort(true)
	f.SetCreationDate(p.CheckedAt)
	f.SetModificationDate(p.CheckedAt)
	f.SetLang(p.Lang)
	f.SetTitle(s.printable(s.text("record.h1")), true)
	f.SetAuthor(s.printable(p.Site), true)
	f.SetCreator(s.printable(p.Program), true)
	f.SetXmpMetadata(metadata(p))
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, margin+4)
	f.AliasNbPages(aliasAll)
	f.SetFooterFunc(s.foot)
	f.AddPage()
	s.line(sansType, "", 9, "soft", p.Site)
	s.line(sansType, "B", 20, "", s.text("record.h1"))
	f.Ln(3)
	return s
}

// recordMark stands before the signed text in the metadata of a PDF.
const recordMark = "insignia:record"

// metadata is an XMP packet with the signed text (ISO 16684-1).
func metadata(p Record) []byte {
	var title strings.Builder
	_ = xml.EscapeText(&title, []byte(in(p.Lang).text("record.h1")))
	return []byte(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:insignia="https://github.com/open-insignia/insignia#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title.String() + `</rdf:li></rdf:Alt></dc:title>
<` + recordMark + `>` + p.Signed + `</` + recordMark + `>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`)
}

// foot is on every page: which record, and which page of it.
func (s *sheet) foot() {
	f := s.pdf
	f.SetY(-margin + 4)
	s.style(sansType, "", 8, "soft")
	page := s.text("record.page_of", "page", small(f.PageNo()), "pages", aliasAll)
	f.CellFormat(0, 4, s.short(s.p.Fingerprint), "", 0, "L", false, 0, "")
	f.SetX(margin)
	f.CellFormat(0, 4, page, "", 0, "R", false, 0, "")
}

// short is the beginning of a fingerprint, enough to see which pages belong together.
func (s *sheet) short(fingerprint string) string {
	_, digits, _ := strings.Cut(fingerprint, ":")
	if _, err := hex.DecodeString(digits); err != nil || len(digits) < 16 {
		return ""
	}
	return "SHA-256 " + digits[:16] + "…"
}

func (s *sheet) style(family, weight string, points float64, tone string) {
	s.pdf.SetFont(family, weight, points)
	c := ink[tone]
	s.pdf.SetTextColor(c[0], c[1], c[2])
}

// line writes a paragraph across the sheet.
func (s *sheet) line(family, weight string, points float64, tone, text string) {
	s.style(family, weight, points, tone)
	s.pdf.MultiCell(0, points*0.48, s.printable(text), "", "L", false)
}

// answer is the verdict, with a bar in its colour and the word that tells the same.
func (s *sheet) answer() {
	f, text, look := s.pdf, s.p.Text(), s.p.Look()
	top := f.GetY()
	f.SetLeftMargin(margin + 6)
	f.SetXY(margin+6, top+1)
	s.line(sansType, "B", 14, tone(look), text.Headline)
	s.line(sansType, "", 10.5, "", text.Sentence)
	f.SetLeftMargin(margin)
	c := ink[tone(look)]
	f.SetFillColor(c[0], c[1], c[2])
	f.Rect(margin, top, 2, f.GetY()-top+1, "F")
	f.Ln(5)
}

// fact is a label with its value.
func (s *sheet) fact(key, value, family string) {
	if value == "" {
		return
	}
	f := s.pdf
	s.room(8)
	top := f.GetY()
	s.style(sansType, "", 9, "soft")
	f.MultiCell(labelled-4, 4.6, s.printable(s.text(key)), "", "L", false)
	end := f.GetY()
	f.SetLeftMargin(margin + labelled)
	f.SetXY(margin+labelled, top)
	s.style(family, "", 9.5, "")
	f.MultiCell(0, 4.6, s.printable(value), "", "L", false)
	f.SetLeftMargin(margin)
	f.SetXY(margin, max(f.GetY(), end)+0.8)
	s.rule()
}

// rule is a hair line.
func (s *sheet) rule() {
	c := ink["hair"]
	s.pdf.SetDrawColor(c[0], c[1], c[2])
	width, _ := s.pdf.GetPageSize()
	s.pdf.Line(margin, s.pdf.GetY(), width-margin, s.pdf.GetY())
	s.pdf.Ln(0.8)
}

// room begins a new page where less than that is left of this one.
func (s *sheet) room(millimetres float64) {
	_, height := s.pdf.GetPageSize()
	if s.pdf.GetY()+millimetres > height-margin-4 {
		s.pdf.AddPage()
	}
}

func (s *sheet) facts() {
	p := s.p
	s.fact("record.badge", p.Title, sansType)
	s.fact("record.issuer", p.Issuer, sansType)
	s.fact("result.issuer_id", p.IssuerID, monoType)
	s.fact("result.issued", s.date(p.IssuedOn), sansType)
	s.fact("result.expires", s.date(p.Expires), sansType)
	s.fact("record.badge_id", p.BadgeID, monoType)
	s.fact("result.format", s.formatName(p.Format), sansType)
	s.fact("record.person", s.text(map[bool]string{true: "record.person.asked", false: "record.person.not_asked"}[p.Asked]), sansType)
	s.fact("result.checked", s.moment(p.CheckedAt), sansType)
	s.fact("result.at", s.moment(p.At), sansType)
	s.fact("record.program", p.Program+", "+p.Site, sansType)
	s.fact("record.fingerprint", p.Fingerprint+"\n"+s.bytes(p.Size), monoType)
	s.pdf.Ln(4)
}

// outcomeTones colour the word of a step.
var outcomeTones = map[string]string{"pass": "ok", "fail": "bad", "warning": "warn", "unknown": "neutral", "skipped": "neutral"}

func (s *sheet) steps() {
	list := steps(s.p.Steps())
	if len(list) == 0 {
		return
	}
	s.room(30)
	s.line(sansType, "B", 13, "", s.text("result.checks"))
	s.pdf.Ln(1.5)
	for _, step := range list {
		s.step(step)
	}
	s.pdf.Ln(3)
}

// step is a question with its answer, codes and what the verifier says.
func (s *sheet) step(step Step) {
	f := s.pdf
	s.room(16)
	top := f.GetY()
	s.style(sansType, "B", 9.5, outcomeTones[step.Outcome])
	f.MultiCell(labelled-24, 4.6, s.printable(s.text("outcome."+step.Outcome)), "", "L", false)
	f.SetLeftMargin(margin + labelled - 24)
	f.SetXY(margin+labelled-24, top)
	question := s.stepWord("ask", step)
	if question == "" {
		question = step.Name
	}
	s.line(sansType, "B", 9.5, "", question)
	s.line(sansType, "", 9.5, "", strings.Join(s.answers(step), " "))
	s.line(sansType, "", 8, "soft", s.technical(step))
	f.SetLeftMargin(margin)
	f.SetX(margin)
	f.Ln(0.8)
	s.rule()
}

// technical is the step's name with the codes and sentences of the verifier.
func (s *sheet) technical(step Step) string {
	said := append([]string{step.Name}, step.Codes()...)
	for _, k := range step.Checks {
		if k.Detail != "" {
			said = append(said, k.Detail)
		}
	}
	if step.More > 0 {
		said = append(said, s.text("check.more", "n", s.count(step.More)))
	}
	return strings.Join(said, " · ")
}

func (s *sheet) trust() {
	s.room(50)
	s.line(sansType, "B", 13, "", s.text("record.trust"))
	s.pdf.Ln(1)
	s.line(sansType, "", 9.5, "", s.text("record.now"))
	s.line(sansType, "", 9.5, "", s.text("record.trust.text", "site", s.p.Site, "url", s.p.VerifyURL))
	s.pdf.Ln(1)
	s.fact("record.key", s.p.KeyURL, monoType)
	if s.lost {
		s.line(sansType, "", 8, "soft", s.text("record.glyphs"))
	}
	s.pdf.Ln(1)
	s.line(sansType, "B", 9.5, "", s.text("record.signed"))
	s.line(monoType, "", 6.5, "soft", s.p.Signed)
}

// noGlyph stands for a letter that the fonts of a PDF do not have. All of them have this one.
const noGlyph = '□'

// printedFonts are those in which words of strangers are printed.
var printedFonts = sync.OnceValue(func() (list []*sfnt.Font) {
	for _, data := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := sfnt.Parse(data)
		if err != nil {
			panic(err) // the fonts are compiled in
		}
		list = append(list, f)
	}
	return list
})

// printable is text as the sheet can print it: what its fonts do not have becomes noGlyph, and what
// steers the direction of writing is left out.
func (s *sheet) printable(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r) && r != '\u00a0':
			return ' '
		case !printed(&buffer, r):
			s.lost = true
			return noGlyph
		}
		return r
	}, text)
}

// printed reports whether all fonts have the letter. Those beyond the basic plane cannot be written.
func printed(buffer *sfnt.Buffer, r rune) bool {
	if r > 0xFFFF {
		return false
	}
	for _, f := range printedFonts() {
		if glyph, err := f.GlyphIndex(buffer, r); err != nil || glyph == 0 {
			return false
		}
	}
	return true
}
