package templates

import (
	"io"
	"time"
)

// Record is the record of a check, for somebody's files, and what is said of one that comes back. All it
// tells was signed; of what is only known here it tells nothing.
type Record struct {
	Page
	State string // a Record constant

	Verdict     string // contract 5
	IssuerKnown bool
	Test        bool // made in a sandbox of ours
	CheckedAt   time.Time
	At          time.Time // judged as of then; zero: as of CheckedAt
	Format      string
	Asked       bool // a name or address was compared

	Title    string // of the badge; empty if none could be read or nothing proves what it says
	BadgeID  string
	BadgeURL string // where to check the badge again; empty: it has no address
	Issuer   string
	IssuerID string
	Domain   string
	IssuedOn Day
	Expires  Day
	Since    Day    // withdrawn or paused on
	Reason   string // reason code or text of the issuer
	Checks   []Check

	Fingerprint string // "sha256:…"
	Size        int    // bytes
	Program     string
	VerifyURL   string // where to hand it in, absolute
	KeyURL      string // of the public key
	Host        string // RecordForeign: who is said to have made it
	Inside      bool   // it came inside a file that people read
	Signed      string // the signed text; empty: nothing more than State is known
	Action      string // where Signed is posted to for a file of it; empty: not offered
}

// What is known of a record.
const (
	RecordMade    = ""        // just made
	RecordKnown   = "known"   // made here and unchanged
	RecordMixed   = "mixed"   // the readable part around the signed text was changed
	RecordAltered = "altered" // the signed text was changed
	RecordForeign = "foreign" // of another server
	RecordKeyless = "keyless" // its key is not published, or not trusted, any more
)

// Render writes the page.
func (p Record) Render(w io.Writer) error { return render(w, "record", p) }

// Tone is the colour of what is said about a record that came back.
func (p Record) Tone() string {
	switch p.State {
	case RecordKnown:
		return "ok"
	case RecordMixed, RecordAltered:
		return "bad"
	}
	return "neutral"
}

// Icon goes with Tone.
func (p Record) Icon() string {
	switch p.State {
	case RecordKnown:
		return "valid"
	case RecordMixed, RecordAltered:
		return "altered"
	}
	return "unknown_issuer"
}

// Readable tells that the record's facts can be believed.
func (p Record) Readable() bool {
	return p.State == RecordMade || p.State == RecordKnown || p.State == RecordMixed
}

// Look is the name of the verdict's icon.
func (p Record) Look() string { return p.facts().Look() }

// Text is the verdict in the page's language.
func (p Record) Text() VerdictText { return Verdict(p.Lang, p.facts()) }

// Steps are the checks, each with what its wording depends on.
func (p Record) Steps() []Check { return worded(p.Checks, p.facts()) }

// asked is nothing precise: which of the two was compared is not written down.
func (p Record) asked() string {
	if p.Asked {
		return AskedBoth
	}
	return ""
}

func (p Record) facts() VerdictFacts {
	return VerdictFacts{
		Verdict: p.Verdict, IssuerKnown: p.IssuerKnown, Test: p.Test, Issuer: p.Issuer, Domain: p.Domain, Format: p.Format, Asked: p.asked(),
		Expires: p.Expires, Since: p.Since, Reason: p.Reason, Code: firstFault(p.Checks), Given: p.given(), Signer: p.IssuerID, Other: NoBadge(p.Checks),
		Partly: NamePartly(p.Checks),
	}
}

// bytes is how large something is.
func (c *catalogue) bytes(n int) string { return c.text("record.size", "n", c.count(n)) }

// given guesses what was handed in, which is not written down, from what was wrong with it.
func (p Record) given() string {
	if firstFault(p.Checks) == "BAD_INPUT" {
		return GivenText
	}
	return GivenFile
}
