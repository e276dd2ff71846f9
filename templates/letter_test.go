package templates_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/templates"
)

func eachLetter(t *testing.T, check func(t *testing.T, lang, name, text, document string, l letter)) {
	for _, l := range templates.Languages {
		for name, letter := range letters(l.Code) {
			text, err := letter.Text()
			if err != nil {
				t.Fatal(err)
			}
			document, err := letter.HTML()
			if err != nil {
				t.Fatal(err)
			}
			check(t, l.Code, name, text, document, letter)
		}
	}
}

func TestLettersAreAsReviewed(t *testing.T) {
	eachLetter(t, func(t *testing.T, lang, name, text, document string, l letter) {
		for ext, got := range map[string]string{".txt": l.Subject() + "\n" + l.Preheader() + "\n\n" + text, ".html": document} {
			path := filepath.Join("testdata", "letters", name+"."+lang+ext)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (run with -update after a review):\n%s", path, diff)
			}
		}
	})
}

func TestLettersAreSound(t *testing.T) {
	eachLetter(t, func(t *testing.T, lang, name, text, document string, l letter) {
		name += "." + lang
		all := outline(t, name, document)
		headings := 0
		for _, e := range all {
			switch {
			case e.tag == "h1":
				headings++
			case e.tag == "html" && e.attrs["lang"] != lang:
				t.Errorf("%s: lang is %q", name, e.attrs["lang"])
			case e.tag == "table" && e.attrs["role"] != "presentation":
				t.Errorf("%s: a table without its role", name)
			case e.tag == "img" && (!strings.HasPrefix(e.attrs["src"], "cid:") || e.attrs["alt"] == ""):
				t.Errorf("%s: img %v", name, e.attrs)
			}
		}
		if headings != 1 {
			t.Errorf("%s: got %d headings", name, headings)
		}
		if len(document) > 60_000 {
			t.Errorf("%s: %d bytes", name, len(document))
		}
		for _, part := range []string{text, document, l.Subject(), l.Preheader()} {
			if strings.Contains(part, "{") && part != document || strings.Contains(part, "mail.") || strings.Contains(part, "ZgotmplZ") || part == "" {
				t.Errorf("%s: unfinished: %q", name, part)
			}
		}
		if strings.ContainsAny(l.Subject(), "\r\n") {
			t.Errorf("%s: subject of several lines", name)
		}
	})
}

// TestOfferLetter holds row 80: the claim link once per part, and once as a link in the HTML.
//
// row 80: text and HTML, in the language of the person.
func TestOfferLetter(t *testing.T) {
	for _, l := range templates.Languages {
		offer := letters(l.Code)["offer"].(templates.OfferLetter)
		text, err := offer.Text()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(text, offer.ClaimURL+"\n"); got != 1 {
			t.Errorf("%s: claim link %d times in the text", l.Code, got)
		}
		document, err := offer.HTML()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(document, `href="`+offer.ClaimURL+`"`); got != 1 {
			t.Errorf("%s: claim link %d times in the HTML", l.Code, got)
		}
	}
	if got, want := letters("es")["offer"].Subject(), "Ana, has conseguido Acme Certified Cloud Operator"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := letters("fr")["offer_several"].Subject(), "Ana, vous avez obtenu 2 badges"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoticesHaveNoStopLink(t *testing.T) {
	for name, l := range letters("en") {
		text, err := l.Text()
		if err != nil {
			t.Fatal(err)
		}
		notice := strings.HasPrefix(name, "code") || strings.HasPrefix(name, "changed") || slices.Contains([]string{"revoked", "suspended", "corrected", "added", "disputed", "webhook", "merged", "separated"}, name)
		if got := strings.Contains(text, "/stop/"); got == notice {
			t.Errorf("%s: stop link %v", name, got)
		}
	}
}
