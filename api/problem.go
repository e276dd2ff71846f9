package api

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
)

// problem is a request that was not done: the one thing that handlers' errors become, written as
// application/problem+json (RFC 9457) or as a page. Its status follows from its code, in trouble and
// nowhere else.
type problem struct {
	status  int
	code    string
	detail  string
	fields  []refusal.Field
	retry   time.Duration // when to come back; 0: not told
	headers [][2]string

	hidden bool     // no member may differ between an address that shows nothing and one that never existed
	page   drawable // what people see instead of the general page; nil: that
}

// Error is the detail, for logs.
func (p *problem) Error() string { return p.code + ": " + p.detail }

// trouble is a problem of a code in the list of problems, which decides its status. A code that is not there
// is our own fault.
func trouble(code, detail string) *problem {
	return &problem{status: cmp.Or(infoOf[code].Status, http.StatusInternalServerError), code: code, detail: detail}
}

// later is trouble that passes: it says when to come back.
func later(code, detail string, retry time.Duration) *problem {
	p := trouble(code, detail)
	p.retry = retry
	return p
}

// problemOf turns any error into a problem. What nobody foresaw is ours: nothing of it is told.
func (s *Server) problemOf(c echo.Context, err error) *problem {
	var (
		p        *problem
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
		return bodyTooLarge(tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return trouble("request_timeout", "The request did not arrive in time.")
	case gone(c, err), errors.Is(err, context.DeadlineExceeded):
		return later(codeUnavailable, "The server could not finish this in time.", time.Second)
	case s.o.Unavailable != nil && s.o.Unavailable(err):
		return later(codeUnavailable, "The database cannot be reached or written right now. Nothing of this request was kept.", storePatience)
	case errors.Is(err, errBusy):
		return later(codeUnavailable, "Too much of this is being done right now.", gatePatience)
	case errors.As(err, new(readError)):
		return trouble(codeUnreadable, "The body did not arrive whole.")
	case errors.As(err, &routing) && routing.Code == http.StatusNotFound:
		return trouble(codeNotFound, "There is nothing at this address.")
	case errors.As(err, &routing) && routing.Code == http.StatusMethodNotAllowed:
		return trouble("method_not_allowed", "This address does not take "+c.Request().Method+".")
	}
	return trouble(codeInternal, "Something went wrong on our side. It has been logged.")
}

// storePatience is when to ask again while the database cannot do its work.
const storePatience = 5 * time.Second

// refused is the problem of a refusal: the list of problems has a status for its code.
func (s *Server) refused(no *refusal.Error) *problem {
	p := trouble(no.Code, no.Detail)
	p.fields = no.Fields
	switch {
	case no.Code == "unauthorized":
		p.headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia", error="invalid_token"`}}
	case no.Code == "idempotency_in_progress":
		p.retry = time.Second
	case !no.When.IsZero():
		p.retry = max(no.When.Sub(s.o.Now()), time.Second)
	}
	return p
}

func bodyTooLarge(limit int64) *problem {
	return trouble("body_too_large",
		"The body is larger than "+strconv.FormatInt(limit, 10)+" bytes.")
}

// notShown is the one answer for badges that are unknown, waiting, declined or private.
func notShown() *problem {
	p := trouble(codeNotFound, "There is nothing to see at this address.")
	p.hidden = true
	return p
}

// fail answers with the error. It does nothing when the answer is already under way.
func (s *Server) fail(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	p := s.problemOf(c, err)
	h := c.Response().Header()
	for _, pair := range p.headers {
		h.Set(pair[0], pair[1])
	}
	if p.retry > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(int((p.retry+time.Second-1)/time.Second)))
	}
	h.Set(echo.HeaderCacheControl, "no-store")
	for _, name := range []string{"ETag", "X-Robots-Tag"} {
		h.Del(name)
	}
	vary(h, "Accept")
	if wantsPage(c) && s.errorPage(c, p) == nil || c.Response().Committed {
		return
	}
	h.Set("Content-Language", "en")
	_ = c.Blob(p.status, typeProblem, s.problemJSON(c, p)) // the caller has gone
}

const typeProblem = "application/problem+json"

// wantsPage reports whether an error is for a person: HTML is named, or nothing is and the address is
// that of a page.
func wantsPage(c echo.Context) bool {
	path := c.Request().URL.Path
	if strings.HasPrefix(path, apiPath) && path != docsPath {
		return false
	}
	list := accepted(c.Request().Header.Get(echo.HeaderAccept))
	if namesPage(list) || namesData(list) {
		return namesPage(list)
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	for _, prefix := range []string{"/status/", "/.well-known/", "/healthz", "/readyz", "/metrics"} {
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

// inQuery marks the pointer of a fault that is about a query parameter and not about the body.
const inQuery = "?"

func (s *Server) problemJSON(c echo.Context, p *problem) []byte {
	w := problemWire{
		Type: s.o.BaseURL + docsPath + "#problem-" + p.code, Title: infoOf[p.code].Title, Status: p.status, Detail: p.detail, Code: p.code,
		Instance: c.Request().URL.EscapedPath(), RequestID: requestID(c),
	}
	if p.hidden {
		w.Instance, w.RequestID = "", ""
	}
	for _, f := range p.fields {
		fault := faultWire{Code: f.Code, Detail: f.Detail}
		if name, found := strings.CutPrefix(f.Pointer, inQuery); found {
			fault.Parameter = name
		} else {
			fault.Pointer = &f.Pointer
		}
		w.Errors = append(w.Errors, fault)
	}
	return encode(w)
}

// encode writes JSON as it is meant to be read: without escapes for HTML. v is one of our wire types, so
// that it cannot fail.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("api: encode " + err.Error())
	}
	return b.Bytes()
}

// vary adds a header name to Vary once.
func vary(h http.Header, name string) {
	if !slices.Contains(h.Values(echo.HeaderVary), name) {
		h.Add(echo.HeaderVary, name)
	}
}
