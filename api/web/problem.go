package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// Keys of what a request carries for its line in the log.
const (
	KeyPartner = "partner"
	KeyEarner  = "earner"
)

// RequestID is the id of the request, which its answer and its line in the log carry.
func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// Gone reports whether a request failed because its sender went away.
func Gone(c echo.Context, err error) bool {
	return errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil
}

// Problem is a request that was not done: the one thing that handlers' errors become, written as
// application/problem+json (RFC 9457) or as a page. Its status follows from its code, in trouble and
// nowhere else.
type Problem struct {
	Status  int
	code    string
	detail  string
	Fields  []refusal.Field
	Retry   time.Duration // when to come back; 0: not told
	Headers [][2]string

	hidden bool     // no member may differ between an address that shows nothing and one that never existed
	Page   Drawable // what people see instead of the general page; nil: that
}

// Error is the detail, for logs.
func (p *Problem) Error() string { return p.code + ": " + p.detail }

// NewProblem is a problem of a code in the list of problems, which decides its status. A code that is not there
// is our own fault.
func NewProblem(code, detail string) *Problem {
	return &Problem{Status: cmp.Or(infoOf[code].Status, http.StatusInternalServerError), code: code, detail: detail}
}

// AsRefusal is a problem as the rooms below know it; other errors stay what they are.
func AsRefusal(err error) error {
	if p, is := errors.AsType[*Problem](err); is {
		return refusal.New(p.code, p.detail, p.Fields...)
	}
	return err
}

// Later is trouble that passes: it says when to come back.
func Later(code, detail string, retry time.Duration) *Problem {
	p := NewProblem(code, detail)
	p.Retry = retry
	return p
}

// ProblemOf turns any error into a problem. What nobody foresaw is ours: nothing of it is told.
func (s *Site) ProblemOf(c echo.Context, err error) *Problem {
	var (
		p        *Problem
		no       *refusal.Error
		tooLarge *http.MaxBytesError
		routing  *echo.HTTPError // of Echo itself: addresses and methods that do not exist
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &no):
		return s.refused(no)
	case errors.As(err, &tooLarge):
		return BodyTooLarge(tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return NewProblem("request_timeout", "The request did not arrive in time.")
	case Gone(c, err), errors.Is(err, context.DeadlineExceeded):
		return Later(CodeUnavailable, "The server could not finish this in time.", time.Second)
	case s.Unavailable != nil && s.Unavailable(err):
		return Later(CodeUnavailable, "The database cannot be reached or written right now. Nothing of this request was kept.", StorePatience)
	case errors.Is(err, ErrBusy):
		return Later(CodeUnavailable, "Too much of this is being done right now.", GatePatience)
	case errors.As(err, new(readError)):
		return NewProblem(CodeUnreadable, "The body did not arrive whole.")
	case errors.As(err, &routing) && routing.Code == http.StatusNotFound:
		return NewProblem(CodeNotFound, "There is nothing at this address.")
	case errors.As(err, &routing) && routing.Code == http.StatusMethodNotAllowed:
		return NewProblem("method_not_allowed", "This address does not take "+c.Request().Method+".")
	}
	return NewProblem(codeInternal, "Something went wrong on our side. It has been logged.")
}

// StorePatience is when to ask again while the database cannot do its work.
const StorePatience = 5 * time.Second

// refused is the problem of a refusal: the list of problems has a status for its code.
func (s *Site) refused(no *refusal.Error) *Problem {
	p := NewProblem(no.Code, no.Detail)
	p.Fields = no.Fields
	switch {
	case no.Code == "unauthorized", no.Code == "invalid_token":
		p.Headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia", error="invalid_token"`}}
	case no.Code == "idempotency_in_progress":
		p.Retry = time.Second
	case !no.When.IsZero():
		p.Retry = max(no.When.Sub(s.Now()), time.Second)
	}
	return p
}

// BodyTooLarge is a body of more than limit bytes.
func BodyTooLarge(limit int64) *Problem {
	return NewProblem("body_too_large",
		"The body is larger than "+strconv.FormatInt(limit, 10)+" bytes.")
}

// NotShown is the one answer for badges that are unknown, waiting, declined or private.
func NotShown() *Problem {
	p := NewProblem(CodeNotFound, "There is nothing to see at this address.")
	p.hidden = true
	return p
}

// Fail answers with the error. It does nothing when the answer is already under way.
func (s *Site) Fail(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	p := s.ProblemOf(c, err)
	h := c.Response().Header()
	for _, pair := range p.Headers {
		h.Set(pair[0], pair[1])
	}
	if p.Retry > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(int((p.Retry+time.Second-1)/time.Second)))
	}
	h.Set(echo.HeaderCacheControl, "no-store")
	for _, name := range []string{"ETag", "X-Robots-Tag"} {
		h.Del(name)
	}
	Vary(h, "Accept")
	if wantsPage(c) && s.errorPage(c, p) == nil || c.Response().Committed {
		return
	}
	h.Set("Content-Language", "en")
	_ = c.Blob(p.Status, TypeProblem, s.ProblemJSON(c, p)) // the caller has gone
}

// TypeProblem is the media type of problems (RFC 9457).
const TypeProblem = "application/problem+json"

// wantsPage reports whether an error is for a person: HTML is named, or nothing is and the address is
// that of a page.
func wantsPage(c echo.Context) bool {
	path := c.Request().URL.Path
	if strings.HasPrefix(path, APIPath) && path != DocsPath {
		return false
	}
	list := Accepted(c.Request().Header.Get(echo.HeaderAccept))
	if NamesPage(list) || NamesData(list) {
		return NamesPage(list)
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	for _, prefix := range []string{"/status/", "/oembed", "/.well-known/", "/healthz", "/readyz", "/metrics"} {
		if strings.HasPrefix(path, prefix) {
			return false
		}
	}
	return !strings.Contains(last, ".")
}

// problemWire is RFC 9457 with the members of contract 3.
type problemWire struct {
	Type      string      `json:"type"`
	Title     string      `json:"title"`
	Status    int         `json:"status"`
	Detail    string      `json:"detail"`
	Instance  string      `json:"instance,omitempty"`
	Code      string      `json:"code"`
	RequestID string      `json:"request_id,omitempty"`
	Errors    []faultWire `json:"errors,omitempty"`
}

type faultWire struct {
	Pointer   *string `json:"pointer,omitempty"`   // JSON Pointer into the body
	Parameter string  `json:"parameter,omitempty"` // of the query
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

// InQuery marks the pointer of a fault that is about a query parameter and not about the body.
const InQuery = "?"

// ProblemJSON is a problem as it is written (RFC 9457).
func (s *Site) ProblemJSON(c echo.Context, p *Problem) []byte {
	w := problemWire{
		Type: s.BaseURL + DocsPath + "#problem-" + p.code, Title: infoOf[p.code].Title, Status: p.Status, Detail: p.detail, Code: p.code,
		Instance: c.Request().URL.EscapedPath(), RequestID: RequestID(c),
	}
	if p.hidden {
		w.Instance, w.RequestID = "", ""
	}
	for _, f := range p.Fields {
		fault := faultWire{Code: f.Code, Detail: f.Detail}
		if name, found := strings.CutPrefix(f.Pointer, InQuery); found {
			fault.Parameter = name
		} else {
			fault.Pointer = &f.Pointer
		}
		w.Errors = append(w.Errors, fault)
	}
	return EncodeJSON(w)
}

// EncodeJSON writes JSON as it is meant to be read: without escapes for HTML. v is one of our wire types, so
// that it cannot fail.
func EncodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("api: encode " + err.Error())
	}
	return b.Bytes()
}

// Vary adds a header name to Vary once.
func Vary(h http.Header, name string) {
	if !slices.Contains(h.Values(echo.HeaderVary), name) {
		h.Add(echo.HeaderVary, name)
	}
}

// errorPage writes a problem as a page: its own, or one that says what happened, why, and what next.
func (s *Site) errorPage(c echo.Context, p *Problem) error {
	page := p.Page
	switch {
	case page != nil:
	case p.hidden:
		page = templates.NotFound{Page: s.Page(c)}
	default:
		page = s.generalError(c, p)
	}
	body, err := Draw(page)
	if err != nil {
		return err
	}
	return c.Blob(p.Status, TypeHTML, body)
}

func (s *Site) generalError(c echo.Context, p *Problem) templates.ErrorPage {
	e := templates.ErrorPage{Page: s.Page(c), Kind: errorKind(p), Reference: RequestID(c)}
	if p.Status == http.StatusTooManyRequests {
		e.Minutes = int((p.Retry + time.Minute - 1) / time.Minute)
	}
	if p.Status == http.StatusForbidden || p.Status == http.StatusConflict || p.Status >= http.StatusInternalServerError {
		e.BackURL = c.Request().URL.RequestURI()
	}
	return e
}

// errorKinds gives each status its words.
var errorKinds = map[int]string{
	http.StatusForbidden:             templates.ErrorForbidden,
	http.StatusNotFound:              templates.ErrorNoPage,
	http.StatusMethodNotAllowed:      templates.ErrorMethod,
	http.StatusConflict:              templates.ErrorConflict,
	http.StatusGone:                  templates.ErrorGone,
	http.StatusRequestEntityTooLarge: templates.ErrorTooLarge,
	http.StatusTooManyRequests:       templates.ErrorTooMany,
	http.StatusServiceUnavailable:    templates.ErrorUnavailable,
	http.StatusInternalServerError:   templates.ErrorInternal,
}

func errorKind(p *Problem) string {
	if kind, found := errorKinds[p.Status]; found {
		return kind
	}
	return templates.ErrorBadRequest
}

// AsPage has people see a page of its own in place of the general one for an error.
func (s *Site) AsPage(c echo.Context, err error, page Drawable) error {
	p := *s.ProblemOf(c, err)
	p.Page = page
	return &p
}

// RefusedField is a form that was not filled in as it should be.
func RefusedField(page Drawable) error {
	p := NewProblem(CodeInvalid, "The form is not filled in as it should be.")
	p.Page = page
	return p
}

// ProblemInfo is what the documentation says about a code; a problem's type leads there.
type ProblemInfo struct {
	Code   string
	Status int
	Title  string
	Fix    string
}

// Codes that this package gives at several places.
const (
	CodeInvalid     = "validation_failed"
	CodeNotFound    = "not_found"
	CodeUnreadable  = "unreadable"
	CodeTooMany     = "too_many_requests"
	codeInternal    = "internal"
	CodeNoKey       = "unauthorized"
	codeMediaType   = "unsupported_media_type"
	CodeUnavailable = "unavailable"
)

// problems lists every code that can be answered, in the order of the documentation.
var problems = slices.Concat(PartnerProblems, PageProblems, OAuthProblems)

// PartnerProblems are those that a call of the partner API may be answered with.
var PartnerProblems = []ProblemInfo{
	{CodeUnreadable, http.StatusBadRequest, "The request cannot be read",
		"The body must be one JSON object (RFC 8259) in UTF-8 without a byte order mark. The detail names line and column of the first fault. NaN, comments and trailing commas are not JSON."},
	{"empty_body", http.StatusBadRequest, "The body is empty", "Send the JSON object that the operation describes, with Content-Type: application/json."},
	{CodeNoKey, http.StatusUnauthorized, "No valid API key",
		"Send Authorization: Bearer KEY with a key that is not revoked. Keys begin with insignia_live_ or insignia_test_; whoever runs the server makes new ones with insignia partner add."},
	{"scope_missing", http.StatusForbidden, "The key does not allow this", "Use a key that has the scope which the operation names."},
	{"forbidden", http.StatusForbidden, "Not allowed", "This caller may not do that."},
	{CodeNotFound, http.StatusNotFound, "Nothing here",
		"The address is wrong, or the thing belongs to somebody else or is not shown. Ids in addresses are percent-encoded: a slash in an id is %2F."},
	{"no_programme", http.StatusNotFound, "There is no programme yet", "Whoever runs the server applies one with insignia programme apply."},
	{"method_not_allowed", http.StatusMethodNotAllowed, "The address does not take this method", "The Allow header lists the methods that it takes."},
	{"not_acceptable", http.StatusNotAcceptable, "Not available in that form", "Ask for one of the media types that the detail lists."},
	{"request_timeout", http.StatusRequestTimeout, "The request did not arrive in time", "Send the whole request at once."},
	{"result_conflict", http.StatusConflict, "The id is taken by another result",
		"A result with this id was recorded with other content. Post a correction to change it, or choose another id for another result."},
	{"training_conflict", http.StatusConflict, "The id is taken by another training",
		"A training with this id was recorded with other content. Choose another id for another training."},
	{"already_merged", http.StatusConflict, "The profiles are one already", "GET /candidates/{id} lists in merged_with which candidates share results and awards."},
	{"already_connected", http.StatusConflict, "The profiles belong to different accounts", "Two people's profiles are never merged. Whoever is both brings the accounts together first."},
	{"too_late", http.StatusConflict, "Too late to undo", "undo_until says until when a merge can be undone. Ask whoever runs the server."},
	{"result_voided", http.StatusConflict, "The result was voided", "A voided result stays voided. Post a new result under a new id."},
	{"award_revoked", http.StatusConflict, "The award was revoked", "Revoking is final. A new pass earns a new award."},
	{"withdrawn", http.StatusConflict, "The badge was withdrawn", "A withdrawn badge cannot be accepted, and one that was superseded is changed through the one that took its place."},
	{"not_waiting", http.StatusConflict, "The award is not waiting", "Only an award that was neither accepted nor declined nor withdrawn can be sent again."},
	{"too_many_webhooks", http.StatusConflict, "There are too many webhooks", "Delete one that is not needed any more. One webhook can hear of all types of events: badge.*."},
	{"import_ended", http.StatusConflict, "The import has ended", "What it recorded stays. Send the file again: what is recorded already is not recorded twice."},
	{"import_state", http.StatusConflict, "The import is in another state", "Read it again with GET /imports/{id}."},
	{"too_many_imports", http.StatusConflict, "Too many imports wait", "20 imports of a partner may wait or run. Wait for one to end, or cancel one."},
	{"webhook_disabled", http.StatusConflict, "The webhook is disabled", "Make it active first: PATCH it with state active."},
	{"programme_changed", http.StatusConflict, "The programme changed meanwhile", "Make the plan again and apply that one."},
	{"idempotency_in_progress", http.StatusConflict, "The first request is still running", "Wait for as long as Retry-After says, then repeat the request."},
	{"body_too_large", http.StatusRequestEntityTooLarge, "The body is too large", "The limit is 1 MiB, 8 MiB for something to verify, and 512 MiB for a file of results once it is unpacked."},
	{codeMediaType, http.StatusUnsupportedMediaType, "The body's type is not taken",
		"Send Content-Type: application/json; a charset other than utf-8 and compressed bodies are not taken. POST /verify takes multipart/form-data as well."},
	{CodeInvalid, http.StatusUnprocessableEntity, "The content is not valid",
		"errors lists everything that is wrong, each with a JSON Pointer into the body (RFC 6901) or the name of a query parameter. Unknown members are refused, so that a misspelt name is not lost in silence."},
	{"unknown_exam", http.StatusUnprocessableEntity, "The exam is not known", "GET /exams lists all codes; the error names those that are near. Codes are case-sensitive."},
	{"wrong_direction", http.StatusUnprocessableEntity, "The merge goes the other way", "Merge into the profile that its person uses already: exchange into and from."},
	{"bad_idempotency_key", http.StatusUnprocessableEntity, "The Idempotency-Key is not valid", "Send one line of 1 to 255 printable characters, for example a UUID."},
	{"cursor_invalid", http.StatusUnprocessableEntity, "The cursor is none of this list",
		"A cursor is the next of a page that the same list gave to a key of the same partner; live and sandbox have cursors of their own. Leave it out to begin anew."},
	{"idempotency_key_reused", http.StatusUnprocessableEntity, "The Idempotency-Key came with another request", "Use a new key for each new request, and the old one only to repeat exactly the same."},
	{CodeTooMany, http.StatusTooManyRequests, "Too many requests", "Wait for as long as Retry-After says. RateLimit tells as r how many more go through, and as t the seconds until all do again."},
	{codeInternal, http.StatusInternalServerError, "Our fault", "Repeat the request later, with the same Idempotency-Key if you sent one. Tell us the request_id if it stays."},
	{CodeUnavailable, http.StatusServiceUnavailable, "Not available right now", "Repeat the request after Retry-After."},
}

// PageProblems come from pages and forms that people use.
var PageProblems = []ProblemInfo{
	{"format_not_served", http.StatusNotImplemented, "Not served in that format", "Ask for format=json."},
	{"form_refused", http.StatusForbidden, "The form came from another site or is too old", "Load the page again and send the form from there."},
	{"signed_out", http.StatusForbidden, "Not signed in any more", "Sign in again and repeat."},
	{"disputed", http.StatusConflict, "Somebody says that the badge is not theirs", "It can be accepted once its partner, or the owner of the address, has answered."},
	{"not_accepted", http.StatusConflict, "The badge is not accepted", "Scores are shared with badges that were accepted and that stand."},
	{"no_scores", http.StatusConflict, "There are no scores", "The results that the badge rests on came without scores."},
	{"handle_invalid", http.StatusUnprocessableEntity, "The handle is not one", "Use 3 to 30 small letters, digits, and hyphens between them."},
	{"handle_taken", http.StatusConflict, "Somebody else has the handle", "Choose another one."},
	{"code_used", http.StatusConflict, "The code was used", "Ask for a new code."},
	{"sign_in_foreign", http.StatusBadRequest, "The sign-in did not begin in this browser", "Begin again where you want to sign in."},
	{"sign_in_untrue", http.StatusBadRequest, "The provider's answer does not fit", "Begin again. If it stays so, tell whoever runs the site."},
	{"sign_in_denied", http.StatusForbidden, "The provider did not sign anybody in", "Begin again, or sign in by a code."},
	{"sign_in_used", http.StatusConflict, "The provider's answer was used", "Begin again."},
	{"sign_in_expired", http.StatusGone, "Signing in took too long", "Begin again."},
	{"passkey_unknown", http.StatusForbidden, "No account has this passkey", "Sign in another way."},
	{"passkey_cloned", http.StatusForbidden, "There may be two of this passkey", "Sign in another way, remove it and make a new one."},
	{"provider_unavailable", http.StatusServiceUnavailable, "The provider does not answer", "Try again later, or sign in by a code."},
	{"identity_taken", http.StatusConflict, "That account belongs to somebody here", "Sign in with it, or use another one."},
	{"one_personal", http.StatusConflict, "There is a personal account already", "Replace it."},
	{"last_way_in", http.StatusConflict, "It is the only way into the account", "Add another one first, or replace it."},
	{"connected_elsewhere", http.StatusConflict, "The certification profile is connected to another account", "Show that it is yours, and move it."},
	{"address_taken", http.StatusConflict, "The address belongs to another account", "Sign in with that account, or use another address."},
	{"no_certificate", http.StatusGone, "There is no certificate of the badge", "Its page tells how it stands. A badge on hold has one again once that ends."},
	{"code_expired", http.StatusGone, "The code is too old", "Ask for a new code."},
	{"no_font", http.StatusUnprocessableEntity, "No font of the server can write a name", "Print the page of the badge from a browser."},
	{"wrong_code", http.StatusUnprocessableEntity, "The code is wrong", "Type the six digits of the newest letter."},
	{"code_spent", http.StatusUnprocessableEntity, "Too many wrong codes", "Ask for a new code."},
}

// infoOf finds the entry of a code.
var infoOf = func() map[string]ProblemInfo {
	all := make(map[string]ProblemInfo, len(problems))
	for _, p := range problems {
		all[p.Code] = p
	}
	return all
}()
