package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/verifier"
)

// verifyRequest is the body of POST /verify as JSON (contract 5).
type verifyRequest struct {
	Input     string    `json:"input"`
	Recipient string    `json:"recipient"`
	At        time.Time `json:"at"`
}

func (s *Server) postVerify(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if err := s.checks.allow(c, network(c)); err != nil {
		return err
	}
	in, err := s.readVerify(c)
	if err != nil {
		return err
	}
	report, err := s.verify(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, encode(report))
}

// checksAtOnce bounds verifications: each may hold a large document and wait for other servers.
const checksAtOnce = 16

// verify has a document judged.
func (s *Server) verify(ctx context.Context, in verifier.Input) (*verifier.Report, error) {
	leave, err := s.checking.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.o.Verifier.Verify(ctx, in), nil
}

func (s *Server) readVerify(c echo.Context) (in verifier.Input, err error) {
	media, parameters, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if media == echo.MIMEMultipartForm {
		return s.readVerifyForm(c, parameters["boundary"])
	}
	body, err := readBody(c, s.o.Limits.VerifyBody)
	if err != nil {
		return in, err
	}
	if err := wantJSON(c, body); err != nil {
		return in, err
	}
	var w verifyRequest
	faults, err := decode(body, &w)
	if err != nil {
		return in, err
	}
	in = verifier.Input{Data: []byte(w.Input), Recipient: w.Recipient, At: w.At}
	return in, checkVerify(in, faults, "/input", "/recipient")
}

// checkVerify refuses what is no request; whatever else the input is, the report tells.
func checkVerify(in verifier.Input, faults []issuer.Field, input, recipient string) error {
	if len(in.Data) == 0 && !under(faults, input) {
		faults = append(faults, issuer.Field{Pointer: input, Code: "required", Detail: "is required"})
	}
	if in.Recipient != "" && !readable(in.Recipient, emailMost) {
		faults = append(faults, issuer.Field{Pointer: recipient, Code: "bad_text", Detail: "must be an e-mail address"})
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

// readVerifyForm reads the parts file or input, recipient and at. Nothing is written to disk.
func (s *Server) readVerifyForm(c echo.Context, boundary string) (in verifier.Input, err error) {
	if c.Request().ContentLength > s.o.Limits.VerifyBody {
		return in, bodyTooLarge(s.o.Limits.VerifyBody)
	}
	if boundary == "" {
		return in, unreadable("The form names no boundary.")
	}
	form := multipart.NewReader(http.MaxBytesReader(c.Response().Writer, c.Request().Body, s.o.Limits.VerifyBody), boundary)
	var faults []issuer.Field
	seen := map[string]bool{}
	for range partsMost {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return in, checkVerify(in, faults, "/file", "/recipient")
		}
		if err != nil {
			return in, unreadableForm(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return in, unreadableForm(err)
		}
		name := part.FormName()
		if code, problem := takePart(&in, seen, name, part.FileName(), data); problem != "" {
			faults = append(faults, issuer.Field{Pointer: "/" + escapePointer(name), Code: code, Detail: problem})
		}
		seen[name] = true
	}
	return in, unreadable("The form has too many parts.")
}

func takePart(in *verifier.Input, seen map[string]bool, name, file string, data []byte) (code, problem string) {
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
	case "at":
		at, err := readTime(string(data))
		if err != nil && len(data) > 0 {
			return "bad_time", "must be a time such as 2026-03-04T10:00:00Z (RFC 3339)"
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
