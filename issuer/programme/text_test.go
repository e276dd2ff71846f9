package programme

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestWordedByLanguage: names, descriptions, skills and images are one value or one for each language, come back from
// a stored version as they were, and are refused alike.
func TestWordedByLanguage(t *testing.T) {
	const file = "issuer: {id: i, name: I, languages: [en, es]}\nexams:\n  - {code: A, name: A}\n  - {code: E, %s}\n" +
		"certifications:\n  - {code: C, %s, requires: {exam: A}}\n"
	for _, member := range []string{"name: %s", "name: N, description: %s", "name: N, skills: [%s]", "name: N, image: %s"} {
		write := func(value string) string {
			item := fmt.Sprintf(member, value)
			return fmt.Sprintf(file, item, item)
		}
		for _, value := range []string{"x.png", "{en: x.png}", "{en: x.png, es: y.svg}"} {
			p := parse(t, write(value))
			stored, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(strings.NewReader(string(stored)), "stored.json")
			if err != nil || !again.Equal(p) {
				t.Errorf("%s as %s: stored as %s, read back with %v", member, value, stored, err)
			}
			if p.Equal(parse(t, write("other"))) {
				t.Errorf("%s as %s: another one is no change", member, value)
			}
		}
		for value, want := range map[string]string{
			`""`: "the text is empty", "{es: y}": "lacks the issuer's first language", "{en: x, de: z}": `"de" is not one of the issuer's languages`,
			`{en: x, es: ""}`: "the text is empty", "true": "a text is needed", "[x]": "a text is needed", strings.Repeat("x", 5000): "longer than",
		} {
			if got := problems(t, write(value)); strings.Count(got, want) != 2 || !strings.Contains(got, "f:4: ") || !strings.Contains(got, "f:6: ") {
				t.Errorf("%s as %.20s: got\n%s\nwant %q for the exam and the certification", member, value, got, want)
			}
		}
	}
}

func TestTextIn(t *testing.T) {
	p := parse(t, `
issuer: {id: i, name: {es: Luz, en: Light, pt-BR: Luzes}, languages: [es, en, fr, pt-BR]}
exams: [{code: A, name: Plain}]
`)
	for lang, want := range map[string]string{"es": "Luz", "en": "Light", "en-GB": "Light", "pt-BR": "Luzes", "pt": "Luz", "fr": "Luz", "ja": "Luz", "": "Luz", "xx-YY": "Luz"} {
		if got := p.Issuer.Name.In(lang); got != want {
			t.Errorf("in %q: got %q, want %q", lang, got, want)
		}
		if got := p.Exams[0].Name.In(lang); got != "Plain" {
			t.Errorf("in %q: got %q, want Plain", lang, got)
		}
	}
	if got := p.Exams[0].Name.Languages(); len(got) > 0 {
		t.Errorf("a text that is the same everywhere has the languages %q", got)
	}
	if got := p.Issuer.Name.String(); got != "Luz" {
		t.Errorf("got %q, want the first language", got)
	}
	var none Text
	if got := none.In("en"); got != "" || !none.IsZero() {
		t.Errorf("nothing says %q", got)
	}
	if data, err := json.Marshal(none); string(data) != `""` || err != nil {
		t.Errorf("got %s, %v", data, err)
	}
	stray := Text{words: map[string]string{"fr": "Lumière", "de": "Licht"}, first: "es"}
	if got := stray.In("it"); got != "Licht" {
		t.Errorf("without the first language: got %q, want any", got)
	}
}
