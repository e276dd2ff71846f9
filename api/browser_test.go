package api

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/verifier"
)

// visitors is a site with letters that tests read.
type visitors struct {
	*site
}

func newVisitors(t testing.TB, options ...func(*Options)) *visitors {
	t.Helper()
	v := &visitors{}
	keep := func(o *Options) {
		o.Verifier = verifier.New(verifier.Options{
			Own:   NewOwn(o.Issuer, o.BaseURL, o.Log),
			Known: func(id string) bool { return strings.HasPrefix(id, issuertest.BaseURL+"/") }, Now: o.Now,
		})
	}
	v.site = newSite(t, append(options, keep)...)
	return v
}

// code is the letter with the newest code.
func (v *visitors) code() earner.CodeLetter {
	v.t.Helper()
	if len(v.mailed.codes) == 0 {
		v.t.Fatal("no code was mailed")
	}
	return v.mailed.codes[len(v.mailed.codes)-1]
}

// record posts a pass and has the letters sent.
func (v *visitors) record(results ...issuer.Result) []*issuer.Award {
	v.t.Helper()
	var all []*issuer.Award
	for _, r := range results {
		receipt, err := v.Record(context.Background(), v.Caller, r)
		if err != nil {
			v.t.Fatal(err)
		}
		all = append(all, receipt.Awards...)
	}
	v.Work(v.t)
	return all
}

// link is the path in the newest offer.
func (v *visitors) link() string {
	v.t.Helper()
	offers := v.Letters.Offers()
	if len(offers) == 0 {
		v.t.Fatal("no offer was mailed")
	}
	return strings.TrimPrefix(offers[len(offers)-1].ClaimURL, issuertest.BaseURL)
}

// passBy is somebody's pass of an exam.
func passBy(id, exam, candidate, email, name, locale string) issuer.Result {
	r := issuertest.Pass(id, exam, "2026-03-04")
	r.Candidate = issuer.Candidate{ID: candidate, Email: email, Name: name, Locale: locale}
	return r
}

func anasPass(id, exam string) issuer.Result {
	return passBy(id, exam, "C-77", "ana@home.test", "Ana Ruiz", "en")
}

// browser is a person with a cookie jar. It talks to the server in this process, follows redirects and
// sends forms as they are.
type browser struct {
	t      testing.TB
	client *http.Client
	header http.Header // with every request
	post   http.Header // with every form
}

// open is a new browser, which says where forms come from, as all do today.
func (v *visitors) open() *browser {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return &browser{t: v.t, client: &http.Client{Jar: jar, Transport: inProcess{v.Server}}, header: http.Header{"Accept": {"text/html,*/*;q=0.8"}},
		post: http.Header{"Origin": {issuertest.BaseURL}, "Sec-Fetch-Site": {"same-origin"}}}
}

type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RemoteAddr = "203.0.113.9:4711"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if r.Method == http.MethodHead {
		w.Body.Reset()
	}
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// page is what a browser shows.
type page struct {
	b      *browser
	status int
	path   string
	header http.Header
	body   string
	root   *html.Node
}

func (b *browser) do(method, target, body string, header http.Header) *page {
	b.t.Helper()
	if strings.HasPrefix(target, "/") || target == "" {
		target = issuertest.BaseURL + target
	}
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range []http.Header{b.header, header} {
		for name, values := range h {
			r.Header[name] = values
		}
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(data)))
	if err != nil {
		b.t.Fatal(err)
	}
	return &page{b, answer.StatusCode, answer.Request.URL.RequestURI(), answer.Header, string(data), root}
}

func (b *browser) get(target string) *page {
	b.t.Helper()
	return b.do(http.MethodGet, target, "", nil)
}

// want checks status and heading.
func (p *page) want(status int, heading string) *page {
	p.b.t.Helper()
	if p.status != status || !strings.Contains(p.heading(), heading) {
		p.b.t.Fatalf("%s: got %d %q, want %d %q\n%s", p.path, p.status, p.heading(), status, heading, p.text())
	}
	return p
}

// says checks that the page has the words.
func (p *page) says(words ...string) *page {
	p.b.t.Helper()
	for _, w := range words {
		if !strings.Contains(p.text(), w) {
			p.b.t.Fatalf("%s does not say %q:\n%s", p.path, w, p.text())
		}
	}
	return p
}

// hides checks that the page has none of the words, not even in its source.
func (p *page) hides(words ...string) *page {
	p.b.t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			p.b.t.Fatalf("%s tells %q", p.path, w)
		}
	}
	return p
}

func (p *page) heading() string {
	list := all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.H1 })
	if len(list) != 1 {
		return ""
	}
	return content(list[0])
}

func (p *page) lang() string {
	return attribute(all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.Html })[0], "lang")
}

func (p *page) text() string { return content(p.root) }

// follow opens the link with these words.
func (p *page) follow(words string) *page {
	p.b.t.Helper()
	for _, a := range all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
		if strings.Contains(content(a), words) {
			return p.b.get(p.resolve(attribute(a, "href")))
		}
	}
	p.b.t.Fatalf("%s has no link %q:\n%s", p.path, words, p.text())
	return nil
}

func (p *page) resolve(target string) string {
	base, err := url.Parse(issuertest.BaseURL + p.path)
	if err != nil {
		p.b.t.Fatal(err)
	}
	u, err := base.Parse(target)
	if err != nil {
		p.b.t.Fatal(err)
	}
	return u.String()
}

// form is a form as it stands, with the button that has these words.
func (p *page) form(words string) (action string, values url.Values) {
	p.b.t.Helper()
	for _, f := range p.forms() {
		for _, button := range all(f, func(n *html.Node) bool { return n.DataAtom == atom.Button }) {
			if strings.Contains(content(button), words) {
				return p.resolve(cmp.Or(attribute(button, "formaction"), attribute(f, "action"))), filled(f, button)
			}
		}
	}
	p.b.t.Fatalf("%s has no button %q:\n%s", p.path, words, p.text())
	return "", nil
}

// press sends the form with that button; fields are names and values that the person enters.
func (p *page) press(words string, fields ...string) *page {
	p.b.t.Helper()
	action, values := p.form(words)
	for k := 0; k < len(fields); k += 2 {
		values.Set(fields[k], fields[k+1])
	}
	return p.b.send(action, values)
}

func (b *browser) send(action string, values url.Values) *page {
	b.t.Helper()
	header := b.post.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(http.MethodPost, action, values.Encode(), header)
}

// forms are those of the page with method post.
func (p *page) forms() []*html.Node {
	return all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.Form && attribute(n, "method") == "post" })
}

// filled are the values of a form as a browser would send them.
func filled(form, button *html.Node) url.Values {
	values := url.Values{}
	for _, n := range all(form, func(n *html.Node) bool { return n.DataAtom == atom.Input || n.DataAtom == atom.Textarea }) {
		name, kind := attribute(n, "name"), attribute(n, "type")
		_, checked := attr(n.Attr, "checked")
		if name == "" || kind == "file" || (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		values.Set(name, attribute(n, "value"))
	}
	if name := attribute(button, "name"); name != "" {
		values.Set(name, attribute(button, "value"))
	}
	return values
}

func all(root *html.Node, want func(*html.Node) bool) (list []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && want(n) {
			list = append(list, n)
		}
	}
	return list
}

func attribute(n *html.Node, name string) string {
	value, _ := attr(n.Attr, name)
	return value
}

func attr(list []html.Attribute, name string) (string, bool) {
	k := slices.IndexFunc(list, func(a html.Attribute) bool { return a.Key == name })
	if k < 0 {
		return "", false
	}
	return list[k].Val, true
}

// content is the text of an element, with single spaces.
func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.DataAtom != atom.Script {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// signIn confirms an address by code.
func (v *visitors) signIn(b *browser, email string) *page {
	v.t.Helper()
	b.get("/sign-in").press("E-mail me a code", "email", email)
	return b.get("/sign-in/code").press("Confirm", "code", v.code().Code)
}

// holder is an account as the issuer sees it.
func (v *visitors) holder(email string) issuer.Holder {
	v.t.Helper()
	account, found, err := v.o.Earners.AccountOf(context.Background(), email)
	if err != nil || !found {
		v.t.Fatal(email, found, err)
	}
	return issuer.Holder{ID: account.ID, Addresses: []string{email}}
}

// state is how an award stands.
func (v *visitors) state(id string) string {
	v.t.Helper()
	b, found, err := v.Published(context.Background(), id)
	if err != nil || !found {
		v.t.Fatal(id, found, err)
	}
	return b.Award.State + " " + b.Award.Visibility
}

// links are the addresses that a page leads to, as paths.
func (p *page) links() (list []string) {
	for _, a := range all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
		list = append(list, strings.TrimPrefix(p.resolve(attribute(a, "href")), issuertest.BaseURL))
	}
	return list
}

// everything is a form with each field and each button in it.
func everything(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range all(form, func(n *html.Node) bool {
		return n.DataAtom == atom.Input || n.DataAtom == atom.Textarea || n.DataAtom == atom.Button
	}) {
		if name := attribute(n, "name"); name != "" {
			values.Add(name, attribute(n, "value"))
		}
	}
	return values
}
