package templates

import (
	"cmp"
	"io"
	"time"
)

// MailRow is a letter in the list of the built-in mailbox.
type MailRow struct {
	URL     string
	To      string
	Subject string
	Lang    string // of the letter
	At      time.Time
}

// Mailbox lists the letters that were not sent to anybody (demo).
type Mailbox struct {
	Page
	Letters []MailRow // newest first
	More    string    // address of older letters; empty: none
}

// Render writes the page.
func (p Mailbox) Render(w io.Writer) error { return render(w, "mailbox", p) }

// MailLink is an address found in a letter.
type MailLink struct{ URL string }

// MailboxLetter shows one letter: its HTML part in a sandboxed frame, its text, its code and links.
type MailboxLetter struct {
	Page
	From     string
	To       string
	Subject  string
	Lang     string
	At       time.Time
	FrameURL string     // serves the HTML part with its own strict policy; empty: text only
	Height   int        // of the HTML part on a small screen, in pixels
	Broad    int        // the same on a large screen; zero: as on a small one
	Body     string     // the text part
	Code     string     // the six digits, if it is a code letter
	Links    []MailLink // addresses of the text part
	BackURL  string     // the list
	File     string     // name of the file that goes with it; empty: none
	FileURL  string
}

// Render writes the page.
func (p MailboxLetter) Render(w io.Writer) error { return render(w, "mailbox_letter", p) }

// StylePath is the address of the page's own stylesheet.
func (MailboxLetter) StylePath() string { return wideStylesheet.Path }

// BroadHeight is the height of the HTML part on a large screen.
func (p MailboxLetter) BroadHeight() int { return cmp.Or(p.Broad, p.Height) }
