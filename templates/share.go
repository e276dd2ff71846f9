package templates

import (
	"html"
	"html/template"
	"io"
	"strings"
	"time"
)

// SharePage is where a holder takes a badge to others (flows 2.4). Everything on it is a link, a text to select or a
// file; its script only adds copying and the sharing of the phone.
type SharePage struct {
	Page
	BadgeCard
	Holder     string // as strangers read it; empty: hidden
	URL        string // absolute address of the badge's page
	BadgePath  string // the same on this site
	Verdict    string // valid, expired, superseded, suspended or revoked
	Since      Day    // when it expired or was put on hold
	Visibility string // private: there is nothing but Action
	Action     string // POST: do=visibility with visibility
	ManageURL  string
	Saved      bool // who can see it was just changed
	Codes      ShareCodes

	TextAction string // GET with text: the same page, whose links carry it
	Text       string
	TooLong    bool // what was typed, which is kept; the links carry the usual text
	Channels   []Channel
	CardURL    string // preview that social sites draw
	Domain     string // as they show it

	Embed          string // HTML of the live badge
	Signature      string // HTML for mails, and for sites that take no frames
	SignatureImage string // its picture, on this site
	Citation       string // the line for a CV
	QRPNG, QRSVG   string
	Downloads      []Download

	Wallet *WalletOffer // nil: no wallet can have the badge
}

// WalletOffer is a badge that waits for a wallet of its holder's (OpenID4VCI 1.0).
type WalletOffer struct {
	State     string     // empty: none; open, redeemed, taken or guessed
	Link      WalletLink // opens a wallet on this device
	QR        string     // picture for a wallet on another
	PIN       string
	TriesLeft int // of five
	Until     time.Time
}

// Tried reports whether wrong PINs were handed in.
func (w WalletOffer) Tried() bool { return w.TriesLeft < 5 }

// WalletLink is an address that wallets open. It is ours from its scheme on, which is none of the web's.
type WalletLink string

// URL is the address as an attribute.
func (l WalletLink) URL() template.URL {
	if !strings.HasPrefix(string(l), "openid-credential-offer://?credential_offer") {
		return ""
	}
	return template.URL(l)
}

// Render writes the page.
func (p SharePage) Render(w io.Writer) error { return render(w, "share", p) }

// StylePath is the address of the stylesheet of this page.
func (SharePage) StylePath() string { return shareStylesheet.Path }

// ScriptPath is the address of its script.
func (SharePage) ScriptPath() string { return shareScript.Path }

// Channel is a place that takes a link to the badge. Kind: linkedin_profile, linkedin, facebook, x, whatsapp, telegram,
// bluesky or mail.
type Channel struct {
	Kind string
	URL  string
}

// Explained reports whether a line says what the channel does with the badge.
func (c Channel) Explained() bool { return strings.HasPrefix(c.Kind, "linkedin") }

// WalletPIN tells the user of a wallet where the PIN of an offer stands.
func WalletPIN(lang string) string { return in(lang).text("wallet.pin_where") }

// Short is the address as people write it.
func (p SharePage) Short() string { return ShortAddress(p.URL) }

// ShortAddress is an address without its scheme.
func ShortAddress(url string) string {
	_, short, found := strings.Cut(url, "://")
	if !found {
		return url
	}
	return short
}

// ShareText is what a holder says about a badge unless they write something else.
func ShareText(lang, title, issuer string) string {
	return in(lang).text("share.usual", "title", title, "issuer", issuer)
}

// Citation is a badge in one line of a CV.
func Citation(lang, title, issuer string, on Day, url string) string {
	c := in(lang)
	return c.text("share.citation", "title", title, "issuer", issuer, "month", c.text("month.short."+small(int(on.Month()))), "year", small(on.Year()),
		"address", ShortAddress(url))
}

// BadgeAlt describes a badge where its picture may not show.
func BadgeAlt(lang, title, holder string) string {
	if holder == "" {
		return in(lang).text("badge.alt", "title", title)
	}
	return in(lang).text("embed.alt", "title", title, "holder", holder)
}

// The size of an embedded badge in CSS pixels, where nobody asks for another.
const (
	EmbedWidth  = 320
	EmbedHeight = 180
)

// EmbedCode is the HTML that shows a live badge on another site, without a script. alt is its title.
func EmbedCode(url, alt string, width, height int) string {
	return `<iframe src="` + html.EscapeString(url) + `/embed" width="` + small(width) + `" height="` + small(height) + `" title="` +
		html.EscapeString(alt) + `" loading="lazy" style="border:0"></iframe>`
}

// SignatureCode is the HTML of a badge for mails and for sites that take no frames.
func SignatureCode(lang, url, image, title string) string {
	return `<a href="` + html.EscapeString(url) + `"><img src="` + html.EscapeString(image) + `" width="96" height="96" style="border:0" alt="` +
		html.EscapeString(in(lang).text("share.signature_alt", "title", title)) + `"></a>`
}

// HiddenName is what stands where a holder hides the name.
func HiddenName(lang string) string { return in(lang).text("page.hidden_name") }
