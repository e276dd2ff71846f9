package letter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

// Mailbox shows the letters that stay here, under /mailbox. Whoever can open its pages reads everybody's letters, codes
// and claim links included: it is for trying the program out.
type Mailbox struct {
	office *Office
	page   func(r *http.Request) templates.Page
	routes *http.ServeMux
}

const (
	perPage = 50
	prefix  = "/mailbox"

	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
		"frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	// framePolicy lets a letter show its own pictures and styles and open links in a new window,
	// and nothing else: it belongs to no origin and runs no script, wherever it is opened.
	framePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; " +
		"style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

// Mailbox is the built-in mailbox with the frame of its pages.
func (p *Office) Mailbox(page func(r *http.Request) templates.Page) *Mailbox {
	b := &Mailbox{office: p, page: page, routes: http.NewServeMux()}
	b.routes.HandleFunc("GET "+prefix, b.getList)
	b.routes.HandleFunc("GET "+prefix+"/{$}", b.getList)
	b.routes.HandleFunc("GET "+prefix+"/{place}", b.getLetter)
	b.routes.HandleFunc("GET "+prefix+"/{place}/html", b.getFrame)
	b.routes.HandleFunc("GET "+prefix+"/{place}/"+calendarFile, b.getCalendar)
	return b
}

// ServeHTTP shows the list at /mailbox, a letter at /mailbox/{place} and its HTML part alone at /mailbox/{place}/html.
func (b *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	b.routes.ServeHTTP(w, r)
}

// getList answers GET /mailbox.
func (b *Mailbox) getList(w http.ResponseWriter, r *http.Request) {
	before := cmp.Or(r.URL.Query().Get("before"), lastPlace)
	if !aPlace.MatchString(before) {
		fail(w, http.StatusNotFound)
		return
	}
	list, err := selectCopies(r.Context(), b.office.Outbox.db.Reader(), before, perPage+1)
	if err != nil {
		fail(w, http.StatusInternalServerError)
		return
	}
	page := templates.Mailbox{Page: b.page(r)}
	for _, l := range list[:min(perPage, len(list))] {
		page.Letters = append(page.Letters, templates.MailRow{
			URL: prefix + "/" + l.Place, To: l.to(), Subject: l.Subject, Lang: l.Language, At: l.At,
		})
	}
	if len(list) > perPage {
		page.More = prefix + "?before=" + list[perPage-1].Place
	}
	show(w, page)
}

// selectCopies are copies without their text, the newest first, before a place.
func selectCopies(ctx context.Context, t *database.Tx, before string, n int) (list []copyRow, err error) {
	err = t.Select(ctx, &list, `
		SELECT c.place, c.subject, c.name, l.recipient, l.language, l.ended_at
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE c.place < ?
		ORDER BY c.place DESC
		LIMIT ?`, before, n)
	return list, err
}

// aPlace is what the place of a letter looks like; lastPlace is behind all of them.
var aPlace = regexp.MustCompile(`^[a-z0-9.T-]{1,60}$`)

const lastPlace = "z"

func (l copyRow) to() string { return shown(l.Name, l.Recipient) }

// shown is an address without the quotes that only programs need.
func shown(name, address string) string {
	if name == "" {
		return address
	}
	return name + " <" + address + ">"
}

// letter finds the letter of a request and otherwise answers it.
func (b *Mailbox) letter(w http.ResponseWriter, r *http.Request) (l copyRow, found bool) {
	place := r.PathValue("place")
	if !aPlace.MatchString(place) {
		fail(w, http.StatusNotFound)
		return l, false
	}
	l, found, err := selectCopy(r.Context(), b.office.Outbox.db.Reader(), place)
	switch {
	case err != nil:
		fail(w, http.StatusInternalServerError)
		return l, false
	case !found:
		fail(w, http.StatusNotFound)
	}
	return l, found
}

func selectCopy(ctx context.Context, t *database.Tx, place string) (c copyRow, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT c.place, c.letter_id, c.partner_id, c.name, c.subject, c.body, c.content, c.pictures,
			l.kind, l.recipient, l.language, l.ended_at
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE c.place = ?`, place)
	return c, found, err
}

// getLetter answers GET /mailbox/{place}.
func (b *Mailbox) getLetter(w http.ResponseWriter, r *http.Request) {
	l, found := b.letter(w, r)
	if !found {
		return
	}
	html, err := l.html()
	if err != nil {
		fail(w, http.StatusInternalServerError)
		return
	}
	page := templates.MailboxLetter{
		FrameURL: prefix + "/" + l.Place + "/html", Height: height(html), Broad: broadHeight(html),
		Page: b.page(r), From: shown(b.office.from.Name, b.office.from.Address), To: l.to(),
		Subject: l.Subject, Lang: l.Language, At: l.At,
		Body: l.Body, Code: codeIn(l.Body), Links: linksIn(l.Body), BackURL: prefix,
	}
	if calendar, err := l.calendar(); err == nil && calendar != nil {
		page.FileURL, page.File = prefix+"/"+l.Place+"/"+calendarFile, calendarFile
	}
	show(w, page)
}

// calendar is the deadline that went with a letter; nil: none did.
func (l copyRow) calendar() (*templates.Deadline, error) {
	if l.Kind != issuer.LetterRenewal {
		return nil, nil
	}
	var content templates.RenewalLetter
	if err := json.Unmarshal([]byte(l.Content), &content); err != nil {
		return nil, fmt.Errorf("read a letter: %w", err)
	}
	return content.Calendar, nil
}

// getCalendar answers GET /mailbox/{place}/renewal.ics.
func (b *Mailbox) getCalendar(w http.ResponseWriter, r *http.Request) {
	l, found := b.letter(w, r)
	if !found {
		return
	}
	calendar, err := l.calendar()
	switch {
	case err != nil:
		fail(w, http.StatusInternalServerError)
	case calendar == nil:
		fail(w, http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", templates.CalendarType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+calendarFile+`"`)
		_, _ = w.Write(calendar.ICS())
	}
}

// html is the HTML part, as letters look today.
func (l copyRow) html() (string, error) {
	switch l.Kind {
	case issuer.LetterOffer, issuer.LetterReminder:
		return htmlOf[templates.OfferLetter](l.Content)
	case issuer.LetterAccepted:
		return htmlOf[templates.AcceptedLetter](l.Content)
	case issuer.LetterWithdrawn:
		return htmlOf[templates.RevokedLetter](l.Content)
	case issuer.LetterNotice:
		return htmlOf[templates.NoticeLetter](l.Content)
	case issuer.LetterDisputed:
		return htmlOf[templates.DisputedLetter](l.Content)
	case issuer.LetterRenewal:
		return htmlOf[templates.RenewalLetter](l.Content)
	case code:
		return htmlOf[templates.CodeLetter](l.Content)
	case changed:
		return htmlOf[templates.ChangedLetter](l.Content)
	default:
		return htmlOf[templates.AddedLetter](l.Content)
	}
}

func htmlOf[T content](text string) (string, error) {
	var letter T
	if err := json.Unmarshal([]byte(text), &letter); err != nil {
		return "", fmt.Errorf("read a letter: %w", err)
	}
	return letter.HTML()
}

// getFrame answers GET /mailbox/{place}/html.
func (b *Mailbox) getFrame(w http.ResponseWriter, r *http.Request) {
	l, found := b.letter(w, r)
	if !found {
		return
	}
	html, err := b.frame(r.Context(), l)
	if err != nil {
		fail(w, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", framePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, html)
}

// show draws the page before the first byte is sent.
func show(w http.ResponseWriter, page interface{ Render(io.Writer) error }) {
	var html bytes.Buffer
	if err := page.Render(&html); err != nil {
		fail(w, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	_, _ = html.WriteTo(w)
}

func fail(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }

// frame is the HTML part with its pictures inside it, since a document without an origin cannot
// load them, and with links that open outside the frame.
func (b *Mailbox) frame(ctx context.Context, l copyRow) (string, error) {
	html, err := l.html()
	if err != nil {
		return "", err
	}
	var pictures []picture
	if err := json.Unmarshal([]byte(l.Pictures), &pictures); err != nil {
		return "", fmt.Errorf("read pictures of a letter: %w", err)
	}
	shown := map[string]string{}
	for _, p := range pictures {
		png, err := b.office.pictures.png(ctx, p.thumbnail)
		if err != nil {
			return "", err
		}
		shown["cid:"+p.CID] = "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
	}
	var head string
	body := html
	if at := aHead.FindStringIndex(body); at != nil {
		head, body = body[:at[1]], body[at[1]:]
	}
	show := func(ref string) string { return cmp.Or(shown[ref], ref) }
	return head + `<base target="_blank">` + aRef.ReplaceAllStringFunc(body, show), nil
}

const mostLinks = 100

var (
	aLink = regexp.MustCompile(`https?://[^\s<>"]+`)
	aCode = regexp.MustCompile(`(?m)^[ \t]*([0-9]{3})[  ]?([0-9]{3})[ \t]*\r?$`)
	aRef  = regexp.MustCompile(`(?i)cid:[^"'\s<>)]+`)
	aHead = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)
	aTag  = regexp.MustCompile(`(?is)<style.*?</style>|<head.*?</head>|<!--.*?-->|<[^>]*>`)
	aMark = regexp.MustCompile(`(?i)</?(?:a|b|em|i|span|strong)(?:\s[^>]*)?>`)
)

// linksIn are the addresses in a text, each once, in order.
func linksIn(text string) (found []templates.MailLink) {
	seen := map[string]bool{}
	for _, url := range aLink.FindAllString(text, -1) {
		url = strings.TrimRight(url, ".,;:!?'*_")
		if strings.HasSuffix(url, ")") && !strings.Contains(url, "(") {
			url = strings.TrimSuffix(url, ")")
		}
		if !seen[url] && len(found) < mostLinks {
			seen[url] = true
			found = append(found, templates.MailLink{URL: url})
		}
	}
	return found
}

// codeIn is the six digits that stand alone on a line, or "".
func codeIn(text string) string {
	if m := aCode.FindStringSubmatch(text); m != nil {
		return m[1] + " " + m[2]
	}
	return ""
}

// How much room a letter takes on a small screen, in pixels. A frame without scripts cannot ask what is inside it, and
// one that is too short hides what stands at the end.
const (
	screenLetters = 34 // a line
	broadLetters  = 62 // a line on a screen that has room for the whole width of a letter
	lineHeight    = 24
	blockHeight   = 10 // between blocks
	imageHeight   = 180
	marginHeight  = 140
	broadMargin   = 48
	heightMost    = 30000
)

// height is about how tall an HTML part is there, rather more than less.
func height(html string) int { return heightOf(html, screenLetters) }

// broadHeight is the same on a large screen, where words that are marked stay on their line.
func broadHeight(html string) int {
	return min(broadMargin+heightOf(aMark.ReplaceAllString(html, ""), broadLetters), heightMost)
}

func heightOf(html string, letters int) int {
	h := marginHeight + imageHeight*strings.Count(html, "<img")
	for line := range strings.Lines(aTag.ReplaceAllString(html, "\n")) {
		if n := len([]rune(strings.TrimSpace(line))); n > 0 {
			h += blockHeight + lineHeight*((n+letters-1)/letters)
		}
	}
	return min(h, heightMost)
}
