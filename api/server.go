// Package api opens the doors: one server, a table of route tables, health and metrics. What is behind a door
// is told by its own package, what all of them share by web.
//
// It must not know what the doors serve. Echo is used from here downwards and nowhere else.
package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
)

// Door is one of the rooms behind the server.
type Door interface {
	Routes() []web.Route
}

// Options are the parts and facts that a Server is made of.
type Options struct {
	Site         *web.Site
	OldHosts     []string // names that were the site's before
	Doors        []Door
	Ready        func(ctx context.Context) error // nil: the database takes writes and its schema is current
	Counts       Counts
	MetricsToken string       // /metrics asks for it as bearer token; empty: only callers on this machine
	Mailbox      http.Handler // mounted at /mailbox; nil: there is none
	Version      string
}

// Server answers all addresses of the product. It is an http.Handler and safe for concurrent use.
type Server struct {
	o       Options
	site    *web.Site
	echo    *echo.Echo
	metrics *metrics
}

// New makes the server and opens its doors.
func New(o Options) *Server {
	s := &Server{o: o, site: o.Site, echo: echo.New(), metrics: newMetrics()}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = s.site.CallerAddress()
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.site.Fail(c, err) }
	s.echo.Pre(s.leadOn)
	s.echo.Use(s.observe, s.protect)
	for _, r := range s.Routes() {
		if r.Method == "" {
			s.echo.Any(r.Path, r.Handler)
			continue
		}
		s.echo.Add(r.Method, r.Path, r.Handler)
	}
	return s
}

// leadOn leads whoever asks for a host that was the site's before to where it is now, for good.
func (s *Server) leadOn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !slices.Contains(s.o.OldHosts, strings.ToLower(strings.TrimSuffix(host, "."))) {
			return next(c)
		}
		return c.Redirect(http.StatusPermanentRedirect, s.site.BaseURL+r.URL.RequestURI())
	}
}

// Routes is the table of route tables: all addresses.
func (s *Server) Routes() []web.Route {
	table := web.Table(web.Get("/healthz", getHealth), web.Get("/readyz", s.getReady), web.Get("/metrics", s.getMetrics))
	for _, d := range s.o.Doors {
		table = append(table, d.Routes()...)
	}
	if s.o.Mailbox != nil {
		table = append(table, web.Table(web.Any(web.MailboxPath, s.o.Mailbox), web.Any(web.MailboxPath+"/*", s.o.Mailbox))...)
	}
	return table
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// getHealth, GET /healthz, says that the process answers.
func getHealth(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.String(http.StatusOK, "ok\n")
}

// getReady, GET /readyz, says that requests can be served: the database takes writes.
func (s *Server) getReady(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if s.o.Ready != nil {
		if err := s.o.Ready(c.Request().Context()); err != nil {
			return fmt.Errorf("%w: %w", web.Later(web.CodeUnavailable, "Not ready to serve.", web.StorePatience), err)
		}
	}
	return c.String(http.StatusOK, "ready\n")
}
