package openbadge

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		"too large":        {strings.Repeat(" ", MaxImage+1), nil, false},
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
