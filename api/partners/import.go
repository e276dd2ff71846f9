package partners

import (
	"cmp"
	"context"
	"encoding/csv"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/partner"
)

// imports are the addresses of files of results (contract 3.1).
type imports struct {
	*Door
	all *intake.Imports
}

func (d imports) routes() []web.Route {
	const path, scope = web.APIPath + "/imports", partner.ScopeResults
	return web.Table(
		web.Post(path, d.postImport),
		web.Get(path, d.partner(scope, d.getImports)),
		web.Get(path+"/mapping", d.partner(scope, d.getMapping)),
		web.Put(path+"/mapping", d.partner(scope, d.putMapping)),
		web.Get(path+"/:id", d.partner(scope, d.getImport)),
		web.Get(path+"/:id/report", d.getReport),
		web.Post(path+"/:id/pause", d.partner(scope, d.moved(d.all.Pause))),
		web.Post(path+"/:id/resume", d.partner(scope, d.moved(d.all.Resume))),
		web.Post(path+"/:id/cancel", d.partner(scope, d.moved(d.all.Cancel))),
	)
}

const (
	importMost   = 512 << 20 // bytes of a file, packed and unpacked
	typeNDJSON   = "application/x-ndjson"
	typeCSV      = "text/csv"
	partPatience = 2 * time.Minute  // for the next part of a file, or of a report, to go through
	filePatience = 60 * time.Minute // for all of it
)

// postImport answers POST /imports. The file is kept as it comes; with an Idempotency-Key, one that came before is
// forgotten again and answered as it was then.
func (d imports) postImport(c echo.Context) error {
	q, err := d.enter(c, partner.ScopeResults)
	if err != nil {
		return err
	}
	u := intake.Upload{Mode: intake.ModeRun}
	if err := readQuery(q, []string{"mode"}, func(_, value string) string {
		if u.Mode = value; value != intake.ModeRun && value != intake.ModeCheck {
			return "must be run or check"
		}
		return ""
	}); err != nil {
		return err
	}
	if u.Kind, err = kindOf(c.Request().Header.Get(echo.HeaderContentType)); err != nil {
		return err
	}
	if u.Body, err = web.StreamBody(c, importMost, partPatience, filePatience); err != nil {
		return err
	}
	r, err := d.all.Receive(c.Request().Context(), q.caller, u)
	if err != nil {
		return err
	}
	started := false
	defer func() {
		if !started {
			_ = d.all.Drop(context.WithoutCancel(c.Request().Context()), r.ID) // otherwise its time runs out
		}
	}()
	q.body = []byte(u.Kind + " " + r.Digest)
	return d.onceRead(q, func(q *call) (answer, error) {
		m, err := d.all.Start(context.WithoutCancel(q.Request().Context()), r)
		started = err == nil
		return answer{http.StatusAccepted, m.Document()}, err
	})
}

func kindOf(contentType string) (kind string, err error) {
	switch media, _, _ := mime.ParseMediaType(contentType); media {
	case typeCSV:
		return intake.KindCSV, nil
	case typeNDJSON:
		return intake.KindNDJSON, nil
	}
	return "", web.WrongMediaType("A file of results comes with Content-Type: text/csv or application/x-ndjson.")
}

// getImports answers GET /imports, the newest first.
func (d imports) getImports(q *call) (answer, error) {
	page, err := readPage(q, "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	most := cmp.Or(page.Limit, 50)
	list, err := d.all.List(q.Request().Context(), q.caller, page.Cursor, most)
	items, next := make([]intake.Document, len(list)), ""
	for n, m := range list {
		items[n] = m.Document()
	}
	if len(list) == most {
		next = list[most-1].ID
	}
	return answer{http.StatusOK, newPage(items, next)}, err
}

// getImport answers GET /imports/{id}.
func (d imports) getImport(q *call) (answer, error) {
	m, err := d.all.Get(q.Request().Context(), q.caller, segment(q, "id"))
	return answer{http.StatusOK, m.Document()}, err
}

// moved answers POST /imports/{id}/pause, /resume and /cancel.
func (d imports) moved(do func(context.Context, partner.Caller, string) (intake.Import, error)) func(*call) (answer, error) {
	return func(q *call) (answer, error) {
		m, err := do(q.Request().Context(), q.caller, segment(q, "id"))
		return answer{http.StatusOK, m.Document()}, err
	}
}

// mappingRequest is the body of PUT /imports/mapping.
type mappingRequest struct {
	Columns    map[string]string `json:"columns"`
	Outcomes   map[string]string `json:"outcomes"`
	TimeFormat string            `json:"time_format"`
	TimeZone   string            `json:"time_zone"`
}

// mappingAnswer is what is kept. Members that nobody set are null.
type mappingAnswer struct {
	Columns    map[string]string `json:"columns"`
	Outcomes   map[string]string `json:"outcomes"`
	TimeFormat *string           `json:"time_format"`
	TimeZone   *string           `json:"time_zone"`
}

func mappingOf(m intake.Mapping) answer {
	a := mappingAnswer{Columns: m.Columns, Outcomes: m.Outcomes}
	if a.Columns == nil {
		a.Columns = map[string]string{}
	}
	if a.Outcomes == nil {
		a.Outcomes = map[string]string{}
	}
	if m.TimeFormat != "" {
		a.TimeFormat = &m.TimeFormat
	}
	if m.TimeZone != "" {
		a.TimeZone = &m.TimeZone
	}
	return answer{http.StatusOK, a}
}

// getMapping answers GET /imports/mapping.
func (d imports) getMapping(q *call) (answer, error) {
	m, err := d.all.Mapping(q.Request().Context(), q.caller)
	return mappingOf(m), err
}

// putMapping answers PUT /imports/mapping.
func (d imports) putMapping(q *call) (answer, error) {
	var w mappingRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	m := intake.Mapping(w)
	return mappingOf(m), d.all.SetMapping(q.Request().Context(), q.caller, m)
}

// getReport answers GET /imports/{id}/report, as NDJSON or, where Accept says so, CSV. It is written as it is read.
func (d imports) getReport(c echo.Context) error {
	q, err := d.enter(c, partner.ScopeResults)
	if err != nil {
		return err
	}
	onlyFailed := false
	if err := readQuery(q, []string{"only"}, func(_, value string) string {
		if onlyFailed = value == "failed"; !onlyFailed {
			return "must be failed"
		}
		return ""
	}); err != nil {
		return err
	}
	m, err := d.all.Get(c.Request().Context(), q.caller, segment(q, "id"))
	if err != nil {
		return err
	}
	media := cmp.Or(web.Preferred(web.Accepted(c.Request().Header.Get(echo.HeaderAccept)), typeNDJSON, typeCSV), typeNDJSON)
	h := c.Response().Header()
	web.Vary(h, echo.HeaderAccept)
	h.Set(echo.HeaderContentType, media)
	if media == typeCSV {
		h.Set(echo.HeaderContentType, media+"; charset=utf-8")
	}
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	write, flush := lineWriter(c, media)
	if err := d.all.EachLine(c.Request().Context(), q.caller, m.ID, onlyFailed, write); err != nil {
		panic(http.ErrAbortHandler) // too late for a status: whoever reads must not take it for the whole
	}
	flush()
	return nil
}

// reportColumns are the members of a line of a report.
var reportColumns = []string{"line", "id", "outcome", "code", "column", "detail", "suggestion", "awards"}

// lineWriter writes a report line by line, and gives its reader time as long as it reads.
func lineWriter(c echo.Context, media string) (write func(intake.Line) error, flush func()) {
	const renewEvery = 1000 // lines
	table, n := csv.NewWriter(c.Response()), 0
	if media == typeCSV {
		_ = table.Write(reportColumns) // an error stays in it
	}
	return func(l intake.Line) error {
		if n%renewEvery == 0 {
			_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(partPatience)) // not where there is no connection
		}
		n++
		if media != typeCSV {
			_, err := c.Response().Write(web.EncodeJSON(l))
			return err
		}
		return table.Write([]string{
			strconv.FormatInt(l.Line, 10), string(l.ID), l.Outcome, string(l.Code), string(l.Column), string(l.Detail), string(l.Suggestion), strings.Join(l.Awards, " "),
		})
	}, table.Flush
}
