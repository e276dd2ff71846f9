package apitest

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

// Visitors is a site with letters that tests read.
type Visitors struct {
	*Site
}

func NewVisitors(t testing.TB, options ...func(*Options)) *Visitors {
	t.Helper()
	v := &Visitors{}
	keep := func(o *Options) {
		if o.Verifier != nil {
			return
		}
		o.Verifier = verifier.New(verifier.Options{
			Own:   check.NewOwn(o.Issuer, o.BaseURL, o.Log),
			Known: func(id string) bool { return strings.HasPrefix(id, issuertest.BaseURL+"/") }, Now: o.Now,
		})
	}
	v.Site = New(t, append(options, keep)...)
	return v
}

// Code is the letter with the newest code.
func (v *Visitors) Code() earner.CodeLetter {
	v.T.Helper()
	if len(v.Mailed.Codes) == 0 {
		v.T.Fatal("no code was mailed")
	}
	return v.Mailed.Codes[len(v.Mailed.Codes)-1]
}

// Post posts a pass and has the letters sent.
func (v *Visitors) Post(results ...issuer.Result) []*ledger.Award {
	v.T.Helper()
	var all []*ledger.Award
	for _, r := range results {
		receipt, err := v.Record(context.Background(), v.Caller, r)
		if err != nil {
			v.T.Fatal(err)
		}
		all = append(all, receipt.Awards...)
	}
	v.Work(v.T)
	return all
}

// Link is the path in the newest offer.
func (v *Visitors) Link() string {
	v.T.Helper()
	offers := v.Letters.Offers()
	if len(offers) == 0 {
		v.T.Fatal("no offer was mailed")
	}
	return strings.TrimPrefix(offers[len(offers)-1].ClaimURL, issuertest.BaseURL)
}

// PassBy is somebody's pass of an exam.
func PassBy(id, exam, candidate, email, name, locale string) issuer.Result {
	r := issuertest.Pass(id, exam, "2026-03-04")
	r.Candidate = issuer.Candidate{ID: candidate, Email: email, Name: name, Locale: locale}
	return r
}

func AnasPass(id, exam string) issuer.Result {
	return PassBy(id, exam, "C-77", "ana@home.test", "Ana Ruiz", "en")
}

// Browser is a person with a cookie jar. It talks to the server in this process, follows redirects and
// sends forms as they are.
type Browser struct {
	T      testing.TB
	client *http.Client
	Header http.Header // with every request
	Post   http.Header // with every form
}

// Open is a new browser, which says where forms come from, as all do today.
func (v *Visitors) Open() *Browser {
	v.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.T.Fatal(err)
	}
	return &Browser{
		T: v.T, client: &http.Client{Jar: jar, Transport: inProcess{v.Server, v.Web.Base.Host}},
		Header: http.Header{"Accept": {"text/html,*/*;q=0.8"}},
		Post:   http.Header{"Origin": {issuertest.BaseURL}, "Sec-Fetch-Site": {"same-origin"}},
	}
}

// site is where cookies are.
var site = func() *url.URL {
	u, err := url.Parse(issuertest.BaseURL)
	if err != nil {
		panic(err)
	}
	return u
}()

// Cookie is what the browser keeps under a name; empty for nothing.
func (b *Browser) Cookie(name string) string {
	for _, k := range b.client.Jar.Cookies(site) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// Plant puts a cookie into the browser, as somebody might who sat at it before.
func (b *Browser) Plant(name, value string) *Browser {
	b.client.Jar.SetCookies(site, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
	return b
}

// StayHere has the browser show redirects instead of following them.
func (b *Browser) StayHere(stay bool) {
	b.client.CheckRedirect = nil
	if stay {
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
}

type inProcess struct {
	http.Handler
	own string // host of the site
}

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if web.ThisMachine(r.URL.Host) && r.URL.Host != h.own { // somebody else's server
		return http.DefaultTransport.RoundTrip(r)
	}
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

// Page is what a browser shows.
type Page struct {
	B      *Browser
	Status int
	Path   string
	Header http.Header
	Body   string
	Root   *html.Node
}

func (b *Browser) Do(method, target, body string, header http.Header) *Page {
	b.T.Helper()
	if strings.HasPrefix(target, "/") || target == "" {
		target = issuertest.BaseURL + target
	}
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		b.T.Fatal(err)
	}
	for _, h := range []http.Header{b.Header, header} {
		for name, values := range h {
			r.Header[name] = values
		}
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.T.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(data)))
	if err != nil {
		b.T.Fatal(err)
	}
	return &Page{b, answer.StatusCode, answer.Request.URL.RequestURI(), answer.Header, string(data), root}
}

func (b *Browser) Get(target string) *Page {
	b.T.Helper()
	return b.Do(http.MethodGet, target, "", nil)
}

// Want checks status and heading.
func (p *Page) Want(status int, heading string) *Page {
	p.B.T.Helper()
	if p.Status != status || !strings.Contains(p.Heading(), heading) {
		p.B.T.Fatalf("%s: got %d %q, want %d %q\n%s", p.Path, p.Status, p.Heading(), status, heading, p.Text())
	}
	return p
}

// Says checks that the page has the words.
func (p *Page) Says(words ...string) *Page {
	p.B.T.Helper()
	for _, w := range words {
		if !strings.Contains(p.Text(), w) {
			p.B.T.Fatalf("%s does not say %q:\n%s", p.Path, w, p.Text())
		}
	}
	return p
}

// Hides checks that the page has none of the words, not even in its source.
func (p *Page) Hides(words ...string) *Page {
	p.B.T.Helper()
	for _, w := range words {
		if strings.Contains(p.Body, w) {
			p.B.T.Fatalf("%s tells %q", p.Path, w)
		}
	}
	return p
}

func (p *Page) Heading() string {
	list := all(p.Root, func(n *html.Node) bool { return n.DataAtom == atom.H1 })
	if len(list) != 1 {
		return ""
	}
	return content(list[0])
}

func (p *Page) Lang() string {
	return Attribute(all(p.Root, func(n *html.Node) bool { return n.DataAtom == atom.Html })[0], "lang")
}

func (p *Page) Text() string { return content(p.Root) }

// Follow opens the link with these words.
func (p *Page) Follow(words string) *Page {
	p.B.T.Helper()
	for _, a := range all(p.Root, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
		if strings.Contains(content(a), words) {
			return p.B.Get(p.Resolve(Attribute(a, "href")))
		}
	}
	p.B.T.Fatalf("%s has no link %q:\n%s", p.Path, words, p.Text())
	return nil
}

// Open opens the first link whose path begins so.
func (p *Page) Open(prefix string) *Page {
	p.B.T.Helper()
	for _, link := range p.Links() {
		if strings.HasPrefix(link, prefix) {
			return p.B.Get(link)
		}
	}
	p.B.T.Fatalf("%s has no link to %s", p.Path, prefix)
	return nil
}

func (p *Page) Resolve(target string) string {
	base, err := url.Parse(issuertest.BaseURL + p.Path)
	if err != nil {
		p.B.T.Fatal(err)
	}
	u, err := base.Parse(target)
	if err != nil {
		p.B.T.Fatal(err)
	}
	return u.String()
}

// Form is a form as it stands, with the button that has these words.
func (p *Page) Form(words string) (action string, values url.Values) {
	p.B.T.Helper()
	for _, f := range p.Forms() {
		for _, button := range all(f, func(n *html.Node) bool { return n.DataAtom == atom.Button }) {
			if strings.Contains(content(button), words) {
				return p.Resolve(cmp.Or(Attribute(button, "formaction"), Attribute(f, "action"))), filled(f, button)
			}
		}
	}
	p.B.T.Fatalf("%s has no button %q:\n%s", p.Path, words, p.Text())
	return "", nil
}

// Press sends the form with that button; fields are names and values that the person enters.
func (p *Page) Press(words string, fields ...string) *Page {
	p.B.T.Helper()
	action, values := p.Form(words)
	for k := 0; k < len(fields); k += 2 {
		values.Set(fields[k], fields[k+1])
	}
	return p.B.Send(action, values)
}

func (b *Browser) Send(action string, values url.Values) *Page {
	b.T.Helper()
	header := b.Post.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.Do(http.MethodPost, action, values.Encode(), header)
}

// Forms are those of the page with method post.
func (p *Page) Forms() []*html.Node {
	return all(p.Root, func(n *html.Node) bool { return n.DataAtom == atom.Form && Attribute(n, "method") == "post" })
}

// filled are the values of a form as a browser would send them.
func filled(form, button *html.Node) url.Values {
	values := url.Values{}
	for _, n := range all(form, func(n *html.Node) bool { return n.DataAtom == atom.Input || n.DataAtom == atom.Textarea }) {
		name, kind := Attribute(n, "name"), Attribute(n, "type")
		_, checked := Attr(n.Attr, "checked")
		if name == "" || kind == "file" || (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		values.Set(name, Attribute(n, "value"))
	}
	if name := Attribute(button, "name"); name != "" {
		values.Set(name, Attribute(button, "value"))
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

func Attribute(n *html.Node, name string) string {
	value, _ := Attr(n.Attr, name)
	return value
}

func Attr(list []html.Attribute, name string) (string, bool) {
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

// SignIn confirms an address by code.
func (v *Visitors) SignIn(b *Browser, email string) *Page {
	v.T.Helper()
	b.Get("/sign-in").Press("E-mail me a code", "email", email)
	return b.Get("/sign-in/code").Press("Confirm", "code", v.Code().Code)
}

// Holder is an account as the issuer sees it.
func (v *Visitors) Holder(email string) issuer.Holder {
	v.T.Helper()
	account, found, err := v.Given.Earners.AccountOf(context.Background(), email)
	if err != nil || !found {
		v.T.Fatal(email, found, err)
	}
	return issuer.Holder{ID: account.ID, Addresses: []string{email}}
}

// State is how an award stands.
func (v *Visitors) State(id string) string {
	v.T.Helper()
	b, found, err := v.Published(context.Background(), id)
	if err != nil || !found {
		v.T.Fatal(id, found, err)
	}
	return b.Award.State + " " + b.Award.Visibility
}

// Links are the addresses that a page leads to, as paths.
func (p *Page) Links() (list []string) {
	for _, a := range all(p.Root, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
		list = append(list, strings.TrimPrefix(p.Resolve(Attribute(a, "href")), issuertest.BaseURL))
	}
	return list
}

// Everything is a form with each field and each button in it.
func Everything(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range all(form, func(n *html.Node) bool {
		return n.DataAtom == atom.Input || n.DataAtom == atom.Textarea || n.DataAtom == atom.Button
	}) {
		if name := Attribute(n, "name"); name != "" {
			values.Add(name, Attribute(n, "value"))
		}
	}
	return values
}

// Upload sends the form of /verify with a file, as browsers do.
func (b *Browser) Upload(name string, data []byte, fields ...string) *Page {
	b.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k := 0; k < len(fields); k += 2 {
		if err := form.WriteField(fields[k], fields[k+1]); err != nil {
			b.T.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.T.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		b.T.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.T.Fatal(err)
	}
	header := b.Post.Clone()
	header.Set("Content-Type", form.FormDataContentType())
	return b.Do(http.MethodPost, "/verify", body.String(), header)
}
