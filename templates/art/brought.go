package art

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/png"

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
