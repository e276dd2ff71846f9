package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestNoDeadLinks follows every link of every page that a stranger can reach, in three languages.
//
// row 102: none of them names a price or a plan, or asks for a card.
func TestNoDeadLinks(t *testing.T) {
	s := startServer(t, nil)
	award, err := s.postResult(t.Context(), s.key, demoResults(s.now())[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.acceptAs(t.Context(), "ana@home.test", "Ana Ruiz", award); err != nil {
		t.Fatal(err)
	}
	c := &crawler{t: t, base: s.base, seen: map[string]bool{}}
	for _, start := range []string{"/", "/badges/" + award, "/api/v1/docs", "/mailbox", "/claim/lost", "/sign-in"} {
		c.visit(start, "the test")
	}
	if len(c.seen) < 40 {
		t.Errorf("only %d addresses were found: the crawl did not get far", len(c.seen))
	}
}

type crawler struct {
	t    *testing.T
	base string
	seen map[string]bool
}

func (c *crawler) visit(address, from string) {
	c.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		c.t.Errorf("%s links to %q: %v", from, address, err)
		return
	}
	fragment := u.Fragment
	u.Fragment = ""
	if c.seen[u.String()] || u.Scheme == "mailto" || u.IsAbs() && !strings.HasPrefix(u.String(), c.base) {
		return
	}
	c.seen[u.String()] = true
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+strings.TrimPrefix(u.String(), c.base), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,*/*;q=0.8")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Errorf("%s links to %s: %v", from, address, err)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Errorf("%s links to %s, which answers %s", from, address, answer.Status)
		return
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return
	}
	page, err := html.Parse(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	ids := map[string]bool{}
	var links []string
	for n := range page.Descendants() {
		if sells(n) {
			c.t.Errorf("%s sells something: %.80q %q", u, n.Data, n.Attr)
		}
		if id := attribute(n, "id"); id != "" {
			ids[id] = true
		}
		if href := attribute(n, "href"); href != "" && n.Data == "a" {
			links = append(links, href)
		}
	}
	if fragment != "" && !ids[fragment] {
		c.t.Errorf("%s links to %s, which has no such place", from, address)
	}
	for _, link := range links {
		if strings.HasPrefix(link, "#") {
			if !ids[link[1:]] {
				c.t.Errorf("%s links to %s, which it does not have", u, link)
			}
			continue
		}
		to, err := answer.Request.URL.Parse(link)
		if err != nil {
			c.t.Errorf("%s links to %q: %v", u, link, err)
			continue
		}
		c.visit(strings.TrimPrefix(to.String(), c.base), u.String())
	}
}

var price = regexp.MustCompile(`[€$£¥]\s?[0-9]|[0-9]\s?(€|EUR|USD|£)|(?i)\b(premium|subscri|upgrade your|abonnement|suscripci)`)

// sells reports whether a piece of a page names a price or a plan, or asks for the number of a card.
func sells(n *html.Node) bool {
	return n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" && price.MatchString(n.Data) ||
		strings.HasPrefix(attribute(n, "autocomplete"), "cc-")
}
