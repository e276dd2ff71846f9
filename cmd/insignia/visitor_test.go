package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is somebody with a browser that keeps cookies and runs no scripts.
type visitor struct {
	t      *testing.T
	client *http.Client
	at     *url.URL // of the page that is open
	status int
	header http.Header
	body   []byte
	page   *html.Node
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar}}
}

// open goes to an address and follows redirects.
func (v *visitor) open(address string) *visitor {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(r)
}

func (v *visitor) do(r *http.Request) *visitor {
	v.t.Helper()
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	if v.body, err = io.ReadAll(answer.Body); err != nil {
		v.t.Fatal(err)
	}
	v.at, v.status, v.header = answer.Request.URL, answer.StatusCode, answer.Header
	if v.page, err = html.Parse(strings.NewReader(string(v.body))); err != nil {
		v.t.Fatal(err)
	}
	return v
}

// reads checks the status and the one heading of the page.
func (v *visitor) reads(status int, heading string) *visitor {
	v.t.Helper()
	var headings []string
	for n := range v.page.Descendants() {
		if n.Data == "h1" {
			headings = append(headings, textOf(n))
		}
	}
	if v.status != status || len(headings) != 1 || headings[0] != heading {
		v.t.Fatalf("%s: got %d %q, want %d %q\n%s", v.at, v.status, headings, status, heading, textOf(v.page))
	}
	return v
}

// says checks that the words are on the page.
func (v *visitor) says(words ...string) *visitor {
	v.t.Helper()
	for _, w := range words {
		if text := textOf(v.page); !strings.Contains(text, w) {
			v.t.Errorf("%s does not say %q:\n%s", v.at, w, text)
		}
	}
	return v
}

// follow goes where the link with these words leads.
func (v *visitor) follow(words string) *visitor {
	v.t.Helper()
	for n := range v.page.Descendants() {
		if n.Data == "a" && textOf(n) == words {
			return v.open(v.resolve(attribute(n, "href")).String())
		}
	}
	v.t.Fatalf("%s has no link %q", v.at, words)
	return v
}

// press fills fields in and presses the button with these words, as a browser does.
func (v *visitor) press(words string, fields ...string) *visitor {
	v.t.Helper()
	button := v.find(func(n *html.Node) bool { return n.Data == "button" && textOf(n) == words })
	if button == nil {
		v.t.Fatalf("%s has no button %q", v.at, words)
	}
	form := button.Parent
	for form.Data != "form" {
		form = form.Parent
	}
	values := formValues(form)
	if name := attribute(button, "name"); name != "" {
		values.Set(name, attribute(button, "value"))
	}
	for k := 0; k < len(fields); k += 2 {
		if !hasField(form, fields[k]) {
			v.t.Fatalf("the form of %q has no field %s", words, fields[k])
		}
		values.Set(fields[k], fields[k+1])
	}
	r, err := http.NewRequest(http.MethodPost, v.resolve(attribute(form, "action")).String(), strings.NewReader(values.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func (v *visitor) find(is func(*html.Node) bool) *html.Node {
	for n := range v.page.Descendants() {
		if is(n) {
			return n
		}
	}
	return nil
}

func (v *visitor) resolve(address string) *url.URL {
	v.t.Helper()
	u, err := v.at.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	return u
}

// formValues are what the fields of a form hold, buttons aside.
func formValues(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		kind, name := attribute(n, "type"), attribute(n, "name")
		chosen := kind != "radio" && kind != "checkbox" || hasAttribute(n, "checked")
		if n.Data == "input" && name != "" && chosen {
			values.Add(name, attribute(n, "value"))
		}
	}
	return values
}

func hasField(form *html.Node, name string) bool {
	for n := range form.Descendants() {
		if (n.Data == "input" || n.Data == "textarea") && attribute(n, "name") == name {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// textOf is what a reader reads, with single spaces.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" && d.Parent.Data != "title" {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
