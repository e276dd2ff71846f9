package check

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func (d *Door) pageRoutes() []web.Route {
	general := d.site.General
	return web.Table(web.Get(web.VerifyPath, general(d.getVerify)), web.Post(web.VerifyPath, general(d.postVerifyPage)))
}

// nameMost is the most characters of a person's name (contract 3).
const nameMost = 200

// readVerifyPage reads the form. A file counts more than text. Nothing is written to disk.
func (d *Door) readVerifyPage(c echo.Context, form *templates.Verify) (in verifier.Input, err error) {
	fields, err := d.readFields(c, web.VerifyBodyMost)
	if err != nil {
		return in, err
	}
	form.Recipient, form.Name, form.At = fields.Text("recipient"), fields.Text("name"), fields.Text("at")
	input := d.typed(fields.Text("input"))
	form.Input = shownAgain(input)
	in = verifier.Input{Data: []byte(input), Recipient: form.Recipient, Person: form.Name}
	if len(fields.Parts["file"]) > 0 {
		in.Data, in.Name = fields.Parts["file"], fields.File
	} else if data, err := base64.StdEncoding.DecodeString(fields.Text(fieldAgain)); err == nil && len(data) > 0 {
		in.Data, in.Name = data, cmp.Or(fields.Text(fieldAgainName), "file")
	}
	in.At, form.Problem = readMoment(form.At)
	if form.At != "" && form.Problem == "" && !d.canJudgeAt(in.At) {
		form.Problem = templates.ProblemFuture
	}
	if _, ok := email.Canonical(form.Recipient); form.Recipient != "" && !ok {
		form.Problem = templates.ProblemBadEmail
	}
	if form.Name != "" && !web.Readable(form.Name, nameMost) {
		form.Problem = templates.ProblemBadName
	}
	if len(in.Data) == 0 {
		form.Problem = templates.ProblemMissing
	}
	return in, nil
}

// Fields of a file that a page sends again for another language.
const (
	fieldAgain     = "again" // in base64
	fieldAgainName = "again_name"
)

// shownMost is how much of what was pasted a form shows again, in bytes.
const shownMost = 64 << 10

// shownAgain is what was pasted, for a form that is shown again; nothing of what is too long to look at.
func shownAgain(text string) string {
	if len(text) > shownMost {
		return ""
	}
	return text
}

// readMoment reads a moment as browsers send it, which is without a zone and taken as UTC, or as people
// write it where there is no such field.
func readMoment(text string) (at time.Time, problem string) {
	if text == "" {
		return at, ""
	}
	for _, short := range []string{text, text + "Z", strings.Replace(text, " ", "T", 1) + ":00Z"} {
		if at, err := web.ReadTime(short); err == nil {
			return at, ""
		}
	}
	return at, templates.ProblemBadTime
}

// readFields reads a form of either kind. A network has only so many under way, since each is held in memory for as
// long as its sender takes.
func (d *Door) readFields(c echo.Context, limit int64) (web.Form, error) {
	leave, err := d.shares.enter(c.Request().Context(), web.Network(c))
	if err != nil {
		return web.Form{}, err
	}
	defer leave()
	return web.ReadForm(c, limit)
}

const (
	addressMost = 300  // bytes of an address of ours
	retryMost   = 2000 // bytes of an address that a page offers to try again
)

// getVerify, GET /verify, is the form. For an address of ours the query gives the result at once; for any other the
// form is filled in, so that nobody's link makes this server fetch from others.
func (d *Door) getVerify(c echo.Context) error {
	form := d.verifyForm(c)
	form.Canonical, form.Input = d.site.BaseURL+web.VerifyPath, short(d.typed(c.QueryParam("url")), retryMost)
	if path, is := d.codes.read(form.Input); is {
		return web.SeeOther(c, path)
	}
	if _, ours := d.own(form.Input); !ours {
		return web.Show(c, form)
	}
	if err := d.checks.Allow(c, web.Network(c)); err != nil {
		return d.tooManyChecks(c, err, form)
	}
	return d.showResult(c, form, verifier.Input{Data: []byte(form.Input)})
}

func (d *Door) tooManyChecks(c echo.Context, err error, form templates.Verify) error {
	form.Problem = templates.ProblemTooMany
	return d.site.AsPage(c, err, form)
}

func (d *Door) verifyForm(c echo.Context) templates.Verify {
	return templates.Verify{Page: d.site.Page(c), Action: web.VerifyPath, ManyURL: manyPath}
}

// postVerifyPage, POST /verify, checks what was pasted or chosen. It changes nothing and needs no session, so that it
// may come from anywhere.
func (d *Door) postVerifyPage(c echo.Context) error {
	form := d.verifyForm(c)
	if err := d.checks.Allow(c, web.Network(c)); err != nil { // before it is read, which may take memory for long
		return d.tooManyChecks(c, err, form)
	}
	in, err := d.readVerifyPage(c, &form)
	if web.IsTooBig(err) {
		form.Problem = templates.ProblemTooBig
		return d.site.AsPage(c, web.BodyTooLarge(web.VerifyBodyMost), form)
	}
	if err != nil {
		return err
	}
	form.Answers = answers(form, in)
	if form.Problem != "" {
		return web.RefusedField(form)
	}
	if token, found := findRecord(in.Data); found {
		return d.showRecord(c, form, token)
	}
	if path, is := d.codes.read(form.Input); is && in.Name == "" {
		return web.SeeOther(c, path)
	}
	if in.Name == "" && severalLinks(in.Data) {
		return web.Show(c, d.manyForm(c, form.Input))
	}
	if in.Name == "" && d.isOwn(in) && len(in.Recipient)+len(in.Person) == 0 && in.At.IsZero() {
		return web.SeeOther(c, web.VerifyURL(form.Input)) // an address to keep
	}
	return d.showResult(c, form, in)
}

// againMost is how large a file may be that a page carries for its language switch, in bytes; nothing is kept here.
const againMost = 512 << 10

// answers is the form that gives the same answer in another language.
func answers(form templates.Verify, in verifier.Input) templates.Form {
	if len(in.Data) > againMost {
		return templates.Form{}
	}
	f := templates.Form{
		Action: web.VerifyPath,
		Fields: []templates.Field{{
			Name: "recipient", Value: form.Recipient,
		}, {Name: "name", Value: form.Name}, {Name: "at", Value: form.At}},
	}
	if in.Name == "" {
		f.Fields = append(f.Fields, templates.Field{Name: "input", Value: string(in.Data)})
		return f
	}
	f.Fields = append(f.Fields, templates.Field{
		Name: fieldAgain, Value: base64.StdEncoding.EncodeToString(in.Data),
	}, templates.Field{Name: fieldAgainName, Value: in.Name})
	return f
}

// showResult has the document judged and shows the report.
func (d *Door) showResult(c echo.Context, form templates.Verify, in verifier.Input) error {
	notToKeep(c)
	address, printed := d.printedAddress(in.Data)
	if printed {
		in.Data, in.Name, form.Input = []byte(address), "", address
	}
	report, err := d.verify(c.Request().Context(), web.Network(c), in)
	if err != nil {
		return err
	}
	page := form.Page
	page.Canonical, page.NoIndex = "", true
	result := d.result(report, in, page)
	result.Printed = printed
	if err := d.addOwn(c, &result, report); err != nil {
		return err
	}
	if d.retried(report, in) {
		result.Action, result.Input = web.VerifyPath, form.Input
	}
	if result.Record, err = d.record(c.Request().Context(), report, in); err != nil {
		return err
	}
	if result.Record != "" {
		result.RecordAction = recordPath
	}
	return web.Show(c, result)
}

// printedAddress is the badge of ours that a PDF leads to, as a certificate does. Where it leads to several, as a
// transcript does, there is none that it is about.
func (d *Door) printedAddress(data []byte) (address string, found bool) {
	if !bytes.HasPrefix(data, []byte("%PDF-")) {
		return "", false
	}
	for _, link := range printedLink.FindAllSubmatch(data, printedLinks) {
		to := string(link[1])
		if path, ours := d.own(to); !ours || !strings.HasPrefix(path.Path, "/badges/") {
			continue
		}
		if found && to != address {
			return "", false
		}
		address, found = to, true
	}
	return address, found
}

// printedLink is a link of a PDF as paper writes it: no object of it is pressed.
var printedLink = regexp.MustCompile(`/URI\((https?://[^()\\\s]{1,300})\)`)

const printedLinks = 100 // looked at in a file

// notToKeep marks an answer that nobody keeps or lists.
func notToKeep(c echo.Context) {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Robots-Tag", "noindex")
}

// retried reports whether trying again may help and all that was given is at hand.
func (d *Door) retried(r *verifier.Report, in verifier.Input) bool {
	return r.Verdict == verifier.Undetermined && !r.Refused() && in.Name == "" && in.At.IsZero() && len(in.Data) <= retryMost
}
