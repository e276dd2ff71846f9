package templates

import "strings"

// Needs is a requirement in plain data: a leaf (Exam or Certification, a code or
// name as it is to be shown), or one of All, Any, or AtLeast of Of. Exactly one is set.
type Needs struct {
	Exam          string
	Certification string
	All           []Needs
	Any           []Needs
	AtLeast       int // "2 more of …"
	Of            []Needs
}

// Phrase writes a requirement out, "AZ-800 and one of AZ-801 or AZ-802", for use inside a sentence.
func (n Needs) Phrase(lang string) string { return in(lang).needs(n) }

// needs writes what is still missing ("2 more of …").
func (c *catalogue) needs(n Needs) string { return c.requirement(n, "needs.at_least") }

// takes writes a whole requirement ("2 of …").
func (c *catalogue) takes(n Needs) string { return c.requirement(n, "needs.choose") }

// requirement writes a tree; several is the key for "n of".
func (c *catalogue) requirement(n Needs, several string) string {
	switch {
	case n.Exam != "":
		return n.Exam
	case n.Certification != "":
		return c.text("needs.certification", "certification", n.Certification)
	case len(n.All) > 0:
		return c.list("and", c.parts(n.All, several))
	case len(n.Any) == 1:
		return c.requirement(n.Any[0], several)
	case len(n.Any) > 0:
		return c.text("needs.one_of", "list", c.list("or", c.parts(n.Any, several)))
	case len(n.Of) > 0:
		return c.text(several, "n", c.count(n.AtLeast), "list", c.list("and", c.parts(n.Of, several)))
	}
	return ""
}

// parts writes each branch; a branch that is itself a list goes into brackets.
func (c *catalogue) parts(branches []Needs, several string) []string {
	texts := make([]string, len(branches))
	for i, b := range branches {
		texts[i] = c.requirement(b, several)
		if len(branches) > 1 && len(b.All)+len(b.Any)+len(b.Of) > 1 {
			texts[i] = c.text("needs.group", "list", texts[i])
		}
	}
	return texts
}

// list joins texts by the list patterns of the language; kind is "and" or "or".
func (c *catalogue) list(kind string, texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	last := len(texts) - 1
	joined := texts[0]
	for _, t := range texts[1:max(last, 1)] {
		if last > 1 {
			joined = c.text("list.middle", "first", joined, "next", t)
		}
	}
	if last == 0 {
		return joined
	}
	key := "list." + kind
	if c.has(key+".vowel") && clashes(kind, texts[last]) {
		key += ".vowel"
	}
	return c.text(key, "first", joined, "last", texts[last])
}

// clashes tells whether Spanish "y" or "o" would meet its own sound: "e Identidad", "u Outlook".
func clashes(kind, next string) bool {
	next = strings.ToLower(next)
	if kind == "or" {
		return hasPrefix(next, "o", "ho", "8")
	}
	return hasPrefix(next, "i", "hi") && !hasPrefix(next, "hia", "hie", "io")
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
