package templates_test

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/open-insignia/insignia/templates"
)

// TestForeignTextTellsItsLanguage: every programme text of every page and letter that is in another language than
// the page stands in an element with that language (WCAG 3.1.2).
//
// row 122: what a programme says in one language only is marked with it.
func TestForeignTextTellsItsLanguage(t *testing.T) {
	seen := 0
	check := func(name, document string) {
		seen += strings.Count(document, foreign)
		unmarked(t, name, document, foreign, "ja")
	}
	for _, l := range templates.Languages {
		for _, e := range examples(l.Code) {
			var b bytes.Buffer
			if err := inJapanese(e.page).(interface{ Render(io.Writer) error }).Render(&b); err != nil {
				t.Fatal(err)
			}
			check(e.name+"."+l.Code, b.String())
		}
		for name, letter := range letters(l.Code) {
			document, err := inJapanese(letter).(interface{ HTML() (string, error) }).HTML()
			if err != nil {
				t.Fatal(err)
			}
			check(name+"."+l.Code, document)
		}
	}
	if seen < 100 {
		t.Errorf("got %d programme texts in all: the test looks at nothing", seen)
	}
}

// foreign begins every text that inJapanese writes.
const foreign = "資格"

// inJapanese is a copy of a page or letter whose programme texts are in Japanese.
func inJapanese(page any) any {
	n := 0
	p := reflect.New(reflect.TypeOf(page)).Elem()
	p.Set(reflect.ValueOf(page))
	translate(p, &n)
	return p.Interface()
}

func translate(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.Struct:
		if text, is := v.Interface().(templates.Text); is {
			if *n++; text.Value != "" {
				v.Set(reflect.ValueOf(templates.Text{Value: fmt.Sprint(foreign, *n), Lang: "ja"}))
			}
			return
		}
		for k := range v.NumField() {
			if v.Field(k).CanSet() {
				translate(v.Field(k), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.AppendSlice(reflect.Zero(v.Type()), v))
		for k := range v.Len() {
			translate(v.Index(k), n)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(v.Elem())
			translate(copied.Elem(), n)
			v.Set(copied)
		}
	}
}

// unmarked refuses a piece of text outside elements with its language. Titles of documents take no elements.
func unmarked(t *testing.T, name, document, text, lang string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	var look func(n *html.Node, in string)
	look = func(n *html.Node, in string) {
		for _, a := range n.Attr {
			if a.Key == "lang" {
				in = a.Val
			}
		}
		if n.Type == html.TextNode && strings.Contains(n.Data, text) && in != lang {
			t.Errorf("%s: %q is said to be in %q", name, strings.TrimSpace(n.Data), in)
		}
		if n.Data == "title" || n.Data == "script" {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			look(c, in)
		}
	}
	look(root, "")
}
