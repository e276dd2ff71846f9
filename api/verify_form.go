package api

import (
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// nameMost is the most characters of a person's name (contract 3).
const nameMost = 200

// tooBig is a file above the limit.
type tooBig struct{ error }

// readVerifyPage reads the form. A file counts more than text. Nothing is written to disk.
func (s *Server) readVerifyPage(c echo.Context, form *templates.Verify) (in verifier.Input, err error) {
	fields, err := s.readFields(c, verifyBodyMost)
	if err != nil {
		return in, err
	}
	form.Recipient, form.Name, form.At = fields.text("recipient"), fields.text("name"), fields.text("at")
	input := s.typed(fields.text("input"))
	form.Input = shownAgain(input)
	in = verifier.Input{Data: []byte(input), Recipient: form.Recipient, Person: form.Name}
	if len(fields.parts["file"]) > 0 {
		in.Data, in.Name = fields.parts["file"], fields.file
	} else if data, err := base64.StdEncoding.DecodeString(fields.text(fieldAgain)); err == nil && len(data) > 0 {
		in.Data, in.Name = data, cmp.Or(fields.text(fieldAgainName), "file")
	}
	in.At, form.Problem = readMoment(form.At)
	if form.At != "" && form.Problem == "" && !s.canJudgeAt(in.At) {
		form.Problem = templates.ProblemFuture
	}
	if _, ok := email.Canonical(form.Recipient); form.Recipient != "" && !ok {
		form.Problem = templates.ProblemBadEmail
	}
	if form.Name != "" && !readable(form.Name, nameMost) {
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
		if at, err := readTime(short); err == nil {
			return at, ""
		}
	}
	return at, templates.ProblemBadTime
}

// fields are the parts of a form, which is small but for its file, and the file's name.
type fields struct {
	parts map[string][]byte
	file  string
}

func (f fields) text(name string) string { return strings.TrimSpace(string(f.parts[name])) }

// readFields reads a form of either kind, whose parts have at most limit bytes each and not much more together. A network has only so many
// under way, since each is held in memory for as long as its sender takes.
func (s *Server) readFields(c echo.Context, limit int64) (fields, error) {
	r := c.Request()
	leave, err := s.shares.enter(r.Context(), network(c))
	if err != nil {
		return fields{}, err
	}
	defer leave()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, limit+formMost)
	media, parameters, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if media == echo.MIMEMultipartForm && parameters["boundary"] != "" {
		return readParts(multipart.NewReader(r.Body, parameters["boundary"]), limit)
	}
	if err := r.ParseForm(); err != nil {
		return fields{}, unreadableForm(err)
	}
	f := fields{parts: map[string][]byte{}}
	for name, values := range r.PostForm {
		f.parts[name] = []byte(values[0])
	}
	return f, nil
}

func readParts(form *multipart.Reader, limit int64) (fields, error) {
	f := fields{parts: map[string][]byte{}}
	for range partsMost {
		part, err := form.NextRawPart()
		if err == io.EOF { // not within another error: that is a form that was cut off
			return f, nil
		}
		if err != nil {
			return f, unreadableForm(err)
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return f, unreadableForm(err)
		}
		if int64(len(data)) > limit {
			return f, tooBig{errors.New("a part of the form is too large")}
		}
		if part.FormName() == "file" {
			f.file = part.FileName()
		}
		f.parts[part.FormName()] = data
	}
	return f, unreadable("The form has too many parts.")
}
