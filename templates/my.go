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

// MyBadge is one of a person's own badges. Its forms post to Action with the field do: accept (with visibility),
// decline or mine.
type MyBadge struct {
	BadgeCard
	ID         string // unique on the page, for labels
	URL        string // the badge page, of accepted badges
	ManageURL  string // all that can be done with it
	ShareURL   string // where to share it, of accepted badges that stand
	Action     string
	Visibility string // of accepted badges, else the preselected one
	Verdict    string // valid, expired, superseded, suspended, revoked
	DeclinedOn Day
	Removed    bool // after it had been accepted
	DisputedOn Day  // somebody who got the letter said that it isn't theirs; zero: nobody did
}

// MyBadges lists what waits, what was accepted and what was declined (/me/badges).
type MyBadges struct {
	Page
	Name     string
	Offered  []MyBadge
	Accepted []MyBadge
	Declined []MyBadge
	Note     string // "" or a Note constant
	Pager    Pager
}

// offeredInFull is how many badges that wait are decided about in the list. More are a gallery like the others, so that
// the page stays short.
const offeredInFull = 3

// Many reports whether more badges wait than are decided about in the list.
func (p MyBadges) Many() bool { return len(p.Offered) > offeredInFull }

// Render writes the page.
func (p MyBadges) Render(w io.Writer) error { return render(w, "my_badges", p) }

// ManageBadge is all that its holder can do with one badge (/me/badges/{id}). Beside those of MyBadge its forms have
// the values visibility (with visibility), share_scores, hide_scores and remove of do.
type ManageBadge struct {
	Page
	MyBadge
	Note     string     // "" or a Note constant
	Scores   []Score    // those that there are
	Telling  bool       // the badge tells them
	Files    []Download // that prove it, private ones too
	History  []Event
	Renewal  RenewalCard // of a certification that ends
	Timeline []Event     // of its days, with today among them
	Calendar string      // address of its deadline as a file; empty: there is none
}

// Ends reports whether it is of a certification that ends.
func (p ManageBadge) Ends() bool { return p.Renewal.State != "" }

// Render writes the page.
func (p ManageBadge) Render(w io.Writer) error { return render(w, "manage_badge", p) }

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

// MyCredentials lists certifications, exam results with the reasons why, and badges (/me/credentials, rows 41 and 98-101).
type MyCredentials struct {
	Page
	Name           string
	Certifications []Held
	Results        []ResultRow // newest first
	Badges         []MyBadge   // that were accepted
	Connected      Day         // when a certification profile was; zero: none is
}

// Render writes the page.
func (p MyCredentials) Render(w io.Writer) error { return render(w, "my_credentials", p) }

// Me is the home of a person (/me): what they have, what they can do next, and what happened.
type Me struct {
	Page
	Name           string
	Waiting        int        // badges that wait to be decided about
	Record         bool       // a certification profile was found that is not connected to anybody
	Next           []Decision // certifications that were begun, with what is missing
	Renewals       []RenewalCard
	Badges         []MyBadge // the newest
	BadgesInAll    int
	Certifications []Held
	Exams          []PassedExam
	Activity       []Activity // the newest first
	ActivityURL    string     // where all of it is; empty: this is all
	Figures        Figures
	TranscriptURL  string // empty: there is no transcript yet
}

// Open are the certifications that can be renewed now.
func (p Me) Open() (list []RenewalCard) {
	for _, r := range p.Renewals {
		if r.State == RenewalOpen {
			list = append(list, r)
		}
	}
	return list
}

// Render writes the page.
func (p Me) Render(w io.Writer) error { return render(w, "me", p) }

// What there is to say of a renewal.
const (
	RenewalEarly   = "early"   // it is too early
	RenewalOpen    = "open"    // now
	RenewalOver    = "over"    // the certification has ended; the same exams earn it anew
	RenewalRetired = "retired" // it is not renewed any more
)

// RenewalCard is a certification that ends, and how it is renewed.
type RenewalCard struct {
	Name      Text
	State     string // a Renewal constant
	Opens     Day
	Expires   Day
	RetiredOn Day       // set with RenewalRetired, and where it will be retired before it ends
	Exams     []Booking // one of which renews it
	Holds     Texts     // certifications one of which has to be valid on that day as well
	ManageURL string
}

// PassedExam is an exam that a person has passed.
type PassedExam struct {
	Code string
	Name Text
	On   Day
}

// Activity is something that happened: a result of an exam, something about a badge, or a training.
type Activity struct {
	What    string // key of its words, "result.pass" or "event.accepted"
	Name    Text   // of the exam, badge or training
	On      Day
	URL     string // empty: there is no page about it
	Outside bool   // URL leads away from here
}

// MyActivity is all that happened to a person, page by page (/me/activity).
type MyActivity struct {
	Page
	Activity []Activity // the newest first
	Pager    Pager
}

// Render writes the page.
func (p MyActivity) Render(w io.Writer) error { return render(w, "my_activity", p) }

// Figures are a person's own numbers, which nobody else sees.
type Figures struct {
	Exams, Active, Expired, Views int
}
