package templates

import (
	"io"
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
	RetiredOn   Day    // the exam or certification was retired; zero: alive
	AboutURL    string // the achievement page
	VerifyURL   string // "Check it yourself": /verify with this badge

	Owner       bool   // the holder looks at it
	Visibility  string // for the owner
	ManageURL   string // owner: where to change who can see it
	ShareURL    string // empty: no share page yet
	AcceptedOn  Day    // S7: the quiet notice "You accepted this on …"
	ExpiresSoon bool   // owner only: within 60 days

	CredentialURL string // Open Badges 3.0 document, for the alternate link
	CardURL       string // 1200x630 preview
	OEmbedURL     string // empty: no oEmbed
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

// Download is a file that proves the badge. Kind: png, svg, json3, jwt, json2, jws or pdf.
type Download struct {
	Kind string
	URL  string
}
