package art

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/draw"
)

// Size of a brought picture, in pixels.
const (
	broughtLeast = 90       // Open Badges asks for no less
	broughtMost  = 4096     // either way
	broughtEdge  = 1200     // what is kept of it
	broughtBytes = 16 << 20 // of the file
)

// Around the one thing in a brought picture. PNG knows it by these words.
const (
	broughtOpen  = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 1200" width="1200" height="1200" role="img">` + "\n<title>"
	broughtImage = `</title>` + "\n" + `<image width="1200" height="1200" href="data:image/png;base64,`
	broughtClose = `"/>` + "\n</svg>\n"
)

// Brought makes a picture of our own from somebody's PNG: looked at for its size before it is decoded, fitted
// into a transparent square and written anew, so that nothing else in the file, another badge for one, comes
// along. Of an animation the first frame stays. The error is a sentence for its author.
func Brought(file []byte, title string) (svg []byte, err error) {
	if len(file) > broughtBytes {
		return nil, errors.New("is larger than 16 MiB")
	}
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, errors.New("is no PNG")
	}
	if min(config.Width, config.Height) < broughtLeast || max(config.Width, config.Height) > broughtMost {
		return nil, errors.New("is not between 90 and 4096 pixels wide and high")
	}
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errors.New("is a broken PNG")
	}
	square := image.NewRGBA(image.Rect(0, 0, broughtEdge, broughtEdge))
	longest := max(config.Width, config.Height)
	w, h := max(1, broughtEdge*config.Width/longest), max(1, broughtEdge*config.Height/longest)
	place := image.Rect(0, 0, w, h).Add(image.Pt((broughtEdge-w)/2, (broughtEdge-h)/2))
	draw.CatmullRom.Scale(square, place, picture, picture.Bounds(), draw.Src, nil)
	data, err := encode(square, badgeColours)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(broughtOpen)
	_ = xml.EscapeText(&out, []byte(clean(title, maxTitle))) // a bytes.Buffer does not fail
	out.WriteString(broughtImage + base64.StdEncoding.EncodeToString(data) + broughtClose)
	return out.Bytes(), nil
}

// insideBrought is the PNG in what Brought made.
func insideBrought(svg []byte) (data []byte, ok bool) {
	rest, opened := bytes.CutPrefix(svg, []byte(broughtOpen))
	_, rest, has := bytes.Cut(rest, []byte(broughtImage))
	text, closed := bytes.CutSuffix(rest, []byte(broughtClose))
	if !opened || !has || !closed {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(string(text))
	return data, err == nil
}

// scaled is a brought picture in a size.
func scaled(data []byte, size int) ([]byte, error) {
	picture, err := readBadge(data)
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(out, out.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	return encode(out, badgeColours)
}

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
