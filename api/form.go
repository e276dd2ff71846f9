package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/open-insignia/insignia/issuer"
)

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
	host := issuer.PlainHost(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + p
	}
	return u.Scheme + "://" + host
}

// sent is around what forms post to: it reads the form and refuses one that another site sent.
func (s *Server) sent(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, formMost)
		if err := r.ParseForm(); err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return err
			}
			return fmt.Errorf("%w: %w", trouble(codeUnreadable, "The form cannot be read."), err)
		}
		if !s.fromHere(c) {
			return formRefused()
		}
		return next(c)
	}
}

func formRefused() error {
	return trouble("form_refused", "This form did not come from a page of this site, or the page was too old.")
}

// fromHere reports whether a page of ours sent the form that was read.
func (s *Server) fromHere(c echo.Context) bool {
	return s.sentFromHere(c, c.Request().PostForm.Get("form_token"))
}

// sentFromHere reports whether a page of ours sent a form. Browsers say where it comes from; of those that
// do not, the form must carry the token of their set-up cookie. An Origin of "null" says nothing: our own
// pages send it too, because they tell no referrer.
func (s *Server) sentFromHere(c echo.Context, token string) bool {
	r := c.Request()
	origin := r.Header.Get("Origin")
	if r.Header.Get("Sec-Fetch-Site") != "" || origin != "" && origin != "null" {
		return s.people.origins.Check(r) == nil
	}
	browser := cookie(c, s.people.cookies.browser)
	return browser != "" && hmac.Equal([]byte(token), []byte(s.formToken(browser)))
}

// formToken is what the forms of a browser carry.
func (s *Server) formToken(browser string) string {
	if browser == "" {
		return ""
	}
	mac := hmac.New(sha256.New, s.people.formKey)
	mac.Write([]byte(browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
