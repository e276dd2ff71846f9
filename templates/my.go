package templates

import (
	"io"
	"time"
)

// What MyBadges reports about the change that was just made.
const (
	NoteAccepted   = "accepted"
	NoteDeclined   = "declined"
	NoteUndone     = "undone"
	NoteRemoved    = "removed"
	NoteVisibility = "visibility"
	NoteScores     = "scores_shared"
	NoteNoScores   = "scores_hidden"
)

// MyBadge is one of a person's own badges. Its forms post to Action with the
// field do: accept (with visibility), decline, visibility (with visibility), share_scores, hide_scores, remove
// or mine.
type MyBadge struct {
	BadgeCard
	ID         string // unique on the page, for labels
	URL        string // the badge page, of accepted badges
	Action     string
	Visibility string // of accepted badges, else the preselected one
	Verdict    string // valid, expired, superseded, suspended, revoked
	DeclinedOn Day
	Removed    bool    // after it had been accepted
	DisputedOn Day     // somebody who got the letter said that it isn't theirs; zero: nobody did
	Scores     []Score // those that there are
	Telling    bool    // the badge tells them
}

// MyBadges lists what waits, what was accepted and what was declined (/me/badges).
type MyBadges struct {
	Page
	Name     string
	Offered  []MyBadge
	Accepted []MyBadge
	Declined []MyBadge
	Note     string // "" or a Note constant
}

// Render writes the page.
func (p MyBadges) Render(w io.Writer) error { return render(w, "my_badges", p) }

// Held is a certification a person has earned.
type Held struct {
	Name     Text
	Code     string
	EarnedOn Day
	Expires  Day
	Verdict  string // valid, expired, suspended, revoked
	URL      string // the badge, if there is one that they accepted
}

// ResultRow is one exam result with the reason of every decision it led to.
type ResultRow struct {
	Exam      string // code
	Name      Text
	TakenAt   time.Time
	Outcome   string // pass, fail or no_show
	State     string // recorded, held or voided
	Partner   string
	Score     string // "812 / 1000"; empty: none
	Decisions []Decision
}

// MyCredentials lists certifications and exam results with the reasons why (/me/credentials, rows 98-101).
type MyCredentials struct {
	Page
	Name           string
	Certifications []Held
	Results        []ResultRow // newest first
}

// Render writes the page.
func (p MyCredentials) Render(w io.Writer) error { return render(w, "my_credentials", p) }
