package templates

import (
	"io"
	"time"
)

// Transcript is a person's record for others: certifications and passed exams (flows 2.8). What was not passed is not
// in it, and scores are not. It is a page of its owner, and a PDF with the same words.
type Transcript struct {
	Page
	Name   string
	With   TranscriptChoice
	Active []TranscriptBadge
	Past   []TranscriptBadge
	Exams  []TranscriptExam

	MadeAt    time.Time
	CheckURL  string // absolute address at which numbers can be checked, or where Code leads
	PDFURL    string // empty: there is none
	LetterURL string
	RecordURL string // of the signed record, without .json or .jwt; empty: there is no badge for one

	Code string // the share code by which somebody reads it; empty: its owner does
	Ends Day    // its last day

	Codes ShareCodes // of its owner
}

// TranscriptChoice is what its owner has a transcript tell, besides active certifications.
type TranscriptChoice struct {
	Past   bool // certifications that are over
	Exams  bool // passed exams
	Scores bool // with their scores
}

// TranscriptBadge is a certification that was earned.
type TranscriptBadge struct {
	Name     Text
	Code     string
	EarnedOn Day
	Expires  Day
	Renewals []Day
	Verdict  string
	Award    string // number of the badge; empty: it is shown to nobody
	URL      string // absolute address of the badge, where others may see it

	Earned, Until, Renewed, Standing, Number string // its words; set by Worded
}

// TranscriptExam is an exam that was passed.
type TranscriptExam struct {
	Name    Text
	Code    string
	On      Day
	Partner string
	NoBadge bool // no badge was ever made for it
	Score   string

	Date, Note string // its words; set by Worded
}

// TranscriptWords are the words of a transcript in its language.
type TranscriptWords struct {
	DocumentTitle, Heading, Made, Check                                     string
	Active, NoneActive, Past, Exams, NoExams                                string
	Certification, Earned, Until, Number, Exam, Date, Partner, Score, QRAlt string
}

// Words are what stands on the transcript beside names.
func (p Transcript) Words() TranscriptWords {
	c := in(p.Lang)
	title := c.text("transcript.h1")
	if p.Name != "" {
		title = c.text("transcript.file", "name", p.Name)
	}
	made, check := c.text("transcript.made", "moment", c.moment(p.MadeAt)), c.text("transcript.check")
	if p.Code != "" {
		made = c.text("shared.checked", "moment", c.moment(p.MadeAt)) + " " + c.text("shared.ends", "date", c.date(p.Ends))
		check = c.text("shared.paper", "code", p.Code)
	}
	return TranscriptWords{
		DocumentTitle: title, Heading: c.text("transcript.h1"),
		Made: made, Check: check, Score: c.text("transcript.score"), QRAlt: c.text("sharecode.qr"),
		Active: c.text("transcript.active"), NoneActive: c.text("transcript.none_active"), Past: c.text("transcript.past"),
		Exams: c.text("me.exams"), NoExams: c.text("transcript.no_exams"),
		Certification: c.text("kind.certification"), Earned: c.text("certificate.earned"), Until: c.text("result.expires"),
		Number: c.text("certificate.number"), Exam: c.text("kind.exam"), Date: c.text("transcript.date"), Partner: c.text("transcript.partner"),
	}
}

// PageOf says which sheet of how many one is.
func (p Transcript) PageOf(page, pages int) string {
	return in(p.Lang).text("record.page_of", "page", small(page), "pages", small(pages))
}

// Language is the language that the words are in.
func (p Transcript) Language() string { return in(p.Lang).lang }

// Worded is the transcript with the words of each row.
func (p Transcript) Worded() Transcript {
	c := in(p.Lang)
	badges := func(list []TranscriptBadge) (worded []TranscriptBadge) {
		for _, b := range list {
			b.Earned, b.Until, b.Number = c.date(b.EarnedOn), c.date(b.Expires), b.Award
			if b.Expires.IsZero() {
				b.Until = c.text("page.forever")
			}
			if b.Verdict != "valid" {
				b.Standing = c.text("strip." + b.Verdict)
			}
			if n := len(b.Renewals); n > 0 {
				b.Renewed = c.text("transcript.renewed", "date", c.date(b.Renewals[n-1]))
			}
			if b.Number == "" {
				b.Number = c.text("transcript.private")
			}
			worded = append(worded, b)
		}
		return worded
	}
	p.Active, p.Past = badges(p.Active), badges(p.Past)
	var exams []TranscriptExam
	for _, e := range p.Exams {
		if e.Date = c.date(e.On); e.NoBadge {
			e.Note = c.text("transcript.no_badge")
		}
		exams = append(exams, e)
	}
	p.Exams = exams
	return p
}

// Render writes the page.
func (p Transcript) Render(w io.Writer) error { return render(w, "transcript", p.Worded()) }
