package openbadge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
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
	if len(svg) > MaxImage {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrImage, MaxImage)
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
