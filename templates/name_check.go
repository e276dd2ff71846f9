package templates

import (
	"io"
	"strings"
)

// NameCheck says how close a name is to the one on a badge, and never the name on the badge (flows 2.6). Its form posts
// name to Action.
type NameCheck struct {
	Page
	Outcome   string // same, similar, partly or different; empty: there is a Problem
	Name      string // that was typed
	Problem   string // ProblemMissing, ProblemBadName or ProblemTooMany
	Title     Text
	Issuer    Text
	BadgePath string
	Action    string
}

// Render writes the page.
func (p NameCheck) Render(w io.Writer) error { return render(w, "name_check", p) }

// Look is the colour and icon of the outcome.
func (p NameCheck) Look() string {
	switch p.Outcome {
	case "same":
		return "valid"
	case "similar", "partly":
		return lookPartly
	}
	return "wrong_recipient"
}

// identity is how a person was checked at the exam: what is usual in the language of the page, anything else as the
// partner calls it.
func (c *catalogue) identity(method string) string {
	usual := strings.NewReplacer(" ", "-", "_", "-").Replace(strings.ToLower(method))
	if key := "identity." + usual; c.has(key) {
		return c.text(key)
	}
	return method
}
