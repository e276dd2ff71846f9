package art

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"

	"golang.org/x/image/draw"
)

// Size of a preview card in pixels, as social sites expect it.
const (
	cardWidth  = 1200
	cardHeight = 630
)

// CardData is what a preview card shows. Lines that are empty are left out and
// the rest moves together. Where the fonts cannot draw the title, the code stands
// for it, and for the person the address at which the name can be read.
type CardData struct {
	Badge  []byte // PNG of the badge, at most 2,048 pixels either way
	Holder string // the person, as they write it
	Title  string
	Issuer string
	Code   string
	Domain string // where the badge can be checked
	Page   string // the badge's own page there, after the domain
	Line   string // one line of facts in the reader's language, e.g. the dates or that it expired
	Fonts  *Fonts
}

// Measures of the card. Sites crop the edges, so all but the frame stays in the
// central 80 % (120 to 1080, 63 to 567).
const (
	cardBadge = 400 // side of the badge
	cardLeft  = 124 // of the badge
	cardText  = 570 // left edge of the words
	cardRoom  = 1076 - cardText
	cardMid   = 288
)

// Colours of the pages (templates' stylesheet, light).
var (
	wash       = rgb(0xF6F5F1)
	cardGround = rgb(0xFFFFFF)
	pageInk    = rgb(0x1A1F26)
	quiet      = rgb(0x535B66)
	hair       = rgb(0xDEDCD5)
)

// Card draws the picture that social sites show for a badge's page: a PNG of
// cardWidth × CardHeight with at most 256 colours, well under 300 kB. It fails
// when the badge is no PNG or too large.
func Card(d CardData) ([]byte, error) {
	badge, err := readBadge(d.Badge)
	if err != nil {
		return nil, err
	}
	picture, err := raster(d.outlines(), cardWidth, cardHeight)
	if err != nil {
		return nil, err
	}
	draw.CatmullRom.Scale(picture, badgePlace(badge.Bounds()), badge, badge.Bounds(), draw.Over, nil)
	return encode(picture, cardColours)
}

// outlines are the card without its badge, as an SVG.
func (d CardData) outlines() []byte {
	c := &canvas{}
	d.Fonts = d.Fonts.orBuiltIn()
	c.fill(box4(0, 0, cardWidth, cardHeight), wash, "")
	c.fill(box4(32, 32, cardWidth-32, cardHeight-32), cardGround, "")
	c.stroke(box4(32, 32, cardWidth-32, cardHeight-32), hair, 2, "")
	drawWords(c, d)
	return c.document(cardWidth, cardHeight, "", "", "")
}

// row is one text of the stack: how it looks and the space above it.
type row struct {
	text   string
	colour colour
	max    float64
	lines  int
	high   float64
	above  float64
	part   string
}

func drawWords(c *canvas, d CardData) {
	if _, ok := d.Fonts.drawable(clean(d.Title, maxTitle)); !ok && d.Title != "" {
		d.Title = d.Code
	}
	if _, ok := d.Fonts.drawable(clean(d.Holder, maxHolder)); !ok && d.Holder != "" {
		d.Holder, d.Domain = "", d.Domain+d.Page
	}
	rows := []row{
		{clean(d.Issuer, maxIssuer), quiet, 30, 1, 60, 0, "issuer"},
		{clean(d.Title, maxTitle), pageInk, 54, maxLines, 95, 38, "title"},
		{clean(d.Holder, maxHolder), pageInk, 42, 2, 55, 54, "holder"},
		{clean(d.Line, maxTitle), quiet, 28, 2, 40, 28, "line"},
	}
	var blocks []block
	height := 0.0
	for i := range rows {
		b := fitRow(d.Fonts, rows[i])
		if len(b.lines) > 0 && height > 0 {
			height += rows[i].above
		}
		height += b.height()
		blocks = append(blocks, b)
	}
	y := cardMid - height/2
	first := y
	for i, b := range blocks {
		if len(b.lines) == 0 {
			continue
		}
		if y > first {
			y += rows[i].above
		}
		if rows[i].part == "holder" && y > first {
			c.fill(box4(cardText, y-rows[i].above/2-1, cardText+96, y-rows[i].above/2+1), gold, "")
		}
		b.moveTo(y)
		c.fill(b.flush(cardText), rows[i].colour, rows[i].part)
		y += b.height()
	}
	domain := fitRow(d.Fonts, row{text: clean(d.Domain, maxTitle), max: 26, lines: 1, high: 60})
	if len(domain.lines) > 0 {
		domain.moveTo(541)
		c.fill(domain.flush(cardText), quiet, "domain")
	}
}

// fitRow returns an empty block for a text that cannot be drawn.
func fitRow(fonts *Fonts, r row) block {
	text, ok := fonts.drawable(r.text)
	if !ok {
		return block{}
	}
	return fit(text, region{fonts: fonts, half: box(-r.high, r.high, cardRoom/2), max: r.max, min: 18, lines: r.lines})
}

func readBadge(data []byte) (image.Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read badge for card: %w", err)
	}
	if config.Width > maxSize || config.Height > maxSize {
		return nil, errors.New("badge for card is too large")
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read badge for card: %w", err)
	}
	return picture, nil
}

// badgePlace fits the badge into its square without stretching it.
func badgePlace(b image.Rectangle) image.Rectangle {
	w, h := cardBadge, cardBadge
	if b.Dx() > b.Dy() {
		h = max(1, cardBadge*b.Dy()/b.Dx())
	} else {
		w = max(1, cardBadge*b.Dx()/b.Dy())
	}
	at := image.Pt(cardLeft+(cardBadge-w)/2, cardHeight/2-h/2)
	return image.Rect(0, 0, w, h).Add(at)
}
