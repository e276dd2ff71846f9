package templates

import (
	"html"
	"html/template"
	"regexp"
	"slices"
	"strings"
)

// Text is programme text, which may be in another language than the page. In HTML it is written by say, by strong
// or as a value of t, which mark it with its language (WCAG 3.1.2); attributes and plain text take its words.
type Text struct {
	Value string
	Lang  string // BCP 47; empty: the page's language
}

// String is the text without its language.
func (t Text) String() string { return t.Value }

// Texts are several in a row.
type Texts []Text

// String is the texts without their languages.
func (all Texts) String() string {
	return all.join(Text.String)
}

func (all Texts) join(write func(Text) string) string {
	words := make([]string, len(all))
	for n, t := range all {
		words[n] = write(t)
	}
	return strings.Join(words, ", ")
}

// Spoken is a wording on a page, or in a letter, in a language. It names its own where that is another.
func Spoken(lang string) func(words, spoken string) Text {
	return func(words, spoken string) Text {
		if spoken == in(lang).lang {
			spoken = ""
		}
		return Text{Value: words, Lang: spoken}
	}
}

// inItsLanguage is a text that tells its language where that is not the page's.
func inItsLanguage(t Text) template.HTML {
	if t.Lang == "" || t.Value == "" {
		return template.HTML(html.EscapeString(t.Value))
	}
	return t.within("span")
}

// strong stresses a string, a Text or Texts.
func strong(v any) template.HTML {
	switch v := v.(type) {
	case Text:
		return v.within("strong")
	case Texts:
		return template.HTML(v.join(func(t Text) string { return string(strong(t)) }))
	case string:
		return element("strong", v)
	}
	return ""
}

// markNames is a text of the page's language with those names in it marked that are in another.
func markNames(t Text, names []Text) template.HTML {
	text := html.EscapeString(t.Value)
	if t.Lang != "" {
		return template.HTML(text) // the element around it tells
	}
	longest := slices.SortedFunc(slices.Values(names), func(a, b Text) int { return len(b.Value) - len(a.Value) })
	var marks []string
	for _, name := range longest {
		if name.Lang != "" && name.Value != "" {
			marks = append(marks, html.EscapeString(name.Value), string(inItsLanguage(name)))
		}
	}
	return template.HTML(strings.NewReplacer(marks...).Replace(text))
}

func (t Text) within(name string) template.HTML {
	if t.Lang == "" {
		return element(name, t.Value)
	}
	return template.HTML("<" + name + ` lang="` + html.EscapeString(t.Lang) + `">` + html.EscapeString(t.Value) + "</" + name + ">")
}

var tags = regexp.MustCompile(`<[^>]*>`)

// untagged is HTML of ours for places that take no elements, such as a title.
func untagged(h string) string { return tags.ReplaceAllString(h, "") }

// A voice writes sentences from facts: for pages, where names tell their language, or as plain text.
type voice struct {
	*catalogue
	name func(Text) string
	fill func(key string, args ...string) string // args are finished
}

func (c *catalogue) plainVoice() voice { return voice{c, Text.String, c.text} }

func (c *catalogue) markupVoice() voice {
	return voice{c, func(t Text) string { return string(inItsLanguage(t)) }, func(key string, args ...string) string {
		finished := make([]any, len(args))
		for n, arg := range args {
			if finished[n] = arg; n%2 == 1 {
				finished[n] = template.HTML(arg) // inItsLanguage escaped it
			}
		}
		return c.markup(key, finished...)
	}}
}

// ownText is text of ours, such as a date.
func (v voice) ownText(s string) string { return v.name(Text{Value: s}) }
