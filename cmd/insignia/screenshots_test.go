package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

var documentPictures = flag.String("document-pictures", "", "folder for the pictures in the README: make screenshots")

const screenshotMost = 60_000 // bytes

// TestScreenshots takes the pictures in the README, of a demo, when make screenshots asks for them.
func TestScreenshots(t *testing.T) {
	if *documentPictures == "" {
		t.Skip("make screenshots asks for pictures")
	}
	b := newChromium(t)
	s, badge := startDemo(t)
	w := b.tab(t, s.base)
	w.open(badge).shoot("badge.png", 1000, 760)
	w.open("/verify?url="+url.QueryEscape(badge)).shoot("verify.png", 1000, 760)
	w.open("/mailbox").shoot("mailbox.png", 1000, 760)
}

// shoot keeps what the window shows, in few colours and so in few bytes.
func (w *tab) shoot(file string, width, height int64) {
	w.t.Helper()
	w.do("set the size", chromedp.EmulateViewport(width, height))
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		w.t.Fatal(err)
	}
	few := image.NewPaletted(full.Bounds(), commonColours(full))
	draw.Draw(few, few.Bounds(), full, full.Bounds().Min, draw.Src)
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, few); err != nil {
		w.t.Fatal(err)
	}
	if small.Len() > screenshotMost {
		w.t.Errorf("%s has %d bytes, want at most %d", file, small.Len(), screenshotMost)
	}
	if err := os.WriteFile(filepath.Join(*documentPictures, file), small.Bytes(), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// commonColours are the 256 most frequent colours of a picture, neighbours counted as one.
func commonColours(m image.Image) (palette color.Palette) {
	type bin struct {
		count int
		color color.RGBA
	}
	bins := map[[3]uint8]*bin{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			key := [3]uint8{c.R >> 3, c.G >> 3, c.B >> 3}
			if bins[key] == nil {
				bins[key] = &bin{color: c}
			}
			bins[key].count++
		}
	}
	list := make([]*bin, 0, len(bins))
	for _, b := range bins {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b *bin) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.color.R, b.color.R), cmp.Compare(a.color.G, b.color.G), cmp.Compare(a.color.B, b.color.B))
	})
	for _, b := range list[:min(256, len(list))] {
		palette = append(palette, b.color)
	}
	return palette
}
