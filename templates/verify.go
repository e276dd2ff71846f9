package templates

import (
	"io"
	"time"
)

// Verify is the form of /verify. It posts input, file, recipient as multipart/form-data.
type Verify struct {
	Page
	Action    string
	Input     string // what was pasted
	Recipient string // candidate's address that was typed
	Problem   string // ProblemMissing, ProblemBadEmail, ProblemTooBig or ProblemTooMany
}

// Render writes the page.
func (p Verify) Render(w io.Writer) error { return render(w, "verify", p) }

// VerifyResult shows a verifier's report to people (flows 2.7).
type VerifyResult struct {
	Page
	Verdict     string // contract 5
	IssuerKnown bool
	CheckedAt   time.Time
	Format      string // contract 5, "ob3-jwt"
	FileName    string // of an uploaded file; empty: none

	Title       string // of the badge; all empty if none could be read
	Description Text
	Issuer      string
	IssuerID    string // address or DID, shown as text
	Domain      string // host of the issuer's id
	Recipient   string // name of the holder, if the badge carries it
	ImageURL    string // data or own address only; empty: no picture
	IssuedOn    Day
	Expires     Day
	Since       Day    // withdrawn or paused on
	Reason      string // reason code or text of the issuer
	BadgeURL    string // our own badge page, if visible
	NewerURL    string // superseded: the current one, if shared

	Checks []Check
}

// Render writes the page.
func (p VerifyResult) Render(w io.Writer) error { return render(w, "verify_result", p) }

// Steps are the checks, each with the format that its wording depends on.
func (p VerifyResult) Steps() []Check {
	steps := make([]Check, len(p.Checks))
	for i, k := range p.Checks {
		k.Format = p.Format
		steps[i] = k
	}
	return steps
}

// Look is the name of the verdict's icon.
func (p VerifyResult) Look() string { return p.facts().look() }

// Text is the verdict in the page's language.
func (p VerifyResult) Text() VerdictText { return Verdict(p.Lang, p.facts()) }

func (p VerifyResult) facts() VerdictFacts {
	return VerdictFacts{
		Verdict: p.Verdict, IssuerKnown: p.IssuerKnown, Issuer: p.Issuer, Domain: p.Domain, Format: p.Format,
		Recipient: p.Recipient, Expires: p.Expires, Since: p.Since, Reason: p.Reason,
	}
}

// formatName names a format of contract 5 for people; an unknown one stays as it is.
func (c *catalogue) formatName(format string) string {
	if key := "format." + format; c.has(key) {
		return c.text(key)
	}
	return format
}

// problemField is the field of the verify form that a problem is about.
func problemField(problem string) string {
	switch problem {
	case "":
		return ""
	case ProblemBadEmail:
		return "recipient"
	case ProblemTooBig:
		return "file"
	}
	return "input"
}
