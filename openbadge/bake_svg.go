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

// Namespaces of the element that a baked SVG carries (spec 3.0 section 11).
const (
	svgOB2 = "http://openbadges.org"
	svgOB3 = "https://purl.imsglobal.org/ob/v3p0"
	svgNS  = "http://www.w3.org/2000/svg"
)

const maxSVGDepth = 256

// SVGBadge is one badge found in an SVG: Keyword is KeywordOB2 or KeywordOB3, Verify the attribute of
// that name (a JWS; in 2.0 also the assertion's URL), Body the text inside, without white space
// around it.
type SVGBadge struct {
	Keyword string
	Verify  string
	Body    string
}

// ExtractSVG gives the badge elements of an SVG in document order. They are known by namespace and
// local name, whatever their prefix; CDATA and escaped text count alike. Declarations inside a DOCTYPE,
// an entity beyond the five of XML, an encoding other than UTF-8 and anything that is no SVG are
// errors, which wrap ErrImage; a DOCTYPE that only names the SVG DTD is passed over (drawing programs
// write it, and it is never fetched). No badge gives an empty list.
func ExtractSVG(svg []byte) ([]SVGBadge, error) {
	if len(svg) > maxImage {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrImage, maxImage)
	}
	w := svgWalk{d: xml.NewDecoder(bytes.NewReader(svg))}
	for {
		token, err := w.d.Token()
		if errors.Is(err, io.EOF) && w.seen {
			return w.badges, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: SVG cannot be read", ErrImage)
		}
		if err := w.take(token); err != nil {
			return nil, err
		}
	}
}

// IsSVG reports whether data looks like an SVG picture: XML whose first element is svg. It reads no
// further than that element.
func IsSVG(data []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(data[:min(len(data), 64<<10)]))
	for {
		token, err := d.RawToken()
		if err != nil {
			return false
		}
		if start, isStart := token.(xml.StartElement); isStart {
			return start.Name.Local == "svg"
		}
	}
}

// svgWalk follows the tokens of one document; at is the badge element that is open, if one is, and
// body its text so far (a hostile file cuts it into a million pieces).
type svgWalk struct {
	d      *xml.Decoder
	seen   bool
	depth  int
	at     *SVGBadge
	body   strings.Builder
	inside int
	badges []SVGBadge
}

func (w *svgWalk) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		if bytes.ContainsAny(t, "[]") || bytes.Contains(t, []byte("ENTITY")) {
			return fmt.Errorf("%w: SVG with declarations of its own", ErrImage)
		}
	case xml.StartElement:
		return w.start(t)
	case xml.EndElement:
		w.end()
	case xml.CharData:
		if w.at != nil && w.depth == w.inside {
			w.body.Write(t)
		}
	}
	return nil
}

func (w *svgWalk) start(t xml.StartElement) error {
	w.depth++
	if !w.seen && (t.Name.Local != "svg" || t.Name.Space != svgNS && t.Name.Space != "") || w.depth > maxSVGDepth {
		return fmt.Errorf("%w: no SVG", ErrImage)
	}
	w.seen = true
	keyword := ""
	switch t.Name {
	case xml.Name{Space: svgOB2, Local: "assertion"}:
		keyword = KeywordOB2
	case xml.Name{Space: svgOB3, Local: "credential"}:
		keyword = KeywordOB3
	}
	if keyword == "" || w.at != nil {
		return nil
	}
	w.at, w.inside = &SVGBadge{Keyword: keyword}, w.depth
	for _, a := range t.Attr {
		if a.Name.Local == "verify" && a.Name.Space == "" {
			w.at.Verify = strings.TrimSpace(a.Value)
		}
	}
	return nil
}

func (w *svgWalk) end() {
	if w.at != nil && w.depth == w.inside {
		w.at.Body = strings.TrimSpace(w.body.String())
		w.badges, w.at = append(w.badges, *w.at), nil
		w.body.Reset()
	}
	w.depth--
}

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
		badKeyword := svgElements[b.Keyword].Local == "" || slices.Contains(keywords, b.Keyword)
		if badKeyword || b.Verify+b.Body == "" || !xmlText(b.Verify) || !xmlText(b.Body) {
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
	if len(svg) > maxImage {
		return c, fmt.Errorf("%w: larger than %d bytes", ErrImage, maxImage)
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
