package badges

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/credential"
)

// qrPixels is the edge of the PNG, which is wide enough for print.
const qrPixels = 512

func (ds *documents) qrPNG(_ echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.made.Get("qr png "+b.Award.ID, func() (web.Document, error) {
		code, err := ds.qr(b)
		if err != nil {
			return web.Document{}, err
		}
		return web.NewDocument("image/png", code.PNG(qrPixels)), nil
	})
}

func (ds *documents) qrSVG(_ echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.made.Get("qr svg "+b.Award.ID, func() (web.Document, error) {
		code, err := ds.qr(b)
		if err != nil {
			return web.Document{}, err
		}
		return web.NewDocument("image/svg+xml", code.SVG(ds.issuer.BadgeURL(b.Award.ID))), nil
	})
}

// qr is the address of the badge's page.
func (ds *documents) qr(b *credential.Badge) (web.QR, error) {
	return web.NewQR(ds.issuer.BadgeURL(b.Award.ID))
}
