package art

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

func TestKerning(t *testing.T) {
	f := builtIn()
	apart := f.set("A", 0).width + f.set("V", 0).width
	if got := f.set("AV", 0).width; got >= apart {
		t.Errorf("AV is %.3f em wide, want less than %.3f", got, apart)
	}
	if got, want := f.set("AV", 0.1).width, f.set("AV", 0).width+0.1; math.Abs(got-want) > 1e-9 {
		t.Errorf("letter-spaced AV is %.3f em wide, want %.3f", got, want)
	}
}

// debian is the folder of Debian's fonts; a machine without those that the tests need says so.
func debian(t testing.TB) *Fonts {
	t.Helper()
	f := NewFonts("/usr/share/fonts")
	for _, r := range "मไ山한" {
		if f.faceOf(r) == nil {
			t.Skipf("no font for %c: .ci/install test installs them", r)
		}
	}
	return f
}

// scripts are texts of every script that must be shown, and what a shaper makes of them.
var scripts = []struct {
	name, title, holder string
	embedded            bool // drawn without a folder
}{
	{"latin", "Données ouvertes", "Łukasz Żółć", true},
	{"vietnamese", "Nền tảng dữ liệu", "Nguyễn Thị Ánh", true},
	{"greek", "Θεμέλια δεδομένων", "Ελένη Παπαδοπούλου", true},
	{"cyrillic", "Основы данных", "Анна Иванова", true},
	{"arabic", "أساسيات البيانات", "محمد بن عبد الله", true},
	{"persian", "مبانی داده\u200cها", "زهرا می\u200cخواهد", true},
	{"vowels", "اَلْعَرَبِيَّةُ", "مُحَمَّد", true},
	{"hebrew", "יסודות הנתונים", "שָׁלוֹם כהן", true},
	{"georgian", "მონაცემთა საფუძვლები", "ნინო ბერიძე", true},
	{"armenian", "Տվյալների հիմունքներ", "Անի Պետրոսյան", true},
	{"devanagari", "डेटा की बुनियाद", "नरेन्द्र मोदी", false},
	{"bengali", "ডেটার মূলনীতি", "রবীন্দ্রনাথ ঠাকুর", false},
	{"tamil", "தரவு அடிப்படைகள்", "கண்ணன்", false},
	{"thai", "ความรู้พื้นฐานด้านข้อมูลสำหรับผู้เริ่มต้น", "สมชาย ใจดี", false},
	{"chinese", "数据基础与高级分析认证", "王小明", false},
	{"japanese", "山田データ基礎・クラウド管理者のための実践講座", "山田 太郎", false},
	{"korean", "데이터 기초 자격", "김민수", false},
	{"mixed", "Azure 管理者 (AZ-104) — أساسيات", "Ana 山田 محمد", false},
}

// TestScripts: the class of what went wrong when only one font was known. Every text is drawn whole, in the
// badge and on the card, whatever its script; nothing is drawn of what no font has, and then the code and
// the badge's address stand for it.
func TestScripts(t *testing.T) {
	every, few := debian(t), NewFonts("")
	drawn := map[string][]byte{} // pixels by their outlines: scripts that are embedded look the same with all fonts
	once := func(outlines []byte, draw func() ([]byte, error)) []byte {
		if drawn[string(outlines)] == nil {
			data, err := draw()
			if err != nil {
				t.Fatal(err)
			}
			drawn[string(outlines)] = data
		}
		return drawn[string(outlines)]
	}
	for i, s := range scripts {
		if _, ok := every.drawable(s.title); !ok {
			t.Errorf("%s: title cannot be drawn", s.name)
		}
		for name, f := range map[string]*Fonts{"all": every, "embedded": few} {
			want := f == every || s.embedded
			if _, ok := f.drawable(clean(s.holder, maxHolder)); ok != want {
				t.Errorf("%s: name can be drawn with %s fonts is %v, want %v", s.name, name, ok, want)
			}
			kind := []string{KindExam, KindCertification}[i%2]
			svg := Badge(Design{Title: s.title, Kind: kind, Issuer: s.holder, Code: "T-1", Fonts: f})
			if got := parse(t, svg).has("title"); got != want {
				t.Errorf("%s: badge with %s fonts has its title is %v, want %v", s.name, name, got, want)
			}
			parts := drawnParts(t, svg)
			for _, part := range []string{"title", "code", "issuer"} {
				for _, p := range parts[part].points {
					if why := outside(kind, part, p); why != "" {
						t.Errorf("%s: %s at (%.1f, %.1f) %s", s.name, part, p.x, p.y, why)
						break
					}
				}
			}
			png := once(svg, func() ([]byte, error) { return PNG(svg, 400) })
			keep(t, "script-"+s.name+"-"+name+".png", png)
			card := CardData{Badge: png, Holder: s.holder, Title: s.title, Issuer: s.title, Code: "T-1", Domain: "badges.acme.example", Page: "/badges/x7", Line: "2026", Fonts: f}
			outlines := card.outlines()
			keep(t, "card-"+s.name+"-"+name+".png", once(outlines, func() ([]byte, error) { return Card(card) }))
			for part, empty := range map[string]func(d *CardData){
				"title": func(d *CardData) { d.Title = "" }, "holder": func(d *CardData) { d.Holder = "" },
			} {
				without := card
				empty(&without)
				if bytes.Equal(without.outlines(), outlines) {
					t.Errorf("%s: the card with %s fonts says nothing of the %s", s.name, name, part)
				}
			}
		}
	}
}

// TestShaping: letters join, stack and run the other way as their script asks for.
func TestShaping(t *testing.T) {
	f := debian(t)
	if joined, apart := f.set("بيت", 0).width, f.set("ب", 0).width+f.set("ي", 0).width+f.set("ت", 0).width; joined > 0.9*apart {
		t.Errorf("arabic: %.2f em joined and %.2f apart: not joined", joined, apart)
	}
	if got := len(f.set("क्ष", 0).glyphs); got != 1 {
		t.Errorf("devanagari: %d glyphs of one conjunct", got)
	}
	first := func(s string) *glyph { return f.set(s, 0).glyphs[0].glyph }
	if first("אב") != first("ב") {
		t.Error("hebrew runs left to right")
	}
	if first("AB אב") != first("A") || first("אב AB") != first("A") {
		t.Error("latin in a line of hebrew stands on the wrong side")
	}
	if first("ที่") != first("ท") {
		t.Error("thai: the mark comes first")
	}
}

// TestNoTofu: a character that no font has is never drawn as a box, wherever it stands.
func TestNoTofu(t *testing.T) {
	f := debian(t)
	for _, s := range []string{"\U0001F393", "\U00013000", "a\u0300\u0331\u0489", "א\u0301", "山\uFE0F", "\U000E0041x", "ม\u0300", "\u0300a", "한\u0300", "x\u20E3", "₿ ⃝", "\U0002A6D6 山"} {
		text, ok := f.drawable(clean(s, 100))
		if !ok {
			continue
		}
		if _, whole := f.shape(text, 0); !whole {
			t.Errorf("%+q is drawn with a box", s)
		}
	}
}

// TestBreaks: a hyphen that the text does not have stands at the end of a line and nowhere else.
func TestBreaks(t *testing.T) {
	f := debian(t)
	for _, s := range []string{
		"Donaudampfschifffahrtsgesellschaftskapitän", "Donaudampfschifffahrtsgesellschaft Donaudampfschifffahrtsgesellschaft Rindfleischetikettierungsüberwachung",
		"Rind\u00ADfleisch\u00ADetikettierung Test", "山田データ基礎・クラウド管理者のための実践講座", "ความรู้พื้นฐานด้านข้อมูลสำหรับผู้เริ่มต้น", "Pre-Sales",
		strings.Repeat("بيت", 12), strings.Repeat("W", 200),
	} {
		words := splitWords(s, maxLines)
		if whole := joinWords(words, nil); whole != strings.ReplaceAll(s, "\u00AD", "") {
			t.Errorf("%q on one line is %q", s, whole)
		}
		for i := range words[:len(words)-1] {
			line, want := joinWords(words[:i+1], &words[i+1]), words[i].ending
			if words[i+1].glued && unspaced([]rune(s)[0]) && want != "" || !words[i+1].glued && strings.HasSuffix(line, "-") {
				t.Errorf("%q: a line ends as %q", s, line)
			}
		}
		b := fit(s, region{fonts: f, cx: 300, cy: 300, half: box(100, 500, 200), max: 80, min: 18, lines: maxLines})
		if len(b.lines) > maxLines || b.size <= 0 {
			t.Errorf("%q: %d lines of %.1f", s, len(b.lines), b.size)
		}
	}
}

// TestWorstTitle: the search for line breaks is bounded.
func TestWorstTitle(t *testing.T) {
	start := time.Now()
	Badge(Design{Title: strings.Repeat("WW ", 80), Kind: KindCertification, Issuer: strings.Repeat("W ", 80)})
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
