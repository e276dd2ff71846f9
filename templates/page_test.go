package templates_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/open-insignia/insignia/templates"
)

var void = map[string]bool{"meta": true, "link": true, "img": true, "input": true, "br": true}

// element is a start tag with its attributes.
type element struct {
	tag   string
	attrs map[string]string
}

// outline reads a document strictly: every tag that opens closes, in order.
func outline(t *testing.T, name, document string) []element {
	t.Helper()
	var all []element
	var open []string
	z := html.NewTokenizer(strings.NewReader(document))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%s: %v stay open", name, open)
			}
			return all
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			e := element{tok.Data, map[string]string{}}
			for _, a := range tok.Attr {
				if _, twice := e.attrs[a.Key]; twice {
					t.Errorf("%s: <%s> has %s twice", name, tok.Data, a.Key)
				}
				e.attrs[a.Key] = a.Val
			}
			all = append(all, e)
			if kind == html.StartTagToken && !void[tok.Data] {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			tag := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Fatalf("%s: </%s> closes %v", name, tag, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func eachPage(t *testing.T, check func(t *testing.T, lang, name, document string, all []element)) {
	for _, l := range templates.Languages {
		for _, e := range examples(l.Code) {
			name := e.name + "." + l.Code
			document := render(t, e)
			check(t, l.Code, name, document, outline(t, name, document))
		}
	}
}

func TestPagesAreSound(t *testing.T) {
	eachPage(t, func(t *testing.T, lang, name, document string, all []element) {
		count, ids, labels := map[string]int{}, map[string]bool{}, map[string]bool{}
		for _, e := range all {
			count[e.tag]++
			if id := e.attrs["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s: id %s stands twice", name, id)
				}
				ids[id] = true
			}
			if e.tag == "label" {
				labels[e.attrs["for"]] = true
			}
		}
		for _, once := range []string{"html", "title", "main", "h1"} {
			if count[once] != 1 {
				t.Errorf("%s: got %d <%s>, want 1", name, count[once], once)
			}
		}
		if all[0].attrs["lang"] != lang {
			t.Errorf("%s: lang is %q", name, all[0].attrs["lang"])
		}
		for _, wrong := range []string{"ZgotmplZ", "{{", "&lt;strong", "&amp;lt;", "%!"} {
			if strings.Contains(document, wrong) {
				t.Errorf("%s: contains %s", name, wrong)
			}
		}
		for _, e := range all {
			checkElement(t, name, e, ids, labels)
		}
	})
}

func checkElement(t *testing.T, name string, e element, ids, labels map[string]bool) {
	switch kind := e.attrs["type"]; {
	case e.tag == "input" && kind == "hidden":
	case e.tag == "input" || e.tag == "textarea" || e.tag == "select":
		if !labels[e.attrs["id"]] {
			t.Errorf("%s: <%s name=%s> has no label", name, e.tag, e.attrs["name"])
		}
	case e.tag == "img" && !strings.HasPrefix(e.attrs["alt"], "Badge") && !strings.HasPrefix(e.attrs["alt"], "Insignia") && !strings.Contains(e.attrs["alt"], "QR"):
		t.Errorf("%s: img alt is %q", name, e.attrs["alt"])
	}
	for _, ref := range []string{"aria-labelledby", "aria-describedby", "for"} {
		for _, id := range strings.Fields(e.attrs[ref]) {
			if !ids[id] {
				t.Errorf("%s: %s=%s leads nowhere", name, ref, id)
			}
		}
	}
	if href := e.attrs["href"]; strings.HasPrefix(href, "#") && !ids[href[1:]] {
		t.Errorf("%s: %s leads nowhere", name, href)
	}
	for attr := range e.attrs {
		if attr == "style" || strings.HasPrefix(attr, "on") {
			t.Errorf("%s: <%s> has %s, which the content security policy refuses", name, e.tag, attr)
		}
	}
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	eachPage(t, func(t *testing.T, _, name, _ string, all []element) {
		for _, e := range all {
			if strings.HasPrefix(name, "export.") { // it loads what lies beside it
				continue
			}
			src := e.attrs["src"]
			if e.tag == "link" && e.attrs["rel"] == "stylesheet" || e.attrs["rel"] == "icon" {
				src = e.attrs["href"]
			}
			if src != "" && !strings.HasPrefix(src, "/") && !strings.HasPrefix(src, "data:image/") || strings.HasPrefix(src, "//") {
				t.Errorf("%s: <%s> loads %s", name, e.tag, src)
			}
			if e.tag == "script" && e.attrs["type"] != "application/ld+json" && !strings.HasPrefix(src, "/assets/") {
				t.Errorf("%s: has a script", name)
			}
		}
	})
}

func TestFormsCarryTheToken(t *testing.T) {
	eachPage(t, func(t *testing.T, _, name, document string, all []element) {
		forms := 0
		for _, e := range all {
			if e.tag == "form" {
				if e.attrs["method"] == "get" && e.attrs["action"] != "" {
					continue // it only looks
				}
				forms++
				if e.attrs["method"] != "post" || e.attrs["action"] == "" {
					t.Errorf("%s: form %v", name, e.attrs)
				}
			}
		}
		if got := strings.Count(document, `name="form_token" value="tok-123"`); got != forms {
			t.Errorf("%s: got %d tokens in %d forms", name, got, forms)
		}
	})
}

// TestEveryPageTypeIsDrawn finds page types in the source, so that none can be left out of the examples.
func TestEveryPageTypeIsDrawn(t *testing.T) {
	drawn := map[string]bool{}
	for _, e := range examples("en") {
		drawn[reflect.TypeOf(e.page).Name()] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func \(p (\w+)\) Render\(`).FindAllStringSubmatch(string(source), -1) {
			found++
			if !drawn[m[1]] {
				t.Errorf("%s is in no example", m[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d page types only", found)
	}
}

func TestOnePrimaryButton(t *testing.T) {
	several := map[string]bool{"my_badges": true}
	eachPage(t, func(t *testing.T, _, name, _ string, all []element) {
		primary := 0
		for _, e := range all {
			for _, class := range strings.Fields(e.attrs["class"]) {
				if class == "primary" {
					primary++
				}
			}
		}
		if primary > 1 && !several[strings.Split(name, ".")[0]] {
			t.Errorf("%s: %d primary buttons", name, primary)
		}
	})
}

func TestNotFoundIsAlwaysTheSame(t *testing.T) {
	want := render(t, example{"not_found", templates.NotFound{Page: frame("en", "/badges/a")}})
	other := frame("en", "/badges/b?x=1")
	other.Canonical, other.Sandbox = "https://badges.acme.example/badges/b", true
	if got := render(t, example{"not_found", templates.NotFound{Page: other}}); got != want {
		t.Error("the page differs with the address")
	}
}

func TestHostileValuesAreEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	p := frame("en", "//evil.example/?a=%22%3E&lang=fr")
	p.Site, p.Canonical = evil, "https://x.example/"+evil
	document := render(t, example{"badge", templates.BadgePage{Page: p, Verdict: "revoked", Reason: evil, Holder: evil, Title: templates.Text{Value: evil, Lang: evil}, Kind: "exam", ImageURL: "javascript:alert(1)",
		Issuer: templates.Issuer{Name: templates.Text{Value: evil, Lang: evil}, PageURL: "javascript:alert(1)"}, Description: templates.Text{Value: "</script>" + evil, Lang: evil},
		Checks: []templates.Check{{Name: evil, Outcome: "fail", Code: evil, Detail: evil}}, Skills: []templates.Skill{{Name: templates.Text{Value: evil, Lang: evil}, URL: "javascript:alert(1)"}}}})
	for _, wrong := range []string{"<script>alert", `="javascript:`, `href="//evil`} {
		if strings.Contains(document, wrong) {
			t.Errorf("the page contains %s", wrong)
		}
	}
	outline(t, "badge", document)
}

func TestLanguageSwitchKeepsTheAddress(t *testing.T) {
	document := render(t, example{"verify", templates.Verify{Page: frame("en", "/verify?input=a%26b&lang=en"), Action: "/verify"}})
	if want := `<a href="?input=a%26b&amp;lang=fr" lang="fr" hreflang="fr">Français</a>`; !strings.Contains(document, want) {
		t.Errorf("got no %s", want)
	}
}

func TestBadgePageTags(t *testing.T) {
	document := render(t, badgeExamples("en")[0])
	for _, want := range []string{
		`<title>Ana Ruiz, Acme Certified Cloud Operator | Acme Certification</title>`,
		`<link rel="canonical" href="https://badges.acme.example/badges/7Kq3">`,
		`<link rel="alternate" hreflang="es" href="https://badges.acme.example/badges/7Kq3?lang=es">`,
		`<meta name="robots" content="noindex">`,
		`<meta property="og:title" content="Ana Ruiz earned Acme Certified Cloud Operator">`,
		`<meta property="og:description" content="Issued 4 March 2026. Valid until 4 March 2027.">`,
		`<meta property="og:image" content="https://badges.acme.example/badges/7Kq3/card.png?v=3">`,
		`<meta property="og:locale" content="en_GB">`,
		`<meta property="og:locale:alternate" content="fr_FR">`,
		`<link rel="alternate" type="application/ld+json" title="Open Badge" href="https://badges.acme.example/badges/7Kq3/credential.json">`,
		`"@type":"EducationalOccupationalCredential"`,
	} {
		if !strings.Contains(document, want) {
			t.Errorf("got no %s", want)
		}
	}
}

// TestNoLiteralWords sees to it that templates refer to messages by key only.
func TestNoLiteralWords(t *testing.T) {
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	files, err := filepath.Glob("[pl]*/*.html")
	if err != nil || len(files) < 30 {
		t.Fatalf("got %d files: %v", len(files), err)
	}
	texts, err := filepath.Glob("letters/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, texts...) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range literals(action.ReplaceAllString(string(source), "")) {
			t.Errorf("%s: %q is not in the catalogue", file, word)
		}
	}
}

func literals(source string) (words []string) {
	z := html.NewTokenizer(strings.NewReader(source))
	inStyle := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return words
		}
		tok := z.Token()
		inStyle = tok.Data == "style" && kind == html.StartTagToken || inStyle && kind == html.TextToken
		if kind == html.TextToken && !inStyle && strings.ContainsFunc(tok.Data, unicode.IsLetter) {
			words = append(words, tok.Data)
		}
		for _, a := range tok.Attr {
			if (a.Key == "alt" || a.Key == "title" || a.Key == "aria-label" || a.Key == "placeholder") && strings.ContainsFunc(a.Val, unicode.IsLetter) {
				words = append(words, a.Key+"="+a.Val)
			}
		}
	}
}

func TestRenderReportsWriters(t *testing.T) {
	if err := (templates.Home{}).Render(failing{}); err == nil {
		t.Error("got no error from a writer that fails")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, fmt.Errorf("no room") }

func BenchmarkBadgePage(b *testing.B) {
	page := badgeExamples("en")[0].page
	var w bytes.Buffer
	for b.Loop() {
		w.Reset()
		if err := page.Render(&w); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(w.Len()))
}

// TestOutsideLinksSayWhereTheyLead: a link that leaves the site names the host that it opens.
//
// row 88: every external link says what it opens.
func TestOutsideLinksSayWhereTheyLead(t *testing.T) {
	seen := 0
	eachPage(t, func(t *testing.T, lang, name, document string, all []element) {
		out, told := 0, 0
		for _, e := range all {
			if e.tag == "a" && strings.Contains(e.attrs["rel"], "noopener") {
				out++
			}
			if e.attrs["class"] == "opens" {
				told++
			}
		}
		if seen += out; out != told {
			t.Errorf("%s: %d links lead out, %d say where", name, out, told)
		}
	})
	if seen == 0 {
		t.Error("no page leads out")
	}
}

// TestDecisionsAreAnnounced: who accepts or declines is taken to the heading that says so, by keyboard and screen
// reader too, and nothing else on any page competes for that.
func TestDecisionsAreAnnounced(t *testing.T) {
	heading := map[string]bool{"claim_done": true, "claim_declined": true, "claim_removed_several": true, "not_me_done": true}
	seen := map[string]bool{}
	eachPage(t, func(t *testing.T, lang, name, _ string, all []element) {
		page := strings.TrimSuffix(name, "."+lang)
		focused := ""
		for _, e := range all {
			if _, is := e.attrs["autofocus"]; !is {
				continue
			}
			if focused != "" {
				t.Errorf("%s: both %s and %s want the focus", name, focused, e.tag)
			}
			focused = e.tag
			if _, reachable := e.attrs["tabindex"]; e.tag != "input" && !reachable {
				t.Errorf("%s: %s cannot have the focus", name, e.tag)
			}
		}
		if heading[page] {
			seen[page] = true
			if focused != "h1" {
				t.Errorf("%s: the focus is on %q, want the heading", name, focused)
			}
		}
	})
	if len(seen) != len(heading) {
		t.Errorf("saw %v, want %v", seen, heading)
	}
}
