package api

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
)

// observe is around everything: it gives the request its id, turns panics into problems, and writes one
// line to the log, which names neither query nor address.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		c.Response().Header().Set(echo.HeaderXRequestID, strings.ToLower(rand.Text()[:20]))
		body := c.Request().Body // handlers put limits around it
		err := guarded(next, c)
		if err != nil {
			s.site.Fail(c, err)
		}
		if c.Response().Status >= http.StatusBadRequest {
			web.Drain(c, body)
		}
		took := time.Since(start)
		s.metrics.answered(c.Request().Method, c.Path(), c.Response().Status, took)
		s.log(c, err, took)
		return nil
	}
}

// guarded calls the handler; a panic becomes an error with its stack.
func guarded(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return next(c)
}

func (s *Server) log(c echo.Context, err error, took time.Duration) {
	level, status := slog.LevelInfo, c.Response().Status
	facts := []slog.Attr{
		slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("request_id", web.RequestID(c)),
	}
	if partner, ok := c.Get(web.KeyPartner).(string); ok {
		facts = append(facts, slog.String("partner", partner))
	}
	if earner, ok := c.Get(web.KeyEarner).(string); ok {
		facts = append(facts, slog.String("earner", earner))
	}
	if status >= http.StatusInternalServerError && err != nil && !web.Gone(c, err) {
		level = slog.LevelError
		facts = append(facts, slog.String("error", err.Error()))
	}
	s.site.Log.LogAttrs(c.Request().Context(), level, "request", facts...)
}

// contentPolicy suffices for all pages: they load one stylesheet and pictures of this server.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
	"frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect sets the headers that tell browsers what never to do; a handler may set others. The values are
// shared by all requests.
func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	always := http.Header{"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}}
	if s.site.Base.Scheme == "https" {
		always.Set("Strict-Transport-Security", "max-age=31536000")
	}
	pages := http.Header{"Content-Security-Policy": {contentPolicy}, "X-Frame-Options": {"DENY"}}
	return func(c echo.Context) error {
		h := c.Response().Header()
		maps.Copy(h, always)
		if !strings.HasPrefix(c.Request().URL.Path, web.MailboxPath) { // it shows letters in frames and has a policy of its own
			maps.Copy(h, pages)
		}
		return next(c)
	}
}
