package home

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

// getStop is the page of the link that ends mail about badges: a button, since programs open links too.
func (d *Door) getStop(c echo.Context) error {
	email, found, err := d.issuer.StopAddress(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	page := d.site.Page(c)
	page.NoIndex = true
	return web.Show(c, templates.Stop{Page: page, Action: "/stop/" + c.Param("token"), Masked: templates.Masked(email)})
}

// postStop is the button, and the one click of RFC 8058, which must not be redirected (§3.1).
func (d *Door) postStop(c echo.Context) error {
	found, err := d.issuer.StopMail(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	page := d.site.Page(c)
	page.NoIndex = true
	return web.Show(c, templates.Stop{Page: page, Done: true})
}
