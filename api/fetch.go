package api

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/open-insignia/insignia/egress"
	"golang.org/x/net/idna"
)

// fetchAccept asks for a badge document where the address is that of a page: the signed one first, which
// proves more than that this server shows it.
const fetchAccept = "application/vc+jwt, application/ld+json, application/json, application/jwt, image/png, image/svg+xml, text/plain;q=0.5"

const redirectsMost = 5

// Fetch answers an address of ours for the verifier, in this process and as a stranger would see it. It
// reports false for addresses of others. Only documents that are public by nature are answered; the
// rest of our addresses shows nothing.
func (s *Server) Fetch(ctx context.Context, address string) (*egress.Response, bool) {
	for range redirectsMost {
		path, ours := s.own(address)
		if !ours {
			return nil, false
		}
		if !publicPath(path.Path) {
			return &egress.Response{URL: address, Status: http.StatusNotFound}, true
		}
		w := s.ask(ctx, path)
		if w.status == http.StatusPermanentRedirect {
			address = w.header.Get(echo.HeaderLocation)
			continue
		}
		return &egress.Response{URL: address, Status: w.status, ContentType: w.header.Get(echo.HeaderContentType), Body: w.body.Bytes()}, true
	}
	return &egress.Response{URL: address, Status: http.StatusNotFound}, true
}

func (s *Server) ask(ctx context.Context, path *url.URL) *recorder {
	r := (&http.Request{
		Method: http.MethodGet, URL: path, Host: s.base.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{echo.HeaderAccept: {fetchAccept}}, Body: http.NoBody, RemoteAddr: "192.0.2.0:0",
	}).WithContext(context.WithValue(ctx, inside{}, true))
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	s.ServeHTTP(w, r)
	return w
}

// own is an address of ours as one on this server, without the path of the base address. http and https
// are the same: who wrote the address down may not have known.
func (s *Server) own(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || !s.sameHost(u) {
		return nil, false
	}
	escaped, inside := strings.CutPrefix(u.EscapedPath(), s.base.EscapedPath())
	if !inside || escaped != "" && escaped[0] != '/' {
		return nil, false
	}
	// Not parsed anew: "//elsewhere.test/" as the rest of a path would become a host.
	return &url.URL{Path: strings.TrimPrefix(u.Path, s.base.Path), RawPath: strings.TrimPrefix(u.RawPath, s.base.EscapedPath()), RawQuery: u.RawQuery}, true
}

func (s *Server) sameHost(u *url.URL) bool {
	return plainHost(u.Hostname()) == plainHost(s.base.Hostname()) && (port(u) == port(s.base) || port(u) == "80" && port(s.base) == "443")
}

// plainHost is a host in the one spelling that it is compared by: browsers show and copy either of an international
// name's two (RFC 5891).
func plainHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ascii, err := hostNames.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false))

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

func publicPath(path string) bool {
	for _, prefix := range []string{"/badges/", "/achievements/", "/issuers/", "/status/", "/.well-known/jwks.json"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// recorder keeps what a handler writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header, Write and WriteHeader make it an http.ResponseWriter.
func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *recorder) WriteHeader(status int)      { w.status = status }
