package art

import (
	"bytes"
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestBadgeIsDeterministic(t *testing.T) {
	for _, d := range samples {
		want := Badge(d)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if !bytes.Equal(Badge(d), want) {
					t.Errorf("%s: two drawings differ", d.Title)
				}
			})
		}
		wg.Wait()
	}
	a, err := PNG(Badge(samples[0]), 192)
	if err != nil {
		t.Fatal(err)
	}
	b, err := PNG(Badge(samples[0]), 192)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two PNGs of one badge differ (%v)", err)
	}
}

type document struct {
	XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	ViewBox string   `xml:"viewBox,attr"`
	Role    string   `xml:"role,attr"`
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Title   string   `xml:"title"`
	Desc    string   `xml:"desc"`
	Paths   []struct {
		Part string `xml:"data-part,attr"`
	} `xml:"path"`
}

func (d document) has(part string) bool {
	for _, p := range d.Paths {
		if p.Part == part {
			return true
		}
	}
	return false
}

func parse(t testing.TB, svg []byte) document {
	t.Helper()
	var d document
	if err := xml.Unmarshal(svg, &d); err != nil {
		t.Fatalf("not well-formed: %v", err)
	}
	return d
}

func TestBadgeNamesItself(t *testing.T) {
	d := parse(t, Badge(Design{Title: `A <b> & "c"`, Kind: KindExam, Level: "expert", Issuer: "I & Co", Code: "X-1", Lang: "ES-mx"}))
	if d.ViewBox != "0 0 600 600" || d.Role != "img" || d.Lang != "es-MX" {
		t.Errorf("got viewBox %q role %q lang %q", d.ViewBox, d.Role, d.Lang)
	}
	if want := `A <b> & "c"`; d.Title != want {
		t.Errorf("title: got %q, want %q", d.Title, want)
	}
	if want := "X-1 · expert · I & Co"; d.Desc != want {
		t.Errorf("desc: got %q, want %q", d.Desc, want)
	}
	if got := parse(t, Badge(Design{Code: "C", Lang: "not a tag"})); got.Title != "C" || got.Lang != "" {
		t.Errorf("without title: got title %q, lang %q", got.Title, got.Lang)
	}
	if got := parse(t, Badge(Design{Issuer: "I"})); got.Title != "I" {
		t.Errorf("without title and code: got title %q", got.Title)
	}
}

func TestBadgeOfOtherScripts(t *testing.T) {
	tests := []struct {
		title, code string
		part        string // drawn in the middle
	}{
		{"Chloé", "", "title"},
		{"Ñuño", "", "title"},
		{"Łukasz Żółć", "", "title"},
		{"Ελληνικά", "", "title"},
		{"Инженер", "", "title"},
		{"Cloud ☁ Operator 🎓", "", "title"}, // symbols are dropped
		{"x\u0331 marks", "", "title"},
		{"山田太郎", "JP-1", "code"},
		{"العربية", "AR-1", "title"},
		{"עברית", "HE-1", "title"},
		{"Azure 管理者", "AZ-1", "code"}, // no half titles
		{"山田太郎", "山田", "emblem"},
		{"", "", "emblem"},
		{"\x00\u202e\xff", "", "emblem"},
		{"🎓", "", "emblem"},
	}
	for _, tt := range tests {
		for _, kind := range []string{KindExam, KindCertification, "else"} {
			svg := Badge(Design{Title: tt.title, Kind: kind, Code: tt.code, Issuer: tt.title})
			d := parse(t, svg)
			for _, part := range []string{"title", "code", "emblem"} {
				if got, want := d.has(part), part == tt.part; got != want && !(part == "code" && tt.part == "title") {
					t.Errorf("%s %q: %s drawn is %v, want %v", kind, tt.title, part, got, want)
				}
			}
			if _, err := PNG(svg, 64); err != nil {
				t.Errorf("%s %q: %v", kind, tt.title, err)
			}
		}
	}
}

func TestLongTextsStayInside(t *testing.T) {
	titles := []string{
		"W", strings.Repeat("W", 200), strings.Repeat("WWW ", 90), strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 2),
		strings.Repeat("illustrierte Wörter (und mehr), ", 9), "ÅÇ", "jgyq (jgyq)",
	}
	for _, kind := range []string{KindExam, KindCertification} {
		for _, title := range titles {
			d := Design{Title: title, Kind: kind, Code: "WWWWWWWWWW", Issuer: title}
			parts := drawnParts(t, Badge(d))
			for _, part := range []string{"title", "code", "issuer"} {
				if part != "code" && len(parts[part].points) == 0 {
					t.Errorf("%s %.20q: no %s", kind, title, part)
				}
				for _, p := range parts[part].points {
					if why := outside(kind, part, p); why != "" {
						t.Errorf("%s %.20q: %s at (%.1f, %.1f) %s", kind, title, part, p.x, p.y, why)
						break
					}
				}
			}
		}
	}
}

func TestShapeAndLevelDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, kind := range []string{KindExam, KindCertification} {
		for _, level := range []string{"", "Fundamentals", "associate", "EXPERT"} {
			d := Design{Title: "T", Kind: kind, Code: "C", Level: level}
			parts := drawnParts(t, Badge(d))
			if got, want := parts["level"].contours, max(1, d.marks()); got != want {
				t.Errorf("%s %q: %d marks, want %d", kind, level, got, want)
			}
			var key strings.Builder
			for _, p := range append(parts["shape"].points, parts["level"].points...) {
				key.Write(appendNumber(nil, p.x))
			}
			name := kind + " " + level
			if other, twice := seen[key.String()]; twice {
				t.Errorf("%q looks like %q", name, other)
			}
			seen[key.String()] = name
		}
	}
	if got := (Design{Level: "ninth dan"}).marks(); got != 0 {
		t.Errorf("unknown level: %d marks, want 0", got)
	}
}

func TestColours(t *testing.T) {
	used := map[colour]int{}
	for _, prefix := range []string{"AZ-", "MB-", "70-", "x"} {
		for n := 100; n < 200; n++ {
			used[familyOf(prefix+string(appendNumber(nil, float64(n)))).ink]++
		}
	}
	for i, ink := range inks {
		if c := contrast(ink, paper); c < 7 {
			t.Errorf("ink %v on paper: contrast %.1f, want 7", ink, c)
		}
		if c := contrast(ink, gold); c < 4.5 {
			t.Errorf("gold on ink %v: contrast %.1f, want 4.5", ink, c)
		}
		for _, other := range inks[:i] {
			if d := distance(ink, other); d < 24 {
				t.Errorf("inks %v and %v are %.0f apart, want 24", ink, other, d)
			}
		}
		if share := used[ink]; share < 400/len(inks)/2 {
			t.Errorf("ink %v used %d times of 400", ink, share)
		}
	}
	if familyOf("az-900") != familyOf("AZ-900") {
		t.Error("the case of a code changes its colour")
	}
}

// TestNeighboursDiffer: what is seen side by side is told apart by its colour: the codes of a series, and the
// certifications of the sample programme.
func TestNeighboursDiffer(t *testing.T) {
	for _, prefix := range []string{"AZ-", "NL-", "70-74", "x"} {
		for n := range 9 {
			if a, b := prefix+strconv.Itoa(n), prefix+strconv.Itoa(n+1); familyOf(a) == familyOf(b) {
				t.Errorf("%s and %s are both %v", a, b, familyOf(a).ink)
			}
		}
	}
	seen := map[colour]string{}
	for _, d := range designs(t, "../../cmd/insignia/sample/programme.yaml") {
		if ink := familyOf(d.Code).ink; d.Kind == KindCertification {
			if other, twice := seen[ink]; twice && other != d.Code {
				t.Errorf("%s and %s are both %v", other, d.Code, ink)
			}
			seen[ink] = d.Code
		}
	}
}

// TestEdgeIsSeen: the outline of every badge stands out from a white page, as WCAG 2.2, 1.4.11 asks of a graphic.
func TestEdgeIsSeen(t *testing.T) {
	edge := regexp.MustCompile(`data-part="(?:shape|edge)" d="[^"]*" (?:fill="none" stroke|fill)="#([0-9a-f]{6})"`)
	type look struct {
		ink  colour
		kind string
	}
	drawn := map[look]bool{}
	for n := range 200 {
		for _, kind := range []string{KindExam, KindCertification} {
			code := "E" + strconv.Itoa(n)
			if drawn[look{familyOf(code).ink, kind}] {
				continue
			}
			outermost := edge.FindAllStringSubmatch(string(Badge(Design{Title: "T", Kind: kind, Code: code})), -1)
			last := outermost[len(outermost)-1] // the line is drawn over the shape
			v, err := strconv.ParseUint(last[1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			if c := contrast(rgb(uint32(v)), rgb(0xFFFFFF)); c < 3 {
				t.Fatalf("%s %s: the edge #%s has contrast %.1f on white, want 3", kind, code, last[1], c)
			}
			drawn[look{familyOf(code).ink, kind}] = true
		}
	}
	if len(drawn) != 2*len(inks) {
		t.Errorf("saw %d inks on two shapes, want %d", len(drawn), 2*len(inks))
	}
}

func distance(a, b colour) float64 {
	d := func(x, y uint8) float64 { return float64(x) - float64(y) }
	return math.Sqrt(d(a.r, b.r)*d(a.r, b.r) + d(a.g, b.g)*d(a.g, b.g) + d(a.b, b.b)*d(a.b, b.b))
}

// contrast is the ratio of WCAG 2.2.
func contrast(a, b colour) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c colour) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}
