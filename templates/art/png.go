package art

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"regexp"
	"sort"
	"strings"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
)

// Limits of PNG, in pixels.
const (
	minSize = 16
	maxSize = 2048
)

// PNG turns a picture made by Badge, Brought or BroughtSVG into a PNG of size × size pixels with at
// most 128 colours, transparent outside the shape. It refuses any SVG that
// they could not have written: rasterising foreign SVG is not safe, and a
// baked file is foreign too, so rasterise before baking.
func PNG(svg []byte, size int) ([]byte, error) {
	if size < minSize || size > maxSize {
		return nil, fmt.Errorf("picture of %d pixels: want %d to %d", size, minSize, maxSize)
	}
	if pixels, ok := pixelsInside(svg); ok {
		svg = pixels
	}
	if data, ok := insideBrought(svg); ok {
		return scaled(data, size)
	}
	picture, err := raster(svg, size, size)
	if err != nil {
		return nil, err
	}
	return encode(picture, badgeColours)
}

// raster draws our own SVG on a transparent ground.
func raster(svg []byte, width, height int) (*image.RGBA, error) {
	if err := checkOwn(svg); err != nil {
		return nil, err
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg), oksvg.StrictErrorMode)
	if err != nil {
		return nil, fmt.Errorf("read own svg: %w", err)
	}
	scale := float64(width) / icon.ViewBox.W
	for i := range icon.SVGPaths {
		icon.SVGPaths[i].LineWidth *= scale // oksvg scales outlines, not line widths
	}
	icon.SetTarget(0, 0, float64(width), float64(height))
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	scanner := rasterx.NewScannerGV(width, height, picture, picture.Bounds())
	icon.Draw(rasterx.NewDasher(width, height, scanner), 1)
	return picture, nil
}

func encode(picture *image.RGBA, colours int) ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, paletted(picture, colours)); err != nil { // the best compression costs three times the time for 3 %
		return nil, fmt.Errorf("encode png: %w", err)
	}
	return out.Bytes(), nil
}

// Colours kept in a file. A badge is two or three inks and their mixtures along
// the edges; a card may hold a picture that an issuer made.
const (
	badgeColours = 128
	cardColours  = 256
)

// paletted reduces picture to n colours by median cut: nothing visible is lost
// and the file is about a third of the size. The result depends on the pixels only.
func paletted(picture *image.RGBA, n int) *image.Paletted {
	counts := map[color.RGBA]int{}
	runs(picture, func(c color.RGBA, from, to int) { counts[c] += to - from })
	shades := make([]shade, 0, len(counts))
	for c, n := range counts {
		shades = append(shades, shade{c, n})
	}
	sort.Slice(shades, func(i, j int) bool { return less(shades[i].c, shades[j].c) })
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	for _, box := range medianCut(shades, n) {
		for _, s := range box {
			index[s.c] = uint8(len(palette))
		}
		palette = append(palette, represent(box))
	}
	out := image.NewPaletted(picture.Bounds(), palette)
	runs(picture, func(c color.RGBA, from, to int) {
		at := index[c]
		for i := from; i < to; i++ {
			out.Pix[i] = at
		}
	})
	return out
}

// runs calls f for each run of equal pixels, in order: most of a picture is flat.
func runs(picture *image.RGBA, f func(c color.RGBA, from, to int)) {
	pix := picture.Pix
	from := 0
	for i := 4; i <= len(pix); i += 4 {
		if i < len(pix) && [4]uint8(pix[i:i+4]) == [4]uint8(pix[i-4:i]) {
			continue
		}
		f(color.RGBA{pix[i-4], pix[i-3], pix[i-2], pix[i-1]}, from, i/4)
		from = i / 4
	}
}

type shade struct {
	c color.RGBA // premultiplied
	n int
}

func less(a, b color.RGBA) bool {
	for k := range 4 {
		if channel(a, k) != channel(b, k) {
			return channel(a, k) < channel(b, k)
		}
	}
	return false
}

func channel(c color.RGBA, k int) uint8 {
	return [4]uint8{c.R, c.G, c.B, c.A}[k]
}

// medianCut splits shades into at most n boxes, always cutting the box whose
// colours spread most.
func medianCut(shades []shade, n int) [][]shade {
	type candidate struct {
		shades []shade
		axis   int
		spread int
	}
	measure := func(s []shade) candidate {
		c := candidate{shades: s}
		for k := range 4 {
			low, high := uint8(255), uint8(0)
			for _, x := range s {
				low, high = min(low, channel(x.c, k)), max(high, channel(x.c, k))
			}
			if spread := int(high) - int(low); spread > c.spread {
				c.axis, c.spread = k, spread
			}
		}
		return c
	}
	boxes := []candidate{measure(shades)}
	for len(boxes) < n {
		widest := 0
		for i, b := range boxes {
			if b.spread > boxes[widest].spread {
				widest = i
			}
		}
		b := boxes[widest]
		if b.spread == 0 {
			break
		}
		at := cutAt(b.shades, b.axis)
		boxes[widest] = measure(b.shades[:at])
		boxes = append(boxes, measure(b.shades[at:]))
	}
	out := make([][]shade, len(boxes))
	for i, b := range boxes {
		out[i] = b.shades
	}
	return out
}

// cutAt sorts s along the axis and returns where to halve the range of values.
func cutAt(s []shade, axis int) int {
	sort.SliceStable(s, func(i, j int) bool { return channel(s[i].c, axis) < channel(s[j].c, axis) })
	middle := (int(channel(s[0].c, axis)) + int(channel(s[len(s)-1].c, axis)) + 1) / 2
	return sort.Search(len(s), func(i int) bool { return int(channel(s[i].c, axis)) >= middle })
}

// represent is the colour that most pixels of the box have, so that flat areas
// stay exact; without such a majority the weighted mean.
func represent(s []shade) color.RGBA {
	var sum [4]int
	total, most := 0, s[0]
	for _, x := range s {
		total += x.n
		if x.n > most.n {
			most = x
		}
		for k := range 4 {
			sum[k] += int(channel(x.c, k)) * x.n
		}
	}
	if 2*most.n > total {
		return most.c
	}
	mean := func(k int) uint8 { return uint8((sum[k] + total/2) / total) }
	alpha := mean(3)
	return color.RGBA{min(mean(0), alpha), min(mean(1), alpha), min(mean(2), alpha), alpha}
}

// ErrForeign: the SVG was not drawn by this package.
var ErrForeign = errors.New("not a picture of our own")

const maxSVG = 512 << 10

// What canvas writes, and nothing else.
var ownElements = map[string]map[string]*regexp.Regexp{
	"svg": {
		"viewBox": regexp.MustCompile(`^0 0 [1-9]\d{1,3} [1-9]\d{1,3}$`),
		"width":   regexp.MustCompile(`^[1-9]\d{1,3}$`),
		"height":  regexp.MustCompile(`^[1-9]\d{1,3}$`),
		"role":    regexp.MustCompile(`^img$`),
		"lang":    regexp.MustCompile(`^[A-Za-z0-9-]+$`),
		"xmlns":   regexp.MustCompile(`^http://www\.w3\.org/2000/svg$`),
	},
	"title": {},
	"desc":  {},
	"path": {
		"data-part":    regexp.MustCompile(`^[a-z]+$`),
		"fill":         colourValue,
		"stroke":       colourValue,
		"stroke-width": regexp.MustCompile(`^\d{1,2}(\.\d)?$`),
		"d":            pathData,
	},
}

var (
	colourValue = regexp.MustCompile(`^(none|#[0-9a-f]{6})$`)
	pathData    = regexp.MustCompile(strings.ReplaceAll(`^(?:Mn n(?:Ln n|Qn n n n|Cn n n n n n)*Z?)+$`, "n", `-?\d{1,4}(?:\.\d)?`))
)

// checkOwn refuses everything outside the small language that canvas writes:
// no references, styles, transforms or scripts can reach the rasteriser.
func checkOwn(svg []byte) error {
	if len(svg) > maxSVG {
		return fmt.Errorf("%w: %d bytes", ErrForeign, len(svg))
	}
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	depth, roots := 0, 0
	for {
		token, err := decoder.Token()
		if err == io.EOF && roots == 1 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrForeign, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := checkElement(t, depth); err != nil {
				return err
			}
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
		default:
			return fmt.Errorf("%w: %T", ErrForeign, token)
		}
	}
}

func checkElement(e xml.StartElement, depth int) error {
	attributes, known := ownElements[e.Name.Local]
	if !known || e.Name.Space != "http://www.w3.org/2000/svg" || (e.Name.Local == "svg") != (depth == 0) {
		return fmt.Errorf("%w: element %q", ErrForeign, e.Name.Local)
	}
	sized := depth > 0
	for _, a := range e.Attr {
		pattern, known := attributes[a.Name.Local]
		if !known || !pattern.MatchString(a.Value) {
			return fmt.Errorf("%w: attribute %q", ErrForeign, a.Name.Local)
		}
		sized = sized || a.Name.Local == "viewBox"
	}
	if !sized {
		return fmt.Errorf("%w: no viewBox", ErrForeign)
	}
	return nil
}
