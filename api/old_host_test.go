package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
)

// TestOldHostsLeadOn for good, with path and query as they were and to nowhere else; every other host is answered.
//
// row 86: old host names redirect permanently.
func TestOldHostsLeadOn(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.OldHosts = []string{"badges.old.test", "xn--bcher-kva.example"} })
	ask := func(method, host, target string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct{ method, host, target, want string }{
		{"GET", "badges.old.test", "/badges/abc?lang=es", "/badges/abc?lang=es"},
		{"HEAD", "Badges.OLD.test.:443", "/", "/"},
		{"POST", "xn--bcher-kva.example", "/api/v1/verify", "/api/v1/verify"},
		{"GET", "badges.old.test", "//evil.test/x", "//evil.test/x"},
		{"GET", "badges.old.test", "http://evil.test/%0d%0aSet-Cookie:a", "/%0d%0aSet-Cookie:a"},
	} {
		w := ask(c.method, c.host, c.target)
		if got := w.Header().Get("Location"); w.Code != http.StatusPermanentRedirect || got != apitest.Issuer1+c.want {
			t.Errorf("%s %s%s: got %d %q, want %q", c.method, c.host, c.target, w.Code, got, apitest.Issuer1+c.want)
		}
	}
	for _, host := range []string{"badges.acme.test", "old.test", "x.badges.old.test", "127.0.0.1", "[::1]:80", ""} {
		if w := ask("GET", host, "/healthz"); w.Code != http.StatusOK {
			t.Errorf("%q: got %d", host, w.Code)
		}
	}
}
