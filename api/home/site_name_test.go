package home_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
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
