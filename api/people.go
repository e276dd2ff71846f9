package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

// people is what the pages for people need beside the rest of a Server.
type people struct {
	formKey []byte // of form tokens
	origins *http.CrossOriginProtection
	cookies cookies
	icon    templates.Asset
}

func newPeople(o Options, base *url.URL) people {
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte("insignia form token"))
	return people{
		formKey: mac.Sum(nil), origins: ownOrigin(base), cookies: newCookies(base.Scheme == "https"), icon: favicon(),
	}
}

// general is around pages that are the same for everybody, save their frame.
func (s *Server) general(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
		return next(c)
	}
}

// personal is around pages that are somebody's: nothing keeps or lists them.
func (s *Server) personal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set("X-Robots-Tag", "noindex")
		return next(c)
	}
}
