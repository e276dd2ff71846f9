package openbadge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestExtractSVG(t *testing.T) {
	const ns2, ns3 = `xmlns:openbadges="http://openbadges.org"`, `xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
	in := func(attributes, body string) string {
		return `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `>` + body + `<path d="M0 0"/></svg>`
	}
	for name, c := range map[string]struct {
		svg  string
		want []SVGBadge
		ok   bool
	}{
		"none":             {in("", ""), nil, true},
		"2.0 hosted":       {in(ns2, `<openbadges:assertion verify="https://x.test/a"><![CDATA[{"a":"<&>"}]]></openbadges:assertion>`), []SVGBadge{{KeywordOB2, "https://x.test/a", `{"a":"<&>"}`}}, true},
		"2.0 signed":       {in(ns2, `<openbadges:assertion verify=" a.b.c "></openbadges:assertion>`), []SVGBadge{{KeywordOB2, "a.b.c", ""}}, true},
		"3.0":              {in(ns3, `<openbadges:credential>`+"\n <![CDATA[ {} ]]>\n"+`</openbadges:credential>`), []SVGBadge{{KeywordOB3, "", "{}"}}, true},
		"other prefix":     {in("", `<b:credential xmlns:b="https://purl.imsglobal.org/ob/v3p0" verify="a.b.c"/>`), []SVGBadge{{KeywordOB3, "a.b.c", ""}}, true},
		"escaped text":     {in(ns3, `<openbadges:credential>{&quot;a&quot;:&#34;&lt;&#34;}</openbadges:credential>`), []SVGBadge{{KeywordOB3, "", `{"a":"<"}`}}, true},
		"several pieces":   {in(ns3, `<openbadges:credential>{<!-- x --><![CDATA["a"]]>:1}</openbadges:credential>`), []SVGBadge{{KeywordOB3, "", `{"a":1}`}}, true},
		"deep inside":      {in(ns3, `<g><g><openbadges:credential verify="x"/></g></g>`), []SVGBadge{{KeywordOB3, "x", ""}}, true},
		"both editions":    {in("", `<a:assertion xmlns:a="http://openbadges.org" verify="1"/><b:credential xmlns:b="https://purl.imsglobal.org/ob/v3p0">2</b:credential>`), []SVGBadge{{KeywordOB2, "1", ""}, {KeywordOB3, "", "2"}}, true},
		"child text apart": {in(ns3, `<openbadges:credential>a<x>b<openbadges:credential>c</openbadges:credential></x>d</openbadges:credential>`), []SVGBadge{{KeywordOB3, "", "ad"}}, true},
		"other namespace":  {in(`xmlns:openbadges="https://evil.test"`, `<openbadges:assertion verify="x"/>`), nil, true},
		"name of 2 in 3":   {in(ns3, `<openbadges:assertion verify="x"/>`), nil, true},
		"foreign verify":   {in(ns3+` xmlns:e="https://evil.test"`, `<openbadges:credential e:verify="x"/>`), []SVGBadge{{KeywordOB3, "", ""}}, true},
		"no namespace":     {`<svg><credential/></svg>`, nil, true},
		"plain DOCTYPE":    {`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>`, nil, true},
		"own declarations": {`<!DOCTYPE svg [<!ENTITY a "b">]><svg/>`, nil, false},
		"entity":           {in(ns3, `<openbadges:credential>&a;</openbadges:credential>`), nil, false},
		"HTML":             {`<html><svg/></html>`, nil, false},
		"other svg":        {`<svg xmlns="https://evil.test"/>`, nil, false},
		"not closed":       {in("", "")[:40], nil, false},
		"nothing":          {``, nil, false},
		"text":             {`hello`, nil, false},
		"encoding":         {`<?xml version="1.0" encoding="ISO-8859-1"?><svg/>`, nil, false},
		"too deep":         {strings.Repeat("<svg>", 300) + strings.Repeat("</svg>", 300), nil, false},
		"too large":        {strings.Repeat(" ", maxImage+1), nil, false},
	} {
		got, err := ExtractSVG([]byte(c.svg))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrImage) || !cmp.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v, %v", name, got, err, c.want, c.ok)
		}
	}
}

func TestIsSVG(t *testing.T) {
	for data, want := range map[string]bool{
		`<svg/>`: true, "\n<?xml version=\"1.0\"?><!-- c --><!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'>": true, `<x:svg/>`: true,
		`<html><svg/></html>`: false, `{}`: false, ``: false, `a.b.c`: false, `<`: false,
	} {
		if got := IsSVG([]byte(data)); got != want {
			t.Errorf("%q: got %v, want %v", data, got, want)
		}
	}
}

func TestSharedSVG(t *testing.T) {
	for path, want := range map[string]string{
		"ob2/unbake-bakery-svg": KeywordOB2, "ob2/unbake-bakery-svg-unbaked": "", "ob2/bake-svg-none": "",
		"ob3/generated--svg-jwt": KeywordOB3, "ob3/java--simple-json.svg": KeywordOB3, "ob3/java--simple-jwt.svg": KeywordOB3,
	} {
		got, err := ExtractSVG(readCase(t, path+"/input.svg"))
		if err != nil || len(got) > 1 || len(got) == 1 && got[0].Keyword != want || (len(got) == 1) != (want != "") {
			t.Errorf("%s: got %v, %v; want %q", path, got, err, want)
		}
	}
}

const (
	open2 = `<openbadges:assertion xmlns:openbadges="http://openbadges.org"`
	open3 = `<openbadges:credential xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
	root2 = ` xmlns:openbadges="http://openbadges.org"`
	root3 = ` xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
)

func TestBakeSVG(t *testing.T) {
	signed2, body3 := SVGBadge{KeywordOB2, "a.b.c", ""}, SVGBadge{KeywordOB3, "", `{"a":"<&>"}`}
	element2, element3 := open2+` verify="a.b.c"></openbadges:assertion>`, open3+`><![CDATA[{"a":"<&>"}]]></openbadges:credential>`
	for name, c := range map[string]struct {
		svg    string
		badges []SVGBadge
		want   string
	}{
		"2.0": {
			"<?xml version=\"1.0\"?>\n<!-- <svg> -->\n<svg  xmlns='http://www.w3.org/2000/svg'\n width=\"1\"  >\n<path  d='M0 0'/>\n</svg>\n<!-- end -->\n",
			[]SVGBadge{signed2},
			"<?xml version=\"1.0\"?>\n<!-- <svg> -->\n<svg" + root2 + "  xmlns='http://www.w3.org/2000/svg'\n width=\"1\"  >" + element2 + "\n<path  d='M0 0'/>\n</svg>\n<!-- end -->\n",
		},
		"3.0":               {`<svg><g/></svg>`, []SVGBadge{body3}, `<svg` + root3 + `>` + element3 + `<g/></svg>`},
		"both":              {`<svg><g/></svg>`, []SVGBadge{signed2, body3}, `<svg` + root2 + `>` + element2 + element3 + `<g/></svg>`},
		"other order":       {`<svg><g/></svg>`, []SVGBadge{body3, signed2}, `<svg` + root3 + `>` + element3 + element2 + `<g/></svg>`},
		"none":              {`<svg><g/></svg>`, nil, `<svg><g/></svg>`},
		"empty root":        {`<svg/>`, []SVGBadge{signed2}, `<svg` + root2 + `>` + element2 + `</svg>`},
		"empty named root":  {`<s:svg xmlns:s="http://www.w3.org/2000/svg" /> `, []SVGBadge{signed2}, `<s:svg` + root2 + ` xmlns:s="http://www.w3.org/2000/svg" >` + element2 + `</s:svg> `},
		"prefix taken":      {`<svg xmlns:openbadges="https://x.test"><openbadges:a/></svg>`, []SVGBadge{signed2}, `<svg xmlns:openbadges="https://x.test">` + element2 + `<openbadges:a/></svg>`},
		"older one":         {`<svg` + root2 + `> ` + element2 + ` <g/></svg>`, []SVGBadge{signed2}, `<svg` + root2 + `>` + element2 + `  <g/></svg>`},
		"older, elsewhere":  {`<svg><g>1<credential xmlns="https://purl.imsglobal.org/ob/v3p0">x<g/></credential>2<c:credential xmlns:c="https://purl.imsglobal.org/ob/v3p0"/>3</g></svg>`, []SVGBadge{body3}, `<svg` + root3 + `>` + element3 + `<g>123</g></svg>`},
		"older inside":      {`<svg><o:assertion xmlns:o="http://openbadges.org"><o:assertion/><o:x/></o:assertion></svg>`, []SVGBadge{signed2}, `<svg` + root2 + `>` + element2 + `</svg>`},
		"other kind stays":  {`<svg` + root2 + `>` + element2 + `</svg>`, []SVGBadge{body3}, `<svg` + root2 + `>` + element3 + element2 + `</svg>`},
		"name without kind": {`<svg><assertion/><credential>x</credential></svg>`, []SVGBadge{signed2, body3}, `<svg` + root2 + `>` + element2 + element3 + `<assertion/><credential>x</credential></svg>`},
		"prefix unbound":    {`<svg><openbadges:credential>x</openbadges:credential></svg>`, []SVGBadge{body3}, `<svg>` + element3 + `<openbadges:credential>x</openbadges:credential></svg>`},
		"attribute":         {`<svg/>`, []SVGBadge{{KeywordOB2, `https://x.test/?a&b="<'`, ""}}, `<svg` + root2 + `>` + open2 + ` verify="https://x.test/?a&amp;b=&#34;&lt;&#39;"></openbadges:assertion></svg>`},
		"hosted":            {`<svg/>`, []SVGBadge{{KeywordOB2, `https://x.test`, "{}"}}, `<svg` + root2 + `>` + open2 + ` verify="https://x.test"><![CDATA[{}]]></openbadges:assertion></svg>`},
		"end of CDATA":      {`<svg/>`, []SVGBadge{{KeywordOB3, "", `["]]>",[[1]]]]>]`}}, `<svg` + root3 + `>` + open3 + `><![CDATA[["]]]]><![CDATA[>",[[1]]]]]]><![CDATA[>]]]></openbadges:credential></svg>`},
	} {
		got, err := BakeSVG([]byte(c.svg), c.badges...)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", name, err, got, c.want)
			continue
		}
		again, err := BakeSVG(got, c.badges...)
		if name != "older one" && (err != nil || string(again) != c.want) {
			t.Errorf("%s: baked twice: got %v\n%s", name, err, again)
		}
	}
}

func TestBakeSVGRefuses(t *testing.T) {
	badge := SVGBadge{KeywordOB3, "", "{}"}
	for name, c := range map[string]struct {
		svg    string
		badges []SVGBadge
		want   error
	}{
		"keyword":          {`<svg/>`, []SVGBadge{{"x", "", "{}"}}, ErrBake},
		"twice":            {`<svg/>`, []SVGBadge{badge, badge}, ErrBake},
		"empty":            {`<svg/>`, []SVGBadge{{KeywordOB3, "", ""}}, ErrBake},
		"control":          {`<svg/>`, []SVGBadge{{KeywordOB3, "", "\x01"}}, ErrBake},
		"carriage return":  {`<svg/>`, []SVGBadge{{KeywordOB3, "", "{\r\n}"}}, ErrBake},
		"no character":     {`<svg/>`, []SVGBadge{{KeywordOB3, "\uFFFF", ""}}, ErrBake},
		"no UTF-8":         {`<svg/>`, []SVGBadge{{KeywordOB3, "", "\xff"}}, ErrBake},
		"HTML":             {`<html/>`, []SVGBadge{badge}, ErrImage},
		"nothing":          {``, []SVGBadge{badge}, ErrImage},
		"declarations":     {`<!DOCTYPE svg [<!ENTITY a "b">]><svg/>`, []SVGBadge{badge}, ErrImage},
		"open end":         {`<svg><credential></svg>`, []SVGBadge{badge}, ErrImage},
		"cut off":          {`<svg`, []SVGBadge{badge}, ErrImage},
		"too deep":         {`<svg>` + strings.Repeat("<credential>", 300), []SVGBadge{badge}, ErrImage},
		"too large":        {strings.Repeat(" ", maxImage+1), []SVGBadge{badge}, ErrImage},
		"none, but no SVG": {`hello`, nil, ErrImage},
	} {
		if got, err := BakeSVG([]byte(c.svg), c.badges...); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if got, err := BakeSVG([]byte(`<svg/>`), SVGBadge{KeywordOB3, "", "\uFFFD"}); err != nil || !bytes.Contains(got, []byte("\uFFFD")) {
		t.Errorf("replacement character: got %q, %v", got, err)
	}
}

// A picture of the shared material keeps every byte of its own.
func TestBakeSharedSVG(t *testing.T) {
	for _, path := range []string{"ob2/unbake-bakery-svg-unbaked", "ob2/bake-svg-none", "ob2/unbake-bakery-svg", "ob3/generated--svg-jwt", "ob3/java--simple-json.svg"} {
		svg := readCase(t, path+"/input.svg")
		want := []SVGBadge{{KeywordOB2, "a.b.c", ""}, {KeywordOB3, "", `{"]]>":1}`}}
		baked, err := BakeSVG(svg, want...)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		got, err := ExtractSVG(baked)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: got %v, %v", path, got, err)
		}
		if before, after := withoutBadges(t, svg), withoutBadges(t, baked); before != after {
			t.Errorf("%s: picture changed:\n%s\n%s", path, before, after)
		}
	}
}

// withoutBadges is what an XML reader sees of the picture itself.
func withoutBadges(t *testing.T, svg []byte) string {
	t.Helper()
	var seen strings.Builder
	inside := 0
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return seen.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if inside > 0 || e.Name == svgElements[KeywordOB2] || e.Name == svgElements[KeywordOB3] {
				inside++
				continue
			}
			seen.WriteString(e.Name.Local)
			for _, a := range e.Attr {
				if a.Name.Local != "openbadges" {
					seen.WriteString(" " + a.Name.Local + "=" + a.Value)
				}
			}
		case xml.EndElement:
			inside = max(inside-1, 0)
		case xml.CharData:
			if inside == 0 {
				seen.Write(e)
			}
		}
	}
}

func TestBakeSVGIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("]>[<&\"'-!CDATA{}")), rapid.RuneFrom([]rune("aé漢😀\n\t"))))
		badge := SVGBadge{KeywordOB3, strings.TrimSpace(text.Draw(t, "verify")), strings.TrimSpace(text.Draw(t, "body"))}
		if badge.Verify+badge.Body == "" {
			return
		}
		baked, err := BakeSVG([]byte(`<svg><g/></svg>`), badge)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ExtractSVG(baked)
		if err != nil || !cmp.Equal(got, []SVGBadge{badge}) {
			t.Fatalf("got %v, %v", got, err)
		}
	})
}

func FuzzBakeSVG(f *testing.F) {
	for _, seed := range []string{
		`<svg/>`, `<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>`, `<svg` + root2 + `>` + open2 + ` verify="x"/></svg>`,
		`<svg><openbadges:credential>x</openbadges:credential></svg>`, `<svg>` + open3 + `><![CDATA[{}]]></openbadges:credential></svg>`, `<svg xmlns:openbadges='x'><a:credential xmlns:a="https://purl.imsglobal.org/ob/v3p0"><a:credential/></a:credential></svg>`,
	} {
		f.Add([]byte(seed), `{"a":"]]>"}`)
	}
	f.Fuzz(func(t *testing.T, svg []byte, body string) {
		body = strings.TrimSpace(body)
		badge := SVGBadge{KeywordOB3, "", body}
		_, readable := ExtractSVG(svg)
		baked, err := BakeSVG(svg, badge)
		if err != nil {
			return
		}
		got, err := ExtractSVG(baked)
		if readable == nil && (err != nil || len(got) == 0 || got[0] != badge) {
			t.Fatalf("got %v, %v from %q", got, err, baked)
		}
		for _, b := range got[min(1, len(got)):] {
			if b.Keyword == KeywordOB3 {
				t.Fatalf("an older badge is left in %q", baked)
			}
		}
	})
}
