package programme

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// place is a text and where it stands.
type place struct {
	at       string // the item
	member   string
	called   string
	text     *Text
	required bool
	longest  int
}

// texts are all that may be worded by language: names, descriptions, skills and the names of pictures.
func (p *Programme) texts() []place {
	list := []place{
		{"/issuer", "name", "name", &p.Issuer.Name, true, longestName},
		{"/issuer", "description", "description", &p.Issuer.Description, false, longestDescription},
	}
	for i := range p.Exams {
		at, e := fmt.Sprintf("/exams/%d", i), &p.Exams[i]
		list = append(list, place{at, "name", "name", &e.Name, true, longestName}, place{at, "description", "description", &e.Description, false, longestDescription}, place{at, "image", "image", &e.Image, false, longestURL})
		list = append(list, skillTexts(at, e.Skills)...)
	}
	for i := range p.Certifications {
		at, c := fmt.Sprintf("/certifications/%d", i), &p.Certifications[i]
		list = append(list, place{at, "name", "name", &c.Name, true, longestName}, place{at, "description", "description", &c.Description, false, longestDescription}, place{at, "image", "image", &c.Image, false, longestURL})
		list = append(list, skillTexts(at, c.Skills)...)
	}
	return list
}

func skillTexts(at string, skills []Text) (list []place) {
	for n := range skills {
		list = append(list, place{at, fmt.Sprintf("skills/%d", n), "a skill", &skills[n], true, longestName})
	}
	return list
}

func (c *checker) text(t place) {
	at := t.at + "/" + t.member
	if t.text.IsZero() {
		if t.required {
			c.missing(t.at, t.member)
		}
		return
	}
	if plain, is := t.text.words[""]; is {
		c.wording(at, plain, t.longest)
		return
	}
	c.languages(at, t)
	for _, lang := range t.text.Languages() {
		c.wording(at+"/"+escape(lang), t.text.words[lang], t.longest)
	}
}

// languages are the issuer's, and the first of them is never left out: it is what others fall back to.
func (c *checker) languages(at string, t place) {
	known := c.p.Issuer.Languages
	if _, found := t.text.words[known[0]]; !found {
		c.refuse(at, fmt.Sprintf("add %s: ...", known[0]), "%s lacks the issuer's first language, %q", t.called, known[0])
	}
	for _, lang := range t.text.Languages() {
		if !slices.Contains(known, lang) {
			suggestion := "the issuer's languages are " + strings.Join(known, ", ")
			c.refuse(at+"/"+escape(lang), suggestion, "%q is not one of the issuer's languages", lang)
		}
	}
}

func (c *checker) wording(at, s string, longest int) {
	switch {
	case s == "":
		c.refuse(at, "", "the text is empty")
	case utf8.RuneCountInString(s) > longest:
		c.refuse(at, "", "longer than %d characters", longest)
	case strings.ContainsFunc(s, unprintable) || longest < longestDescription && strings.ContainsAny(s, "\n\t"):
		c.refuse(at, "", "%q has control characters", s)
	}
}
