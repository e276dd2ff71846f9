package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

// errorPage writes a problem as a page: its own, or one that says what happened, why, and what next.
func (s *Server) errorPage(c echo.Context, p *problem) error {
	page := p.page
	switch {
	case page != nil:
	case p.hidden:
		page = templates.NotFound{Page: s.page(c)}
	default:
		page = s.generalError(c, p)
	}
	body, err := draw(page)
	if err != nil {
		return err
	}
	return c.Blob(p.status, typeHTML, body)
}

func (s *Server) generalError(c echo.Context, p *problem) templates.ErrorPage {
	e := templates.ErrorPage{Page: s.page(c), Kind: errorKind(p), Reference: requestID(c)}
	if p.status == http.StatusTooManyRequests {
		e.Minutes = int((p.retry + time.Minute - 1) / time.Minute)
	}
	if p.status == http.StatusForbidden || p.status == http.StatusConflict || p.status >= http.StatusInternalServerError {
		e.BackURL = c.Request().URL.RequestURI()
	}
	return e
}

// errorKinds gives each status its words.
var errorKinds = map[int]string{
	http.StatusForbidden:             templates.ErrorForbidden,
	http.StatusNotFound:              templates.ErrorNoPage,
	http.StatusMethodNotAllowed:      templates.ErrorMethod,
	http.StatusConflict:              templates.ErrorConflict,
	http.StatusGone:                  templates.ErrorGone,
	http.StatusRequestEntityTooLarge: templates.ErrorTooLarge,
	http.StatusTooManyRequests:       templates.ErrorTooMany,
	http.StatusServiceUnavailable:    templates.ErrorUnavailable,
	http.StatusInternalServerError:   templates.ErrorInternal,
}

func errorKind(p *problem) string {
	if kind, found := errorKinds[p.status]; found {
		return kind
	}
	return templates.ErrorBadRequest
}

// asPage has people see a page of its own in place of the general one for an error.
func (s *Server) asPage(c echo.Context, err error, page drawable) error {
	p := *s.problemOf(c, err)
	p.page = page
	return &p
}

// refusedField is a form that was not filled in as it should be.
func refusedField(page drawable) error {
	p := trouble(codeInvalid, "The form is not filled in as it should be.")
	p.page = page
	return p
}

// noSuchRun is a list of badges whose answers are forgotten.
func noSuchRun(page drawable) error {
	p := trouble(codeNotFound, "These answers are not kept any more.")
	p.page = page
	return p
}

// noSuchLink is a link that we never sent.
func noSuchLink(page drawable) error {
	p := trouble(codeNotFound, "This link is not known.")
	p.page = page
	return p
}
