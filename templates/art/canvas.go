package art

import (
	"bytes"
	"encoding/xml"
	"strconv"
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
