package templates

import "golang.org/x/text/language"

// Language is one that everything is written in.
type Language struct {
	Code   string // BCP 47, also the value of ?lang=
	Name   string // in its own words, for the language switch
	Locale string // for og:locale
}

// Languages are the languages of the product, the default first.
var Languages = []Language{
	{"en", "English", "en_GB"},
	{"es", "Español", "es_ES"},
	{"fr", "Français", "fr_FR"},
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Spanish, language.French})

// Match chooses the language of a page: the lang of the query, then what the
// person chose before (account or cookie), then the Accept-Language header, then
// English. Values it does not know, and malformed ones, are passed over.
func Match(query, cookie, acceptLanguage string) string {
	for _, chosen := range []string{query, cookie} {
		if tag, err := language.Parse(chosen); err == nil {
			if base, _ := tag.Base(); known(base.String()) {
				return base.String()
			}
		}
	}
	if len(acceptLanguage) > 1000 {
		return Languages[0].Code
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Languages[0].Code
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		i = 0
	}
	return Languages[i].Code
}

func known(code string) bool {
	_, found := catalogues[code]
	return found
}
