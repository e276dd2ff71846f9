package templates

import (
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// shape is a key without its plural form, and all holes of a message.
func holes(p phrase) []string {
	var names []string
	for _, piece := range p {
		if piece.hole != "" && piece.hole != "n" { // "one" may leave the number out
			names = append(names, piece.hole)
		}
	}
	sort.Strings(names)
	return slices.Compact(names)
}

// ownForms are keys that a language has on top of the English ones: the form for
// millions, and Spanish "e" and "u".
func ownForm(lang, key string) bool {
	return lang != "en" && strings.HasSuffix(key, "[many]") || lang == "es" && strings.HasSuffix(key, ".vowel")
}

func TestLanguagesHaveTheSameMessages(t *testing.T) {
	english := in("en")
	for _, l := range Languages {
		c := in(l.Code)
		for key, p := range english.messages {
			other, found := c.messages[key]
			if !found {
				t.Errorf("%s: %s is missing", l.Code, key)
				continue
			}
			if got, want := holes(other), holes(p); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the holes %v, want %v", l.Code, key, got, want)
			}
		}
		for key := range c.messages {
			if !english.has(key) && !ownForm(l.Code, key) {
				t.Errorf("%s: %s is not in en.txt", l.Code, key)
			}
		}
	}
}

func TestPluralFormsAreComplete(t *testing.T) {
	for _, l := range Languages {
		c := in(l.Code)
		for key := range c.messages {
			base, form, plural := strings.Cut(key, "[")
			if !plural {
				continue
			}
			if !slices.Contains([]string{"one]", "many]", "other]"}, form) {
				t.Errorf("%s: %s: no such form", l.Code, key)
			}
			if !c.has(base + "[other]") {
				t.Errorf("%s: %s has no form for other numbers", l.Code, base)
			}
		}
	}
}

var (
	literalKey = regexp.MustCompile(`"([a-z][a-z_0-9]*(?:\.[A-Za-z_0-9-]+)*)"`)
	keyPrefix  = regexp.MustCompile(`"([a-z][a-z_0-9.]*\.)"`)
	askedKey   = regexp.MustCompile(`\{?\(?\b(t|plural) "([^"]+)"`)
)

// TestMessagesAreUsed fails for a message that nothing asks for and for a key that does not exist.
func TestMessagesAreUsed(t *testing.T) {
	used, prefixes := map[string]bool{}, []string{}
	for _, pattern := range []string{"*.go", "pages/*.html", "letters/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literalKey.FindAllStringSubmatch(string(text), -1) {
				used[m[1]] = true
			}
			for _, m := range keyPrefix.FindAllStringSubmatch(string(text), -1) {
				prefixes = append(prefixes, m[1])
			}
			for _, m := range askedKey.FindAllStringSubmatch(string(text), -1) {
				want := m[2]
				if m[1] == "plural" {
					want += "[other]"
				}
				if !in("en").has(want) {
					t.Errorf("%s asks for %s, which does not exist", file, want)
				}
			}
		}
	}
	for key := range in("en").messages {
		base, _, _ := strings.Cut(key, "[")
		if !used[base] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(base, p) }) {
			t.Errorf("%s is not used", key)
		}
	}
}

func TestParseCatalogueRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no sign": "a.b text", "no text": "a.b = ", "twice": "a = x\na = y", "open hole": "a = x {y", "empty hole": "a = x {}",
	} {
		if _, err := parseCatalogue("en", text); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func FuzzCatalogue(f *testing.F) {
	f.Add("a = {b} c\n# d\n\ne[one] = f")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCatalogue("fr", text)
		if err != nil {
			return
		}
		for key := range c.messages {
			_ = c.text(key, "b", "x")
			_ = c.markup(key, "b", "<x>")
		}
	})
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 0, "other"}, {"en", 1, "one"}, {"en", 2, "other"}, {"en", 1_000_000, "other"},
		{"es", 0, "other"}, {"es", 1, "one"}, {"es", 2, "other"}, {"es", 1_000_000, "many"}, {"es", 1_000_001, "other"}, {"es", 3_000_000, "many"},
		{"fr", 0, "one"}, {"fr", 1, "one"}, {"fr", 2, "other"}, {"fr", 1_000_000, "many"}, {"fr", 1_500_000, "other"},
	} {
		if got := plural(c.lang, c.n); got != c.want {
			t.Errorf("plural(%s, %d) = %s, want %s", c.lang, c.n, got, c.want)
		}
	}
}

func TestPluralMessages(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 1, "1 more badge is waiting."}, {"en", 2, "2 more badges are waiting."}, {"en", 12345, "12,345 more badges are waiting."},
		{"es", 1, "Te espera 1 insignia más."}, {"es", 2_000_000, "Te esperan 2.000.000 de insignias más."},
		{"fr", 0, "0 autre badge vous attend."}, {"fr", 2, "2 autres badges vous attendent."}, {"fr", 1_000_000, "1\u00a0000\u00a0000 d’autres badges vous attendent."},
	} {
		if got := string(in(c.lang).plural("done.waiting", c.n)); got != c.want {
			t.Errorf("%s %d: got %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

func TestMarkupEscapes(t *testing.T) {
	got := in("fr").markup("reference", "reference", `<b>"&'`)
	if want := "Référence\u00a0: &lt;b&gt;&#34;&amp;&#39;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := in("xx").markup("no.such.key"); got != "no.such.key" {
		t.Errorf("a missing key shows %q", got)
	}
}

// TestElision: what a French sentence says of a name whose first letter nobody knows before.
func TestElision(t *testing.T) {
	for name, want := range map[string]string{
		"Institut Northlight": "Badges d’Institut Northlight", "École Acme": "Badges d’École Acme", "Œuvre": "Badges d’Œuvre", "Acme": "Badges d’Acme",
		"Northlight": "Badges de Northlight", "Haute École": "Badges de Haute École", "山田": "Badges de 山田", "": "Badges de ", "1A": "Badges de 1A",
	} {
		if got := in("fr").text("home.h1", "issuer", name); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := in("fr").markup("home.h1", "issuer", template.HTML(`<span lang="en">`+name+"</span>")), strings.Replace(want, name, `<span lang="en">`+name+"</span>", 1); name != "" && got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := in("es").text("home.h1", "issuer", "Acme"); got != "Insignias de Acme" {
		t.Errorf("got %q", got)
	}
}
