package home_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
)

// TestOneProductName: with another name set no page says ours, signed in and not, in the languages in which ours is no
// word of its own.
//
// row 86: one product name, configurable once.
func TestOneProductName(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Site = "Badgehaus" })
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0]
	link := v.Link()
	ours := regexp.MustCompile(`\bInsignia\b`)
	check := func(b *apitest.Browser, start ...string) {
		t.Helper()
		seen, queue := map[string]bool{}, start
		for len(queue) > 0 && len(seen) < 150 {
			path := queue[0]
			queue = queue[1:]
			path, _, _ = strings.Cut(path, "#")
			if !strings.HasPrefix(path, "/") || seen[path] || strings.Contains(path, "lang=es") {
				continue
			}
			seen[path] = true
			p := b.Get(path)
			if !strings.Contains(p.Header.Get("Content-Type"), "html") {
				continue
			}
			if p.Lang() != "es" {
				if at := ours.FindStringIndex(p.Body); at != nil {
					t.Errorf("%s says %q", path, p.Body[max(0, at[0]-80):min(len(p.Body), at[1]+40)])
				}
			}
			queue = append(queue, p.Links()...)
		}
		if len(seen) < 10 {
			t.Errorf("saw only %v", seen)
		}
	}
	stranger, ana := v.Open(), v.Open()
	check(stranger, "/", link, link+"/continue", "/claim/lost", "/claim/none", "/sign-in", "/help", "/privacy", "/verify", "/api/v1/docs", "/nowhere")
	v.SignIn(ana, "ana@home.test")
	ana.Get(link).Press("Accept badge", "visibility", ledger.Public)
	check(ana, "/me", "/me/badges", "/me/settings", "/me/credentials", "/badges/"+award.ID, "/badges/"+award.ID+"/share", "/me/badges/"+award.ID)
}

// TestAssetsAreCompressed: pages wait for their stylesheet, so whoever takes it compressed gets it so, and nobody else.
func TestAssetsAreCompressed(t *testing.T) {
	s := apitest.New(t)
	for _, a := range templates.Assets {
		for accept, want := range map[string]string{
			"": "", "gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.000": "", "gzip;q=0.001": "gzip", "br, zstd": "", "identity": "", "x-gzip": "",
		} {
			w := s.Ask("GET", a.Path, "", "Accept-Encoding", accept)
			body := w.Body.Bytes()
			if h := w.Header(); w.Code != http.StatusOK || h.Get("Content-Encoding") != want || !slices.Contains(h.Values("Vary"), "Accept-Encoding") || h.Get("Content-Type") != a.Type {
				t.Errorf("%s for %q: %d %v", a.Path, accept, w.Code, h)
			}
			if want != "" {
				if r, err := gzip.NewReader(w.Body); err != nil {
					t.Error(a.Path, err)
				} else if body, err = io.ReadAll(r); err != nil {
					t.Error(a.Path, err)
				}
			}
			if !bytes.Equal(body, a.Body) {
				t.Errorf("%s for %q is another file", a.Path, accept)
			}
		}
	}
}
