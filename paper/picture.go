package paper

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// picture is a PNG on white paper.
type picture struct {
	width, height int
	colours       []byte // red, green and blue of each colour by its number; nil: points are colours themselves
	bits          int
	data          []byte // pressed, each row with a filter, as in PNG and PDF alike
}

const longestEdge = 2048 // of a picture, in points

// readPicture reads a PNG. Pictures of few colours, as ours are, are taken as they are: only what is transparent in
// their colours is laid on white. Others are written anew.
func readPicture(file []byte) (picture, error) {
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return picture{}, fmt.Errorf("read picture: %w", err)
	}
	if config.Width > longestEdge || config.Height > longestEdge {
		return picture{}, errors.New("picture is too large")
	}
	palette, few := config.ColorModel.(color.Palette)
	p, interlaced := chunks(file)
	if !few || interlaced {
		if file, err = flat(file); err != nil {
			return picture{}, err
		}
		p, _ = chunks(file)
		p.width, p.height = config.Width, config.Height
		return p, nil
	}
	p.width, p.height = config.Width, config.Height
	for _, c := range palette {
		r, g, b, a := c.RGBA()
		for _, v := range []uint32{r, g, b} {
			p.colours = append(p.colours, uint8((v+0xFFFF-a)>>8))
		}
	}
	return p, nil
}

// chunks reads the points of a PNG that has been looked at.
func chunks(file []byte) (p picture, interlaced bool) {
	for at := 8; at+12 <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:]))
		if at+12+size > len(file) || size < 0 {
			return p, interlaced
		}
		data := file[at+8 : at+8+size]
		switch string(file[at+4 : at+8]) {
		case "IHDR":
			p.bits, interlaced = int(data[8]), data[12] != 0
		case "IDAT":
			p.data = append(p.data, data...)
		}
		at += 12 + size
	}
	return p, interlaced
}

// flat is a picture on white, in colours of eight bits.
func flat(file []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	to := image.NewRGBA(image.Rect(0, 0, from.Bounds().Dx(), from.Bounds().Dy()))
	draw.Draw(to, to.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(to, to.Rect, from, from.Bounds().Min, draw.Over)
	var b bytes.Buffer
	err = png.Encode(&b, to)
	return b.Bytes(), err
}

func (p picture) write(d *document) int {
	space, channels := "/DeviceRGB", 3
	if p.colours != nil {
		space, channels = fmt.Sprintf("[/Indexed/DeviceRGB %d<%X>]", len(p.colours)/3-1, p.colours), 1
	}
	return d.stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent %d/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors %d/BitsPerComponent %[4]d/Columns %[1]d>>",
		p.width, p.height, space, p.bits, channels), p.data, true)
}

// place puts a picture into an element.
func (d *document) place(p *page, e *element, picture picture, x, y, w, h float64) {
	d.pictures = append(d.pictures, picture)
	d.figure(p, e, x, y, w, h, func() {
		fmt.Fprintf(&p.content, "q %s 0 0 %s %s cm /I%d Do Q\n", number(w), number(h), numbers(x, p.height-y-h), len(d.pictures))
	})
}

// figure is something drawn within a box, which its element tells.
func (d *document) figure(p *page, e *element, x, y, w, h float64, draw func()) {
	e.attributes = fmt.Sprintf("/A<</O/Layout/Placement/Block/BBox[%s]>>", numbers(x, p.height-y-h, x+w, p.height-y))
	p.begin(e)
	draw()
	p.end()
}

// modules draws a code of squares, each run of dark ones in a row a rectangle.
func (d *document) modules(p *page, e *element, rows [][]bool, x, y, edge float64) {
	d.figure(p, e, x, y, edge, edge, func() {
		unit := edge / float64(max(1, len(rows)))
		fmt.Fprintf(&p.content, "%s rg\n", colour("#000000"))
		for k, row := range rows {
			for at := 0; at < len(row); at++ {
				from := at
				for at < len(row) && row[at] {
					at++
				}
				if at > from {
					fmt.Fprintf(&p.content, "%.3f %.3f %.3f %.3f re\n", x+float64(from)*unit, p.height-y-float64(k+1)*unit, float64(at-from)*unit, unit)
				}
			}
		}
		p.content.WriteString("f\n")
	})
}
