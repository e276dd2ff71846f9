package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
)

// getHealth says that the process answers.
func getHealth(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.String(http.StatusOK, "ok\n")
}

// getReady says that requests can be served: the database takes writes.
func (s *Server) getReady(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if s.o.Ready != nil {
		if err := s.o.Ready(c.Request().Context()); err != nil {
			return fmt.Errorf("%w: %w", web.Later(web.CodeUnavailable, "Not ready to serve.", web.StorePatience), err)
		}
	}
	return c.String(http.StatusOK, "ready\n")
}

// mayWatch lets the holder of the token read metrics, or without a token this machine itself, where the site is
// here too: under a public address a connection from this machine is a proxy's, whatever headers it adds.
func (s *Server) mayWatch(c echo.Context) bool {
	r := c.Request()
	if s.o.MetricsToken != "" {
		scheme, token, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
		return strings.EqualFold(scheme, "Bearer") && equal(token, s.o.MetricsToken)
	}
	if !web.ThisMachine(s.site.Base.Host) {
		return false
	}
	for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Host", "Via"} {
		if r.Header.Get(forwarded) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// equal compares secrets in a time that tells nothing about them.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
