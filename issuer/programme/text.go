package programme

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Text is a name or a description: one wording for every language, or one for each of several. It is read-only.
type Text struct {
	words map[string]string // by language tag; "" is the wording for every language
	first string            // the issuer's first language
}

// In is the wording in a language such as "es" or "es-MX". Where there is none it falls back to the language without its region,
// then to the issuer's first language, then to whatever there is, so that it is empty only for a text that is empty.
func (t Text) In(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, base, t.first, ""} {
		if s, found := t.words[l]; found {
			return s
		}
	}
	for _, l := range t.Languages() {
		return t.words[l]
	}
	return ""
}

// Languages are the languages with a wording of their own, sorted; none for a text that is the same everywhere.
func (t Text) Languages() []string {
	var langs []string
	for l := range t.words {
		if l != "" {
			langs = append(langs, l)
		}
	}
	slices.Sort(langs)
	return langs
}

// IsZero reports whether nothing was written at all.
func (t Text) IsZero() bool { return len(t.words) == 0 }

// Equal reports whether both say the same in the same languages.
func (t Text) Equal(u Text) bool { return maps.Equal(t.words, u.words) }

// String is the wording in the issuer's first language.
func (t Text) String() string { return t.In(t.first) }

// MarshalJSON writes a string, or an object by language.
func (t Text) MarshalJSON() ([]byte, error) {
	if s, found := t.words[""]; found || t.IsZero() {
		return json.Marshal(s)
	}
	return json.Marshal(t.words)
}
