package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer"
)

func TestFetch(t *testing.T) {
	s := newSite(t)
	id := s.badge1(issuer.ByLink)
	for _, c := range []struct {
		address     string
		ours        bool
		status      int
		contentType string
	}{
		{"https://badges.acme.test/badges/" + id, true, 200, "application/vc+jwt"},
		{"http://badges.acme.test/badges/" + id, true, 200, "application/vc+jwt"},
		{"https://BADGES.acme.test:443/badges/" + id, true, 200, "application/vc+jwt"},
		{"https://badges.acme.test./badges/" + id, true, 200, "application/vc+jwt"},
		{"https://badges.acme.test/badges/" + id + "/credential.jwt", true, 200, "application/vc+jwt"},
		{"https://badges.acme.test/badges/" + id + "/badge.png", true, 200, "image/png"},
		{"https://badges.acme.test/issuers/acme/did.json", true, 200, "application/ld+json"},
		{"https://badges.acme.test/badges/2222222222aaaaaaaaaa", true, 404, ""},
		{"https://badges.acme.test/api/v1/results", true, 404, ""},
		{"https://badges.acme.test/metrics", true, 404, ""},
		{"https://badges.acme.test/", true, 404, ""},
		{"https://badges.acme.test", true, 404, ""},
		{"https://badges.acme.test/badges/../metrics", true, 404, ""},
		{"https://badges.acme.test/badges/..%2f..%2fmetrics", true, 404, ""},
		{"https://badges.acme.test:8443/badges/" + id, false, 0, ""},
		{"https://badges.acme.test.evil.test/badges/" + id, false, 0, ""},
		{"https://user@badges.acme.test/badges/" + id, false, 0, ""},
		{"ftp://badges.acme.test/badges/" + id, false, 0, ""},
		{"https://other.test/badges/" + id, false, 0, ""},
		{"::", false, 0, ""},
	} {
		answer, ours := s.Fetch(context.Background(), c.address)
		if ours != c.ours {
			t.Errorf("%s: ours is %v", c.address, ours)
			continue
		}
		if ours && (answer.Status != c.status || c.status == 200 && (answer.ContentType != c.contentType || len(answer.Body) == 0)) {
			t.Errorf("%s: got %d %s", c.address, answer.Status, answer.ContentType)
		}
	}
	if strings.Contains(s.log.String(), "/badges/") {
		t.Error("what we ask ourselves is no request:", s.log.String())
	}
}

func TestFetchBelowAPath(t *testing.T) {
	s := newSite(t, func(o *Options) { o.BaseURL = "https://acme.test/badging" })
	for address, ours := range map[string]bool{
		"https://acme.test/badging/issuers/acme/did.json": true,
		"https://acme.test/issuers/acme/did.json":         false,
		"https://acme.test/badgingx/issuers/acme":         false,
	} {
		answer, got := s.Fetch(context.Background(), address)
		if got != ours || ours && answer.Status != http.StatusOK {
			t.Errorf("%s: ours is %v, %+v", address, got, answer)
		}
	}
}
