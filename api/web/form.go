package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"golang.org/x/net/idna"

	"github.com/open-insignia/insignia/earner"
)

// Cookies are the names of ours. On https they are bound to this host (RFC 6265bis, __Host- prefix).
type Cookies struct {
	secure   bool
	Session  string // who is signed in
	browser  string // set-up cookie: the browser that asked for a code, and whose forms are ours
	Claim    string // path of the claim that the code was asked for
	Way      string // by which somebody signed in here last
	language string
	Shared   string // that the PIN of a share code was typed
}

func newCookies(secure bool) Cookies {
	prefix := ""
	if secure {
		prefix = "__Host-"
	}
	return Cookies{secure, prefix + "insignia", prefix + "insignia-browser", prefix + "insignia-claim", prefix + "insignia-way", prefix + "insignia-language", prefix + "insignia-shared"}
}

const (
	browserLife  = 400 * 24 * time.Hour // the longest that browsers keep one
	ClaimLife    = time.Hour            // longer than a code
	WayLife      = 400 * 24 * time.Hour
	languageLife = 400 * 24 * time.Hour
)

// Set gives the browser a cookie that scripts cannot read and other sites cannot use in forms.
func (k Cookies) Set(c echo.Context, name, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true,
		Secure: k.secure, SameSite: http.SameSiteLaxMode,
	})
}

// Clear takes a cookie back.
func (k Cookies) Clear(c echo.Context, name string) {
	c.SetCookie(&http.Cookie{
		Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode,
	})
}

// CookieMost bounds what is looked at; ours are shorter.
const CookieMost = 200

// Cookie is the value of a cookie that came; empty if none did.
func Cookie(c echo.Context, name string) string {
	k, err := c.Cookie(name)
	if err != nil || len(k.Value) > CookieMost {
		return ""
	}
	return k.Value
}

const keyBrowser = "browser"

// Browser is the value of the set-up cookie, which is set now if there is none.
func (s *Site) Browser(c echo.Context) string {
	if v := s.KnownBrowser(c); v != "" {
		return v
	}
	v := earner.NewBrowser()
	s.Cookies.Set(c, s.Cookies.browser, v, browserLife)
	c.Set(keyBrowser, v)
	return v
}

// KnownBrowser is the value of the set-up cookie; empty if there is none.
func (s *Site) KnownBrowser(c echo.Context) string {
	if v, ok := c.Get(keyBrowser).(string); ok {
		return v
	}
	return Cookie(c, s.Cookies.browser)
}

// LastWay is by which way somebody signed in last in this browser; empty if nobody did.
func (s *Site) LastWay(c echo.Context) string { return Cookie(c, s.Cookies.Way) }

// formMost bounds the body of a form, in bytes; only /verify takes files.
const formMost = 64 << 10

// ownOrigin is the check that a form was sent from a page of ours. The base address is ours even where
// a proxy changes the Host header.
func ownOrigin(base *url.URL) *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	_ = p.AddTrustedOrigin(origin(base)) // one that is none trusts nobody; Host decides alone then
	return p
}

// origin is what browsers call the pages of an address (RFC 6454 §6.2).
func origin(u *url.URL) string {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ascii, err := idna.New(idna.MapForLookup(), idna.Transitional(false)).ToASCII(host); err == nil {
		host = ascii
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + p
	}
	return u.Scheme + "://" + host
}

// Posted is around what forms post to: it reads the form and refuses one that another site sent.
func (s *Site) Posted(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, formMost)
		if err := r.ParseForm(); err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return err
			}
			return fmt.Errorf("%w: %w", NewProblem(CodeUnreadable, "The form cannot be read."), err)
		}
		if !s.fromHere(c) {
			return FormRefused()
		}
		return next(c)
	}
}

// FormRefused is the answer to a form that another site sent.
func FormRefused() error {
	return NewProblem("form_refused", "This form did not come from a page of this site, or the page was too old.")
}

// fromHere reports whether a page of ours sent the form that was read.
func (s *Site) fromHere(c echo.Context) bool {
	return s.SentFromHere(c, c.Request().PostForm.Get("form_token"))
}

// SentFromHere reports whether a page of ours sent a form. Browsers say where it comes from; of those that
// do not, the form must carry the token of their set-up cookie. An Origin of "null" says nothing: our own
// pages send it too, because they tell no referrer.
func (s *Site) SentFromHere(c echo.Context, token string) bool {
	r := c.Request()
	origin := r.Header.Get("Origin")
	if r.Header.Get("Sec-Fetch-Site") != "" || origin != "" && origin != "null" {
		return s.origins.Check(r) == nil
	}
	browser := Cookie(c, s.Cookies.browser)
	return browser != "" && hmac.Equal([]byte(token), []byte(s.formToken(browser)))
}

// formToken is what the forms of a browser carry.
func (s *Site) formToken(browser string) string {
	if browser == "" {
		return ""
	}
	mac := hmac.New(sha256.New, s.formKey)
	mac.Write([]byte(browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
