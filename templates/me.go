package templates

import "io"

// Me is the home of a person (/me): what they have, what they can do next, and what happened.
type Me struct {
	Page
	Name           string
	Waiting        int        // badges that wait to be decided about
	Next           []Decision // certifications that were begun, with what is missing
	Renewals       []RenewalCard
	Badges         []MyBadge // the newest
	BadgesInAll    int
	Certifications []Held
	Exams          []PassedExam
	Activity       []Activity // the newest first
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

// Activity is something that happened: a result of an exam, or something about a badge.
type Activity struct {
	What string // key of its words, "result.pass" or "event.accepted"
	Name Text   // of the exam or badge
	On   Day
	URL  string // empty: there is no page about it
}

// Figures are a person's own numbers, which nobody else sees.
type Figures struct {
	Exams, Active, Expired, Views int
}
