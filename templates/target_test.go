package templates_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestStandaloneLinksAreLarge: a link that is not part of a sentence is as tall as a finger wants it, 44 px. Links to
// places of the same page in the index of the API's page are many and stay close together (WCAG 2.2, 2.5.8 asks for 24).
func TestStandaloneLinksAreLarge(t *testing.T) {
	css, err := os.ReadFile("style/insignia.css")
	if err != nil {
		t.Fatal(err)
	}
	var large []string // selectors of what is at least 44 px high
	for _, rule := range regexp.MustCompile(`(?m)^ *([^{}@]+) \{([^{}]*min-block-size: 44px[^{}]*)\}`).FindAllStringSubmatch(string(css), -1) {
		large = append(large, strings.Split(rule[1], ", ")...)
	}
	seen := 0
	eachPage(t, func(t *testing.T, lang, name, document string, _ []element) {
		if lang != "en" || strings.HasPrefix(name, "api_docs") {
			return
		}
		root, err := html.Parse(strings.NewReader(document))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Data != "a" || n.Type != html.ElementNode || hasClass(n, "skip") || hasClass(n, "cover") || inSentence(n) {
				continue
			}
			seen++
			if !slices.ContainsFunc(large, func(selector string) bool { return selects(selector, n) }) {
				t.Errorf("%s: the link %q stands by itself and is small", name, words(n))
			}
		}
	})
	if seen < 200 {
		t.Errorf("found %d links only", seen)
	}
}

// inSentence reports whether there are words around a link, other than a code or where it leads.
func inSentence(link *html.Node) bool {
	block := link.Parent
	for !slices.Contains([]string{"p", "li", "dd", "td", "th", "div", "nav", "body", "header", "summary"}, block.Data) {
		block = block.Parent
	}
	var around strings.Builder
	var read func(n *html.Node)
	read = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			around.WriteString(n.Data)
		case n.Data == "a" || n.Data == "ul" || hasClass(n, "tag") || hasClass(n, "opens"):
			return
		}
		for child := range n.ChildNodes() {
			read(child)
		}
	}
	read(block)
	return strings.Trim(around.String(), " \n·") != ""
}

// selects knows selectors of one class or element, and of links within one.
func selects(selector string, link *html.Node) bool {
	if class, isClass := strings.CutPrefix(selector, "."); isClass && !strings.Contains(class, " ") {
		return hasClass(link, class)
	}
	class, inside := strings.CutSuffix(strings.TrimPrefix(selector, "."), " a")
	for n := range link.Ancestors() {
		if inside && hasClass(n, class) {
			return true
		}
	}
	return false
}

func hasClass(n *html.Node, class string) bool {
	for _, a := range n.Attr {
		if a.Key == "class" && slices.Contains(strings.Fields(a.Val), class) {
			return true
		}
	}
	return false
}

func words(n *html.Node) string {
	var all strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			all.WriteString(d.Data)
		}
	}
	return all.String()
}
