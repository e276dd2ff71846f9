package art

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
)

// Limits of PNG, in pixels.
const (
	MinSize = 16
	MaxSize = 2048
)

// PNG turns a picture made by Badge, Brought or BroughtSVG into a PNG of size × size pixels with at
// most 128 colours, transparent outside the shape. It refuses any SVG that
// they could not have written: rasterising foreign SVG is not safe, and a
// baked file is foreign too, so rasterise before baking.
func PNG(svg []byte, size int) ([]byte, error) {
	if size < MinSize || size > MaxSize {
		return nil, fmt.Errorf("picture of %d pixels: want %d to %d", size, MinSize, MaxSize)
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
