package templates

import (
	"slices"
	"strings"
)

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

// NeedsList is a requirement of one of these lists: all, any, or n of them.
func NeedsList(all, any []Needs, n int, of []Needs) Needs {
	return Needs{All: all, Any: any, AtLeast: n, Of: of}
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
		return v.fill(several, "n", v.ownText(v.count(n.AtLeast)), "list", v.list("and", v.parts(n.Of, several)))
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
	if v.has(key+".vowel") && soundsLike(kind, texts[last]) {
		key += ".vowel"
	}
	return v.fill(key, "first", joined, "last", texts[last])
}

// soundsLike tells whether Spanish "y" or "o" would meet its own sound: "e Identidad", "u Outlook".
func soundsLike(kind, next string) bool {
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

// ExamCriteria says how an exam's badge is earned, for credentials and pages.
func ExamCriteria(lang, exam string) string { return in(lang).text("criteria.exam", "exam", exam) }

// CertificationCriteria says how a certification is earned: what has to be passed or held.
func CertificationCriteria(lang, certification string, n Needs) string {
	v := in(lang).plainVoice()
	if n.Exam.Value != "" {
		return v.text("criteria.certification_exam", "certification", certification, "exam", n.Exam.Value)
	}
	return v.text("criteria.certification", "certification", certification, "needs", v.requirementDeed(n))
}

// requirementDeed says what has to be done, "pass both exams: A and B".
func (v voice) requirementDeed(n Needs) string {
	exams := v.parts(n.branches(), "needs.choose")
	switch {
	case !n.flat():
		return v.treeDeed(n)
	case len(n.All) == 2:
		return v.fill("criteria.pass_both", "exams", v.list("and", exams))
	case len(n.All) > 2:
		return v.fill("criteria.pass_all", "n", v.ownText(v.count(len(exams))), "exams", v.list("and", exams))
	case len(n.Any) > 1, n.AtLeast == 1:
		return v.fill("criteria.pass_one", "exams", v.list("or", exams))
	case n.AtLeast > 1:
		return v.fill("criteria.pass_some", "n", v.ownText(v.count(n.AtLeast)), "exams", v.list("and", exams))
	}
	return v.treeDeed(n)
}

// flat reports a list of nothing but exams.
func (n Needs) flat() bool {
	return !slices.ContainsFunc(n.branches(), func(b Needs) bool { return b.Exam.Value == "" })
}

// treeDeed is a requirement with its verbs, "hold the certification C and pass one of A or B".
func (v voice) treeDeed(n Needs) string {
	passes, holds := n.asks()
	switch {
	case !holds:
		return v.fill("criteria.pass", "exams", v.takes(n))
	case !passes:
		return v.fill("criteria.hold", "certifications", v.takes(n))
	}
	deeds := make([]string, len(n.branches()))
	for k, b := range n.branches() {
		deeds[k] = v.treeDeed(b)
		if passes, holds := b.asks(); passes && holds {
			deeds[k] = v.fill("needs.group", "list", deeds[k])
		}
	}
	switch {
	case len(n.All) > 0:
		return v.list("and", deeds)
	case len(n.Any) > 0:
		return v.list("or", deeds)
	}
	return v.fill("criteria.some", "n", v.ownText(v.count(n.AtLeast)), "list", v.list("and", deeds))
}

// asks reports whether there are exams to pass and certifications to hold.
func (n Needs) asks() (passes, holds bool) {
	passes, holds = n.Exam.Value != "", n.Certification.Value != ""
	for _, b := range n.branches() {
		p, h := b.asks()
		passes, holds = passes || p, holds || h
	}
	return passes, holds
}

func (n Needs) branches() []Needs { return slices.Concat(n.All, n.Any, n.Of) }

// Test marks a name or description as that of a test.
func Test(lang, text string) string { return in(lang).text("criteria.test", "text", text) }

// ScoreIn is what the score in an exam is called.
func ScoreIn(lang, exam string) string { return in(lang).text("criteria.score", "exam", exam) }

// Passed says that an exam was passed on a day.
func Passed(lang string, on Day) string {
	c := in(lang)
	return c.text("page.passed", "date", c.date(on))
}
