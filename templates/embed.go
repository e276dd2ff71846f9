package templates

import "io"

// Embed is a badge within a page of another site: nothing but the badge and how it stands now (flows 2.4). Its links
// leave the frame.
type Embed struct {
	Page
	Holder   string // as strangers read it; empty: hidden
	Title    Text
	Issuer   Text
	Domain   string // of this server, the cue whom to trust
	ImageURL string
	URL      string // absolute address of the badge's page
	Verdict  string // valid, expired, superseded, suspended or revoked
	Since    Day    // when it expired, was suspended or withdrawn
	Expires  Day    // zero: never
}

// Render writes the page, which has no frame around it.
func (p Embed) Render(w io.Writer) error { return renderBare(w, "embed", p) }

// StylePath is the address of its only stylesheet.
func (Embed) StylePath() string { return embedStylesheet.Path }

// renderBare draws a page that stands alone.
func renderBare(w io.Writer, name string, p page) error {
	return pages[in(p.frame().Lang).lang]().ExecuteTemplate(w, name, p)
}

// Standing is in a few words how a badge stands, with the date since when, or until when.
func Standing(lang, verdict string, since, expires Day) string {
	return in(lang).standing(verdict, since, expires)
}

func (c *catalogue) standing(verdict string, since, expires Day) string {
	day := since
	if verdict == "valid" || day.IsZero() && verdict == "expired" {
		day = expires
	}
	if key := "standing." + verdict; !day.IsZero() && c.has(key) {
		return c.text(key, "date", c.date(day))
	}
	return c.text("strip." + verdict)
}
