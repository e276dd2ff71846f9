package templates

import (
	"encoding/hex"
	"io"
	"strings"
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

// RecordSheet is a record for printing and filing: finished words, in the order of the sheet.
type RecordSheet struct {
	Lang, Title, Site, Program string
	CheckedAt                  time.Time
	Tone                       string // of the answer: ok, warn, bad, info or neutral
	Headline, Sentence         string
	Facts                      []SheetFact
	ChecksTitle                string
	Checks                     []SheetCheck
	TrustTitle                 string
	Trust                      []string
	Key                        SheetFact
	Lost                       string // said where letters could not be printed
	SignedTitle, Signed        string
	Foot                       string // which record the sheets are of
}

// SheetFact is a label with its values, each on a line.
type SheetFact struct {
	Label  string
	Values []string
	Code   bool // for machines: all letters are as wide
}

// SheetCheck is a question with its answer, and codes and sentences of the verifier.
type SheetCheck struct{ Tone, Outcome, Question, Answer, Technical string }

// Sheet is the record in words.
func (p Record) Sheet() RecordSheet {
	p.Lang = in(p.Lang).lang
	c, text := in(p.Lang), p.Text()
	s := RecordSheet{
		Lang: p.Lang, Title: c.text("record.h1"), Site: p.Site, Program: p.Program, CheckedAt: p.CheckedAt,
		Tone: tone(p.Look()), Headline: text.Headline, Sentence: text.Sentence, Facts: c.recordFacts(p),
		ChecksTitle: c.text("result.checks"), TrustTitle: c.text("record.trust"),
		Trust: []string{c.text("record.now"), c.text("record.trust.text", "site", p.Site, "url", p.VerifyURL)},
		Key:   SheetFact{c.text("record.key"), []string{p.KeyURL}, true}, Lost: c.text("record.glyphs"),
		SignedTitle: c.text("record.signed"), Signed: p.Signed, Foot: shortFingerprint(p.Fingerprint),
	}
	for _, step := range steps(p.Steps()) {
		question := c.stepWord("ask", step)
		if question == "" {
			question = step.Name
		}
		s.Checks = append(s.Checks, SheetCheck{
			Tone: outcomeTones[step.Outcome], Outcome: c.text("outcome." + step.Outcome), Question: question,
			Answer: strings.Join(c.answers(step), " "), Technical: c.technical(step),
		})
	}
	return s
}

// PageOf says which sheet of how many one is.
func (s RecordSheet) PageOf(page, pages int) string {
	return in(s.Lang).text("record.page_of", "page", small(page), "pages", small(pages))
}

func (c *catalogue) recordFacts(p Record) (list []SheetFact) {
	add := func(code bool, key string, values ...string) {
		if values[0] != "" {
			list = append(list, SheetFact{c.text(key), values, code})
		}
	}
	add(false, "record.badge", p.Title)
	add(false, "record.issuer", p.Issuer)
	add(true, "result.issuer_id", p.IssuerID)
	add(false, "result.issued", c.date(p.IssuedOn))
	add(false, "result.expires", c.date(p.Expires))
	add(true, "record.badge_id", p.BadgeID)
	add(false, "result.format", c.formatName(p.Format))
	add(false, "record.person", c.text(map[bool]string{true: "record.person.asked", false: "record.person.not_asked"}[p.Asked]))
	add(false, "result.checked", c.moment(p.CheckedAt))
	add(false, "result.at", c.moment(p.At))
	add(false, "record.program", p.Program+", "+p.Site)
	add(true, "record.fingerprint", p.Fingerprint, c.bytes(p.Size))
	return list
}

// shortFingerprint is the beginning of a fingerprint, enough to see which sheets belong together.
func shortFingerprint(fingerprint string) string {
	_, digits, _ := strings.Cut(fingerprint, ":")
	if _, err := hex.DecodeString(digits); err != nil || len(digits) < 16 {
		return ""
	}
	return "SHA-256 " + digits[:16] + "…"
}

// outcomeTones colour the word of a step.
var outcomeTones = map[string]string{"pass": "ok", "fail": "bad", "warning": "warn", "unknown": "neutral", "skipped": "neutral"}

// technical is the step's name with the codes and sentences of the verifier.
func (c *catalogue) technical(step Step) string {
	said := append([]string{step.Name}, step.Codes()...)
	for _, k := range step.Checks {
		if k.Detail != "" {
			said = append(said, k.Detail)
		}
	}
	if step.More > 0 {
		said = append(said, c.text("check.more", "n", c.count(step.More)))
	}
	return strings.Join(said, " · ")
}
