package programme

import (
	"encoding/json"
	"testing"
)

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
