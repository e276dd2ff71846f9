package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

// favicon is the site's icon.
func favicon() templates.Asset {
	for _, a := range templates.Assets {
		if strings.HasPrefix(a.Type, "image/svg") {
			return a
		}
	}
	panic("api: templates have no icon")
}

// getFavicon is for browsers that look for the icon where it used to be.
func (s *Server) getFavicon(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, cacheDay)
	return c.Blob(http.StatusOK, s.people.icon.Type, s.people.icon.Body)
}

// robots keeps crawlers from links that are somebody's.
const robots = `User-agent: *
Disallow: /claim/
Disallow: /confirm/
Disallow: /stop/
Disallow: /me
Disallow: /sign-in
Disallow: /mailbox
Disallow: /api/
`

func getRobots(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, cacheDay)
	return c.String(http.StatusOK, robots)
}
