package art

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"
)

const vectorHead = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">`

func inVector(inside string) []byte { return []byte(vectorHead + inside + "</svg>") }

// What does more than draw, leads out of the picture or costs more than a picture may is refused, each with a sentence.
func TestHostileVectors(t *testing.T) {
	pixels := Badge(Design{Title: "A", Kind: KindExam, Code: "A-1"})
	for name, file := range map[string][]byte{
		"script":               inVector(`<script>alert(1)</script>`),
		"script in a group":    inVector(`<g><g><script href="https://evil.test/a.js"/></g></g>`),
		"use that loops":       inVector(`<g id="a"><use href="#a"/></g>`),
		"use of another file":  inVector(`<use xlink:href="https://evil.test/a.svg#b"/>`),
		"image":                inVector(`<image href="https://evil.test/a.png"/>`),
		"image inside":         inVector(`<image href="data:image/png;base64,AAAA"/>`),
		"foreign object":       inVector(`<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>`),
		"animate":              inVector(`<rect width="1"><animate attributeName="width" to="9"/></rect>`),
		"set":                  inVector(`<rect><set attributeName="href" to="javascript:alert(1)"/></rect>`),
		"style sheet":          inVector(`<style>rect{fill:url(https://evil.test/a)}</style>`),
		"import":               inVector(`<style>@import "https://evil.test/a.css"</style>`),
		"link":                 inVector(`<a href="javascript:alert(1)"><rect width="9"/></a>`),
		"filter":               inVector(`<filter id="f"><feImage href="https://evil.test/a"/></filter>`),
		"pattern":              inVector(`<pattern id="p"/>`),
		"nested svg":           inVector(`<svg/>`),
		"switch":               inVector(`<switch><rect/></switch>`),
		"fill from outside":    inVector(`<rect fill="url(https://evil.test/a#b)"/>`),
		"fill with spaces":     inVector(`<rect fill="URL( 'https://evil.test/a' )"/>`),
		"style from outside":   inVector(`<rect style="fill: url(//evil.test/a)"/>`),
		"style with an escape": inVector(`<rect style="fill:\75rl(https://evil.test)"/>`),
		"image set":            inVector(`<rect fill="image-set(x 1x)"/>`),
		"variable":             inVector(`<rect fill="var(--a)"/>`),
		"gradient elsewhere":   inVector(`<linearGradient xlink:href="https://evil.test/g#a"/>`),
		"document type":        []byte(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + string(inVector(``))),
		"entities":             []byte(`<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + string(inVector(`<text>&b;</text>`))),
		"unknown entity":       inVector(`<text>&b;</text>`),
		"deep":                 inVector(strings.Repeat("<g>", 40) + strings.Repeat("</g>", 40)),
		"deep in what is left": inVector(strings.Repeat(`<x xmlns="urn:x">`, 100000) + strings.Repeat("</x>", 100000)),
		"5,001 elements":       inVector(strings.Repeat("<g/>", 5000)),
		"large":                inVector(strings.Repeat(" ", vectorBytes)),
		"no size":              []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"size in per cent":     []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%"/>`),
		"not a number":         []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="NaN" height="1"/>`),
		"no name space":        []byte(`<svg viewBox="0 0 1 1"/>`),
		"html":                 []byte(`<html xmlns="http://www.w3.org/1999/xhtml"/>`),
		"cut off":              inVector(`<g>`),
		"two roots":            append(inVector(``), inVector(``)...),
		"another encoding":     []byte(`<?xml version="1.0" encoding="UTF-16"?>` + string(inVector(``))),
		"nothing":              nil,
		"text":                 []byte("no picture"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			svg, err := BroughtSVG(file, "A", pixels)
			if err == nil {
				t.Errorf("taken: %.300s", svg)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// What is left out does no harm, what draws stays, and writing it anew once more changes nothing.
func TestVectorIsWrittenAnew(t *testing.T) {
	pixels := Badge(Design{Title: "A", Kind: KindExam, Code: "A-1"})
	file := []byte(`<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="https://evil.test/a.css"?><!-- made by hand -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" width="20px" height="10" onload="alert(1)" class="x" data-x="y">
<title>Theirs</title><metadata>` + "\n<metadata>AAAA</metadata>\n" + `</metadata><inkscape:grid><path d="M0 0"/></inkscape:grid>
<defs><linearGradient id="a"><stop offset="0" style="stop-color:#f00;stop-opacity:.5;-evil:x"/></linearGradient><radialGradient id="b" xlink:href="#a"/></defs>
<g inkscape:label="layer" transform="translate(1,2) rotate(3)" onclick="alert(1)"><rect x="1" y="1" width="2" height="2" fill="url(#a)" style="stroke:rgb(1,2,3); background:url(https://evil.test)"/></g>
<text x="1" y="5" font-family="'Noto Sans', sans-serif">A &amp; B &lt;script&gt;<tspan>中</tspan></text></svg>`)
	svg, err := BroughtSVG(file, `Ours <"&`, pixels)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`viewBox="0 0 20 10"`, `<title>Ours &lt;&#34;&amp;</title>`, `stop-color="#f00"`, `stop-opacity=".5"`, `href="#a"`, `transform="translate(1,2) rotate(3)"`,
		`fill="url(#a)"`, `stroke="rgb(1,2,3)"`, `A &amp; B &lt;script&gt;<tspan>中</tspan>`, `font-family="&#39;Noto Sans&#39;, sans-serif"`,
	} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("%s is gone:\n%s", want, svg)
		}
	}
	for _, bad := range []string{"evil", "alert", "onload", "onclick", "Theirs", "inkscape", "stylesheet", "class", "data-x", "by hand", "<script", "background"} {
		if bytes.Contains(svg, []byte(bad)) {
			t.Errorf("%s is there:\n%s", bad, svg)
		}
	}
	again, err := BroughtSVG(svg, `Ours <"&`, pixels)
	if err != nil || !bytes.Equal(again, svg) {
		t.Errorf("%v: written once more it is\n%s", err, again)
	}
}

// Pixels come from the picture that stands for it, in every size, and never from the SVG itself: one that only looks like
// a brought one is refused as any other is.
func TestPixelsOfAVector(t *testing.T) {
	own := Badge(Design{Title: "A", Kind: KindExam, Code: "A-1"})
	var square bytes.Buffer
	if err := png.Encode(&square, image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.RGBA{200, 0, 0, 255}})); err != nil {
		t.Fatal(err)
	}
	red, err := Brought(square.Bytes(), "A")
	if err != nil {
		t.Fatal(err)
	}
	file := inVector(`<rect width="10" height="10" fill="#0000ff"/>`)
	for name, pixels := range map[string][]byte{"drawn": own, "beside": red} {
		svg, err := BroughtSVG(file, "A", pixels)
		if err != nil {
			t.Fatal(err)
		}
		got, err := PNG(svg, 64)
		want, _ := PNG(pixels, 64)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, other pixels than those that stand for it", name, err)
		}
		twice, err := BroughtSVG(file, "A", svg) // pixels of pixels
		if err != nil {
			t.Fatal(err)
		}
		if _, err := PNG(twice, 64); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: a picture within a picture: %v", name, err)
		}
	}
	for _, foreign := range []string{
		string(file), vectorHead + vectorOpen + "AAAA" + vectorClose + "</svg>", vectorHead + vectorOpen + "!" + vectorClose + "</svg>",
		vectorHead + "<g/>" + vectorOpen + "AAAA" + vectorClose + "</svg>", vectorHead + `<g id="a"><use href="#a"/></g></svg>`,
	} {
		if _, err := PNG([]byte(foreign), 64); !errors.Is(err, ErrForeign) {
			t.Errorf("%.200s: %v", foreign, err)
		}
	}
}

func FuzzBroughtSVG(f *testing.F) {
	f.Add(inVector(`<g transform="scale(2)"><path d="M0 0L1 1"/></g>`))
	f.Add(inVector(`<linearGradient id="a"><stop style="stop-color:red"/></linearGradient>`))
	pixels := Badge(Design{Title: "A", Kind: KindExam, Code: "A-1"})
	f.Fuzz(func(t *testing.T, file []byte) {
		svg, err := BroughtSVG(file, "A", pixels)
		if err != nil {
			return
		}
		again, err := BroughtSVG(svg, "A", pixels)
		if err != nil || !bytes.Equal(svg, again) {
			t.Fatalf("%v: %q became %q and then %q", err, file, svg, again)
		}
		if pixelsOf, ok := pixelsInside(svg); !ok || !bytes.Equal(pixelsOf, pixels) {
			t.Fatalf("the pixels of %q are lost", file)
		}
	})
}
