package check

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func (d *Door) manyRoutes() []web.Route {
	general := d.site.General
	return web.Table(
		web.Get(manyPath, general(d.getMany)),
		web.Post(manyPath, general(d.postMany)),
		web.Get(manyPath+"/:run", general(d.getRun)),
		web.Get(manyPath+"/:run/results.csv", general(d.getRunCSV)),
	)
}

// noSuchRun is a list of badges whose answers are forgotten.
func noSuchRun(page web.Drawable) error {
	p := web.NewProblem(web.CodeNotFound, "These answers are not kept any more.")
	p.Page = page
	return p
}

const manyPath = web.VerifyPath + "/many"

func (d *Door) manyForm(c echo.Context, input string) templates.VerifyMany {
	return templates.VerifyMany{Page: d.site.FormPage(c), Action: manyPath, Input: input}
}

// getMany answers GET /verify/many.
func (d *Door) getMany(c echo.Context) error {
	form := d.manyForm(c, "")
	form.Canonical = d.site.BaseURL + manyPath
	return web.Show(c, form)
}

// postMany, POST /verify/many, takes a list and leads to its own page. It keeps something for a while, so it has to
// come from a page of ours.
func (d *Door) postMany(c echo.Context) error {
	form := d.manyForm(c, "")
	if err := d.checks.Allow(c, web.Network(c)); err != nil {
		form.Problem = templates.ProblemTooMany
		return d.site.AsPage(c, err, form)
	}
	f, err := d.readFields(c, web.ListBodyMost)
	if web.IsTooBig(err) {
		form.Problem = templates.ProblemTooBig
		return d.site.AsPage(c, web.BodyTooLarge(web.ListBodyMost), form)
	}
	if err != nil {
		return err
	}
	if !d.site.SentFromHere(c, f.Text("form_token")) {
		return web.FormRefused()
	}
	data := []byte(f.Text("input"))
	form.Input = shownAgain(string(data))
	if len(f.Parts["file"]) > 0 {
		data = f.Parts["file"]
	}
	list, err := d.readList(c.Request().Context(), data)
	if err != nil {
		return err
	}
	if form.Problem = manyProblem(data, len(list.lines)); form.Problem != "" {
		return web.RefusedField(form)
	}
	if err := d.lists.Allow(c, web.Network(c)); err != nil {
		form.Problem = templates.ProblemTooMany
		return d.site.AsPage(c, err, form)
	}
	r, err := d.runs.start(web.Network(c), list)
	if err != nil {
		form.Problem = templates.ProblemBusy
		return d.site.AsPage(c, err, form)
	}
	return web.SeeOther(c, manyPath+"/"+r.id)
}

// readList reads a list, one at a time: it takes many times the memory that its text has.
func (d *Door) readList(ctx context.Context, data []byte) (list handedIn, err error) {
	leave, err := d.reading.Enter(ctx)
	if err != nil {
		return list, err
	}
	defer leave()
	text := plainText(data)
	if tooManyCells(text) {
		return handedIn{lines: make([]listed, linksMost+1)}, nil
	}
	return links([]byte(d.typedLines(text))), nil
}

func manyProblem(data []byte, links int) string {
	switch {
	case len(data) == 0:
		return templates.ProblemMissing
	case links == 0:
		return templates.ProblemNoLinks
	case links > linksMost:
		return templates.ProblemTooLong
	}
	return ""
}

// followSeconds is how often a browser comes again that was asked to.
const followSeconds = "5"

// getRun, GET /verify/many/:run, shows how far a list is, and its answers. It comes again by itself only where
// somebody asked for that (WCAG 2.2.1).
func (d *Door) getRun(c echo.Context) error {
	notToKeep(c)
	r, found := d.runs.find(c.Param("run"))
	page := d.site.Page(c)
	page.NoIndex = true
	if !found {
		return noSuchRun(templates.VerifyRunGone{Page: page, ManyURL: manyPath})
	}
	p := runPage(page, r, c.QueryParam("sort"))
	if p.Follows = !p.Finished() && c.QueryParam("follow") == "1"; p.Follows {
		c.Response().Header().Set("Refresh", followSeconds)
	}
	return web.Show(c, p)
}

// getRunCSV, GET /verify/many/:run/results.csv, is the table as a file.
func (d *Door) getRunCSV(c echo.Context) error {
	notToKeep(c)
	r, found := d.runs.find(c.Param("run"))
	if !found || r.done < len(r.reports) {
		page := d.site.Page(c)
		page.NoIndex = true
		return noSuchRun(templates.VerifyRunGone{Page: page, ManyURL: manyPath})
	}
	rows := make([]verifier.Row, len(r.reports))
	for i, line := range r.list.lines {
		rows[i] = verifier.Row{Input: line.link, Own: line.cells, Report: r.reports[i]}
	}
	body := bytes.NewBufferString("\ufeff") // spreadsheets take UTF-8 for something else without it
	if err := verifier.WriteCSV(body, r.list.heads, rows); err != nil {
		return err
	}
	attach(c, "badge-checks-"+r.made.UTC().Format("20060102-150405")+".csv")
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", body.Bytes())
}

func runPage(page templates.Page, r run, order string) templates.VerifyRun {
	url := manyPath + "/" + r.id
	p := templates.VerifyRun{
		Page: page, Total: len(r.reports), Done: r.done, Waiting: !r.begun, Stopped: r.stopped,
		Skipped: len(r.list.skipped), Until: r.made.Add(runLife).UTC(), URL: url, ManyURL: manyPath,
		Sort: order,
	}
	count := map[string]int{}
	for _, line := range r.list.skipped[:min(len(r.list.skipped), skippedMost)] {
		p.Left = append(p.Left, short(line, titleMost))
	}
	for i, line := range r.list.lines {
		row := runRow(i+1, line.link, r.reports[i])
		row.Own = r.list.own(line)
		p.Rows = append(p.Rows, row)
		count[row.Look]++
	}
	for _, look := range looks {
		if n := count[look]; n > 0 {
			p.Sum = append(p.Sum, templates.RunCount{Look: look, N: n})
		}
	}
	if r.done == len(r.reports) {
		p.CSVURL = url + "/results.csv"
	}
	p.Sort = sortRows(p.Rows, order)
	return p
}

// skippedMost is how many of the lines without a link are shown.
const skippedMost = 20

// own are the cells of a line that somebody brought, under the heads of their columns.
func (h handedIn) own(line listed) (list []templates.OwnCell) {
	for i, text := range line.cells {
		if text == "" {
			continue
		}
		c := templates.OwnCell{Text: short(text, titleMost)}
		if i < len(h.heads) {
			c.Head = short(h.heads[i], titleMost)
		}
		list = append(list, c)
	}
	return list
}

// looks are all looks of a verdict, the best first.
var looks = []string{
	"valid", "names_differ", "unknown_issuer", "no_badge", "test_badge", "superseded", "expired", "suspended",
	"revoked", "wrong_recipient", "altered", "invalid", "not_a_badge", "not_shared", "undetermined",
}

// runRow is a line of the table. What a document says of itself is shown only where its proof holds.
func runRow(number int, link string, r *verifier.Report) templates.RunRow {
	row := templates.RunRow{Number: number, Link: link, URL: web.VerifyURL(link)}
	if r == nil {
		return row
	}
	row.Look = templates.VerdictFacts{
		Verdict: string(r.Verdict), IssuerKnown: r.IssuerKnown, Test: r.Test,
		Other: templates.NoBadge(checksOf(r)), Partly: templates.NamePartly(checksOf(r)),
	}.Look()
	if r.Badge == nil || !proven(r.Checks) {
		return row
	}
	b := r.Badge
	row.Title, row.Issuer, row.Issued, row.Until = b.Name, b.Issuer.Name, day(b.IssuedOn), day(b.ExpiresOn)
	if personal(b.Recipient) {
		row.Holder = b.Recipient
	}
	return row
}

// orders compare two rows by a column.
var orders = map[string]func(a, b templates.RunRow) int{
	"order":   func(a, b templates.RunRow) int { return cmp.Compare(a.Number, b.Number) },
	"answer":  func(a, b templates.RunRow) int { return cmp.Compare(rank(a.Look), rank(b.Look)) },
	"badge":   func(a, b templates.RunRow) int { return byText(a.Title, b.Title) },
	"issuer":  func(a, b templates.RunRow) int { return byText(a.Issuer, b.Issuer) },
	"holder":  func(a, b templates.RunRow) int { return byText(a.Holder, b.Holder) },
	"issued":  func(a, b templates.RunRow) int { return a.Issued.Compare(b.Issued) },
	"expires": func(a, b templates.RunRow) int { return a.Until.Compare(b.Until) },
}

// rank is where a look stands, the worst first: what needs somebody's attention.
func rank(look string) int { return -slices.Index(looks, look) }

// byText compares as people do, with what is empty at the end.
func byText(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
}

// sortRows sorts by a column, "-" before it for the other way round, and gives what it sorted by. Equal
// rows stay in the order of the list.
func sortRows(rows []templates.RunRow, order string) string {
	name, down := strings.CutPrefix(order, "-")
	compare, known := orders[name]
	if !known {
		return "order"
	}
	slices.SortStableFunc(rows, func(a, b templates.RunRow) int {
		if down {
			a, b = b, a
		}
		return compare(a, b)
	})
	return order
}
