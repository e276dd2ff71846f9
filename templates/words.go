package templates

import (
	"embed"
	"fmt"
	"html"
	"strings"
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
	var b strings.Builder
	for _, piece := range p {
		if piece.hole == "" {
			b.WriteString(piece.text)
			continue
		}
		b.WriteString(argument(args, piece.hole))
	}
	return b.String()
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
	var b strings.Builder
	for _, piece := range p {
		b.WriteString(piece.html)
		if piece.hole != "" {
			b.WriteString(argumentHTML(args, piece.hole))
		}
	}
	return b.String()
}
