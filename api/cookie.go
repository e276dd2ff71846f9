package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
)

// cookies are the names of ours. On https they are bound to this host (RFC 6265bis, __Host- prefix).
type cookies struct {
	secure   bool
	session  string // who is signed in
	browser  string // set-up cookie: the browser that asked for a code, and whose forms are ours
	claim    string // path of the claim that the code was asked for
	language string
}

func newCookies(secure bool) cookies {
	prefix := ""
	if secure {
		prefix = "__Host-"
	}
	return cookies{secure, prefix + "insignia", prefix + "insignia-browser", prefix + "insignia-claim", prefix + "insignia-language"}
}

const (
	browserLife  = 400 * 24 * time.Hour // the longest that browsers keep one
	claimLife    = time.Hour            // longer than a code
	languageLife = 400 * 24 * time.Hour
)

// set gives the browser a cookie that scripts cannot read and other sites cannot use in forms.
func (k cookies) set(c echo.Context, name, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (k cookies) clear(c echo.Context, name string) {
	c.SetCookie(&http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode})
}

// cookieMost bounds what is looked at; ours are shorter.
const cookieMost = 200

// cookie is the value of a cookie that came; empty if none did.
func cookie(c echo.Context, name string) string {
	k, err := c.Cookie(name)
	if err != nil || len(k.Value) > cookieMost {
		return ""
	}
	return k.Value
}

const keyBrowser = "browser"

// browser is the value of the set-up cookie, which is set now if there is none.
func (s *Server) browser(c echo.Context) string {
	if v := s.knownBrowser(c); v != "" {
		return v
	}
	v := earner.NewBrowser()
	s.people.cookies.set(c, s.people.cookies.browser, v, browserLife)
	c.Set(keyBrowser, v)
	return v
}

// knownBrowser is the value of the set-up cookie; empty if there is none.
func (s *Server) knownBrowser(c echo.Context) string {
	if v, ok := c.Get(keyBrowser).(string); ok {
		return v
	}
	return cookie(c, s.people.cookies.browser)
}
