// Package web is what every door of the server shares: who is signed in, the frame of pages, problems, decoding,
// forms, cookies, language, limits, and the cache of what was rendered.
//
// It must not know results, awards or badges, and has no SQL. The status of an error is chosen in problem.go
// only, by the code that a handler names, from the list there.
package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
)

// Options are the facts and parts that a Site is made of.
type Options struct {
	Name           string           // the one product name that people see
	BaseURL        string           // no slash at its end; all public addresses begin with it
	Secret         []byte           // signs cookies
	TrustedProxies []netip.Prefix   // whose forwarded headers are believed; none: nobody's
	Accounts       *earner.Accounts // who is signed in
	Log            *slog.Logger
	Now            func() time.Time
	Unavailable    func(err error) bool // whether an error says that the database cannot do its work now; nil: never
}

// Site is what every door shares: the name and the address of the site, who is signed in, the frame of its pages,
// its forms, and how errors are told. It is safe for concurrent use.
type Site struct {
	Options
	Base    *url.URL
	Cookies Cookies
	Drawing Gate // pictures and files that are being drawn, at any door: each takes a core for a while

	formKey []byte // of form tokens
	origins *http.CrossOriginProtection
}

// New makes the site; it panics on a BaseURL that is none.
func New(o Options) *Site {
	base := MustBase(o.BaseURL)
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte("insignia form token"))
	return &Site{
		Options: o, Base: base, Cookies: newCookies(base.Scheme == "https"), Drawing: make(Gate, 1),
		formKey: mac.Sum(nil), origins: ownOrigin(base),
	}
}

// DefaultName is what a site is called that nobody gave a name.
const DefaultName = "Insignia"

// PublicName is who public pages are from: the site where it was given a name, else the issuer.
func (s *Site) PublicName(issuer string) string {
	if s.Name == DefaultName && issuer != "" {
		return issuer
	}
	return s.Name
}

// CallerAddress says where a request comes from, for Echo.
func (s *Site) CallerAddress() echo.IPExtractor {
	return addressOf(s.TrustedProxies, ThisMachine(s.Base.Host), s.Log)
}

// Addresses that are named at several places.
const (
	APIPath     = "/api/v1"
	DocsPath    = APIPath + "/docs"
	SpecPath    = APIPath + "/openapi.json"
	MailboxPath = "/mailbox"

	VerifyPath   = "/verify"
	SignInPath   = "/sign-in"
	MePath       = "/me"
	MyBadgesPath = "/me/badges"
	PeoplePath   = "/people/"
	SharedPath   = "/shared/"
)

// VerifyURL leads to the result for one of our own addresses, and to the form filled in for others.
func VerifyURL(address string) string { return VerifyPath + "?url=" + url.QueryEscape(address) }

// MustBase reads a base address; it panics on one that is none.
func MustBase(baseURL string) *url.URL {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" {
		panic("api: BaseURL must be an absolute address, not " + baseURL)
	}
	return base
}

// PlausibleID keeps what cannot be one of our public ids away from the database.
func PlausibleID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == "" && id != ""
}
