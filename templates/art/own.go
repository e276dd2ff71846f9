package art

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// ErrForeign: the SVG was not drawn by this package.
var ErrForeign = errors.New("not a picture of our own")

const maxSVG = 512 << 10

// What canvas writes, and nothing else.
var own = map[string]map[string]*regexp.Regexp{
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
	attributes, known := own[e.Name.Local]
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
