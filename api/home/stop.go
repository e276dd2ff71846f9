package home

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

// stopping is the pages of the links that end letters of one list.
type stopping struct {
	site *web.Site
	list string // one of templates
	path string // before the token

	address      func(ctx context.Context, token string) (address string, found bool, err error)
	stopped      func(ctx context.Context, address string) (bool, error)
	stop, resume func(ctx context.Context, token string) (found bool, err error)
}

// stopRoutes are those of all lists. Whoever has a stop link may use it, mail programs included (RFC 8058): no check of
// where it comes from.
func (d *Door) stopRoutes() (table []web.Route) {
	i := d.issuer
	for _, s := range []stopping{
		{d.site, "", "/stop/", i.StopAddress, i.MailStopped, i.StopMail, i.ResumeMail},
		{d.site, templates.StopRenewals, "/stop/renewals/", i.Renewals.StopAddress, i.Renewals.Stopped, i.Renewals.Stop, i.Renewals.Resume},
	} {
		table = append(table, web.Table(
			web.Get(s.path+":token", d.site.Personal(s.getStop)),
			web.Post(s.path+":token", d.site.Personal(s.postStop)),
			web.Post(s.path+":token/undo", d.site.Personal(d.site.Posted(s.postUndo))),
		)...)
	}
	return table
}

// getStop, GET /stop/:token and GET /stop/renewals/:token, is the page of a link that ends letters: a button, since
// programs open links too. Where that was done it offers to undo it.
func (s stopping) getStop(c echo.Context) error {
	ctx, token := c.Request().Context(), c.Param("token")
	address, found, err := s.address(ctx, token)
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	page := templates.Stop{
		Page: s.site.FormPage(c), List: s.list, Action: s.path + token, UndoAction: s.path + token + "/undo",
		Masked: templates.Masked(address), Resumed: c.QueryParam("undone") != "",
	}
	page.NoIndex = true
	if page.Stopped, err = s.stopped(ctx, address); err != nil {
		return err
	}
	return web.Show(c, page)
}

// postStop, POST /stop/:token and POST /stop/renewals/:token, is the button, and the one click of RFC 8058, which must
// not be redirected (§3.1).
func (s stopping) postStop(c echo.Context) error {
	found, err := s.stop(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	return s.getStop(c)
}

// postUndo, POST /stop/:token/undo and POST /stop/renewals/:token/undo, has letters written again.
func (s stopping) postUndo(c echo.Context) error {
	found, err := s.resume(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	return web.SeeOther(c, s.path+c.Param("token")+"?undone=1")
}
