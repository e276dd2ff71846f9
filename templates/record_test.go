package templates_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/sfnt"

	"github.com/go-fonts/liberation/liberationsansregular"

	"github.com/open-insignia/insignia/templates"
)

// recordExample is a record as it was just made.
func recordExample(lang string) templates.Record {
	r, _ := recordExamples(lang)[0].page.(templates.Record)
	return r
}

func pdfOf(t *testing.T, r templates.Record) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.PDF(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRecordPDF(t *testing.T) {
	for _, l := range templates.Languages {
		r := recordExample(l.Code)
		pdf := pdfOf(t, r)
		if !strings.HasPrefix(pdf, "%PDF-1.") || !strings.Contains(pdf, ">"+r.Signed+"<") || !strings.Contains(pdf, "/Lang") || strings.Count(pdf, "/ToUnicode") < 3 {
			t.Errorf("%s: no PDF with the signed text, its language and what its letters mean", l.Code)
		}
		if pdf != pdfOf(t, r) {
			t.Errorf("%s: the same record gives other bytes", l.Code)
		}
	}
}

// Hostile and long texts make a file all the same, and no letter is lost without a word.
func TestRecordPDFOfStrangers(t *testing.T) {
	r := recordExample("en")
	r.Title = "日本語 \U0001F600 \u202egnihton\x00 " + strings.Repeat("W", 500)
	r.Issuer, r.IssuerID, r.BadgeID = strings.Repeat("é ", 300), strings.Repeat("x", 2000), "\xff\xfe)(\\"
	r.At, r.Format = time.Time{}, "unheard of"
	for range 60 {
		r.Checks = append(r.Checks, templates.Check{Name: "endorsement", Outcome: "warning", Code: "STATUS", Detail: strings.Repeat("(detail) ", 60)})
	}
	r.Signed = strings.Repeat("eyJ", 40_000)
	program, err := exec.LookPath("pdftotext")
	pdf := pdfOf(t, r)
	if err != nil {
		t.Skip("pdftotext is absent: the words of the PDF were not read")
	}
	command := exec.Command(program, "-", "-")
	command.Stdin = strings.NewReader(pdf)
	out, err := command.Output()
	text := strings.Join(strings.Fields(string(out)), " ")
	if err != nil || !strings.Contains(text, "□□□ □ gnihton") || !strings.Contains(text, "□ stands for letters") || !strings.Contains(text, "And 48 more of this kind.") {
		t.Errorf("%v: %.3000s", err, text)
	}
}

// The letters of our own words are all there to be printed.
func TestFontsHaveOurLetters(t *testing.T) {
	f, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	var b sfnt.Buffer
	for _, r := range "□·…’«»áéíóúñüÁÉÍÓÚÑ¿¡ºàâçèêëîïôùûœÀÉÇŒ " {
		if glyph, err := f.GlyphIndex(&b, r); err != nil || glyph == 0 {
			t.Errorf("%q cannot be printed", r)
		}
	}
}

func FuzzRecordPDF(f *testing.F) {
	f.Add("Ana", "did:key:z6Mk", "note")
	f.Add("\xff", "\U0010ffff", "(\\)\n\r\t")
	f.Fuzz(func(t *testing.T, title, id, detail string) {
		r := recordExample("fr")
		r.Title, r.IssuerID, r.Program = title, id, detail
		r.Checks = []templates.Check{{Name: title, Outcome: id, Code: detail, Detail: detail}}
		_ = pdfOf(t, r)
	})
}
