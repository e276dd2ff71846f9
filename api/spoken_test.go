package api_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// englishOnly is a programme that was never translated, but for what it is called: its texts begin with Zq, as no
// word of ours does.
const englishOnly = `
issuer: {id: acme, name: {en: Zqacme}, description: Zqabout, url: https://acme.test, email: badges@acme.test, languages: [en, es, fr]}
exams:
  - {code: X1, name: {en: Zqfirst}, description: {en: Zqfirst description}, skills: [Zqskill, {en: Zqother}]}
  - {code: X2, name: Zqsecond, description: Zqsecond description}
  - {code: X3, name: Zqthird}
certifications:
  - {code: base, name: {en: Zqbase}, requires: {all: [{exam: X1}, {exam: X2}]}}
  - {code: above, name: Zqabove, description: {en: Zqabove description}, requires: {all: [{exam: X3}, {certification: base}]}}
  - {code: year, name: Zqyear, valid_for: 12 months, renewal_window: 300 days, requires: {all: [{exam: X3}, {certification: base}]}}
  - {code: same, name: Zqsame, requires: {exam: X3}}
`

// TestEnglishTextTellsItsLanguage: on Spanish and French pages all that the programme says in English only stands
// in an element that says so.
func TestEnglishTextTellsItsLanguage(t *testing.T) {
	for _, lang := range []string{"es", "fr"} {
		v := apitest.NewVisitors(t)
		v.Apply(t, englishOnly)
		today := func(id, exam string) issuer.Result {
			r := apitest.AnasPass(id, exam)
			r.TakenAt = v.Clock.Now()
			v.Clock.Advance(time.Minute)
			return r
		}
		awards := v.Post(today("R-1", "X1"))
		link := v.Link()
		v.Post(today("R-2", "X2"))
		v.Post(today("R-3", "X3"))
		ana, seen := v.Open(), 0
		look := func(b *apitest.Browser, target string) *apitest.Page {
			t.Helper()
			joint := "?"
			if strings.Contains(target, "?") {
				joint = "&"
			}
			p := b.Get(target+joint+"lang="+lang).Want(200, "")
			if p.Lang() != lang {
				t.Fatalf("%s is in %s", target, p.Lang())
			}
			seen += englishIn(p, lang)
			return p
		}
		for _, path := range []string{"/", "/privacy", "/help", "/help/claim", "/help/mails", "/issuers/acme", link, link + "/continue", link + "/not-me"} {
			look(v.Open(), path)
		}
		v.SignIn(ana, "ana@home.test")
		look(ana, link)
		look(ana, "/me/badges")
		all, _, err := v.Awards(t.Context(), v.Caller, issuer.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			id := a.ID
			if err := v.Accept(t.Context(), v.Holder("ana@home.test"), id, ledger.Public); err != nil {
				t.Fatal(err)
			}
			b, _, err := v.Published(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			look(ana, "/me/badges/"+id)
			for _, who := range []*apitest.Browser{ana, v.Open()} {
				look(who, "/badges/"+id)
				look(who, "/achievements/"+b.Achievement.ID)
				look(who, "/verify?url="+v.BadgeURL(id))
			}
		}
		look(ana, link+"/done")
		look(ana, "/me/badges")
		look(ana, "/me/credentials")
		look(ana, "/me")
		v.Site.Want(200, "POST", "/awards/"+awards[0].ID+"/revoke", `{"reason":"why"}`)
		look(v.Open(), "/badges/"+awards[0].ID)
		if seen < 80 {
			t.Errorf("%s: %d English texts on all pages: the test looks at nothing", lang, seen)
		}
	}
}

// englishIn counts the texts of englishOnly on a page, and refuses those that do not say that they are English.
func englishIn(p *apitest.Page, lang string) (n int) {
	p.B.T.Helper()
	var look func(node *html.Node, in string)
	look = func(node *html.Node, in string) {
		if l, found := apitest.Attr(node.Attr, "lang"); found {
			in = l
		}
		if node.Type == html.TextNode && strings.Contains(node.Data, "Zq") {
			if n++; in != "en" {
				p.B.T.Errorf("%s in %s: %q is said to be in %s", p.Path, lang, strings.TrimSpace(node.Data), in)
			}
		}
		if node.Data == "title" || node.Data == "script" {
			return
		}
		for c := node.FirstChild; c != nil; c = c.NextSibling {
			look(c, in)
		}
	}
	look(p.Root, "")
	return n
}
