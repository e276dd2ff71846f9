package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/verifier"
)

// verifyRequest is the body of POST /verify as JSON (contract 5).
type verifyRequest struct {
	Input     string     `json:"input"`
	Recipient string     `json:"recipient"`
	Name      string     `json:"name"`
	At        *time.Time `json:"at"` // nil: now; the first moment of the calendar is a moment
	Record    bool       `json:"record"`
}

// verifyResponse is the report, with the signed record of it if that was asked for.
type verifyResponse struct {
	*verifier.Report
	Input  string `json:"input,omitempty"` // the address that was understood, where another text was sent
	Record string `json:"record,omitempty"`
}

func (s *Server) postVerify(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if err := s.checks.allow(c, network(c)); err != nil {
		return err
	}
	in, keep, err := s.readVerify(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	sent := in
	if in.Name == "" && len(in.Data) <= retryMost {
		in.Data = []byte(s.typed(string(in.Data)))
	}
	report, err := s.verify(ctx, network(c), in)
	if err != nil {
		return err
	}
	w := verifyResponse{Report: report}
	if !bytes.Equal(in.Data, bytes.TrimSpace(sent.Data)) {
		w.Input = string(in.Data)
	}
	if keep {
		if w.Record, err = s.record(ctx, report, sent); err != nil {
			return err
		}
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, encode(w))
}

// readVerify reads a request of either kind, within the network's share; keep asks for a record.
func (s *Server) readVerify(c echo.Context) (in verifier.Input, keep bool, err error) {
	leave, err := s.shares.enter(c.Request().Context(), network(c))
	if err != nil {
		return in, false, err
	}
	defer leave()
	media, parameters, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if media == echo.MIMEMultipartForm {
		return s.readVerifyForm(c, parameters["boundary"])
	}
	body, err := readBody(c, verifyBodyMost)
	if err != nil {
		return in, false, err
	}
	if err := wantJSON(c, body); err != nil {
		return in, false, err
	}
	var w verifyRequest
	faults, err := decode(body, &w)
	if err != nil {
		return in, false, err
	}
	in = verifier.Input{Data: []byte(w.Input), Recipient: w.Recipient, Person: w.Name}
	if w.At != nil {
		if in.At = *w.At; !s.canJudgeAt(in.At) {
			faults = append(faults, refusal.Field{Pointer: "/at", Code: "bad_time", Detail: notJudgedAt})
		}
	}
	return in, w.Record, checkVerify(in, faults, "/input")
}

// canJudgeAt reports whether a badge can be judged as of a moment: nobody knows what will be withdrawn later, and
// before the year 1 is over there is nothing to tell from a moment that was not given.
func (s *Server) canJudgeAt(at time.Time) bool { return !at.IsZero() && !at.After(s.o.Now()) }

const notJudgedAt = "must not be later than now, since nobody knows what will be withdrawn"

// checkVerify refuses what is no request; whatever else the input is, the report tells.
func checkVerify(in verifier.Input, faults []refusal.Field, input string) error {
	if len(in.Data) == 0 && !under(faults, input) {
		faults = append(faults, refusal.Field{Pointer: input, Code: "required", Detail: "is required"})
	}
	if in.Recipient != "" && !readable(in.Recipient, emailMost) {
		faults = append(faults, refusal.Field{Pointer: "/recipient", Code: "bad_text", Detail: "must be an e-mail address"})
	}
	if in.Person != "" && !readable(in.Person, nameMost) {
		faults = append(faults, refusal.Field{Pointer: "/name", Code: "bad_text", Detail: "must be a name of at most 200 characters"})
	}
	if len(faults) > 0 {
		return invalid(faults, nil)
	}
	return nil
}

const (
	emailMost = 254 // characters, contract 3
	partsMost = 10
)

// readVerifyForm reads the parts file or input, recipient, name, at and record. Nothing is written to disk.
func (s *Server) readVerifyForm(c echo.Context, boundary string) (in verifier.Input, keep bool, err error) {
	if c.Request().ContentLength > verifyBodyMost {
		return in, false, bodyTooLarge(verifyBodyMost)
	}
	if boundary == "" {
		return in, false, unreadable("The form names no boundary.")
	}
	form := multipart.NewReader(http.MaxBytesReader(c.Response().Writer, c.Request().Body, verifyBodyMost), boundary)
	var faults []refusal.Field
	seen := map[string]bool{}
	for range partsMost {
		part, err := form.NextRawPart()
		if err == io.EOF { // not within another error: that is a form that was cut off
			return in, keep, checkVerify(in, faults, "/file")
		}
		if err != nil {
			return in, false, unreadableForm(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return in, false, unreadableForm(err)
		}
		name := part.FormName()
		if code, problem := s.takePart(&in, &keep, seen, name, part.FileName(), data); problem != "" {
			faults = append(faults, refusal.Field{Pointer: "/" + escapePointer(name), Code: code, Detail: problem})
		}
		seen[name] = true
	}
	return in, false, unreadable("The form has too many parts.")
}

func (s *Server) takePart(in *verifier.Input, keep *bool, seen map[string]bool, name, file string, data []byte) (code, problem string) {
	if seen[name] {
		return "duplicate_member", "occurs twice"
	}
	switch name {
	case "file", "input":
		if len(in.Data) > 0 && len(data) > 0 {
			return "duplicate_member", "comes with another document"
		}
		if len(data) > 0 {
			in.Data, in.Name = data, file
		}
	case "recipient":
		in.Recipient = string(data)
	case "name":
		in.Person = string(data)
	case "record":
		*keep = string(data) == "true"
		if !*keep && string(data) != "false" && len(data) > 0 {
			return "bad_value", "must be true or false"
		}
	case "at":
		at, err := readTime(string(data))
		if err != nil && len(data) > 0 {
			return "bad_time", notATime
		}
		if err == nil && !s.canJudgeAt(at) {
			return "bad_time", notJudgedAt
		}
		in.At = at
	default:
		return "unknown_member", "is not known"
	}
	return "", ""
}

// unreadableForm tells apart what was cut by the limit and what is no form.
func unreadableForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return readError{err}
}
