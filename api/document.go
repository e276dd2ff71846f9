package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
)

// Cache-Control of documents. Badges and lists change hands within a minute; what the address names by
// its content may stay longer.
const (
	cacheMinute = "public, max-age=60"
	cacheHour   = "public, max-age=3600"
	cacheDay    = "public, max-age=86400"
)

// Media types that Accept chooses between.
const (
	typeJSONLD = "application/ld+json"
	typeVC     = "application/vc"
	typeVCOld  = "application/vc+ld+json" // before VC Data Model 2.0 was final
	typeJWT    = "application/jwt"
	typeVCJWT  = "application/vc+jwt"
	typeText   = "text/plain; charset=utf-8"
)

// The types that a credential is served as, by its form.
var (
	dataTypes  = []string{typeVC, typeVCOld, typeJSONLD, echo.MIMEApplicationJSON}
	tokenTypes = []string{typeVCJWT, typeJWT}
)

// serve answers with a document, or with 304 when the caller has it.
func (s *Server) serve(c echo.Context, d issuer.Document, caching string) error {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag")
	h.Set(echo.HeaderCacheControl, caching)
	h.Set("ETag", d.ETag)
	if strings.HasPrefix(d.Type, "image/svg") {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	}
	status := http.StatusOK
	if d.Gone {
		status = http.StatusGone
	} else if matches(c.Request().Header.Values("If-None-Match"), d.ETag) {
		return c.NoContent(http.StatusNotModified)
	}
	h.Set(echo.HeaderContentType, d.Type)
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(d.Body)))
	c.Response().WriteHeader(status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(d.Body) // the caller has gone
	}
	return nil
}

// matches compares If-None-Match weakly (RFC 9110 §13.1.2).
func matches(headers []string, etag string) bool {
	for _, header := range headers {
		for tag := range strings.SplitSeq(header, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == etag || tag == "*" {
				return true
			}
		}
	}
	return false
}

// preflight answers browsers that ask before a page of another site reads a document.
func preflight(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "Accept, If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	h.Set(echo.HeaderAllow, "GET, HEAD, OPTIONS")
	return c.NoContent(http.StatusNoContent)
}
