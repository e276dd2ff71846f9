package art

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func decode(t testing.TB, data []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestPNGSizes(t *testing.T) {
	limits := map[int]int{minSize: 1 << 10, 64: 5 << 10, 192: 25 << 10, 600: 110 << 10, maxSize: 500 << 10}
	for size, limit := range limits {
		for _, d := range []Design{samples[0], samples[3]} {
			if size == maxSize && d.Kind == KindExam {
				continue // slow, and the seal is the larger file
			}
			data, err := PNG(Badge(d), size)
			if err != nil {
				t.Fatal(err)
			}
			picture := decode(t, data)
			if got := picture.Bounds(); got != image.Rect(0, 0, size, size) {
				t.Errorf("%d: got bounds %v", size, got)
			}
			if len(data) > limit {
				t.Errorf("%d: %d bytes, want at most %d", size, len(data), limit)
			}
			if _, _, _, a := picture.At(0, 0).RGBA(); a != 0 && size >= 64 {
				t.Errorf("%d: corner is not transparent", size)
			}
			if _, _, _, a := picture.At(size/2, size/2).RGBA(); a != 0xFFFF {
				t.Errorf("%d: middle is not opaque", size)
			}
		}
	}
	for _, size := range []int{-1, 0, minSize - 1, maxSize + 1} {
		if _, err := PNG(Badge(samples[0]), size); err == nil {
			t.Errorf("%d pixels: no error", size)
		}
	}
}

// TestPNGColours: the flat inks survive the palette, at both ends of the scale.
func TestPNGColours(t *testing.T) {
	d := samples[1]
	f := familyOf(d.Code)
	for _, size := range []int{192, 600} {
		data, err := PNG(Badge(d), size)
		if err != nil {
			t.Fatal(err)
		}
		picture := decode(t, data)
		for at, want := range map[image.Point]colour{{X: 300, Y: 215}: f.paper, {X: 452, Y: 452}: f.ink} {
			got := color.NRGBAModel.Convert(picture.At(at.X*size/600, at.Y*size/600)).(color.NRGBA)
			if got != (color.NRGBA{want.r, want.g, want.b, 255}) {
				t.Errorf("%d px, %v: got %v, want %v", size, at, got, want)
			}
		}
	}
}

func TestPNGRefusesForeign(t *testing.T) {
	ours := string(Badge(samples[0]))
	if _, err := PNG([]byte(ours), 64); err != nil {
		t.Fatal(err)
	}
	const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600" role="img">`
	tests := map[string]string{
		"empty":        "",
		"text":         "badge",
		"truncated":    ours[:len(ours)/2],
		"two roots":    ours + ours,
		"tail":         ours + "<path/>",
		"other root":   `<html xmlns="http://www.w3.org/2000/svg"></html>`,
		"no namespace": `<svg viewBox="0 0 600 600"></svg>`,
		"use":          head + `<use href="#a"/></svg>`,
		"use itself":   head + `<g id="a"><use href="#a"/></g></svg>`,
		"style":        head + `<style>path{fill:red}</style></svg>`,
		"style attr":   head + `<path style="fill:red" d="M0 0Z"/></svg>`,
		"image":        head + `<image href="http://x.example/"/></svg>`,
		"script":       head + `<script>1</script></svg>`,
		"nested svg":   head + head + `</svg></svg>`,
		"doctype":      `<!DOCTYPE svg [<!ENTITY a "b">]>` + ours,
		"comment":      strings.Replace(ours, "<title>", "<!-- --><title>", 1),
		"instruction":  `<?xml-stylesheet href="x"?>` + ours,
		"transform":    head + `<path transform="scale(9)" d="M0 0Z"/></svg>`,
		"gradient":     head + `<path fill="url(#a)" d="M0 0Z"/></svg>`,
		"arc":          head + `<path d="M0 0A1 1 0 0 0 5 5"/></svg>`,
		"far":          head + `<path d="M0 0L99999 0Z"/></svg>`,
		"exponent":     head + `<path d="M0 0L9e9 0Z"/></svg>`,
		"odd count":    head + `<path d="M0 0L9Z"/></svg>`,
		"fat line":     head + `<path stroke-width="999" d="M0 0Z"/></svg>`,
		"dashes":       head + `<path stroke-dasharray="0.001" d="M0 0Z"/></svg>`,
		"huge":         ours + strings.Repeat(" ", maxSVG),
		"big viewBox":  strings.Replace(ours, "0 0 600 600", "0 0 60000 60000", 1),
		"zero viewBox": strings.Replace(ours, "0 0 600 600", "0 0 0 0", 1),
		"no viewBox":   strings.Replace(ours, `viewBox="0 0 600 600" `, "", 1),
		"baked":        strings.Replace(ours, "<title>", `<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">{}</o:credential><title>`, 1),
	}
	for name, svg := range tests {
		if _, err := PNG([]byte(svg), 64); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: got %v, want ErrForeign", name, err)
		}
	}
}

func FuzzBadge(f *testing.F) {
	for _, d := range samples {
		f.Add(d.Title, d.Kind, d.Level, d.Issuer, d.Code, d.Lang)
	}
	f.Add("\x00", "", "\xff", "]]>", "<", "\u202e")
	f.Fuzz(func(t *testing.T, title, kind, level, issuer, code, lang string) {
		d := Design{Title: title, Kind: kind, Level: level, Issuer: issuer, Code: code, Lang: lang}
		svg := Badge(d)
		parse(t, svg)
		if err := checkOwn(svg); err != nil {
			t.Error(err)
		}
		if d.Kind != KindCertification {
			d.Kind = KindExam
		}
		for part, drawn := range drawnParts(t, svg) {
			if part != "title" && part != "code" && part != "issuer" {
				continue
			}
			for _, p := range drawn.points {
				if why := outside(d.Kind, part, p); why != "" {
					t.Fatalf("%s at (%.1f, %.1f) %s", part, p.x, p.y, why)
				}
			}
		}
	})
}

func FuzzPNG(f *testing.F) {
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99" width="99" height="99"><title>t</title><desc/><path data-part="a" fill="#00ff00" d="M0 0Q1 1.5 -2 2L9 9Z"/></svg>`))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10"><path stroke="#000000" stroke-width="2" d="M0 0C1 1 2 2 3 3ZM1 1Z"/></svg>`))
	f.Fuzz(func(t *testing.T, svg []byte) {
		data, err := PNG(svg, 16)
		if err == nil {
			decode(t, data)
		}
	})
}
