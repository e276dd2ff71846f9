package art

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits of a brought SVG.
const (
	vectorBytes    = 1 << 20
	vectorElements = 5000
	vectorDepth    = 40
)

const svgSpace = "http://www.w3.org/2000/svg"

// vectorElement are the elements of SVG that may come: they draw and do nothing else.
var vectorElement = setOf("svg g defs path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop clipPath")

// vectorAttribute are the attributes that may come; all others are left out.
var vectorAttribute = setOf("id d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height points offset transform viewBox preserveAspectRatio " +
	"gradientUnits gradientTransform spreadMethod clipPathUnits " + strings.Join(slices.Collect(maps.Keys(vectorStyle)), " "))

// vectorStyle are the properties that may come as attributes or inside style.
var vectorStyle = setOf("fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset " +
	"stroke-opacity opacity color stop-color stop-opacity clip-path clip-rule display visibility font-family font-size font-weight font-style text-anchor letter-spacing")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// vectorValue is what a value may be made of; of functions only colours, transformations and url(#…) are left.
var (
	vectorValue    = regexp.MustCompile(`^[\p{L}\p{N} \t\r\n#%.,()+\-_'"]*$`)
	vectorFunction = regexp.MustCompile(`(?i)([a-z-]*)\(\s*(.)`)
	functions      = setOf("rgb rgba hsl hsla matrix translate scale rotate skewx skewy")
)

// Around the pixels of a brought SVG, which stand before everything that came.
const (
	vectorOpen  = "\n<metadata>"
	vectorClose = "</metadata>\n"
)

// BroughtSVG makes a picture of our own from somebody's SVG: it is written anew with what is on the lists above, and what
// draws and is not on them is refused. pixels is a picture by Badge or Brought that stands for it wherever pixels
// are asked for, since nobody else's SVG is ever rasterised here. The error is a sentence for its author.
func BroughtSVG(file []byte, title string, pixels []byte) (svg []byte, err error) {
	if len(file) > vectorBytes {
		return nil, errors.New("is larger than 1 MiB")
	}
	w := vectorWriter{title: clean(title, maxTitle), pixels: pixels, decoder: xml.NewDecoder(bytes.NewReader(file))}
	if err := w.rewrite(); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
}

// pixelsInside is the picture that stands for what BroughtSVG made.
func pixelsInside(svg []byte) (pixels []byte, ok bool) {
	start, rest, has := bytes.Cut(svg, []byte(vectorOpen))
	text, _, closed := bytes.Cut(rest, []byte(vectorClose))
	if !has || !closed || bytes.Count(start, []byte("<")) != 1 {
		return nil, false
	}
	pixels, err := base64.StdEncoding.DecodeString(string(text))
	return pixels, err == nil
}

// vectorWriter copies what is allowed from an SVG.
type vectorWriter struct {
	title    string
	pixels   []byte
	decoder  *xml.Decoder
	out      bytes.Buffer
	open     []string // elements that were written
	elements int
	silent   int // depth inside something that is left out
}

func (w *vectorWriter) rewrite() error {
	for {
		token, err := w.decoder.Token()
		switch {
		case err == io.EOF && w.elements > 0:
			return nil
		case err != nil:
			return errors.New("is no SVG that can be read")
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("declares a document type, which is not taken")
		case xml.StartElement:
			err = w.start(t)
		case xml.EndElement:
			w.end()
		case xml.CharData:
			if n := len(w.open); w.silent == 0 && n > 0 && (w.open[n-1] == "text" || w.open[n-1] == "tspan") {
				_ = xml.EscapeText(&w.out, t) // a bytes.Buffer does not fail
			}
		}
		if err != nil {
			return err
		}
	}
}

func (w *vectorWriter) start(t xml.StartElement) error {
	if w.elements++; w.elements > vectorElements {
		return fmt.Errorf("has more than %d elements", vectorElements)
	}
	if len(w.open)+w.silent >= vectorDepth {
		return fmt.Errorf("is nested more than %d deep", vectorDepth)
	}
	name := t.Name.Local
	root := w.elements == 1
	switch {
	case root && (name != "svg" || t.Name.Space != svgSpace):
		return errors.New("is no SVG")
	case w.silent > 0 || t.Name.Space != svgSpace || name == "title" || name == "desc" || name == "metadata":
		w.silent++ // other programs' notes, and words: those are the programme's
		return nil
	case !vectorElement[name] || !root && name == "svg":
		return fmt.Errorf("contains <%s>, which is not taken: shapes, text, gradients and clip paths are", name)
	}
	attributes, err := vectorAttributes(t)
	if err != nil {
		return err
	}
	if root {
		if attributes["viewBox"] == "" {
			if attributes["viewBox"], err = boxOf(attributes); err != nil {
				return err
			}
		}
		delete(attributes, "width")
		delete(attributes, "height")
	}
	w.out.WriteString("<" + name)
	if root {
		w.out.WriteString(` xmlns="` + svgSpace + `" role="img"`)
	}
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		w.out.WriteString(" " + key + `="`)
		_ = xml.EscapeText(&w.out, []byte(attributes[key]))
		w.out.WriteByte('"')
	}
	w.out.WriteByte('>')
	if root {
		w.out.WriteString(vectorOpen + base64.StdEncoding.EncodeToString(w.pixels) + vectorClose + "<title>")
		_ = xml.EscapeText(&w.out, []byte(w.title))
		w.out.WriteString("</title>\n")
	}
	w.open = append(w.open, name)
	return nil
}

func (w *vectorWriter) end() {
	if w.silent > 0 {
		w.silent--
		return
	}
	last := len(w.open) - 1
	w.out.WriteString("</" + w.open[last] + ">")
	w.open = w.open[:last]
}

// vectorAttributes are the attributes that stay. What drawing programs write into style counts as attributes.
func vectorAttributes(t xml.StartElement) (map[string]string, error) {
	kept := map[string]string{}
	keep := func(name, value string) error {
		if leadsOut(value) {
			return fmt.Errorf("has a value of %s that is not taken: %.60q", name, value)
		}
		kept[name] = value
		return nil
	}
	for _, a := range t.Attr {
		switch {
		case a.Name.Local == "href" && strings.HasSuffix(t.Name.Local, "Gradient"):
			if !strings.HasPrefix(a.Value, "#") {
				return nil, fmt.Errorf("refers to %.60q, which is outside of it", a.Value)
			}
			if err := keep("href", a.Value); err != nil {
				return nil, err
			}
		case a.Name.Space == "" && vectorAttribute[a.Name.Local]:
			if err := keep(a.Name.Local, a.Value); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range t.Attr {
		if a.Name.Space != "" || a.Name.Local != "style" {
			continue
		}
		for declaration := range strings.SplitSeq(a.Value, ";") {
			name, value, _ := strings.Cut(declaration, ":")
			if name = strings.TrimSpace(name); vectorStyle[name] {
				if err := keep(name, strings.TrimSpace(value)); err != nil {
					return nil, err
				}
			}
		}
	}
	return kept, nil
}

// leadsOut reports whether a value may lead out of the picture, or is of a kind that nobody needs to draw.
func leadsOut(value string) bool {
	if !vectorValue.MatchString(value) {
		return true
	}
	for _, f := range vectorFunction.FindAllStringSubmatch(value, -1) {
		if name := strings.ToLower(f[1]); !functions[name] && (name != "url" || f[2] != "#") {
			return true
		}
	}
	return false
}

// boxOf is the viewBox of a picture that has only a size.
func boxOf(attributes map[string]string) (string, error) {
	w, err1 := strconv.ParseFloat(strings.TrimSuffix(attributes["width"], "px"), 64)
	h, err2 := strconv.ParseFloat(strings.TrimSuffix(attributes["height"], "px"), 64)
	if err1 != nil || err2 != nil || !(w > 0) || !(h > 0) || w > 1e6 || h > 1e6 {
		return "", errors.New("has neither a viewBox nor a width and height in pixels")
	}
	return fmt.Sprintf("0 0 %g %g", w, h), nil
}
