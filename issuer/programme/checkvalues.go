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

var (
	issuerID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	email    = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
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
