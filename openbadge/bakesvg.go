package openbadge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// BakeSVG puts each badge into the SVG as the first children of its root, in the given order, and
// removes every older element of the same keywords, wherever it is (spec 2.0 section 9, spec 3.0
// section 11). Verify becomes the attribute of that name, Body a CDATA section. The prefix is always
// openbadges, since some readers look for the prefix instead of the namespace; both editions share
// it, so each element declares its own namespace, and the root declares that of the first badge
// unless it has the prefix already. All other bytes stay as they are: this is a splice, and what
// follows the root's start tag is not looked at when it cannot hold an older badge.
//
// Errors wrap ErrImage (what ExtractSVG refuses) or ErrBake (a badge that an SVG cannot carry: an
// unknown or repeated keyword, neither Verify nor Body, a character that XML does not have).
func BakeSVG(svg []byte, badges ...SVGBadge) ([]byte, error) {
	var fresh bytes.Buffer
	keywords := make([]string, 0, 2)
	for _, b := range badges {
		if svgElements[b.Keyword].Local == "" || slices.Contains(keywords, b.Keyword) || b.Verify+b.Body == "" || !xmlText(b.Verify) || !xmlText(b.Body) {
			return nil, fmt.Errorf("%w: element for keyword %.20q", ErrBake, b.Keyword)
		}
		keywords = append(keywords, b.Keyword)
		writeElement(&fresh, b)
	}
	cuts, err := findCuts(svg, keywords)
	if err != nil {
		return nil, err
	}
	if len(badges) == 0 {
		return slices.Clone(svg), nil
	}
	return cuts.splice(svg, fresh.Bytes(), svgElements[keywords[0]].Space), nil
}

// svgElements names the element that holds a badge of each keyword.
var svgElements = map[string]xml.Name{
	KeywordOB2: {Space: svgOB2, Local: "assertion"},
	KeywordOB3: {Space: svgOB3, Local: "credential"},
}

func writeElement(to *bytes.Buffer, b SVGBadge) {
	name := svgElements[b.Keyword]
	to.Grow(len(b.Verify) + len(b.Body) + 256)
	to.WriteString("<openbadges:" + name.Local + ` xmlns:openbadges="` + name.Space + `"`)
	if b.Verify != "" {
		to.WriteString(` verify="`)
		_ = xml.EscapeText(to, []byte(b.Verify)) // a bytes.Buffer takes everything
		to.WriteByte('"')
	}
	to.WriteByte('>')
	if b.Body != "" {
		// A CDATA section cannot hold its own end: it is closed between the brackets and opened again.
		to.WriteString("<![CDATA[")
		to.WriteString(strings.ReplaceAll(b.Body, "]]>", "]]]]><![CDATA[>"))
		to.WriteString("]]>")
	}
	to.WriteString("</openbadges:" + name.Local + ">")
}

// xmlText reports whether s survives being written into XML 1.0 and read back: Char (section 2.2)
// without CR, which a reader turns into LF.
func xmlText(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' && c != '\n' {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.Contains(s, "\uFFFE") && !strings.Contains(s, "\uFFFF")
}

// svgCuts says where a document is opened: nameEnd is the end of the root's name, tagEnd that of its
// start tag; old are the elements to leave out, from and to.
type svgCuts struct {
	nameEnd, tagEnd int
	declared, empty bool // the root takes no declaration of the prefix; the root has no end tag
	old             [][2]int
}

// findCuts walks over the document as ExtractSVG does, and no further than the root's start tag when
// the rest holds no name that an older badge would have.
func findCuts(svg []byte, keywords []string) (c svgCuts, err error) {
	if len(svg) > MaxImage {
		return c, fmt.Errorf("%w: larger than %d bytes", ErrImage, MaxImage)
	}
	w := svgWalk{d: xml.NewDecoder(bytes.NewReader(svg))}
	removed := 0 // depth of the element that is being left out, 0 for none
	for {
		from := int(w.d.InputOffset())
		token, err := w.d.Token()
		if errors.Is(err, io.EOF) && w.seen {
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("%w: SVG cannot be read", ErrImage)
		}
		root := !w.seen
		if err := w.take(token); err != nil {
			return c, err
		}
		to := int(w.d.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			if root {
				c.root(svg, from, to, t.Attr)
				if !mayHoldBadge(svg[to:], keywords) {
					return c, nil
				}
			}
			if t.Name.Space == "openbadges" {
				c.declared = true // a prefix without declaration: one on the root would make a badge of it
			}
			if removed == 0 && slices.ContainsFunc(keywords, func(k string) bool { return svgElements[k] == t.Name }) {
				removed = w.depth
				c.old = append(c.old, [2]int{from, to})
			}
		case xml.EndElement:
			if removed == w.depth+1 {
				removed = 0
				c.old[len(c.old)-1][1] = to
			}
		}
	}
}

func (c *svgCuts) root(svg []byte, from, to int, attributes []xml.Attr) {
	c.nameEnd = from + bytes.IndexAny(svg[from:to], " \t\r\n/>")
	c.tagEnd, c.empty = to, svg[to-2] == '/'
	c.declared = slices.ContainsFunc(attributes, func(a xml.Attr) bool {
		return a.Name == xml.Name{Space: "xmlns", Local: "openbadges"}
	})
}

// mayHoldBadge looks for the local names, which XML cannot write in any other way.
func mayHoldBadge(rest []byte, keywords []string) bool {
	return slices.ContainsFunc(keywords, func(k string) bool { return bytes.Contains(rest, []byte(svgElements[k].Local)) })
}

func (c *svgCuts) splice(svg, fresh []byte, namespace string) []byte {
	out := make([]byte, 0, len(svg)+len(fresh)+128)
	out = append(out, svg[:c.nameEnd]...)
	if !c.declared {
		out = append(append(append(out, ` xmlns:openbadges="`...), namespace...), '"')
	}
	if c.empty { // <svg/> opens, takes the badges, and ends under the name that it was written with
		name := svg[bytes.LastIndexByte(svg[:c.nameEnd], '<')+1 : c.nameEnd]
		out = append(append(append(out, svg[c.nameEnd:c.tagEnd-2]...), '>'), fresh...)
		out = append(append(append(out, "</"...), name...), '>')
		return append(out, svg[c.tagEnd:]...)
	}
	out = append(append(out, svg[c.nameEnd:c.tagEnd]...), fresh...)
	at := c.tagEnd
	for _, gap := range c.old {
		out = append(out, svg[at:gap[0]]...)
		at = gap[1]
	}
	return append(out, svg[at:]...)
}
