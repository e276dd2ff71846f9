package home

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/templates"
)

// walletSection is where the share page tells of wallets.
const walletSection = "#wallet"

func (sh *sharing) walletRoutes() []web.Route {
	return web.Get("/badges/:id/share/wallet.svg", sh.site.Personal(sh.site.SignedIn(sh.getWalletQR)))
}

// walletOffer is what the share page says of wallets; nil for a badge that none can have.
func (sh *sharing) walletOffer(c echo.Context, b *credential.Badge) (*templates.WalletOffer, error) {
	if !wallet.Transferable(b) {
		return nil, nil
	}
	o, found, err := sh.wallets.OfferOf(c.Request().Context(), b)
	if err != nil || !found {
		return &templates.WalletOffer{}, err
	}
	return &templates.WalletOffer{
		State: string(o.State), Link: templates.WalletLink(o.Link), QR: sharePath(b.Award.ID) + "/wallet.svg", PIN: o.PIN, TriesLeft: o.TriesLeft, Until: o.EndsAt,
	}, nil
}

// offerToWallet makes an offer, in the language of the page.
func (sh *sharing) offerToWallet(c echo.Context, b *credential.Badge) error {
	if err := sh.wallets.Offer(c.Request().Context(), b, sh.site.Language(c)); err != nil {
		return err
	}
	return web.SeeOther(c, sharePath(b.Award.ID)+walletSection)
}

// getWalletQR, GET /badges/:id/share/wallet.svg, is the offer that waits, for the camera of a phone.
func (sh *sharing) getWalletQR(c echo.Context, who *web.Person) error {
	b, err := sh.ownBadge(c.Request().Context(), c.Param("id"), who)
	if err != nil {
		return err
	}
	o, found, err := sh.wallets.OfferOf(c.Request().Context(), b)
	if err != nil {
		return err
	}
	if !found || o.State != wallet.Open {
		return web.NotShown()
	}
	code, err := web.NewQR(o.Reference)
	if err != nil {
		return fmt.Errorf("draw an offer to wallets: %w", err)
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	return c.Blob(http.StatusOK, "image/svg+xml", code.SVG(o.Reference))
}
