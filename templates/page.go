// Package templates is everything a person reads: the pages, the letters, the
// words in English, Spanish and French, the stylesheet and the icons.
//
// Each page and each letter is one Go type whose fields are finished values
// (text, times, addresses), never objects of another package; the templates
// themselves only ask and repeat. The package holds no rules, reads no clock,
// no file and no network, and imports nothing of ours, so that whoever fills a
// page decides what is true and this package only decides how it is said.
package templates

import (
	"bytes"
	"embed"
	"html"
	"html/template"
	"io"
	"net/url"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Page is what every page needs around its own content. Each page type embeds it.
type Page struct {
	Lang      string // one of Languages; anything else reads as English
	Site      string // the one product name people see, for example "Northwind Credentials"
	From      string // who a public page is from, in its title; empty: Site
	Path      string // path and query of this page for the language switch; empty: the address stays as the browser has it
	Canonical string // absolute address of a public page without lang; empty: no canonical and hreflang links
	SignedIn  bool   // the header has the menu of the account instead of "Sign in"
	Account   string // who is signed in: their name or address
	FormToken string // value of the hidden form_token field of every form
	NoIndex   bool   // asks search engines to stay away
	Sandbox   bool   // shows the banner that this is test data
	Answers   Form   // what this page answers, which the language switch sends again; empty: the page has an address
}

// Pager leads from a page of a list to those beside it; empty: there is none.
type Pager struct{ Previous, Next string }

// Form is a form that somebody sent.
type Form struct {
	Action string // a path
	Fields []Field
}

// Field is a part of a form.
type Field struct{ Name, Value string }

// frame lets render reach the common part of any page.
func (p Page) frame() Page { return p }

// page is what render draws: a type of this package that embeds Page.
type page interface{ frame() Page }

// Issuer is who stands behind a badge.
type Issuer struct {
	Name    Text
	Domain  string // verified host of the issuer's address, shown as the trust cue
	URL     string // the issuer's own site; marked as leaving this one
	PageURL string // our page about the issuer, with its keys
}

// Provider is a personal or work account a person can sign in with.
type Provider struct {
	Kind string // "personal" or "work"
	Name string // name of the provider
	URL  string // where its sign-in starts
}

// BadgeCard is a badge as a list or a claim page shows it.
type BadgeCard struct {
	Title     Text
	Kind      string // "exam" or "certification"
	Level     string // official level, empty if it has none
	Issuer    Text
	ImageURL  string // empty: title and issuer carry the card
	EarnedOn  Day
	Expires   Day // zero: does not expire
	RetiredOn Day // the exam or certification was retired; zero: alive
}

// layout is what base.html draws around a page. Title, Head and Main were
// rendered, and so escaped, by the templates of that page.
type layout struct {
	Page
	Name  string
	Title template.HTML
	Head  template.HTML
	Main  template.HTML
}

// StylePath is the address of the stylesheet.
func (layout) StylePath() string { return Stylesheet.Path }

// IconPath is the address of the site's icon.
func (layout) IconPath() string { return siteIcon.Path }

// option is an entry of the language switch.
type option struct {
	Language
	URL     string
	Current bool
}

// Switch leads to this page in every language. The links are relative, so they
// keep the address whatever it is; what answers a form is asked for again.
func (l layout) Switch() []option {
	query := url.Values{}
	if u, err := url.Parse(l.Path); err == nil {
		query = u.Query()
	}
	var options []option
	for _, lang := range Languages {
		query.Set("lang", lang.Code)
		options = append(options, option{lang, l.Answers.Action + "?" + query.Encode(), lang.Code == l.Lang})
	}
	return options
}

// Alternates are the hreflang links of a public page.
func (l layout) Alternates() []option {
	if l.Canonical == "" {
		return nil
	}
	all := []option{{Language: Language{Code: "x-default"}, URL: l.Canonical}}
	for _, lang := range Languages {
		all = append(all, option{lang, l.Canonical + "?lang=" + lang.Code, false})
	}
	return all
}

// Initial is the letter that stands for who is signed in.
func (l layout) Initial() string {
	first, _ := utf8.DecodeRuneInString(l.Account)
	return string(unicode.ToUpper(first))
}

// locale is an og:locale tag.
type locale struct {
	Locale  string
	Current bool
}

// locales are those of the product, the page's own first.
func locales(lang string) []locale {
	all := []locale{}
	for _, l := range Languages {
		if l.Code == lang {
			all = append([]locale{{l.Locale, true}}, all...)
			continue
		}
		all = append(all, locale{l.Locale, false})
	}
	return all
}

//go:embed pages/*.html
var pageFiles embed.FS

// pages holds the parsed pages of each language, made when first asked for.
var pages = eachLanguage(func(lang string) *template.Template {
	return template.Must(template.New("pages").Funcs(functions(in(lang))).ParseFS(pageFiles, "pages/*.html"))
})

func eachLanguage[T any](build func(lang string) T) map[string]func() T {
	sets := map[string]func() T{}
	for _, l := range Languages {
		sets[l.Code] = sync.OnceValue(func() T { return build(l.Code) })
	}
	return sets
}

// buffers keeps the memory of finished pages for the next ones.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render draws a page completely before the first byte is written.
func render(w io.Writer, name string, p page) error {
	frame := p.frame()
	frame.Lang = in(frame.Lang).lang
	set := pages[frame.Lang]()
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	draw := func(part string) (template.HTML, error) {
		b.Reset()
		err := set.ExecuteTemplate(b, part, p)
		return template.HTML(strings.TrimSpace(b.String())), err // escaped by the template just executed
	}
	l := layout{Page: frame, Name: name}
	title, err := draw(name + ".title")
	if err != nil {
		return err
	}
	l.Title = template.HTML(untagged(string(title)))
	if set.Lookup(name+".head") != nil {
		if l.Head, err = draw(name + ".head"); err != nil {
			return err
		}
	}
	if l.Main, err = draw(name); err != nil {
		return err
	}
	b.Reset()
	if err = set.ExecuteTemplate(b, "base", l); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// functions are what a page may ask for, in its language.
func functions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t":            c.word,
		"plural":       c.plural,
		"date":         c.date,
		"moment":       c.moment,
		"iso":          isoDay,
		"icon":         icon,
		"say":          inItsLanguage,
		"naming":       markNames,
		"strong":       strong,
		"code":         func(s string) template.HTML { return element("code", s) },
		"sentence":     c.sentence,
		"reason":       c.reason,
		"count":        c.count,
		"steps":        steps,
		"passed":       passed,
		"answers":      c.answers,
		"ask":          func(s Step) string { return c.stepWord("ask", s) },
		"why":          func(s Step) string { return c.stepWord("why", s) },
		"striptext":    c.stripText,
		"standing":     c.standing,
		"identity":     c.identity,
		"codeproblem":  c.codeProblem,
		"problemfield": problemField,
		"formatname":   c.formatName,
		"bytes":        c.bytes,
		"tone":         tone,
		"host":         host,
		"level":        c.level,
		"contact":      contact,
		"lang":         func() string { return c.lang },
		"image":        image,
		"dict":         dict,
		"locales":      func() []locale { return locales(c.lang) },
	}
}

// word is a message for a page. The catalogue is ours and values are escaped by markup.
func (c *catalogue) word(key string, args ...any) template.HTML {
	return template.HTML(c.markup(key, args...))
}

// plural is the form of a message that fits n, which it may show as {n}.
func (c *catalogue) plural(key string, n int, args ...any) template.HTML {
	return template.HTML(c.markup(c.form(key, n), append(args, "n", c.count(n))...))
}

func element(name, s string) template.HTML {
	return template.HTML("<" + name + ">" + html.EscapeString(s) + "</" + name + ">")
}

// dict gives a component its named arguments.
func dict(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		m[name] = pairs[i+1]
	}
	return m
}

// level is the name of a certification's level; one that is not a usual word stays as the programme has it.
func (c *catalogue) level(level string) string {
	if key := "level." + level; c.has(key) {
		return c.text(key)
	}
	return level
}

// host is where a link leads, for people to see.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

// image lets pictures inside a document through besides addresses; a picture
// never runs anything, whatever its data say.
func image(address string) any {
	for _, media := range []string{"png", "svg+xml", "jpeg"} {
		if strings.HasPrefix(address, "data:image/"+media+";base64,") {
			return template.URL(address)
		}
	}
	return address
}

// tone is the colour of a verdict's strip; the icon and the word tell the same.
func tone(look string) string {
	switch look {
	case "valid":
		return "ok"
	case "expired", "suspended", lookPartly:
		return "warn"
	case "superseded":
		return "info"
	case "revoked", "wrong_recipient", "altered", "invalid":
		return "bad"
	}
	return "neutral"
}
