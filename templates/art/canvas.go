package art

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// canvas collects painted paths, bottom first. Only paths with plain decimal
// numbers leave it: that is all that PNG accepts back.
type canvas struct{ body bytes.Buffer }

// fill paints the inside of p; part names what it is, for tests and styling.
func (c *canvas) fill(p *path, colour colour, part string) {
	c.open(p, part)
	c.body.WriteString(`" fill="` + colour.String() + "\"/>\n")
}

// stroke draws along p with a line of the given width.
func (c *canvas) stroke(p *path, colour colour, width float64, part string) {
	c.open(p, part)
	c.body.WriteString(`" fill="none" stroke="` + colour.String() + `" stroke-width="`)
	c.body.Write(appendNumber(nil, width))
	c.body.WriteString("\"/>\n")
}

func (c *canvas) open(p *path, part string) {
	c.body.WriteString(`<path `)
	if part != "" {
		c.body.WriteString(`data-part="` + part + `" `)
	}
	c.body.WriteString(`d="`)
	c.body.Write(p.data)
}

// document wraps the drawing as a stand-alone SVG.
func (c *canvas) document(width, height int, lang, title, description string) []byte {
	var out bytes.Buffer
	w, h := strconv.Itoa(width), strconv.Itoa(height)
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + w + ` ` + h +
		`" width="` + w + `" height="` + h + `" role="img"`)
	if lang != "" {
		out.WriteString(` xml:lang="` + lang + `"`)
	}
	out.WriteString(">\n<title>")
	_ = xml.EscapeText(&out, []byte(title)) // a bytes.Buffer does not fail
	out.WriteString("</title>\n<desc>")
	_ = xml.EscapeText(&out, []byte(description))
	out.WriteString("</desc>\n")
	out.Write(c.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

type colour struct{ r, g, b uint8 }

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

func rgb(v uint32) colour { return colour{uint8(v >> 16), uint8(v >> 8), uint8(v)} }

// mix goes from a to b by percent.
func mix(a, b colour, percent int) colour {
	blend := func(x, y uint8) uint8 { return uint8((int(x)*(100-percent) + int(y)*percent + 50) / 100) }
	return colour{blend(a.r, b.r), blend(a.g, b.g), blend(a.b, b.b)}
}

// family is one printing: an ink, the paper under it and a metal for the marks.
type family struct{ ink, paper, metal colour }

// paper and metal are shared by all families, as in one series of prints.
var (
	paper = rgb(0xFBF6E9)
	gold  = rgb(0xE3BE66)
)

// Inks picked by hand: dark enough for 7:1 on paper and 4.5:1 under gold, far
// enough apart to be told from each other at 64 px.
var inks = []colour{
	rgb(0x1D3F72), // navy
	rgb(0x0F5257), // petrol
	rgb(0x1E5138), // pine
	rgb(0x7A1F2E), // oxblood
	rgb(0x562A66), // plum
	rgb(0x2F3B4A), // slate
	rgb(0x6B3A16), // sienna
	rgb(0x33327D), // indigo
	rgb(0x4A4A18), // olive
	rgb(0x7B1F57), // magenta
}

// familyOf is chosen by the code alone, so that a badge looks the same wherever it is drawn.
func familyOf(code string) family {
	h := fnv.New32()                              // FNV-1 mixes the last letter in last: it tells the codes of a series apart
	_, _ = h.Write([]byte(strings.ToUpper(code))) // never fails
	return family{ink: inks[h.Sum32()%uint32(len(inks))], paper: paper, metal: gold}
}
