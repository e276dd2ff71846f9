package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/unicode/norm"
)

//go:embed words/*.txt
var wordFiles embed.FS

// A catalogue holds every message of one language. Its file has one message a
// line, "key = text with {holes}", and plural forms as "key[one] = …", so that
// the three languages stand line by line beside each other.
type catalogue struct {
	lang     string
	messages map[string]phrase // "key" or "key[form]"
}

// A phrase is a message cut at its holes.
type phrase []piece

type piece struct {
	text string // plain
	html string // escaped, with the typography of the language
	hole string // name of the placeholder, if it is one
}

// catalogues is filled at start; an unreadable file is a programmer's mistake.
var catalogues = loadCatalogues()

func loadCatalogues() map[string]*catalogue {
	all := map[string]*catalogue{}
	for _, l := range Languages {
		text, err := wordFiles.ReadFile("words/" + l.Code + ".txt")
		if err != nil {
			panic(err)
		}
		c, err := parseCatalogue(l.Code, string(text))
		if err != nil {
			panic(err)
		}
		all[l.Code] = c
	}
	return all
}

func parseCatalogue(lang, text string) (*catalogue, error) {
	c := &catalogue{lang: lang, messages: map[string]phrase{}}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(line, " = ")
		if !found || value == "" {
			return nil, fmt.Errorf("words/%s.txt:%d: want key = text", lang, n+1)
		}
		if _, twice := c.messages[key]; twice {
			return nil, fmt.Errorf("words/%s.txt:%d: %s stands twice", lang, n+1, key)
		}
		p, err := parsePhrase(lang, value)
		if err != nil {
			return nil, fmt.Errorf("words/%s.txt:%d: %w", lang, n+1, err)
		}
		c.messages[key] = p
	}
	return c, nil
}

func parsePhrase(lang, s string) (phrase, error) {
	var p phrase
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		if before != "" {
			p = append(p, piece{text: before, html: typeset(lang, before)})
		}
		if !found {
			return p, nil
		}
		hole, after, closed := strings.Cut(rest, "}")
		if !closed || hole == "" {
			return nil, fmt.Errorf("a { without }")
		}
		p = append(p, piece{hole: hole})
		s = after
	}
	return p, nil
}

// frenchSpace keeps high punctuation on the line of its word.
var frenchSpace = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0")

// escape leaves apostrophes alone: words stand in text and in double quotes only.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

func typeset(lang, s string) string {
	if lang == "fr" {
		s = frenchSpace.Replace(s)
	}
	return escape.Replace(s)
}

// in returns the catalogue of a language, English for an unknown one.
func in(lang string) *catalogue {
	if c, found := catalogues[lang]; found {
		return c
	}
	return catalogues["en"]
}

func (c *catalogue) has(key string) bool {
	_, found := c.messages[key]
	return found
}

// text is the message with its holes filled: name, value, name, value, ….
// A missing key shows itself; the tests see to it that there is none.
func (c *catalogue) text(key string, args ...string) string {
	p, found := c.messages[key]
	if !found {
		return key
	}
	var b []byte
	for _, piece := range p {
		if piece.hole == "" {
			b = append(b, piece.text...)
			continue
		}
		if named, is := c.named(piece.hole); is {
			for _, p := range named {
				b = append(b, p.text...)
			}
			continue
		}
		b = c.join(b, argument(args, piece.hole))
	}
	return string(b)
}

// join puts a value behind what stands before it. In French "de" is "d’" before a vowel, whose name that is nobody knows
// before; an h may be either, and keeps "de".
func (c *catalogue) join(before []byte, value string) []byte {
	if c.lang == "fr" && bytes.HasSuffix(before, []byte(" de ")) {
		first, _ := utf8.DecodeRuneInString(norm.NFD.String(firstTags.ReplaceAllString(value, "")))
		if strings.ContainsRune("AEIOUaeiouŒœ", first) && first != utf8.RuneError {
			before = append(bytes.TrimSuffix(before, []byte("e ")), "’"...)
		}
	}
	return append(before, value...)
}

// firstTags are the elements in which a value of a page begins.
var firstTags = regexp.MustCompile(`^(<[^>]*>)+`)

// named is another message that a hole asks for by its key, "{accept.decline}": what a button is called in a text is
// what stands on the button.
func (c *catalogue) named(hole string) (p phrase, is bool) {
	if strings.Contains(hole, ".") {
		p, is = c.messages[hole]
	}
	return p, is
}

func argument(args []string, hole string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == hole {
			return args[i+1]
		}
	}
	return "{" + hole + "}"
}

// markup is text for HTML; argument values are escaped unless they are marked as HTML.
func (c *catalogue) markup(key string, args ...any) string {
	p, found := c.messages[key]
	if !found {
		return html.EscapeString(key)
	}
	if len(p) == 1 && p[0].hole == "" {
		return p[0].html
	}
	var b []byte
	for _, piece := range p {
		b = append(b, piece.html...)
		if named, is := c.named(piece.hole); is {
			b = append(b, "<strong>"...)
			for _, p := range named {
				b = append(b, p.html...)
			}
			b = append(b, "</strong>"...)
		} else if piece.hole != "" {
			b = c.join(b, argumentHTML(args, piece.hole))
		}
	}
	return string(b)
}

// argumentHTML escapes a value unless a template function made it as HTML, and marks programme text.
func argumentHTML(args []any, hole string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != hole {
			continue
		}
		switch v := args[i+1].(type) {
		case template.HTML:
			return string(v)
		case Text:
			return string(inItsLanguage(v))
		case Texts:
			return v.join(func(t Text) string { return string(inItsLanguage(t)) })
		case string:
			return html.EscapeString(v)
		}
	}
	return "{" + hole + "}"
}

// plural chooses the form of a whole number by the rules of CLDR 42 and later
// (the x/text tables are older and lack "many" for millions in es and fr).
func plural(lang string, n int) string {
	switch {
	case n == 1, n == 0 && lang == "fr":
		return "one"
	case n != 0 && n%1_000_000 == 0 && lang != "en":
		return "many"
	}
	return "other"
}

// form is the key of the message that fits n: its own form if the message has one, else "other".
func (c *catalogue) form(key string, n int) string {
	if k := key + "[" + plural(c.lang, n) + "]"; c.has(k) {
		return k
	}
	return key + "[other]"
}

// count writes a whole number with the grouping of the language.
func (c *catalogue) count(n int) string {
	if n >= 0 && n < 1000 {
		return small(n)
	}
	return message.NewPrinter(language.Make(c.lang)).Sprintf("%d", n)
}

// Language is one that everything is written in.
type Language struct {
	Code   string // BCP 47, also the value of ?lang=
	Name   string // in its own words, for the language switch
	Locale string // for og:locale
}

// Languages are the languages of the product, the default first.
var Languages = []Language{
	{"en", "English", "en_GB"},
	{"es", "Español", "es_ES"},
	{"fr", "Français", "fr_FR"},
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Spanish, language.French})

// Match chooses the language of a page: the lang of the query, then what the
// person chose before (account or cookie), then the Accept-Language header, then
// English. Values it does not know, and malformed ones, are passed over.
func Match(query, cookie, acceptLanguage string) string {
	for _, chosen := range []string{query, cookie} {
		if tag, err := language.Parse(chosen); err == nil {
			if base, _ := tag.Base(); known(base.String()) {
				return base.String()
			}
		}
	}
	if len(acceptLanguage) > 1000 {
		return Languages[0].Code
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Languages[0].Code
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		i = 0
	}
	return Languages[i].Code
}

func known(code string) bool {
	_, found := catalogues[code]
	return found
}

// Day is a civil day: only the year, month and day as they stand are shown. Zero: none.
type Day = time.Time

func small(n int) string { return strconv.Itoa(n) }

// date writes a day out in words, "4 March 2026". A zero day is empty.
func (c *catalogue) date(d Day) string {
	if d.IsZero() {
		return ""
	}
	key := "date.long"
	if d.Day() == 1 {
		key = "date.first" // French: 1er
	}
	return c.text(key, "day", small(d.Day()), "month", c.text("month."+small(int(d.Month()))), "year", small(d.Year()))
}

// moment writes an instant with its zone, "4 March 2026, 10:42 CET".
func (c *catalogue) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return c.text("date.moment", "date", c.date(t), "time", t.Format("15:04"), "zone", t.Format("MST"))
}
