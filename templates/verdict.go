package templates

import (
	"strings"
	"time"
)

// VerdictText is what a verdict says to people.
type VerdictText struct {
	Headline string
	Sentence string
}

// Verdict puts a verification's verdict into words (contract 5, flows 2.7). A valid
// badge whose issuer is not known gets the words of "unknown issuer".
func Verdict(lang string, f VerdictFacts) VerdictText { return in(lang).verdict(f) }

func (c *catalogue) verdict(f VerdictFacts) VerdictText {
	return VerdictText{Headline: c.text("verdict." + f.look()), Sentence: c.verdictSentence(f)}
}

// VerdictFacts are what the sentence of a verdict may tell; all but Verdict may be empty.
type VerdictFacts struct {
	Verdict     string // contract 5
	IssuerKnown bool
	Issuer      string // name
	Domain      string // host of the issuer's id
	Recipient   string // name of the holder
	Expires     Day
	Since       Day    // withdrawn or paused on
	Reason      string // reason code or the issuer's text
	Format      string // contract 5
}

// look names one of the ways a verdict is drawn: the eleven of flows 2.7 and "invalid".
func (f VerdictFacts) look() string {
	switch {
	case f.Verdict == "valid" && !f.IssuerKnown:
		return "unknown_issuer"
	case !in("en").has("verdict." + f.Verdict):
		return "undetermined"
	}
	return f.Verdict
}

// wording is the look, told apart further: badges that nobody signed, and those without an end.
func (f VerdictFacts) wording() string {
	look := f.look()
	switch {
	case look == "unknown_issuer" && strings.HasSuffix(f.Format, "-hosted"):
		return "unknown_hosted"
	case look == "valid" && f.Expires.IsZero():
		return "valid_forever"
	}
	return look
}

// verdictSentence takes the first variant whose facts are all there.
func (c *catalogue) verdictSentence(f VerdictFacts) string {
	values := []string{"issuer", f.Issuer, "domain", f.Domain, "recipient", f.Recipient, "expires", c.date(f.Expires), "since", c.date(f.Since), "reason", c.reason(f.Reason)}
	key := "verdict." + f.wording() + "."
	for variant := 1; c.has(key + small(variant)); variant++ {
		if c.complete(key+small(variant), values) {
			return c.text(key+small(variant), values...)
		}
	}
	return c.text(key + "plain")
}

// complete tells whether every hole of a message has a value.
func (c *catalogue) complete(key string, values []string) bool {
	for _, piece := range c.messages[key] {
		if piece.hole != "" && argument(values, piece.hole) == "" {
			return false
		}
	}
	return true
}

// Reason puts the reason of a withdrawal into words: a code of the contract
// (result_voided) is translated, anything else is the issuer's own text and stays.
func Reason(lang, reason string) string { return in(lang).reason(reason) }

func (c *catalogue) reason(reason string) string {
	if key := "reason." + reason; c.has(key) {
		return c.text(key)
	}
	return strings.TrimSuffix(reason, ".") // sentences bring their own
}

// Moment writes an instant in words with its zone, "4 March 2026, 10:42 CET".
func Moment(lang string, t time.Time) string { return in(lang).moment(t) }

// Date writes a day in words, "4 March 2026".
func Date(lang string, d Day) string { return in(lang).date(d) }
