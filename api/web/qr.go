package web

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// QR is a QR code: its modules, row by row, true for a dark one, with the margin of four that the standard asks for
// (ISO/IEC 18004).
type QR [][]bool

// NewQR is that of a text, level M.
func NewQR(text string) (QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	return code.Bitmap(), nil
}

// PNG writes the modules as a PNG of one bit a pixel, as large as whole modules fit into the edge, in the middle. All
// rows of pixels of a module are the same, which the general encoder would find out pixel by pixel, in five times as long.
func (q QR) PNG(edge int) []byte {
	module := max(edge/len(q), 1)
	edge = max(edge, module*len(q))
	before := (edge - module*len(q)) / 2
	white := bytes.Repeat([]byte{0xff}, 1+(edge+7)/8)
	white[0] = 0 // no filter (PNG, 9.2)
	var pixels bytes.Buffer
	packed := zlib.NewWriter(&pixels)
	write := func(row []byte, times int) {
		for range times {
			_, _ = packed.Write(row) // to memory
		}
	}
	write(white, before)
	for _, row := range q {
		line := bytes.Clone(white)
		for x, dark := range row {
			for p := before + x*module; dark && p < before+(x+1)*module; p++ {
				line[1+p/8] &^= 0x80 >> (p % 8)
			}
		}
		write(line, module)
	}
	write(white, edge-before-module*len(q))
	_ = packed.Close()
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(edge)), uint32(edge))
	pngChunk(&b, "IHDR", append(size, 1, 0, 0, 0, 0)) // one bit, grey
	pngChunk(&b, "IDAT", pixels.Bytes())
	pngChunk(&b, "IEND", nil)
	return b.Bytes()
}

// pngChunk writes a part of a PNG with its length and its sum (PNG, 5.3).
func pngChunk(b *bytes.Buffer, name string, data []byte) {
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	sum := crc32.NewIEEE()
	for _, part := range [][]byte{[]byte(name), data} {
		_, _ = sum.Write(part)
		b.Write(part)
	}
	b.Write(sum.Sum(nil))
}

// modulePixels is the edge of a module in the SVG.
const modulePixels = 8

// SVG writes the modules as one path, each run of dark ones in a row a rectangle.
func (q QR) SVG(title string) []byte {
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" width="%[2]d" height="%[2]d" shape-rendering="crispEdges" role="img"><title>`,
		len(q), len(q)*modulePixels)
	svg.WriteString(xmlText.Replace(title))
	svg.WriteString(`</title><path fill="#fff" d="M0 0h` + fmt.Sprint(len(q)) + `v` + fmt.Sprint(len(q)) + `H0z"/><path d="`)
	for y, row := range q {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&svg, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	svg.WriteString(`"/></svg>`)
	return []byte(svg.String())
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
