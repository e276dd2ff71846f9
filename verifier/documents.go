package verifier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/open-insignia/insignia/egress"
)

// What one badge may cost (contract section 5).
const (
	maxFetches = 40
	maxBytes   = 12 << 20 // of all its documents together
	badgeTime  = 15 * time.Second
)

// Values of Accept. Those for a badge and its parts are the official validator's (spec 2.0 section 4)
// with the token types added; they name no HTML, so a badge page answers with the badge. The signed credential of 3.0
// comes first: it names its holder, and proves more than that somebody serves it.
const (
	acceptBadge = "application/vc+jwt, application/ld+json, application/json, application/jwt, image/png, image/svg+xml, text/plain;q=0.5"
	acceptPart  = "application/ld+json, application/json, image/png, image/svg+xml"
	acceptKey   = "application/jwk+json, application/jwk-set+json, application/did+json, application/ld+json, application/json"
	acceptToken = "application/vc+jwt, application/jwt, application/vc, application/ld+json, application/json, text/plain;q=0.5"
)

// documents are what one badge needs from elsewhere, within its budget.
type documents struct {
	fetcher egress.Fetcher
	site    Site                                                         // nil: none
	waiting func(ctx context.Context, fetch func(context.Context)) error // see Input.Waiting
	notes   *notes
	budget  *egress.Budget

	fetched           map[egress.Request]fetched
	ours              map[string]bool // addresses that site answered
	answeredElsewhere map[string]bool // addresses of 2.x documents that another host answered
	refused           bool            // see Report.Refused
	here              bool            // see Report.NeedsLoopback
	parts             int             // values of the 2.x documents that were read

	schemaRoom int // bytes of schemas that may still be read
}

func newDocuments(o Options, in Input, n *notes) *documents {
	return &documents{
		fetcher: o.Fetch, site: o.Own, waiting: in.Waiting, notes: n, budget: egress.NewBudget(maxFetches, maxBytes),
		fetched: map[egress.Request]fetched{}, ours: map[string]bool{}, answeredElsewhere: map[string]bool{}, schemaRoom: maxSchemaAll,
	}
}

// fetched is the memory of one examination: no document is asked for twice.
type fetched struct {
	response *egress.Response
	fault    *fault
}

// get fetches a document that the badge needs. The rule of contract section 5 stands here: an answer
// of 404, 410 or another 4xx means that the document does not exist, which makes the badge invalid;
// everything else that is no answer means that it could not be reached. The response of a 410 comes
// with its fault, since it may say why.
func (d *documents) get(ctx context.Context, address, accept string) (*egress.Response, *fault) {
	u, isWeb := egress.WebURL(address)
	if !isWeb {
		return nil, &fault{code: FetchFailed, message: "The document has no web address."}
	}
	r := egress.Request{URL: u.String(), Accept: accept}
	if known, found := d.fetched[r]; found {
		return known.response, known.fault
	}
	response, f := d.fetch(ctx, r)
	d.fetched[r] = fetched{response, f}
	return response, f
}

func (d *documents) fetch(ctx context.Context, r egress.Request) (*egress.Response, *fault) {
	if d.site != nil {
		if own, ours := d.site.Document(ctx, r.URL); ours {
			d.ours[r.URL] = true
			return ownAnswer(own, r.URL)
		}
	}
	requests, bytes := d.budget.Spent()
	switch {
	case requests >= maxFetches || d.parts > maxAllParts:
		return nil, unreachable("The badge needs more documents than are fetched for one badge.")
	case bytes > maxBytes:
		return nil, unreachable(overBudget)
	}
	response, err := d.ask(ctx, r)
	if err != nil {
		d.budget.Settle(requests, bytes, 0)
		d.refused, d.here = d.refused || errors.Is(err, egress.ErrAddress), d.here || errors.Is(err, egress.ErrLoopback)
		if p := new(egress.Panic); errors.As(err, &p) {
			panic(p) // in the goroutine of the badge, whose own recover tells of it
		}
		return nil, unreachable(reason(err))
	}
	if d.budget.Settle(requests, bytes, len(response.Body)); d.budget.Room() == 0 && len(response.Body) > 0 {
		return nil, unreachable(overBudget)
	}
	return response, statusFault(response.Status)
}

// ownAnswer turns a document of our own into an answer. Whether there is one where nothing is shown is not told.
func ownAnswer(d OwnDocument, asked string) (*egress.Response, *fault) {
	if d.State == NotShown {
		return nil, &fault{verdict: NotShared, code: FetchFailed, status: http.StatusNotFound,
			message: "This address of ours shows nothing."}
	}
	status := map[OwnState]int{Shown: http.StatusOK, Withdrawn: http.StatusGone, Unreadable: http.StatusInternalServerError}[d.State]
	return &egress.Response{URL: cmp.Or(d.Address, asked), Status: status, ContentType: d.Type, Body: d.Body}, statusFault(status)
}

// ask waits for the network, with the caller's leave.
func (d *documents) ask(ctx context.Context, r egress.Request) (response *egress.Response, err error) {
	if d.waiting == nil {
		return d.fetcher.Fetch(ctx, r)
	}
	refused := d.waiting(ctx, func(ctx context.Context) { response, err = d.fetcher.Fetch(ctx, r) })
	return response, cmp.Or(refused, err)
}

func statusFault(status int) *fault {
	switch {
	case status == http.StatusOK || status == http.StatusNonAuthoritativeInfo:
		return nil
	case status > http.StatusOK && status < 300:
		return &fault{code: FetchFailed, status: status,
			message: fmt.Sprintf("The server answered %d: it sends no document.", status)}
	case status == http.StatusRequestTimeout || status == http.StatusTooManyRequests:
		// These say "not now", not "there is none".
		return &fault{verdict: unproven, code: FetchFailed, status: status,
			message: fmt.Sprintf("The server answered %d.", status)}
	case status >= 400 && status < 500:
		return &fault{code: FetchFailed, status: status,
			message: fmt.Sprintf("The server answered %d: there is no such document.", status)}
	}
	return &fault{verdict: unproven, code: FetchFailed, status: status,
		message: fmt.Sprintf("The server answered %d.", status)}
}

func unreachable(message string) *fault {
	return &fault{verdict: unproven, code: FetchFailed, message: message}
}

const overBudget = "The badge needs more data than is fetched for one badge."

// reason tells a person why nothing came, without repeating addresses or the resolver's words.
func reason(err error) string {
	switch {
	case errors.Is(err, egress.ErrBudget):
		return overBudget
	case errors.Is(err, egress.ErrBusy):
		return "Too much is being asked of this server at the moment."
	case errors.Is(err, context.DeadlineExceeded):
		return "The server did not answer in time."
	case errors.Is(err, egress.ErrRedirects):
		return "The server redirected too often."
	case errors.Is(err, egress.ErrTooLarge):
		return "The answer is larger than 2 MiB."
	case errors.Is(err, egress.ErrUnresponsive):
		return "The server has not answered lately, so it is left alone for a moment."
	case errors.Is(err, egress.ErrAddress):
		return "The address is of a kind that is not fetched."
	}
	return "The server could not be reached."
}

// sender remarks on how a document was served; neither remark changes the verdict.
func (d *documents) sender(r *egress.Response, address string) {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if detect(r.Body) == isJSON && r.ContentType != "" && t != "application/json" && !strings.HasSuffix(t, "+json") {
		d.notes.warn(CheckFetch, ContentType, "A document is not served as JSON.")
	}
	if !staysAt(address, r.URL) {
		d.answeredElsewhere[address] = true
		d.notes.warn(CheckFetch, "", "A document was answered by another host than the one in its address.")
	}
}

// staysAt reports whether an answer came from the origin that was asked, or from the same host by https
// where http was asked.
func staysAt(asked, answered string) bool {
	from, ok := egress.WebURL(asked)
	to, alsoOK := egress.WebURL(answered)
	if !ok || !alsoOK {
		return false
	}
	return egress.Origin(from) == egress.Origin(to) || strings.Replace(egress.Origin(from), "http://", "https://", 1) == egress.Origin(to)
}
