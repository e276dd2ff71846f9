package templates

import (
	"html/template"
	"io"
	"slices"
	"time"
)

// Verify is the form of /verify. It posts input, file, recipient, name and at as multipart/form-data.
type Verify struct {
	Page
	Action    string
	ManyURL   string // the page for many at once; empty: there is none
	Input     string // what was pasted
	Recipient string // candidate's address that was typed
	Name      string // name on the CV that was typed
	At        string // moment that was typed
	Problem   string // ProblemMissing, ProblemBadEmail, ProblemBadName, ProblemBadTime, ProblemFuture, ProblemTooBig or ProblemTooMany
}

// Problems of the verify form alone.
const (
	ProblemBadName = "bad_name"
	ProblemBadTime = "bad_time"
	ProblemFuture  = "future"
)

// Render writes the page.
func (p Verify) Render(w io.Writer) error { return render(w, "verify", p) }

// VerifyResult shows a verifier's report to people (flows 2.7).
type VerifyResult struct {
	Page
	Verdict     string // contract 5
	IssuerKnown bool
	Test        bool // made in a sandbox of ours
	CheckedAt   time.Time
	At          time.Time // judged as of then; zero: as of now
	Format      string    // contract 5, "ob3-jwt"
	Given       string    // a Given constant
	FileName    string    // of an uploaded file; empty: none
	Printed     bool      // it was a PDF, of which only where it leads to was looked at

	Title       Text // of the badge; all empty if none could be read
	Description Text
	Issuer      Text
	IssuerID    string // address or DID, shown as text
	Domain      string // host of the issuer's id
	Recipient   string // name of the holder, if the badge carries it
	Results     []Result
	Contains    []Contained // of a learner record
	ImageURL    string      // data or own address only; empty: no picture
	IssuedOn    Day
	Expires     Day
	Since       Day    // withdrawn or paused on
	Reason      string // reason code or text of the issuer
	BadgeURL    string // our own badge page, if visible
	NewerURL    string // superseded: the current one, if shared

	AskedName  string // name that the badge was compared with
	AskedEmail string // address that the badge was compared with
	Checks     []Check
	Address    string // what was understood of a link that was handed in; empty: it was none
	Damaged    bool   // nothing could be read, as when a file was cut off or changed on its way
	Refused    bool   // an address was left alone because it is of a kind that is never opened

	Action       string // where "Try again" posts Input to; empty: not offered
	Input        string // what to try again
	RecordAction string // where Record is posted to; empty: no record is offered
	Record       string // signed text about this very report
}

// Contained is a badge in a learner record, in a stranger's words, with what was found of it (contract 5).
type Contained struct {
	Name    string
	Verdict string
}

// Result is a score or the like, in a stranger's words.
type Result struct {
	Name string
	Text string // "812 / 1000"
}

// Render writes the page.
func (p VerifyResult) Render(w io.Writer) error { return render(w, "verify_result", p) }

// Steps are the checks, each with what its wording depends on.
func (p VerifyResult) Steps() []Check { return worded(p.Checks, p.facts()) }

// mayBeNewer is the variant of a remark about newer versions that changed nothing.
const mayBeNewer = "maybe"

// servedElsewhere is the variant of the proof of a hosted badge whose address leads on to another server.
const servedElsewhere = "elsewhere"

func worded(checks []Check, f VerdictFacts) []Check {
	list := make([]Check, len(checks))
	for i, k := range checks {
		k.Format, k.Variant = f.Format, f.Asked
		if k.Name == "refresh" && f.Verdict != "superseded" {
			k.Variant = mayBeNewer
		}
		if k.Name == "proof" && k.Property == "id" {
			k.Variant = servedElsewhere
		}
		list[i] = k
	}
	return list
}

// Look is the name of the verdict's icon.
func (p VerifyResult) Look() string { return p.facts().Look() }

// Text is the verdict in the page's language.
func (p VerifyResult) Text() VerdictText { return Verdict(p.Lang, p.facts()) }

// Sentence is the verdict's sentence.
func (p VerifyResult) Sentence() template.HTML {
	return template.HTML(in(p.Lang).markupVoice().verdictSentence(p.facts())) // made of markup
}

// Notes are what somebody must not miss beside the verdict: keys of the catalogue.
func (p VerifyResult) Notes() (list []string) {
	if note := p.nameNote(); note != "" {
		list = append(list, note)
	}
	if p.Printed {
		list = append(list, "result.note.printed")
	}
	if p.found("extract", "BAD_VALUE") {
		list = append(list, "result.note.differs")
	}
	return list
}

// nameNote is about a name that was typed, where the headline doesn't tell how the comparison went.
func (p VerifyResult) nameNote() string {
	told := slices.ContainsFunc(p.Checks, func(k Check) bool { return k.Name == "recipient" })
	switch look := p.Look(); {
	case p.AskedName == "" || look == "wrong_recipient" || look == lookPartly:
		return ""
	case NamePartly(p.Checks):
		return "result.note.partly"
	case p.found("recipient", "RECIPIENT_MISMATCH"):
		return "result.note.similar"
	case p.found("recipient", ""),
		!told && (look == "valid" || tone(look) == "warn" || look == "superseded" || look == "unknown_issuer" || look == "revoked"):
		return "result.note.uncompared"
	}
	return ""
}

// found reports whether there is a remark of a name and code.
func (p VerifyResult) found(name, code string) bool {
	return slices.ContainsFunc(p.Checks, func(k Check) bool { return k.Name == name && k.Outcome == "warning" && k.Code == code })
}

func (p VerifyResult) asked() string {
	switch {
	case p.AskedName != "" && p.AskedEmail != "":
		return AskedBoth
	case p.AskedName != "":
		return AskedName
	case p.AskedEmail != "":
		return AskedEmail
	}
	return ""
}

func (p VerifyResult) facts() VerdictFacts {
	return VerdictFacts{
		Verdict: p.Verdict, IssuerKnown: p.IssuerKnown, Test: p.Test, Issuer: p.Issuer.Value, IssuerLang: p.Issuer.Lang, Domain: p.Domain, Format: p.Format, Given: p.Given, Asked: p.asked(),
		Recipient: p.Recipient, Expires: p.Expires, Since: p.Since, Reason: p.Reason, Code: firstFault(p.Checks),
		Signer: p.IssuerID, Other: NoBadge(p.Checks), Damaged: p.Damaged,
		Partly: NamePartly(p.Checks), Refused: p.Refused,
	}
}

// firstFault is the code of the first check that failed.
func firstFault(checks []Check) string {
	for _, k := range checks {
		if k.Outcome == "fail" {
			return k.Code
		}
	}
	return ""
}

// formatName names a format of contract 5 for people; an unknown one stays as it is.
func (c *catalogue) formatName(format string) string {
	if key := "format." + format; c.has(key) {
		return c.text(key)
	}
	return format
}

// problemField is the field of the verify forms that a problem is about.
func problemField(problem string) string {
	switch problem {
	case "":
		return ""
	case ProblemBadEmail:
		return "recipient"
	case ProblemBadName:
		return "name"
	case ProblemBadTime, ProblemFuture:
		return "at"
	case ProblemTooBig:
		return "file"
	}
	return "input"
}
