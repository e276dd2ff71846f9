package templates

import "io"

// Home is the front page.
type Home struct {
	Page
	Issuer  Issuer
	TestURL string // demo: the built-in mailbox; empty: not shown
}

// Render writes the page.
func (p Home) Render(w io.Writer) error { return render(w, "home", p) }

// NotFound is the one page for unknown, private, declined and not yet accepted
// badges. It ignores Path and Canonical, so its bytes are the same for all of them.
type NotFound struct{ Page }

// Render writes the page.
func (p NotFound) Render(w io.Writer) error {
	p.Path, p.Canonical, p.NoIndex, p.Sandbox = "", "", true, false
	return render(w, "not_found", p)
}

// What an ErrorPage is about.
const (
	ErrorBadRequest  = "bad_request"
	ErrorForbidden   = "forbidden" // a form from another site, or too old
	ErrorNoPage      = "no_page"   // an address that is none of ours
	ErrorMethod      = "method"
	ErrorConflict    = "conflict" // changed meanwhile
	ErrorGone        = "gone"
	ErrorTooLarge    = "too_large"
	ErrorTooMany     = "too_many"
	ErrorInternal    = "internal"
	ErrorUnavailable = "unavailable"
)

// ErrorPage says what happened, why, and what next.
type ErrorPage struct {
	Page
	Kind      string // an Error constant; anything else reads as ErrorInternal
	Minutes   int    // ErrorTooMany: when to come back
	Reference string // the request id, for support
	BackURL   string // where to try again; empty: the home page
}

// Cause is Kind, or ErrorInternal for one that has no words.
func (p ErrorPage) Cause() string {
	if in(p.Lang).has("error." + p.Kind + ".what") {
		return p.Kind
	}
	return ErrorInternal
}

// Render writes the page.
func (p ErrorPage) Render(w io.Writer) error { return render(w, "error", p) }

// Stop is the page of the unsubscribe link: GET shows a button, POST does it.
type Stop struct {
	Page
	List       string // StopRenewals; empty: all mail about badges
	Action     string // POST
	UndoAction string // POST
	Masked     string
	Stopped    bool // mail to the address was stopped
	Resumed    bool // it was just turned on again
}

// Words are the words of a list, by their key among those of the page.
func (p Stop) Words(key string) string {
	if p.List != "" {
		return "stop." + p.List + "." + key
	}
	return "stop." + key
}

// Render writes the page.
func (p Stop) Render(w io.Writer) error { return render(w, "stop", p) }

// Privacy says who holds which data and why (GDPR articles 13 and 14).
type Privacy struct {
	Page
	Issuer  Issuer
	Contact string // e-mail address for questions
	Postal  string // postal address; empty: none
}

// Topics are the sections of the notice.
func (Privacy) Topics() []string {
	return []string{"what", "source", "why", "who", "mails", "cookies", "rights", "files"}
}

// Render writes the page.
func (p Privacy) Render(w io.Writer) error { return render(w, "privacy", p) }
