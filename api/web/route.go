package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// Route is one address that a door answers.
type Route struct {
	Method  string // empty: any
	Path    string
	Handler echo.HandlerFunc
}

// Get is an address for GET and HEAD.
func Get(path string, h echo.HandlerFunc) []Route {
	return []Route{{http.MethodGet, path, h}, {http.MethodHead, path, h}}
}

// Post is an address for POST.
func Post(path string, h echo.HandlerFunc) []Route {
	return []Route{{http.MethodPost, path, h}}
}

// Put is an address for PUT.
func Put(path string, h echo.HandlerFunc) []Route {
	return []Route{{http.MethodPut, path, h}}
}

// Patch is an address for PATCH.
func Patch(path string, h echo.HandlerFunc) []Route {
	return []Route{{http.MethodPatch, path, h}}
}

// Delete is an address for DELETE.
func Delete(path string, h echo.HandlerFunc) []Route {
	return []Route{{http.MethodDelete, path, h}}
}

// Open is a document that everybody may read, also pages of other sites.
func Open(path string, h echo.HandlerFunc) []Route {
	return append(Get(path, h), Route{http.MethodOptions, path, preflight})
}

// Any is an address that decides about methods itself.
func Any(path string, h http.Handler) []Route {
	return []Route{{"", path, echo.WrapHandler(h)}}
}

// Form is somebody's own page with a form, which posts to the same address.
func (s *Site) Form(path string, get, post echo.HandlerFunc) []Route {
	return append(Get(path, s.Personal(get)), Post(path, s.Personal(s.Posted(post)))...)
}

// Table is a door's routes, one after another.
func Table(routes ...[]Route) []Route { return slices.Concat(routes...) }

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
