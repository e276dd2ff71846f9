package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

const (
	verifyPath  = "/verify"
	addressMost = 300 // bytes of an address of ours
)

// verifyURL leads to the result for one of our own addresses.
func verifyURL(address string) string { return verifyPath + "?url=" + url.QueryEscape(address) }

// getVerify is the form. For an address of ours the query gives the result at once; for any other the form
// is filled in, so that nobody's link makes this server fetch from others.
func (s *Server) getVerify(c echo.Context) error {
	page := s.page(c)
	page.Canonical = s.o.BaseURL + verifyPath
	form := templates.Verify{Page: page, Action: verifyPath, Input: c.QueryParam("url")}
	if _, ours := s.own(form.Input); !ours {
		return s.show(c, form)
	}
	return s.showResult(c, form, verifier.Input{Data: []byte(form.Input)})
}

// postVerifyPage checks what was pasted or chosen. It changes nothing and needs no session, so that it may
// come from anywhere.
func (s *Server) postVerifyPage(c echo.Context) error {
	form := templates.Verify{Page: s.page(c), Action: verifyPath}
	in, err := s.readVerifyPage(c, &form)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.As(err, new(tooBig)) {
		form.Problem = templates.ProblemTooBig
		return s.asPage(c, bodyTooLarge(s.o.Limits.VerifyBody), form)
	}
	if err != nil {
		return err
	}
	if form.Problem != "" {
		return refusedField(form)
	}
	if in.Name == "" && in.Recipient == "" && len(form.Input) <= addressMost {
		if _, ours := s.own(form.Input); ours {
			return seeOther(c, verifyURL(form.Input)) // an address to keep
		}
	}
	return s.showResult(c, form, in)
}

// tooBig is a file above the limit.
type tooBig struct{ error }

// readVerifyPage reads the form. A file counts more than text. Nothing is written to disk.
func (s *Server) readVerifyPage(c echo.Context, form *templates.Verify) (in verifier.Input, err error) {
	fields, name, err := s.readFields(c)
	if err != nil {
		return in, err
	}
	form.Input, form.Recipient = strings.TrimSpace(string(fields["input"])), strings.TrimSpace(string(fields["recipient"]))
	in = verifier.Input{Data: []byte(form.Input), Recipient: form.Recipient}
	if len(fields["file"]) > 0 {
		in.Data, in.Name = fields["file"], name
	}
	if form.Recipient != "" {
		if _, ok := earner.Canonical(form.Recipient); !ok {
			form.Problem = templates.ProblemBadEmail
		}
	}
	if len(in.Data) == 0 {
		form.Problem = templates.ProblemMissing
	}
	return in, nil
}

// readFields reads the parts of the form, which is small but for its file, and the file's name.
func (s *Server) readFields(c echo.Context) (fields map[string][]byte, name string, err error) {
	limit := s.o.Limits.VerifyBody
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, limit+formMost)
	fields = map[string][]byte{}
	media, parameters, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if media != echo.MIMEMultipartForm || parameters["boundary"] == "" {
		if err := r.ParseForm(); err != nil {
			return nil, "", unreadableForm(err)
		}
		fields["input"], fields["recipient"] = []byte(r.PostForm.Get("input")), []byte(r.PostForm.Get("recipient"))
		return fields, "", nil
	}
	form := multipart.NewReader(r.Body, parameters["boundary"])
	for range partsMost {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields, name, nil
		}
		if err != nil {
			return nil, "", unreadableForm(err)
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return nil, "", unreadableForm(err)
		}
		if int64(len(data)) > limit {
			return nil, "", tooBig{errors.New("a part of the form is too large")}
		}
		if part.FormName() == "file" {
			name = part.FileName()
		}
		fields[part.FormName()] = data
	}
	return nil, "", unreadable("The form has too many parts.")
}

// showResult has the document judged and shows the report.
func (s *Server) showResult(c echo.Context, form templates.Verify, in verifier.Input) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Robots-Tag", "noindex")
	if err := s.checks.allow(c, network(c)); err != nil {
		form.Problem = templates.ProblemTooMany
		return s.asPage(c, err, form)
	}
	report, err := s.verify(c.Request().Context(), in)
	if err != nil {
		return err
	}
	page := form.Page
	page.Canonical, page.NoIndex = "", true
	result := s.result(report, page)
	result.FileName = in.Name
	if err := s.addOwn(c, &result, report); err != nil {
		return err
	}
	return s.show(c, result)
}
