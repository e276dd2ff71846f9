package templates

import (
	"io"
	"time"
)

// AchievementPage is what a badge stands for, independent of any holder.
type AchievementPage struct {
	Page
	Title       Text
	Kind        string // exam or certification
	Code        string
	Level       string
	Issuer      Issuer
	ImageURL    string
	Description Text
	Criteria    Text
	Names       []Text // of exams and certifications, as the criteria name them
	Skills      []Skill
	ValidMonths int // 0: does not expire
	RetiredOn   Day
	ScheduleURL string // where the exam can be booked; empty: none
	JSON3URL    string // Open Badges 3.0 achievement
	JSON2URL    string // Open Badges 2.0 BadgeClass
}

// Render writes the page.
func (p AchievementPage) Render(w io.Writer) error { return render(w, "achievement", p) }

// StylePath is the stylesheet that it needs besides that of all pages.
func (AchievementPage) StylePath() string { return badgeStylesheet.Path }

// SigningKey is a line of the issuer's key timeline.
type SigningKey struct {
	ID        string
	Purpose   string // jwt, proof, ob2: what it signs
	Algorithm string // ES256, RS256, EdDSA
	From      time.Time
	Until     time.Time // zero: still in use
	Waiting   bool      // From lies ahead
	Revoked   bool
	Reason    string // of revocation
	URL       string // the public key
}

// AchievementLink leads to an achievement in a list.
type AchievementLink struct {
	Title    Text
	Kind     string
	Code     string
	URL      string
	ImageURL string
}

// IssuerPage says who the issuer is and with which keys it signs.
type IssuerPage struct {
	Page
	Issuer       Issuer
	Description  Text
	Email        string
	Keys         []SigningKey // newest first
	Achievements []AchievementLink
	JSON3URL     string // Open Badges 3.0 issuer
	JSON2URL     string // Open Badges 2.0 profile
	DIDURL       string // did.json
}

// Render writes the page.
func (p IssuerPage) Render(w io.Writer) error { return render(w, "issuer", p) }
