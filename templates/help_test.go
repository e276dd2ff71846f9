package templates

import (
	"strings"
	"testing"
)

// TestNamedWordsExist: a text that names a button names one that there is, in the words of the button.
//
// row 26: button names in texts come from the keys of the buttons, so that they cannot drift.
func TestNamedWordsExist(t *testing.T) {
	named := 0
	for _, l := range Languages {
		c := in(l.Code)
		for key, p := range c.messages {
			for _, piece := range p {
				if !strings.Contains(piece.hole, ".") {
					continue
				}
				named++
				other, found := c.messages[piece.hole]
				if !found {
					t.Errorf("%s: %s names %s, which does not exist", l.Code, key, piece.hole)
				}
				for _, inner := range other {
					if inner.hole != "" {
						t.Errorf("%s: %s names %s, which has a hole", l.Code, key, piece.hole)
					}
				}
			}
		}
	}
	if named < 100 {
		t.Errorf("%d names only", named)
	}
	c, err := parseCatalogue("en", "a.button = Do <it>\na.text = Press {a.button}, {name}.\nloop.x = {loop.x} {none.such}")
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		c.text("a.text", "name", "Ana"):     "Press Do <it>, Ana.",
		c.markup("a.text", "name", "<Ana>"): "Press <strong>Do &lt;it&gt;</strong>, &lt;Ana&gt;.",
		c.text("loop.x"):                    "  {none.such}",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestHelpIsWhole: each section of an article has a text or steps, in every language as many, and no words of help are
// left over.
//
// row 25: the same steps in every language.
func TestHelpIsWhole(t *testing.T) {
	known := map[string]bool{"help.h1": true, "help.lead": true, "help.all": true, "help.contact": true, "help.contact_text": true}
	for _, topic := range helpTopics {
		known["help."+topic.name+".h1"], known["help."+topic.name+".lead"] = true, true
		steps := map[string]int{}
		for _, l := range Languages {
			for _, s := range (HelpArticle{Page: Page{Lang: l.Code}, Topic: topic.name}).Sections() {
				known[s.Key+".h2"] = true
				if in(l.Code).has(s.Key+".text") == (len(s.Steps) > 0) {
					t.Errorf("%s: %s has both a text and steps, or neither", l.Code, s.Key)
				}
				if before, found := steps[s.ID]; found && before != len(s.Steps) {
					t.Errorf("%s: %s has %d steps, and %d in another language", l.Code, s.Key, len(s.Steps), before)
				}
				steps[s.ID] = len(s.Steps)
				known[s.Key+".text"] = true
				for _, key := range s.Steps {
					known[key] = true
				}
			}
		}
		for section := range topic.links {
			if _, found := steps[section]; !found {
				t.Errorf("%s has a link in %s, which is no section", topic.name, section)
			}
		}
	}
	for _, l := range Languages {
		for key := range in(l.Code).messages {
			if strings.HasPrefix(key, "help.") && !known[key] {
				t.Errorf("%s: %s stands in no article", l.Code, key)
			}
		}
	}
}

// TestHelpFitsThePage: the help that a page leads to has the place that it names, and the page exists.
//
// row 49: contextual help opens at the matching case.
func TestHelpFitsThePage(t *testing.T) {
	pages := pages["en"]()
	for page, at := range helpFor {
		if pages.Lookup(page+".title") == nil {
			t.Errorf("there is no page %s", page)
		}
		topic, section, anchored := strings.Cut(at, "#")
		found, ok := helpOn(topic)
		if !ok {
			t.Errorf("%s: there is no article %s", page, topic)
		}
		if anchored && !strings.Contains(" "+strings.Join(found.sections, " ")+" ", " "+section+" ") {
			t.Errorf("%s: %s has no section %s", page, topic, section)
		}
	}
}
