package templates

import "strings"

// Needs is a requirement in plain data: a leaf (Exam or Certification, a code or
// name as it is to be shown), or one of All, Any, or AtLeast of Of. Exactly one is set.
type Needs struct {
	Exam          Text
	Certification Text
	All           []Needs
	Any           []Needs
	AtLeast       int // "2 more of …"
	Of            []Needs
}

// needs writes what is still missing, "AZ-800 and 2 more of …", for use inside a sentence.
func (v voice) needs(n Needs) string { return v.requirement(n, "needs.at_least") }

// takes writes a whole requirement ("2 of …").
func (v voice) takes(n Needs) string { return v.requirement(n, "needs.choose") }

// requirement writes a tree; several is the key for "n of".
func (v voice) requirement(n Needs, several string) string {
	switch {
	case n.Exam.Value != "":
		return v.name(n.Exam)
	case n.Certification.Value != "":
		return v.fill("needs.certification", "certification", v.name(n.Certification))
	case len(n.All) > 0:
		return v.list("and", v.parts(n.All, several))
	case len(n.Any) == 1:
		return v.requirement(n.Any[0], several)
	case len(n.Any) > 0:
		return v.fill("needs.one_of", "list", v.list("or", v.parts(n.Any, several)))
	case len(n.Of) > 0:
		return v.fill(several, "n", v.own(v.count(n.AtLeast)), "list", v.list("and", v.parts(n.Of, several)))
	}
	return ""
}

// parts writes each branch; a branch that is itself a list goes into brackets.
func (v voice) parts(branches []Needs, several string) []string {
	texts := make([]string, len(branches))
	for i, b := range branches {
		texts[i] = v.requirement(b, several)
		if len(branches) > 1 && len(b.All)+len(b.Any)+len(b.Of) > 1 {
			texts[i] = v.fill("needs.group", "list", texts[i])
		}
	}
	return texts
}

// list joins texts by the list patterns of the language; kind is "and" or "or".
func (v voice) list(kind string, texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	last := len(texts) - 1
	joined := texts[0]
	for _, t := range texts[1:max(last, 1)] {
		if last > 1 {
			joined = v.fill("list.middle", "first", joined, "next", t)
		}
	}
	if last == 0 {
		return joined
	}
	key := "list." + kind
	if v.has(key+".vowel") && clashes(kind, texts[last]) {
		key += ".vowel"
	}
	return v.fill(key, "first", joined, "last", texts[last])
}

// clashes tells whether Spanish "y" or "o" would meet its own sound: "e Identidad", "u Outlook".
func clashes(kind, next string) bool {
	next = strings.ToLower(untagged(next))
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
