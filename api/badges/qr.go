package badges

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"
	qrcode "github.com/skip2/go-qrcode"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
)

// modulePixels is the edge of one module in the PNG.
const modulePixels = 8

func (ds *documents) qrPNG(_ echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return ds.made.Get("qr png "+b.Award.ID, func() (issuer.Document, error) {
		code, err := ds.qr(b)
		if err != nil {
			return issuer.Document{}, err
		}
		png, err := code.PNG(-modulePixels)
		return web.NewDocument("image/png", png), err
	})
}

func (ds *documents) qrSVG(_ echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return ds.made.Get("qr svg "+b.Award.ID, func() (issuer.Document, error) {
		code, err := ds.qr(b)
		if err != nil {
			return issuer.Document{}, err
		}
		return web.NewDocument("image/svg+xml", []byte(drawQR(code.Bitmap(), ds.issuer.BadgeURL(b.Award.ID)))), nil
	})
}

// qr is the address of the badge's page, level M, with the margin of four modules that the standard asks
// for (ISO/IEC 18004).
func (ds *documents) qr(b *issuer.Badge) (*qrcode.QRCode, error) {
	code, err := qrcode.New(ds.issuer.BadgeURL(b.Award.ID), qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	return code, nil
}

// drawQR writes the modules as one path, each run of dark ones in a row a rectangle.
func drawQR(rows [][]bool, address string) string {
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" width="%[2]d" height="%[2]d" shape-rendering="crispEdges" role="img"><title>`,
		len(rows), len(rows)*modulePixels)
	svg.WriteString(xmlText.Replace(address))
	svg.WriteString(`</title><path fill="#fff" d="M0 0h` + fmt.Sprint(len(rows)) + `v` + fmt.Sprint(len(rows)) + `H0z"/><path d="`)
	for y, row := range rows {
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
	return svg.String()
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
