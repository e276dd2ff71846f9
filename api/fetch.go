package api

import (
	"net/url"
	"strings"
)

// own is an address of ours as one on this server, without the path of the base address.
func (s *Server) own(address string) (*url.URL, bool) { return s.site.Path(address) }

func publicPath(path string) bool {
	for _, prefix := range []string{"/badges/", "/achievements/", "/issuers/", "/status/", "/.well-known/jwks.json"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
