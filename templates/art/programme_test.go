package art

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
	"go.yaml.in/yaml/v3"
)

const sharedProgramme = "../../../shared/data/programme.yaml"

// programmes are the files whose badges must look right: the shared one and the
// samples that the program brings.
func programmes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../cmd/insignia/sample/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return append(files, sharedProgramme)
}

// text is one text or one for each language.
type text map[string]string

func (t *text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = text{"en": n.Value}
		return nil
	}
	return n.Decode((*map[string]string)(t))
}

type item struct {
	Code  string
	Name  text
	Level string
}

// designs reads every exam and certification of a programme, in every language.
func designs(t *testing.T, file string) []Design {
	t.Helper()
	data, err := os.ReadFile(file)
	if file == sharedProgramme && errors.Is(err, fs.ErrNotExist) {
		t.Skip("the shared folder is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Issuer                struct{ Name text }
		Exams, Certifications []item
	}
	if err := yaml.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	var out []Design
	add := func(kind string, items []item) {
		for _, x := range items {
			for lang, name := range x.Name {
				issuer := p.Issuer.Name[lang]
				if issuer == "" {
					issuer = p.Issuer.Name["en"]
				}
				out = append(out, Design{Title: name, Kind: kind, Level: x.Level, Issuer: issuer, Code: x.Code, Lang: lang})
			}
		}
	}
	add(KindExam, p.Exams)
	add(KindCertification, p.Certifications)
	return out
}

func TestProgrammeTitlesFit(t *testing.T) {
	for _, file := range programmes(t) {
		t.Run(file, func(t *testing.T) {
			all := designs(t, file)
			if len(all) == 0 {
				t.Fatal("no designs read")
			}
			for _, d := range all {
				checkInside(t, d)
			}
		})
	}
}

// checkInside looks at the outlines themselves: title, code and issuer lie inside
// the field that the shape gives them, and the title is all there.
func checkInside(t *testing.T, d Design) {
	t.Helper()
	parts := drawnParts(t, Badge(d))
	for _, part := range []string{"title", "code", "issuer"} {
		for _, p := range parts[part].points {
			if why := outside(d.Kind, part, p); why != "" {
				t.Errorf("%s %q: %s at (%.1f, %.1f) %s", d.Kind, d.Title, part, p.x, p.y, why)
				break
			}
		}
	}
	if got, want := parts["title"].contours, contoursOf(d.Title); got != want {
		t.Errorf("%s %q: %d contours drawn, want %d: the title was cut", d.Kind, d.Title, got, want)
	}
}

// contoursOf counts the closed curves that the letters of a text are made of.
func contoursOf(text string) int {
	n := 0
	for _, g := range builtIn().set(text, 0).glyphs {
		for _, s := range g.segments {
			if s.op == opentype.SegmentOpMoveTo {
				n++
			}
		}
	}
	return n
}

func outside(kind, part string, p point) string {
	far := math.Hypot(p.x-centre, p.y-centre)
	switch {
	case kind == KindCertification && part == "issuer" && (far < sealDisc+4 || far > sealRim-4):
		return "leaves the rim"
	case kind == KindCertification && part != "issuer" && far > sealDisc-10:
		return "leaves the disc"
	case kind == KindExam && part == "issuer" && (p.x < frameLow+12 || p.x > frameHigh-12 || p.y < frameLow+8 || p.y > panelTop-2):
		return "leaves the frame"
	case kind == KindExam && part != "issuer" && (p.x < panelLeft+14 || p.x > panelLeft+panelWide-14 || p.y < panelTop+10 || p.y > panelTop+panelHigh-10):
		return "leaves the panel"
	}
	return ""
}

// drawn is what one named path is made of.
type drawn struct {
	points   []point
	contours int
}

// drawnParts returns the points of every named path; control points included,
// which can only lie further out than the curve.
func drawnParts(t testing.TB, svg []byte) map[string]drawn {
	t.Helper()
	var doc struct {
		Paths []struct {
			Part string `xml:"data-part,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.NewDecoder(bytes.NewReader(svg)).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	parts := map[string]drawn{}
	for _, p := range doc.Paths {
		if p.Part == "" {
			continue
		}
		fields := strings.Fields(strings.Map(func(r rune) rune {
			if strings.ContainsRune("MLQCZ", r) {
				return ' '
			}
			return r
		}, p.D))
		d := parts[p.Part]
		d.contours += strings.Count(p.D, "M")
		for i := 0; i+1 < len(fields); i += 2 {
			x, err1 := strconv.ParseFloat(fields[i], 64)
			y, err2 := strconv.ParseFloat(fields[i+1], 64)
			if err1 != nil || err2 != nil {
				t.Fatalf("path data %q %q", fields[i], fields[i+1])
			}
			d.points = append(d.points, point{x, y})
		}
		parts[p.Part] = d
	}
	return parts
}
