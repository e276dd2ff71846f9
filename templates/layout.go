package templates

import (
	"html/template"
	"net/url"
)

// layout is what base.html draws around a page. Title, Head and Main were
// rendered, and so escaped, by the templates of that page.
type layout struct {
	Page
	Name  string
	Title template.HTML
	Head  template.HTML
	Main  template.HTML
}

// StylePath is the address of the stylesheet.
func (layout) StylePath() string { return Stylesheet.Path }

// IconPath is the address of the site's icon.
func (layout) IconPath() string { return siteIcon.Path }

// option is an entry of the language switch.
type option struct {
	Language
	URL     string
	Current bool
}

// Switch leads to this page in every language. The links are relative, so they
// keep the address whatever it is; what answers a form is asked for again.
func (l layout) Switch() []option {
	query := url.Values{}
	if u, err := url.Parse(l.Path); err == nil {
		query = u.Query()
	}
	var options []option
	for _, lang := range Languages {
		query.Set("lang", lang.Code)
		options = append(options, option{lang, l.Answers.Action + "?" + query.Encode(), lang.Code == l.Lang})
	}
	return options
}

// Alternates are the hreflang links of a public page.
func (l layout) Alternates() []option {
	if l.Canonical == "" {
		return nil
	}
	all := []option{{Language: Language{Code: "x-default"}, URL: l.Canonical}}
	for _, lang := range Languages {
		all = append(all, option{lang, l.Canonical + "?lang=" + lang.Code, false})
	}
	return all
}

// locale is an og:locale tag.
type locale struct {
	Locale  string
	Current bool
}

// locales are those of the product, the page's own first.
func locales(lang string) []locale {
	all := []locale{}
	for _, l := range Languages {
		if l.Code == lang {
			all = append([]locale{{l.Locale, true}}, all...)
			continue
		}
		all = append(all, locale{l.Locale, false})
	}
	return all
}
