package templates

import (
	"html"
	"html/template"
	"net/url"
	"strings"
)

// functions are what a page may ask for, in its language.
func functions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t":            c.word,
		"plural":       c.plural,
		"date":         c.date,
		"moment":       c.moment,
		"iso":          isoDay,
		"icon":         icon,
		"say":          say,
		"naming":       naming,
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
			return string(say(v))
		case Texts:
			return v.join(func(t Text) string { return string(say(t)) })
		case string:
			return html.EscapeString(v)
		}
	}
	return "{" + hole + "}"
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
