package templates

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Certificate is a badge as it is printed on a sheet; the PDF and its words. How the badge stands is not on it: that
// may change after printing, so that the sheet leads to where it can be read.
type Certificate struct {
	Lang   string
	Holder string // as strangers read it; empty: hidden
	Title  Text
	Issuer Text
	Kind   string // exam or certification

	EarnedOn Day
	Expires  Day // zero: never
	Number   string
	URL      string // absolute address of the badge's page

	Private bool // nobody else can open URL
	Sandbox bool
}

// CertificateWords are the words of a certificate in its language.
type CertificateWords struct {
	DocumentTitle, Heading, AwardedTo, Kind    string
	Earned, EarnedOn, Until, Expires, Number   string
	Check, Private, Sandbox, QRAlt, PictureAlt string
}

// Words are what stands on the certificate beside names and titles.
func (p Certificate) Words() CertificateWords {
	c := in(p.Lang)
	w := CertificateWords{
		DocumentTitle: c.text("certificate.file", "title", p.Title.Value, "holder", p.Holder), Heading: c.text("certificate.h1"),
		AwardedTo: c.text("certificate.awarded"), Kind: c.text("kind." + p.Kind),
		Earned: c.text("certificate.earned"), EarnedOn: c.date(p.EarnedOn),
		Until: c.text("result.expires"), Expires: c.date(p.Expires), Number: c.text("certificate.number"),
		Check: c.text("certificate.check"), QRAlt: c.text("certificate.qr"), PictureAlt: c.text("badge.alt", "title", p.Title.Value),
	}
	if p.Holder == "" {
		w.DocumentTitle = c.text("certificate.file_unnamed", "title", p.Title.Value)
	}
	if p.Expires.IsZero() {
		w.Expires = c.text("page.forever")
	}
	if p.Private {
		w.Private = c.text("certificate.private")
	}
	if p.Sandbox {
		w.Sandbox = c.text("certificate.sandbox")
	}
	return w
}

// Language is the language that the words are in.
func (p Certificate) Language() string { return in(p.Lang).lang }

// NoCertificate is the page for whoever asks for a certificate that there is not: a name has characters that no font of
// the server can write, or the badge does not prove anything now.
type NoCertificate struct {
	Page
	Characters []string // that cannot be written; none: the badge proves nothing
	Scripts    []string // theirs, by ISO 15924
	BadgeURL   string   // the page that can be printed instead, or tells how the badge stands
	Transcript bool     // it is a transcript that there is not, and its page
}

// Listed are the characters that the page shows, each with its code for browsers that cannot show it either.
func (p NoCertificate) Listed() string {
	const most = 12
	var list []string
	for _, character := range p.Characters[:min(len(p.Characters), most)] {
		for _, r := range character {
			list = append(list, fmt.Sprintf("%c (U+%04X)", r, r))
		}
	}
	if len(p.Characters) > most {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}

// ScriptNames are the scripts in the language of the page.
func (p NoCertificate) ScriptNames() string {
	names := map[string]*display.Dictionary{"es": display.Spanish, "fr": display.French}[p.Lang]
	if names == nil {
		names = display.English
	}
	var list []string
	for _, code := range p.Scripts {
		if script, err := language.ParseScript(code); err == nil {
			list = append(list, names.Scripts().Name(script))
		}
	}
	return strings.Join(list, ", ")
}

// Render writes the page.
func (p NoCertificate) Render(w io.Writer) error { return render(w, "no_certificate", p) }
