package api

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

const (
	verifyPath  = "/verify"
	addressMost = 300  // bytes of an address of ours
	retryMost   = 2000 // bytes of an address that a page offers to try again
)

// verifyURL leads to the result for one of our own addresses, and to the form filled in for others.
func verifyURL(address string) string { return verifyPath + "?url=" + url.QueryEscape(address) }

// getVerify is the form. For an address of ours the query gives the result at once; for any other the form
// is filled in, so that nobody's link makes this server fetch from others.
func (s *Server) getVerify(c echo.Context) error {
	form := s.verifyForm(c)
	form.Canonical, form.Input = s.o.BaseURL+verifyPath, short(s.typed(c.QueryParam("url")), retryMost)
	if _, ours := s.own(form.Input); !ours {
		return s.show(c, form)
	}
	if err := s.checks.allow(c, network(c)); err != nil {
		return s.tooManyChecks(c, err, form)
	}
	return s.showResult(c, form, verifier.Input{Data: []byte(form.Input)})
}

func (s *Server) tooManyChecks(c echo.Context, err error, form templates.Verify) error {
	form.Problem = templates.ProblemTooMany
	return s.asPage(c, err, form)
}

func (s *Server) verifyForm(c echo.Context) templates.Verify {
	return templates.Verify{Page: s.page(c), Action: verifyPath, ManyURL: manyPath}
}

// postVerifyPage checks what was pasted or chosen. It changes nothing and needs no session, so that it may
// come from anywhere.
func (s *Server) postVerifyPage(c echo.Context) error {
	form := s.verifyForm(c)
	if err := s.checks.allow(c, network(c)); err != nil { // before it is read, which may take memory for long
		return s.tooManyChecks(c, err, form)
	}
	in, err := s.readVerifyPage(c, &form)
	if isTooBig(err) {
		form.Problem = templates.ProblemTooBig
		return s.asPage(c, bodyTooLarge(verifyBodyMost), form)
	}
	if err != nil {
		return err
	}
	form.Answers = answers(form, in)
	if form.Problem != "" {
		return refusedField(form)
	}
	if token, found := findRecord(in.Data); found {
		return s.showRecord(c, form, token)
	}
	if in.Name == "" && severalLinks(in.Data) {
		return s.show(c, s.manyForm(c, form.Input))
	}
	if in.Name == "" && s.isOwn(in) && len(in.Recipient)+len(in.Person) == 0 && in.At.IsZero() {
		return seeOther(c, verifyURL(form.Input)) // an address to keep
	}
	return s.showResult(c, form, in)
}

// againMost is how large a file may be that a page carries for its language switch, in bytes; nothing is kept here.
const againMost = 512 << 10

// answers is the form that gives the same answer in another language.
func answers(form templates.Verify, in verifier.Input) templates.Form {
	if len(in.Data) > againMost {
		return templates.Form{}
	}
	f := templates.Form{Action: verifyPath, Fields: []templates.Field{{Name: "recipient", Value: form.Recipient}, {Name: "name", Value: form.Name}, {Name: "at", Value: form.At}}}
	if in.Name == "" {
		f.Fields = append(f.Fields, templates.Field{Name: "input", Value: string(in.Data)})
		return f
	}
	f.Fields = append(f.Fields, templates.Field{Name: fieldAgain, Value: base64.StdEncoding.EncodeToString(in.Data)}, templates.Field{Name: fieldAgainName, Value: in.Name})
	return f
}

// isTooBig reports whether a file or a form is above its limit.
func isTooBig(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge) || errors.As(err, new(tooBig))
}

// showResult has the document judged and shows the report.
func (s *Server) showResult(c echo.Context, form templates.Verify, in verifier.Input) error {
	notToKeep(c)
	report, err := s.verify(c.Request().Context(), network(c), in)
	if err != nil {
		return err
	}
	page := form.Page
	page.Canonical, page.NoIndex = "", true
	result := s.result(report, in, page)
	if err := s.addOwn(c, &result, report); err != nil {
		return err
	}
	if s.retried(report, in) {
		result.Action, result.Input = verifyPath, form.Input
	}
	if result.Record, err = s.record(c.Request().Context(), report, in); err != nil {
		return err
	}
	if result.Record != "" {
		result.RecordAction = recordPath
	}
	return s.show(c, result)
}

// notToKeep marks an answer that nobody keeps or lists.
func notToKeep(c echo.Context) {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Robots-Tag", "noindex")
}

// retried reports whether trying again may help and all that was given is at hand.
func (s *Server) retried(r *verifier.Report, in verifier.Input) bool {
	return r.Verdict == verifier.Undetermined && !r.Refused() && in.Name == "" && in.At.IsZero() && len(in.Data) <= retryMost
}
