package templates

import "io"

// Profile is the page of a person: the badges that they show to everybody.
type Profile struct {
	Page
	Handle string
	Name   string // as they want it shown; empty: hidden
	Badges []ProfileBadge
	InAll  int // badges, on all pages
	Pager  Pager
}

// Render writes the page.
func (p Profile) Render(w io.Writer) error { return render(w, "profile", p) }

// StylePath is the address of the stylesheet that it shares with the pages of badges.
func (Profile) StylePath() string { return badgeStylesheet.Path }

// ProfileBadge is a public badge.
type ProfileBadge struct {
	BadgeCard
	ID      string // unique on the page, for labels
	URL     string
	Verdict string
}

// What may be wrong with a handle.
const (
	ProblemHandleInvalid = "settings.profile.handle_invalid"
	ProblemHandleTaken   = "settings.profile.handle_taken"
)

// ProfileSettings are what others see of a person. Its form posts handle, shown ("on"), name (full, initials or hidden)
// and findable ("on").
type ProfileSettings struct {
	Action   string
	Handle   string // or what was typed
	Address  string // absolute, up to the handle
	Shown    bool
	Name     string
	Findable bool
	Full     string // the name in full, and as initials, to choose from; empty: not known yet
	Initials string
	SeeURL   string // what others see; empty: nothing
}
