package api

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

func (s *Server) getHome(c echo.Context) error {
	page := s.page(c)
	by, _, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = s.o.BaseURL + "/"
	home := templates.Home{Page: page, Issuer: by}
	if s.o.Mailbox != nil {
		home.TestURL = mailboxPath
	}
	return s.show(c, home)
}

func (s *Server) getHelp(c echo.Context) error {
	page := s.page(c)
	by, org, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = s.o.BaseURL + "/help"
	return s.show(c, templates.Help{Page: page, Issuer: by, Contact: org.Email})
}

func (s *Server) getPrivacy(c echo.Context) error {
	page := s.page(c)
	by, org, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = s.o.BaseURL + "/privacy"
	return s.show(c, templates.Privacy{Page: page, Issuer: by, Contact: org.Email})
}
