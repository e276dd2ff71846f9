package templates

import (
	"html/template"
	"io"
	"strings"
	"time"
)

// BadgePage is the public page of a badge (flows 2.6).
type BadgePage struct {
	Page
	ID        string // public award id
	Verdict   string // valid, expired, superseded, suspended or revoked
	CheckedAt time.Time
	Since     Day    // when it expired, was suspended or withdrawn; zero: not told
	Reason    string // withdrawn: reason code (result_voided) or public text; empty: none given
	NewerURL  string // superseded: the badge that took its place, if it is shared

	Holder      string
	Title       Text   // official title
	Kind        string // exam or certification
	Code        string
	Level       string
	Issuer      Issuer
	ImageURL    string // unbaked picture
	LargerURL   string // the same, as large as the window
	EarnedOn    Day
	IssuedAt    time.Time
	Expires     Day // zero: does not expire
	Description Text
	Criteria    Text
	Names       []Text // of exams and certifications, as the criteria name them
	Skills      []Skill
	MadeOf      []Part
	Scores      []Score // that the holder shares
	History     []Event
	Checks      []Check
	Downloads   []Download
	RetiredOn   Day       // the exam or certification was retired; zero: alive
	Identity    string    // how the person was checked at the exam, "checked" where that is all that is known; empty: not told
	Related     []Related // of the programme
	ValidMonths int       // of what it stands for; 0: for ever
	AboutURL    string    // the achievement page
	VerifyURL   string    // "Check it yourself": /verify with this badge

	NameAction string // POST: name, to compare with that on the badge; empty: only the holder sees it
	Contact    string // address of the issuer, for whoever finds something wrong

	Owner       bool   // the holder looks at it
	Visibility  string // for the owner
	ManageURL   string // owner: where to change who can see it
	OthersURL   string // owner: the page as others see it
	ShareURL    string // empty: no share page yet
	AcceptedOn  Day    // S7: the quiet notice "You accepted this on …"
	ExpiresSoon bool   // owner only: within 60 days

	CredentialURL string // Open Badges 3.0 document, for the alternate link
	CardURL       string // 1200x630 preview
	OEmbedURL     string // empty: no oEmbed
	Shared        SharedFor
	QRURL         string // QR code of Canonical; empty: only the holder may open it
}

// Render writes the page.
func (p BadgePage) Render(w io.Writer) error { return render(w, "badge_page", p) }

// Skill is something the badge attests.
type Skill struct {
	Name Text
	URL  string // definition elsewhere; empty: none
}

// Part is what a certification was made of.
type Part struct {
	Code  string
	Title Text
	On    Day
	URL   string // its own badge, if it is shared
}

// Related is an exam or a certification that has to do with the one of the badge.
type Related struct {
	Title    Text
	Kind     string
	URL      string
	Relation string // towards: the badge counts towards it; needs: it is needed for the badge
}

// StylePath is the address of the stylesheet of this page.
func (BadgePage) StylePath() string { return badgeStylesheet.Path }

// Score is that in an exam.
type Score struct {
	Code  string
	Title Text
	Text  string // "812 / 1000"
}

// Event is a line of a badge's history. Kind: earned, issued, renewed, updated, name, dates, suspended, reinstated, revoked, expired.
type Event struct {
	Kind string
	On   Day
}

// Download is a file of the badge. Kind: png, svg, json3, jwt, json2 or jws, which prove it; pdf or pdf_letter, which
// lead to where it is proved.
type Download struct {
	Kind string
	URL  string
}

// Saved reports whether the file is for keeping. A certificate is opened: it may be printed at once, and where there
// is none, a page says so.
func (d Download) Saved() bool { return !strings.HasPrefix(d.Kind, "pdf") }

// stripText is what the status strip of a badge that is not valid says.
func (c *catalogue) stripText(p BadgePage) template.HTML {
	key := "strip." + p.Verdict
	day := p.Since
	if p.Verdict == "expired" && day.IsZero() {
		day = p.Expires
	}
	if k := key + ".since"; !day.IsZero() && c.has(k) {
		key = k
	} else {
		key += ".plain"
	}
	return c.word(key, "issuer", p.Issuer.Name, "date", c.date(day), "moment", c.moment(p.CheckedAt))
}

// schemaOrg is what search engines read (schema.org EducationalOccupationalCredential).
type schemaOrg struct {
	Context            string   `json:"@context"`
	Type               string   `json:"@type"`
	Name               string   `json:"name"`
	Description        string   `json:"description,omitempty"`
	URL                string   `json:"url,omitempty"`
	Image              string   `json:"image,omitempty"`
	CredentialCategory string   `json:"credentialCategory"`
	RecognizedBy       schemaBy `json:"recognizedBy"`
	ValidFrom          string   `json:"validFrom,omitempty"`
	ValidFor           string   `json:"validFor,omitempty"`
	Expires            string   `json:"expires,omitempty"`
	Competencies       []string `json:"competencyRequired,omitempty"`
}

type schemaBy struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// SchemaOrg is the page's JSON-LD block; the template encodes it.
func (p BadgePage) SchemaOrg() any {
	s := schemaOrg{
		Context: "https://schema.org", Type: "EducationalOccupationalCredential",
		Name: p.Title.Value, Description: p.Description.Value, URL: p.Canonical, Image: p.CardURL,
		CredentialCategory: p.Kind,
		RecognizedBy:       schemaBy{Type: "Organization", Name: p.Issuer.Name.Value, URL: p.Issuer.URL},
		ValidFrom:          isoDay(p.EarnedOn), Expires: isoDay(p.Expires),
	}
	if p.ValidMonths > 0 {
		s.ValidFor = "P" + small(p.ValidMonths) + "M" // ISO 8601
	}
	for _, skill := range p.Skills {
		s.Competencies = append(s.Competencies, skill.Name.Value)
	}
	return s
}

func isoDay(d Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Format("2006-01-02")
}

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
