package templates

import (
	"slices"
	"strings"
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
	return VerdictText{Headline: c.text("verdict." + f.headline()), Sentence: c.plainVoice().verdictSentence(f)}
}

// VerdictFacts are what the sentence of a verdict may tell; all but Verdict may be empty.
type VerdictFacts struct {
	Verdict     string // contract 5
	IssuerKnown bool
	Test        bool   // made in a sandbox of ours
	Issuer      string // name
	IssuerLang  string // of the name; empty: the page's
	Domain      string // host of the issuer's id
	Recipient   string // name of the holder
	Expires     Day
	Since       Day    // withdrawn or paused on
	Reason      string // reason code or the issuer's text
	Format      string // contract 5
	Given       string // what was handed in: a Given constant
	Asked       string // what was asked about the person: an Asked constant
	Code        string // of the first check that failed
	Signer      string // id of the issuer
	Other       bool   // what was judged is no badge; see NoBadge
	Damaged     bool   // nothing could be read, as when a file was cut off or changed on its way
	Partly      bool   // the name that was typed fits only in part or by initials; see NamePartly
	Refused     bool   // an address was left alone because it is of a kind that is never opened
}

// What somebody hands in, for the words of a verdict that finds no badge in it.
const (
	GivenFile = "file"
	GivenText = "text"
	GivenRead = "written" // a file of text that people write
	GivenLink = "link"
	GivenPDF  = "pdf"
	GivenPage = "page"  // an address of ours that is no badge's
	GivenOwn  = "claim" // the link by which somebody accepts a badge

	GivenPresentation = "presentation" // what a wallet wraps badges in
)

// Names of looks that are no verdicts.
const (
	lookNoBadge = "no_badge"
	lookTest    = "test_badge"
	lookPartly  = "names_differ"
)

// NoBadge reports whether the checks remarked that what was judged is no badge that somebody was awarded,
// but another credential or a document that badges are made of.
func NoBadge(checks []Check) bool {
	return slices.ContainsFunc(checks, func(k Check) bool {
		return k.Name == "parse" && k.Outcome == "warning" && k.Code == "UNSUPPORTED_TYPE"
	})
}

// NamePartly reports whether the checks remarked that the name that was asked about fits only in part or by initials.
func NamePartly(checks []Check) bool {
	return slices.ContainsFunc(checks, func(k Check) bool { return k.Name == "recipient" && k.Code == "NAME_PARTIAL" })
}

// VerdictWord is the look of a verdict in a word or two, for tables.
func VerdictWord(lang, look string) string { return in(lang).text("word." + look) }

// Look names one of the ways a verdict is drawn and told in a word: the eleven of flows 2.7, "invalid",
// "no_badge", "names_differ" and "test_badge". It is the verdict itself but for valid badges whose issuer is not known, for what
// is genuine and no badge (see NoBadge), and for test badges, however they stand.
func (f VerdictFacts) Look() string {
	switch {
	case f.Test:
		return lookTest
	case f.Verdict == "valid" && f.Other:
		return lookNoBadge
	case f.Verdict == "valid" && !f.IssuerKnown:
		return "unknown_issuer"
	case f.Verdict == "valid" && f.Partly:
		return lookPartly
	case !in("en").has("verdict." + f.Verdict):
		return "undetermined"
	}
	return f.Verdict
}

// faults are the ways of being invalid that people meet, by the code of contract 5.
var faults = map[string]string{
	"KEY_NOT_OWNED": "key", "KEY_OWNER": "key", "NOT_SIGNED": "unsigned", "NOT_YET_ISSUED": "future", "FETCH_FAILED": "missing",
}

// wording is the look, told apart further: badges that nobody signed, those without an end, what was
// handed in and what was asked.
func (f VerdictFacts) wording() string {
	look, special := f.Look(), ""
	switch {
	case look == lookNoBadge && hosting(f.Format) != "":
		return "no_badge_hosted"
	case look == "invalid" && f.Damaged:
		return "invalid_damaged"
	case look == "unknown_issuer" && hosting(f.Format) != "":
		return "unknown_hosted"
	case look == "valid" && f.Expires.IsZero():
		return "valid_forever"
	case look == "not_a_badge" || look == "not_shared":
		special = f.Given
	case look == "undetermined" && f.Refused:
		special = "refused"
	case look == "wrong_recipient":
		special = f.Asked
	case look == "invalid":
		special = faults[f.Code]
	}
	if in("en").has("verdict." + look + "_" + special + ".plain") {
		return look + "_" + special
	}
	return look
}

// headline is the wording where that has a headline of its own, because the look's would not be true.
func (f VerdictFacts) headline() string {
	if w := f.wording(); in("en").has("verdict." + w) {
		return w
	}
	return f.Look()
}

// verdictSentence takes the first variant whose facts are all there.
func (v voice) verdictSentence(f VerdictFacts) string {
	values := []string{"issuer", v.name(Text{f.Issuer, f.IssuerLang}), "domain", v.ownText(f.Domain), "recipient", v.ownText(f.Recipient), "expires", v.ownText(v.date(f.Expires)),
		"since", v.ownText(v.date(f.Since)), "reason", v.ownText(v.reason(f.Reason)), "signer", v.ownText(f.Signer)}
	key := "verdict." + f.wording() + "."
	for variant := 1; v.has(key + small(variant)); variant++ {
		if v.complete(key+small(variant), values) {
			return v.fill(key+small(variant), values...)
		}
	}
	return v.fill(key + "plain")
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

// reason puts the reason of a withdrawal into words: a code of the contract (result_voided) is translated,
// anything else is the issuer's own text and stays.
func (c *catalogue) reason(reason string) string {
	if key := "reason." + reason; c.has(key) {
		return c.text(key)
	}
	return strings.TrimSuffix(reason, ".") // sentences bring their own
}

// Date writes a day in words, "4 March 2026".
func Date(lang string, d Day) string { return in(lang).date(d) }
