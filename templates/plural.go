package templates

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

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
