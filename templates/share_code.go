package templates

import (
	"io"
	"net/url"
	"strings"
	"time"
)

// ShareCodes is the part of a page where an owner makes codes for one reader each, and sees those that there are.
type ShareCodes struct {
	Action    string // POST: do=code with the fields of the form
	FormToken string
	Choices   bool // of the transcript: what it is to have
	List      []ShareCode
	Form      ShareCodeForm
}

// ShareCodeForm is the form for a code as it was filled in. A PIN is never shown again.
type ShareCodeForm struct {
	Label   string
	Life    string // days, or ByDate
	Date    string
	With    TranscriptChoice
	Problem string // "" or a Share constant
}

// ByDate is the Life of a code that ends on a day of its own.
const ByDate = "date"

// Lives are the days that a code may work.
var Lives = []string{"7", "30", "90", "365"}

// UsualShareCode is the form before anybody has filled it in.
func UsualShareCode() ShareCodeForm {
	return ShareCodeForm{Life: "90", With: TranscriptChoice{Past: true, Exams: true}}
}

// What may be wrong with a form for a code.
const (
	ShareBadLabel = "label"
	ShareBadEnd   = "date"
	ShareBadPIN   = "pin"
	ShareTooMany  = "many"
)

// Lives are the days that the form offers.
func (ShareCodeForm) Lives() []string { return Lives }

// Field is the field that is at fault.
func (f ShareCodeForm) Field() string { return "code-" + f.Problem }

// ShareCode is a code as its owner sees it in a list.
type ShareCode struct {
	Code   string // XXXX-XXXX-XXXX
	URL    string // its page for its owner
	Label  string // for whom it is; may be empty
	Ends   Day    // its last day
	Ended  Day    // when its owner ended it, or its time was over; zero: it works
	Opened int    // how often
	PIN    bool
	Rests  bool // after too many wrong PINs
}

// Named is what the owner called it.
func (c ShareCode) Named() string {
	if c.Label == "" {
		return c.Code
	}
	return c.Label
}

// ShareCodePage is a code to hand over, for its owner: how to reach what it opens, when it was opened, End now.
type ShareCodePage struct {
	Page
	ShareCode
	Made     bool   // just now
	Title    Text   // of the badge; empty: it is the transcript
	Issuer   string // as mail names it
	With     TranscriptChoice
	Link     string // absolute address
	Mail     string // the text that the owner may send with the code; set by WithMail
	CheckURL string // where a code is typed
	QRURL    string
	Days     []OpenedDay
	Action   string // POST: do=end
	BackURL  string
}

// OpenedDay is how often a code was opened on a day.
type OpenedDay struct {
	On     Day
	Opened int
}

// Render writes the page.
func (p ShareCodePage) Render(w io.Writer) error { return render(w, "share_code", p) }

// StylePath is the address of the stylesheet of this page.
func (ShareCodePage) StylePath() string { return shareStylesheet.Path }

// ScriptPath is the address of its script.
func (ShareCodePage) ScriptPath() string { return shareScript.Path }

// WithMail is the page with a text to send, in its language.
func (p ShareCodePage) WithMail() ShareCodePage {
	c := in(p.Lang)
	first := c.text("sharecode.mail_transcript")
	if p.Title.Value != "" {
		first = c.text("sharecode.mail_badge", "title", p.Title.Value)
	}
	lines := []string{first, p.Link, "", c.text("sharecode.mail_code", "code", p.Code, "address", ShortAddress(p.CheckURL)), c.text("shared.ends", "date", c.date(p.Ends))}
	if p.PIN {
		lines = append(lines, c.text("sharecode.mail_pin"))
	}
	p.Mail = strings.Join(lines, "\n")
	return p
}

// MailURL opens a mail with that text.
func (p ShareCodePage) MailURL() string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	subject := in(p.Lang).text("sharecode.mail_subject", "issuer", p.Issuer)
	return "mailto:?subject=" + escape(subject) + "&body=" + escape(strings.ReplaceAll(p.Mail, "\n", "\r\n"))
}

// SharedTranscript is a transcript for whoever has its code. It is as it stands now.
type SharedTranscript struct {
	Transcript
	Owner bool // its owner looks at it
}

// Render writes the page.
func (p SharedTranscript) Render(w io.Writer) error {
	p.Transcript = p.Worded()
	return render(w, "shared_transcript", p)
}

// SharedPIN asks for the PIN of a code.
type SharedPIN struct {
	Page
	Code      string
	Action    string // POST: pin
	Problem   string // "" or ProblemWrong
	TriesLeft int
}

// Render writes the page.
func (p SharedPIN) Render(w io.Writer) error { return render(w, "shared_pin", p) }

// NotShared is the one page for codes that never were, that ended or were ended, and whose owner is gone. It ignores Path
// and Canonical, so its bytes are the same for all of them.
type NotShared struct{ Page }

// Render writes the page.
func (p NotShared) Render(w io.Writer) error {
	p.Path, p.Canonical, p.NoIndex, p.Sandbox = "", "", true, false
	return render(w, "not_shared", p)
}

// SharedFor says on a badge's page by which code somebody reads it.
type SharedFor struct {
	Code  string // empty: by none
	Ends  Day
	At    time.Time
	Owner bool
}
