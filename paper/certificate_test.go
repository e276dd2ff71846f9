package paper

import (
	"bytes"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/templates"
)

var look = flag.String("look", "", "also write the PDFs to this folder, to look at them")

// debian are the fonts of the program and of Debian; a machine without those that the tests need says so.
var debian = sync.OnceValue(func() *Fonts { return NewFonts("/usr/share/fonts") })

func needFonts(t testing.TB) {
	t.Helper()
	for _, r := range "मไ山한" {
		if debian().faceOf(serif, r) == nil {
			t.Skipf("no font for %c: .ci/install test installs them", r)
		}
	}
}

// badgePNG is a picture of few colours on nothing, as ours are.
func badgePNG() []byte {
	p := image.NewPaletted(image.Rect(0, 0, 600, 600), color.Palette{color.Transparent, color.RGBA{0x1D, 0x3F, 0x72, 255}, color.NRGBA{0xE3, 0xBE, 0x66, 128}})
	for y := range 600 {
		for x := range 600 {
			if d := (x-300)*(x-300) + (y-300)*(y-300); d < 250*250 {
				p.SetColorIndex(x, y, 1)
			} else if d < 290*290 {
				p.SetColorIndex(x, y, 2)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func squares() [][]bool {
	rows := make([][]bool, 33)
	for y := range rows {
		rows[y] = make([]bool, 33)
		for x := range rows[y] {
			rows[y][x] = x > 3 && y > 3 && x < 29 && y < 29 && (x*y+x)%3 == 0
		}
	}
	return rows
}

func certificate(lang, holder, title string) Certificate {
	return Certificate{
		Certificate: templates.Certificate{
			Lang: lang, Holder: holder, Title: templates.Text{Value: title}, Issuer: templates.Text{Value: "Northlight Institute"},
			Kind: "certification", EarnedOn: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), Expires: time.Date(2028, 3, 5, 0, 0, 0, 0, time.UTC),
			Number: "k4wq7m2x9c3v5b8n1z6t", URL: "https://badges.northlight.example/badges/k4wq7m2x9c3v5b8n1z6t",
		},
		Size: A4, Program: "Insignia", Made: time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC), Picture: badgePNG(), QR: squares(),
	}
}

// printed makes a certificate, and leaves it for looking at.
func printed(t testing.TB, name string, c Certificate) []byte {
	t.Helper()
	data, err := debian().Certificate(c)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if *look != "" {
		if err := os.WriteFile(filepath.Join(*look, name+".pdf"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// extracted is the text of a PDF as a foreign program reads it.
func extracted(t testing.TB, data []byte, more ...string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Fatal("pdftotext is missing: .ci/install test installs it")
	}
	c := exec.Command("pdftotext", append(more, "-enc", "UTF-8", "-", "-")...)
	var out, complaints bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(data), &out, &complaints
	if err := c.Run(); err != nil || complaints.Len() > 0 {
		t.Errorf("pdftotext: %v %s", err, complaints.String())
	}
	return out.String()
}

// spoken is the text of a PDF in the order of its structure, as screen readers have it.
func spoken(t testing.TB, data []byte) string {
	t.Helper()
	c := exec.Command("pdfinfo", "-struct-text", "-enc", "UTF-8", "-") // comes with pdftotext
	c.Stdin = bytes.NewReader(data)
	out, err := c.Output()
	if err != nil {
		t.Errorf("pdfinfo: %v", err)
	}
	return string(out)
}

// oneLine is text without the marks that readers put around directions, and without its line breaks.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != '\u200C' && r != '\u200D' {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

var scripts = []struct{ name, lang, holder, title string }{
	{"latin", "en", "Chloé Łukasz O’Neil-Ñuño", "Cloud Operator"},
	{"vietnamese", "en", "Nguyễn Thị Ánh", "Nền tảng dữ liệu"},
	{"greek", "en", "Ελένη Παπαδοπούλου", "Θεμέλια δεδομένων"},
	{"cyrillic", "fr", "Анна Иванова", "Основы данных"},
	{"arabic", "es", "محمد بن عبد الله", "أساسيات البيانات"},
	{"hebrew", "en", "שלום כהן", "יסודות הנתונים"},
	{"devanagari", "en", "नरेन्द्र क्षत्रिय किशोर", "डेटा की बुनियाद"},
	{"thai", "es", "สมชาย ใจดี", "ความรู้พื้นฐานด้านข้อมูล"},
	{"chinese", "fr", "王小明", "数据基础与高级分析认证"},
	{"japanese", "en", "山田太郎", "データ基礎・クラウド"},
	{"korean", "en", "김민수", "데이터 기초 자격"},
	{"mixed", "en", "Ana 山田 محمد (Ltd) शर्मा", "Azure 管理者 (AZ-104) أساسيات"},
}

// row 116: names in any script survive in the PDF; a reader that knows nothing of us gets the same text back.
// row 35: so does it get title, date and number.
func TestCertificateInEveryScript(t *testing.T) {
	needFonts(t)
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			data := printed(t, s.name, certificate(s.lang, s.holder, s.title))
			got := oneLine(extracted(t, data) + " " + spoken(t, data))
			for _, want := range []string{s.holder, s.title, "k4wq7m2x9c3v5b8n1z6t", "2026", "badges.northlight.example/badges/k4wq7m2x9c3v5b8n1z6t"} {
				if !strings.Contains(got, oneLine(want)) {
					t.Errorf("the text has no %q:\n%s", want, got)
				}
			}
			if len(data) > 150_000 {
				t.Errorf("%d bytes, want at most 150,000", len(data))
			}
			if again := printed(t, s.name, certificate(s.lang, s.holder, s.title)); !bytes.Equal(again, data) {
				t.Error("the same certificate has other bytes")
			}
		})
	}
}

// row 35: a name without a font is refused and never printed with gaps; the characters are named.
func TestCertificateWithoutAFont(t *testing.T) {
	for holder, want := range map[string]NoFontError{
		"Ea-nāṣir 𒂍𒀀": {Characters: []rune("𒂍𒀀"), Scripts: []string{"Xsux"}},
		"Zoë 🛰":       {Characters: []rune("🛰")},
		"a\uFFFFb":    {Characters: []rune("\uFFFF")},
	} {
		_, err := NewFonts("").Certificate(certificate("en", holder, "Cloud Operator"))
		var no *NoFontError
		if !errors.As(err, &no) || string(no.Characters) != string(want.Characters) || strings.Join(no.Scripts, " ") != strings.Join(want.Scripts, " ") {
			t.Errorf("%q: %v, want %v", holder, err, &want)
		}
	}
}

// Names as long as they may be stay on the sheet, whole.
func TestLongNames(t *testing.T) {
	needFonts(t)
	for name, holder := range map[string]string{
		"words": strings.TrimSpace(strings.Repeat("Maximiliane Ñuño ", 12))[:200], "unbroken": strings.Repeat("W", 200),
		"arabic": strings.TrimSpace(strings.Repeat("محمد بن عبد الله ", 12)), "han": strings.Repeat("山田太郎", 50),
	} {
		for _, size := range []Size{A4, Letter} {
			c := certificate("fr", holder, strings.TrimSpace(strings.Repeat("Gestionnaire de données certifié ", 5)))
			c.Size, c.Private, c.Sandbox = size, true, true
			data := printed(t, "long_"+name+"_"+string(size), c)
			width, height := size.points()
			got := strings.Join(strings.Fields(extracted(t, data, "-x", "30", "-y", "30", "-W", number(float64(int(width)-60)), "-H", number(float64(int(height)-60)), "-r", "72")), "")
			if want := strings.Join(strings.Fields(holder), ""); name != "arabic" && !strings.Contains(got, want) {
				t.Errorf("%s: the sheet does not have the name whole:\n%s", name, got)
			}
			if bytes.Count(data, []byte("/Type/Page/")) != 1 {
				t.Errorf("%s: not one page", name)
			}
		}
	}
}

// What strangers write neither ends a string of the file nor turns the line around it.
func TestHostileNames(t *testing.T) {
	c := certificate("en", "Bob)\\ >> endobj\x00\u202E gnp.evil\u2066", "Cloud <Operator> & ]TJ ET")
	c.URL = `https://badges.example/badges/a)(\`
	data := printed(t, "hostile", c)
	got := extracted(t, data)
	if want := `Bob)\ >> endobj gnp.evil`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if !bytes.Contains(data, []byte(`/URI(https://badges.example/badges/a\)\(\\)`)) {
		t.Error("the link is not as it was given")
	}
	c.Picture = []byte("no picture")
	if _, err := debian().Certificate(c); err == nil {
		t.Error("a picture that is none was printed")
	}
}

// Fonts are shared by all who print: many at once get what one alone gets.
func TestManyCertificatesAtOnce(t *testing.T) {
	needFonts(t)
	var wg sync.WaitGroup
	for _, s := range scripts {
		want := printed(t, s.name, certificate(s.lang, s.holder, s.title))
		for range 3 {
			wg.Go(func() {
				got, err := debian().Certificate(certificate(s.lang, s.holder, s.title))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: other bytes, %v", s.name, err)
				}
			})
		}
	}
	wg.Wait()
}

// A certificate takes 30 ms and 150 kB at most, one at a time and 20 at once.
func BenchmarkCertificate(b *testing.B) {
	needFonts(b)
	for _, s := range scripts {
		b.Run(s.name, func(b *testing.B) {
			c := certificate(s.lang, s.holder, s.title)
			b.ReportAllocs()
			for b.Loop() {
				data, err := debian().Certificate(c)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(data)), "B/file")
			}
		})
	}
	b.Run("20 at once", func(b *testing.B) {
		b.SetParallelism(20 / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			for k := 0; pb.Next(); k++ {
				s := scripts[k%len(scripts)]
				if _, err := debian().Certificate(certificate(s.lang, s.holder, s.title)); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
