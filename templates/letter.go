package templates

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"unicode/utf8"
)

// Letter is what every letter needs around its own content.
type Letter struct {
	Lang       string // one of Languages
	Site       string // product name
	Issuer     Text   // who holds the data
	PrivacyURL string
	DataURL    string // of the first letter to somebody: where they see and delete what is held on them
	StopURL    string // "Stop mails about badges"; empty in codes and notices
	StopList   string // what StopURL ends instead: StopRenewals; empty: all mail about badges
	Postal     string // postal address; empty: none
}

// StopRenewals are the letters about certifications that end, which have a stop link of their own.
const StopRenewals = "renewals"

// Translations are links to the same letter's page in the other languages; letters
// without a page have none.
func (Letter) Translations() []Translation { return nil }

// Translation leads to what a letter is about, in another language.
type Translation struct{ Code, Name, URL string }

func translations(lang, address string) []Translation {
	var others []Translation
	for _, l := range Languages {
		if l.Code != in(lang).lang {
			others = append(others, Translation{l.Code, l.Name, address + "?lang=" + l.Code})
		}
	}
	return others
}

// LetterBadge is a badge in a letter.
type LetterBadge struct {
	Title    Text
	Issuer   Text
	EarnedOn Day
	Expires  Day    // zero: does not expire
	Expired  bool   // it is over already
	CID      string // content id of the picture, without "cid:"; empty: no picture
}

// OfferLetter tells a person that they earned one or several badges (flows 2.1.2), reminds them of those that wait
// (2.2), or gives them the link once more (S13).
type OfferLetter struct {
	Letter
	Name     string // display name as the partner gave it
	Badges   []LetterBadge
	ClaimURL string
	NotMeURL string
	Partner  string // who reported the result
	Again    bool   // the person asked for what waits for them
	Reminder int    // which one it is; 0: none
	Last     bool   // reminder
}

// Translations are links to the claim page in the other two languages.
func (l OfferLetter) Translations() []Translation { return translations(l.Lang, l.ClaimURL) }

// AcceptedLetter says that badges were accepted as their holder chose (flows 2.3).
type AcceptedLetter struct {
	Letter
	Name        string
	Badges      []LetterBadge
	Visibility  string // of all of them
	SeeURL      string // the badge, or of several the collection
	RemoveURL   string
	SettingsURL string
}

// CodeLetter carries the 6-digit code. It has no stop link.
type CodeLetter struct {
	Letter
	Code    string // six digits, or the long code of a letter for everybody who asked
	LinkURL string // confirmation link; empty: codes only
	Claim   bool   // the code was asked for from a claim link, so somebody opened it
	Joins   string // masked address of the account that this address is to be added to; "" for none
}

// AddedLetter tells an account's earlier addresses of a new one. It is a security notice: no stop link.
type AddedLetter struct {
	Letter
	Address    string // the new one
	ContactURL string // where to ask; https or mailto
}

// ChangedLetter tells all addresses of an account what was changed of the ways into it. It is a security notice: no
// stop link.
type ChangedLetter struct {
	Letter
	Kind       string // address_removed, address_back, address_primary
	What       string // an address, or the name of what else was changed
	UndoURL    string // puts back what was removed; empty: nothing can be
	Until      Day    // of UndoURL
	NextURL    string // of the step at which somebody paused; empty: there is none
	ContactURL string // where to ask; https or mailto
}

// RevokedLetter says that a badge was withdrawn. It is a legal notice: no stop link.
type RevokedLetter struct {
	Letter
	Name       string
	Title      Text
	On         Day
	Reason     string // reason code or public text; empty: none given
	ContactURL string // where to ask; https or mailto
	Reference  string
}

// NoticeLetter says what was done to a badge, to a result or to profiles. It is a legal notice: no stop link.
type NoticeLetter struct {
	Letter
	Kind       string // suspended, reinstated, renamed, returned, released, corrected, voided, merged or separated
	Name       string
	Titles     Texts  // of the badges, or the exam; none where profiles were merged or separated
	Outcome    string // of a corrected result: pass, fail or no_show
	On         Day
	Reason     string // public text; empty: none given
	ContactURL string // where to ask; https or mailto
	Reference  string
}

// RenewalLetter tells somebody that a certification ends, and how it is renewed (flows 2.10).
type RenewalLetter struct {
	Letter
	Name      string
	Title     Text
	State     string // RenewalOpen, RenewalOver or RenewalRetired
	Expires   Day
	Days      int       // until it ends
	RetiredOn Day       // where the certification is retired before it ends
	Exams     Texts     // one of which renews it
	Holds     Texts     // certifications one of which has to be valid on that day as well
	URL       string    // where its holder renews it
	Calendar  *Deadline // attached; nil: it was before, or there is no deadline
}

// DisputedLetter tells the issuer's staff that somebody who got an offer says it isn't theirs (S14). It has no
// link, and no stop link.
type DisputedLetter struct {
	Letter
	Titles    Texts  // of the badges
	Reason    string // unknown_person, never_took or wrong_name
	On        Day
	Partner   string
	Candidate string // the partner's own id
	Exam      string // codes
	Awards    []string
}

// WebhookLetter tells a partner that a webhook of theirs was disabled.
type WebhookLetter struct {
	Letter
	URL     string
	Since   Day // nothing has got through
	Partner string
	DocsURL string
}

// Subject is the subject line. Reminders have that of the letter that offered, by which mail programs put them together.
func (l OfferLetter) Subject() string {
	c := in(l.Lang)
	if l.Again {
		return c.text(c.form("mail.waiting.subject", len(l.Badges)), "n", c.count(len(l.Badges)))
	}
	if len(l.Badges) == 1 {
		return c.text("mail.claim.subject", "name", l.Name, "title", l.Badges[0].Title.Value)
	}
	return c.text(c.form("mail.claim.subject_more", len(l.Badges)), "name", l.Name, "n", c.count(len(l.Badges)))
}

// Preheader is the line that mail programs show beside the subject.
func (l OfferLetter) Preheader() string {
	c := in(l.Lang)
	switch {
	case l.Again:
		return c.text("mail.waiting.pre")
	case l.Reminder > 0:
		return c.text(c.form("mail.reminder.pre", len(l.Badges)))
	}
	return c.text(c.form("mail.claim.pre", len(l.Badges)))
}

// Text is the plain-text part, complete on its own.
func (l OfferLetter) Text() (string, error) { return letterText(l.Lang, "offer", l) }

// HTML is the HTML part.
func (l OfferLetter) HTML() (string, error) { return letterHTML(l.Lang, "offer", l) }

// Subject is the subject line.
func (l AcceptedLetter) Subject() string {
	c := in(l.Lang)
	return c.text(c.form("mail.accepted.subject", len(l.Badges)), "n", c.count(len(l.Badges)))
}

// Preheader is the line that mail programs show beside the subject.
func (l AcceptedLetter) Preheader() string {
	return in(l.Lang).text("mail.accepted.pre")
}

// Text is the plain-text part, complete on its own.
func (l AcceptedLetter) Text() (string, error) { return letterText(l.Lang, "accepted", l) }

// HTML is the HTML part.
func (l AcceptedLetter) HTML() (string, error) { return letterHTML(l.Lang, "accepted", l) }

// Subject is the subject line.
func (l CodeLetter) Subject() string {
	return in(l.Lang).text("mail.code.subject", "code", l.Grouped(), "site", l.Site)
}

// Preheader is the line that mail programs show beside the subject.
func (l CodeLetter) Preheader() string {
	if l.Long() {
		return in(l.Lang).text("mail.code.pre_long")
	}
	return in(l.Lang).text("mail.code.pre")
}

// Text is the plain-text part, complete on its own.
func (l CodeLetter) Text() (string, error) { return letterText(l.Lang, "code", l) }

// HTML is the HTML part.
func (l CodeLetter) HTML() (string, error) { return letterHTML(l.Lang, "code", l) }

// Subject is the subject line.
func (l AddedLetter) Subject() string { return in(l.Lang).text("mail.added.subject") }

// Preheader is the line that mail programs show beside the subject.
func (l AddedLetter) Preheader() string { return in(l.Lang).text("mail.added.pre") }

// Text is the plain-text part, complete on its own.
func (l AddedLetter) Text() (string, error) { return letterText(l.Lang, "added", l) }

// HTML is the HTML part.
func (l AddedLetter) HTML() (string, error) { return letterHTML(l.Lang, "added", l) }

// Subject is the subject line.
func (l ChangedLetter) Subject() string {
	return in(l.Lang).text("mail.changed." + l.Kind + ".subject")
}

// Preheader is the line that mail programs show beside the subject.
func (l ChangedLetter) Preheader() string { return in(l.Lang).text("mail.added.pre") }

// Text is the plain-text part, complete on its own.
func (l ChangedLetter) Text() (string, error) { return letterText(l.Lang, "changed", l) }

// HTML is the HTML part.
func (l ChangedLetter) HTML() (string, error) { return letterHTML(l.Lang, "changed", l) }

// Subject is the subject line.
func (l RevokedLetter) Subject() string {
	return in(l.Lang).text("mail.revoked.subject", "title", l.Title.Value, "issuer", l.Issuer.Value)
}

// Preheader is the line that mail programs show beside the subject.
func (l RevokedLetter) Preheader() string {
	return in(l.Lang).text("mail.revoked.pre")
}

// Text is the plain-text part, complete on its own.
func (l RevokedLetter) Text() (string, error) { return letterText(l.Lang, "revoked", l) }

// HTML is the HTML part.
func (l RevokedLetter) HTML() (string, error) { return letterHTML(l.Lang, "revoked", l) }

// Subject is the subject line.
func (l NoticeLetter) Subject() string {
	return in(l.Lang).text("mail.notice."+l.Kind+".subject", "title", l.Titles.String(), "name", l.Name)
}

// Preheader is the line that mail programs show beside the subject.
func (l NoticeLetter) Preheader() string { return in(l.Lang).text("mail.revoked.pre") }

// Text is the plain-text part, complete on its own.
func (l NoticeLetter) Text() (string, error) { return letterText(l.Lang, "notice", l) }

// HTML is the HTML part.
func (l NoticeLetter) HTML() (string, error) { return letterHTML(l.Lang, "notice", l) }

// Subject is the subject line.
func (l RenewalLetter) Subject() string {
	c := in(l.Lang)
	return c.text("mail.renewal."+l.State+".subject", "title", l.Title.Value, "date", c.date(l.Expires))
}

// Preheader is the line that mail programs show beside the subject.
func (l RenewalLetter) Preheader() string { return in(l.Lang).text("mail.renewal." + l.State + ".pre") }

// Text is the plain-text part, complete on its own.
func (l RenewalLetter) Text() (string, error) { return letterText(l.Lang, "renewal", l) }

// HTML is the HTML part.
func (l RenewalLetter) HTML() (string, error) { return letterHTML(l.Lang, "renewal", l) }

// Subject is the subject line.
func (l DisputedLetter) Subject() string {
	return in(l.Lang).text("mail.disputed.subject", "title", l.Titles.String(), "candidate", l.Candidate)
}

// Preheader is the line that mail programs show beside the subject.
func (l DisputedLetter) Preheader() string { return in(l.Lang).text("mail.disputed.pre") }

// Text is the plain-text part, complete on its own.
func (l DisputedLetter) Text() (string, error) { return letterText(l.Lang, "disputed", l) }

// HTML is the HTML part.
func (l DisputedLetter) HTML() (string, error) { return letterHTML(l.Lang, "disputed", l) }

// Subject is the subject line.
func (l WebhookLetter) Subject() string { return in(l.Lang).text("mail.webhook.subject") }

// Preheader is the line that mail programs show beside the subject.
func (l WebhookLetter) Preheader() string { return in(l.Lang).text("mail.webhook.pre") }

// Text is the plain-text part, complete on its own.
func (l WebhookLetter) Text() (string, error) { return letterText(l.Lang, "webhook", l) }

// HTML is the HTML part.
func (l WebhookLetter) HTML() (string, error) { return letterHTML(l.Lang, "webhook", l) }

// Long reports whether the code is not six digits.
func (l CodeLetter) Long() bool { return len(l.Code) > 6 }

// Grouped is the code in groups, easier to read and to type.
func (l CodeLetter) Grouped() string { return grouped(l.Code) }

func grouped(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}

// contact is an address to ask, as people read it.
func contact(address string) string { return strings.TrimPrefix(address, "mailto:") }

// Masked hides an address from whoever sees a letter only.
func Masked(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return "•••"
	}
	_, size := utf8.DecodeRuneInString(address)
	return address[:size] + "•••" + address[at:]
}

//go:embed letters/*
var letterFiles embed.FS

var (
	letterTexts = eachLanguage(func(lang string) *template.Template {
		return template.Must(template.New("letters").Funcs(letterFunctions(in(lang))).ParseFS(letterFiles, "letters/*.txt"))
	})
	letterPages = eachLanguage(func(lang string) *htmltemplate.Template {
		return htmltemplate.Must(htmltemplate.New("letters").Funcs(functions(in(lang))).ParseFS(letterFiles, "letters/*.html"))
	})
)

// letterFunctions are the plain-text twins of functions.
func letterFunctions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) string { return c.text(key, plain(args)...) },
		"plural": func(key string, n int, args ...any) string {
			return c.text(c.form(key, n), append(plain(args), "n", c.count(n))...)
		},
		"date":    c.date,
		"reason":  c.reason,
		"contact": contact,
	}
}

// plain are arguments as they stand in plain text.
func plain(args []any) []string {
	words := make([]string, len(args))
	for n, arg := range args {
		words[n] = fmt.Sprint(arg)
	}
	return words
}

func letterText(lang, name string, letter any) (string, error) {
	var b strings.Builder
	if err := letterTexts[in(lang).lang]().ExecuteTemplate(&b, name+".txt", letter); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()) + "\n", nil
}

func letterHTML(lang, name string, letter any) (string, error) {
	var b strings.Builder
	if err := letterPages[in(lang).lang]().ExecuteTemplate(&b, name+".html", letter); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()) + "\n", nil
}
