package templates

import (
	"io"
	"time"
)

// DataSettings are taking one's data along, and having it erased (flows 2.14). Its forms post do: export or keep.
type DataSettings struct {
	Action    string
	Leaving   *Leaving    // nil: nobody wants anything erased
	DeleteURL string      // page that asks for it
	Export    *DataExport // nil: none is offered
}

// Leaving is that somebody wants their data erased.
type Leaving struct {
	Choice string // leave or erase
	On     Day    // when it is done
	Begun  bool   // it is being done
}

// DataExport is the file that somebody takes along.
type DataExport struct {
	State       string // making, ready or failed; empty: none was asked for
	Done, Total int    // badges, while it is being made
	Size        int64  // bytes
	MadeAt      time.Time
	Until       Day // it is kept
	URL         string
}

// Megabytes is the size as people read it.
func (e DataExport) Megabytes() int { return int((e.Size + 1<<20 - 1) >> 20) }

// DeleteAccount asks whether, and how, an account is to be deleted. It posts choice: leave or erase.
type DeleteAccount struct {
	Page
	Issuer  Text
	On      Day    // when it would be done
	Choice  string // that was typed
	Problem string // key of what is wrong with it
	Counts  DataCounts
	Kept    RegisterKept
	Contact string
	Action  string
	BackURL string
}

// DataCounts are how much there is of somebody.
type DataCounts struct {
	Accepted, Shown, Offered int // badges; Shown of Accepted
	Exams                    int
	Addresses, Ways          int // by which they sign in: addresses, and accounts elsewhere and passkeys
}

// RegisterKept is how long the record of exams is kept, in calendar months; 0: nobody has said.
type RegisterKept int

// Years is that in years, where it is whole ones; else 0.
func (k RegisterKept) Years() int {
	if k%12 != 0 {
		return 0
	}
	return int(k / 12)
}

// Months is it as a number.
func (k RegisterKept) Months() int { return int(k) }

// Render writes the page.
func (p DeleteAccount) Render(w io.Writer) error { return render(w, "delete_account", p) }

// LeavingLetter tells somebody who takes their data along, or leaves, how things stand. It is a security notice: no stop
// link.
type LeavingLetter struct {
	Letter
	Kind       string // asked, kept, done or export; the first three with _data for somebody without an account
	Choice     string // of asked and done: leave or erase; data for somebody without an account
	On         Day    // when it is done, or until when the file is kept
	URL        string // where it is taken back, or fetched; not of kept and done
	ContactURL string // where to ask; https or mailto
}

// Subject is the subject line.
func (l LeavingLetter) Subject() string {
	c := in(l.Lang)
	return c.text("mail.leaving."+l.Kind+".subject", "date", c.date(l.On))
}

// Preheader is the line that mail programs show beside the subject.
func (l LeavingLetter) Preheader() string { return in(l.Lang).text("mail.added.pre") }

// Linked reports whether there is something to do.
func (l LeavingLetter) Linked() bool { return l.Kind == "export" || l.Choice != "" && !l.Over() }

// Over reports whether everything is done.
func (l LeavingLetter) Over() bool { return l.Kind == "done" || l.Kind == "done_data" }

// Text is the plain-text part, complete on its own.
func (l LeavingLetter) Text() (string, error) { return letterText(l.Lang, "leaving", l) }

// HTML is the HTML part.
func (l LeavingLetter) HTML() (string, error) { return letterHTML(l.Lang, "leaving", l) }

// Export is the first page of what somebody takes along. It opens from a disk: it loads nothing but a stylesheet and
// pictures beside it, and leads nowhere else.
type Export struct {
	Page
	Name       string // or address
	MadeAt     time.Time
	Since      Day // they have an account
	Addresses  []string
	Others     []string // further ways in
	Badges     []ExportBadge
	Transcript string // path of the PDF; empty: no font could write it
	Exams      []TranscriptExam
	Choices    []ExportChoice // the earliest first
	Letters    []ExportLetter
	Codes      []ExportCode
	Changes    []AccountChange
}

// ExportCode is a share code with the days on which it was opened.
type ExportCode struct {
	Code, Label string
	Made        Day
	Opened      []Day
}

// ExportBadge is a badge with the paths of its files.
type ExportBadge struct {
	BadgeCard
	State      string // offered, accepted or declined
	Visibility string // of an accepted one
	Verdict    string
	Picture    string // path; empty: it has no files
	Files      []Download
}

// ExportChoice is that somebody turned accepting badges automatically on, or off.
type ExportChoice struct {
	At time.Time
	On bool
}

// ExportLetter is a letter that was sent, or could not be. Kind: as in the words export.letter.<kind>.
type ExportLetter struct {
	Kind, To string
	At       time.Time
}

// Render writes the page, which has no frame around it.
func (p Export) Render(w io.Writer) error { return renderBare(w, "export", p) }

// JSON are the names of the files that say the same for programs.
func (Export) JSON() []string {
	return []string{"badges.json", "transcript.json", "profile.json", "choices.json", "mails.json", "opened.json", "account.json"}
}

// AskHeldData is /privacy/data: it asks for the address of which somebody wants to see what is held on them.
type AskHeldData struct {
	Page
	Email      string // what was typed
	Problem    string // key of what is wrong with it, after "problem."
	Action     string // POST: field email
	AccountURL string // where whoever has an account sees more
}

// Render writes the page.
func (p AskHeldData) Render(w io.Writer) error { return render(w, "ask_held_data", p) }

// HeldData is what is held on an address, and has it deleted. It posts do: delete or keep.
type HeldData struct {
	Page
	Address    string
	Account    bool // there is an account for it, which says more and is deleted there
	AccountURL string
	Exams      []HeldExam
	Badges     []BadgeCard // that wait
	Letters    []ExportLetter
	Leaving    *Leaving // nil: nobody wants it deleted
	On         Day      // when it would be
	Issuer     Text
	Kept       RegisterKept
	Contact    string
	Action     string
}

// HeldExam is a result of an exam, whatever it was.
type HeldExam struct {
	Name    Text
	On      Day
	Partner string
	Called  string // how the partner called the person
}

// Nothing reports that nothing is held.
func (p HeldData) Nothing() bool { return !p.Account && len(p.Exams)+len(p.Badges)+len(p.Letters) == 0 }

// Render writes the page.
func (p HeldData) Render(w io.Writer) error { return render(w, "held_data", p) }
