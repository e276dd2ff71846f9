package templates

import "html/template"

// A voice writes sentences from facts: for pages, where names tell their language, or as plain text.
type voice struct {
	*catalogue
	name func(Text) string
	fill func(key string, args ...string) string // args are finished
}

func (c *catalogue) plainly() voice { return voice{c, Text.String, c.text} }

func (c *catalogue) marked() voice {
	return voice{c, func(t Text) string { return string(say(t)) }, func(key string, args ...string) string {
		finished := make([]any, len(args))
		for n, arg := range args {
			if finished[n] = arg; n%2 == 1 {
				finished[n] = template.HTML(arg) // say escaped it
			}
		}
		return c.markup(key, finished...)
	}}
}

// own is text of ours, such as a date.
func (v voice) own(s string) string { return v.name(Text{Value: s}) }
