package programme

import (
	"cmp"
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
	words, _ := t.Spoken(lang)
	return words
}

// Spoken is In with the language that its wording is in. One for every language counts as the issuer's first.
func (t Text) Spoken(lang string) (words, spoken string) {
	base, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, base, t.first, ""} {
		if s, found := t.words[l]; found {
			return s, cmp.Or(l, t.first)
		}
	}
	for _, l := range t.Languages() {
		return t.words[l], l
	}
	return "", ""
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

// UnmarshalJSON reads what MarshalJSON writes. Without its programme a text knows no first language: see From.
func (t *Text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		t.words = map[string]string{"": plain}
		return nil
	}
	return json.Unmarshal(data, &t.words)
}

// From is the text with the first language of the issuer that it belongs to.
func (t Text) From(first string) Text { return Text{t.words, first} }

// MarshalJSON writes a string, or an object by language.
func (t Text) MarshalJSON() ([]byte, error) {
	if s, found := t.words[""]; found || t.IsZero() {
		return json.Marshal(s)
	}
	return json.Marshal(t.words)
}

// Skill is something that an exam or a certification attests.
type Skill struct {
	Text
	URI string // of what it means; empty: not told
}

// Equal reports whether both say the same.
func (s Skill) Equal(o Skill) bool { return s.Text.Equal(o.Text) && s.URI == o.URI }

// MarshalJSON writes a text, or an object with its address.
func (s Skill) MarshalJSON() ([]byte, error) {
	if s.URI == "" {
		return s.Text.MarshalJSON()
	}
	return json.Marshal(struct {
		Name Text   `json:"name"`
		URI  string `json:"uri"`
	}{s.Text, s.URI})
}

// UnmarshalJSON reads what MarshalJSON writes. No language is called uri.
func (s *Skill) UnmarshalJSON(data []byte) error {
	var defined struct {
		Name Text   `json:"name"`
		URI  string `json:"uri"`
	}
	if json.Unmarshal(data, &defined) == nil && defined.URI != "" {
		s.Text, s.URI = defined.Name, defined.URI
		return nil
	}
	return s.Text.UnmarshalJSON(data)
}
