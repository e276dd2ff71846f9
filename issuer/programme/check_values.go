package programme

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// placedText is a text and where it stands.
type placedText struct {
	at       string // the item
	member   string
	called   string
	text     *Text
	required bool
	longest  int
}

// texts are all that may be worded by language: names, descriptions, skills and the names of pictures.
func (p *Programme) texts() []placedText {
	list := []placedText{
		{"/issuer", "name", "name", &p.Issuer.Name, true, longestName},
		{"/issuer", "description", "description", &p.Issuer.Description, false, longestDescription},
	}
	for i := range p.Exams {
		at, e := fmt.Sprintf("/exams/%d", i), &p.Exams[i]
		list = append(list,
			placedText{at, "name", "name", &e.Name, true, longestName},
			placedText{at, "description", "description", &e.Description, false, longestDescription},
			placedText{at, "image", "image", &e.Image, false, longestURL})
		list = append(list, skillTexts(at, e.Skills)...)
	}
	for i := range p.Certifications {
		at, c := fmt.Sprintf("/certifications/%d", i), &p.Certifications[i]
		list = append(list,
			placedText{at, "name", "name", &c.Name, true, longestName},
			placedText{at, "description", "description", &c.Description, false, longestDescription},
			placedText{at, "image", "image", &c.Image, false, longestURL})
		list = append(list, skillTexts(at, c.Skills)...)
	}
	return list
}

func skillTexts(at string, skills []Skill) (list []placedText) {
	for n := range skills {
		list = append(list, placedText{at, fmt.Sprintf("skills/%d", n), "a skill", &skills[n].Text, true, longestName})
	}
	return list
}

func (c *checker) text(t placedText) {
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
func (c *checker) languages(at string, t placedText) {
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

var (
	issuerID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	email    = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

	linkedInPage = regexp.MustCompile(`^[1-9][0-9]{0,19}$`)
)

func (c *checker) issuer() {
	i := c.p.Issuer
	switch {
	case i.ID == "":
		c.missing("/issuer", "id")
	case !issuerID.MatchString(i.ID):
		c.refuse("/issuer/id", "it is part of addresses, such as northlight-institute", "the issuer's id takes letters, digits, dots, dashes and underscores, not %q", i.ID)
	}
	c.link("/issuer/url", i.URL)
	c.line("/issuer/image", i.Image, longestURL)
	if i.Email != "" && (!email.MatchString(i.Email) || len(i.Email) > longestEmail) {
		c.refuse("/issuer/email", "", "%q is no e-mail address", i.Email)
	}
	if i.LinkedIn != "" && !linkedInPage.MatchString(i.LinkedIn) {
		c.refuse("/issuer/linkedin", "write it like 1234567, as the page's address has it for its administrators", "%q is no number of a page on LinkedIn", i.LinkedIn)
	}
	for n, lang := range i.Languages {
		at := fmt.Sprintf("/issuer/languages/%d", n)
		if !language.MatchString(lang) {
			c.refuse(at, "write it like en, es or pt-BR", "%q is no language", lang)
		} else if slices.Contains(i.Languages[:n], lang) {
			c.refuse(at, "", "language %q is listed twice", lang)
		}
	}
}

func (c *checker) dates(at string, since, retired Date) {
	if !retired.IsZero() && retired.Before(since) {
		c.refuse(at+"/retired", "", "retired on %s, before it was in the programme (in_programme_since %s)", retired, since)
	}
}

func (c *checker) skillLinks(at string, skills []Skill) {
	for n, s := range skills {
		c.link(fmt.Sprintf("%s/skills/%d/uri", at, n), s.URI)
	}
}

func (c *checker) link(at, link string) {
	if link == "" {
		return
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(link) > longestURL {
		c.refuse(at, "write it like https://example.org/page", "%q is no web address", link)
		return
	}
	c.line(at, link, longestURL)
}

// line is text on one line.
func (c *checker) line(at, s string, longest int) {
	if utf8.RuneCountInString(s) > longest {
		c.refuse(at, "", "longer than %d characters", longest)
	} else if strings.ContainsFunc(s, unprintable) || strings.ContainsAny(s, "\n\t") {
		c.refuse(at, "", "%q has control characters", s)
	}
}

// unprintable are characters that no text needs and that YAML or JSON may not carry unchanged.
func unprintable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF
}
