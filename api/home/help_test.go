package home_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
)

var helpLinks = regexp.MustCompile(`href="(/[^"]*|#[^"]*)"`)

// TestHelp reads every article in every language: it names who really sends mail, its links lead somewhere that is
// there, and none to itself.
//
// row 25: the same list items in every language; row 47: no self-links, no dead links; row 54: no pictures that could
// tell something else; row 90: the actual sender.
func TestHelp(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Sender = `"Acme, Inc." <badges@mail.acme.test>` })
	b, seen := v.Open(), 0
	items := map[string]int{}
	for _, lang := range []string{"en", "es", "fr"} {
		index := b.Get("/help?lang="+lang).Want(200, "")
		for _, path := range helpPages(t, index) {
			p := b.Get(path+"?lang="+lang).Want(200, "")
			if p.Lang() != lang {
				t.Errorf("%s is in %s", path, p.Lang())
			}
			main := p.Body[strings.Index(p.Body, "<main"):strings.Index(p.Body, "</main>")]
			for _, wrong := range []string{"<img", "{", "help."} {
				if strings.Contains(strings.ReplaceAll(main, "/help/", ""), wrong) {
					t.Errorf("%s in %s contains %q", path, lang, wrong)
				}
			}
			if n := strings.Count(main, "<li>"); items[path] == 0 {
				items[path] = n + 1
			} else if items[path] != n+1 {
				t.Errorf("%s in %s has %d items, and %d in another language", path, lang, n, items[path]-1)
			}
			for _, m := range helpLinks.FindAllStringSubmatch(p.Body[strings.Index(p.Body, "<main"):], -1) {
				target, anchor, _ := strings.Cut(m[1], "#")
				if target == "" || target == path {
					t.Errorf("%s in %s links to itself: %s", path, lang, m[1])
				}
				to := v.Open().Get(target)
				if seen++; to.Status != 200 || anchor != "" && strings.HasPrefix(target, "/help") && !strings.Contains(to.Body, `id="`+anchor+`"`) {
					t.Errorf("%s in %s links to %s, which answers %d or has no such place", path, lang, m[1], to.Status)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("followed %d links only", seen)
	}
	for _, path := range []string{"/help/claim", "/help/mails", "/help/where-is-my-badge"} {
		v.Open().Get(path).Says(`"Acme, Inc." <badges@mail.acme.test>`)
	}
	v.Open().Get("/help/mails").Says("https://badges.acme.test")
	for _, none := range []string{"/help/none", "/help/claim/x", "/help/" + strings.Repeat("x", 2000)} {
		v.Open().Get(none).Want(404, "There is no such page")
	}
}

// helpPages are the articles that the list names.
func helpPages(t *testing.T, index *apitest.Page) (paths []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`href="(/help/[^"]+)"`).FindAllStringSubmatch(index.Body, -1) {
		paths = append(paths, m[1])
	}
	if len(paths) < 10 {
		t.Fatalf("the list names %v only", paths)
	}
	if strings.Contains(index.Body[strings.Index(index.Body, "<main"):], `href="/help"`) {
		t.Error("the list links to itself")
	}
	return paths
}

// TestHelpFitsWhereItIsAsked: "Get help" stands at the same place everywhere and opens at the matching case, in the
// reader's language.
//
// row 5: the same place on every page; row 49: the matching case, in the reader's language.
func TestHelpFitsWhereItIsAsked(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "fr"))
	v.Post(apitest.AnasPass("R-1", "E1"))
	link := v.Link()
	ben := v.Open()
	ben.Get("/help?lang=fr")
	ben.Get("/sign-in").Press("M’envoyer un code", "email", "ben@work.test")
	ben.Get("/sign-in/code").Press("Confirmer", "code", v.Code().Code)
	for path, want := range map[string]string{
		link: "/help/claim#wrong-account", "/me/badges": "/help/choices", "/me": "/help/where-is-my-badge", "/verify": "/help/check",
		"/claim/lost": "/help/claim#lost", "/nowhere": "/help", "/me/settings": "/help/addresses",
	} {
		p := ben.Get(path)
		footer := p.Body[strings.Index(p.Body, "<footer"):]
		if m := regexp.MustCompile(`<ul class="links">\s*<li><a href="([^"]+)">Aide</a></li>`).FindStringSubmatch(footer); m == nil || m[1] != want {
			t.Errorf("%s: help leads to %q, want %s first among the links of the footer", path, m, want)
		}
		p.Follow("Aide").Want(200, "")
	}
	ben.Get(link).Follow("Aide").Want(200, "Récupérer un badge").Says("Le badge a été envoyé à une autre adresse")
}
