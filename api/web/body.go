package web

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Most bytes of a request's body. The documentation says the same.
const (
	BodyMost       = 1 << 20
	VerifyBodyMost = 8 << 20 // of one with something to verify
	ListBodyMost   = 1 << 20 // of a list of badges: as many addresses as are checked, of the longest kind
)

// ReadBody is the whole body of a request, which may be empty.
func ReadBody(c echo.Context, limit int64) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > limit {
		return nil, BodyTooLarge(limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response().Writer, r.Body, limit))
	if err != nil {
		return nil, unreadableBody(err)
	}
	return body, nil
}

// StreamBody is a body that is too large to be held, unpacked when it comes in gzip (RFC 9110 §8.4.1.3). At most limit
// bytes are taken of it as it was sent; each part, and all of it, have their time. Its errors are what to answer.
func StreamBody(c echo.Context, limit int64, part, all time.Duration) (io.Reader, error) {
	r := c.Request()
	if r.ContentLength > limit {
		return nil, BodyTooLarge(limit)
	}
	in := &patient{http.MaxBytesReader(c.Response().Writer, r.Body, limit), http.NewResponseController(c.Response()), part, time.Now().Add(all), time.Time{}}
	switch encoding := r.Header.Get(echo.HeaderContentEncoding); {
	case encoding == "", strings.EqualFold(encoding, "identity"):
		return streamed{in}, nil
	case !strings.EqualFold(encoding, "gzip"):
		return nil, WrongMediaType("Of compressed bodies, those in gzip are taken.")
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, streamed{}.problem(err)
	}
	return streamed{unpacked}, nil
}

// WrongMediaType is a body of a kind that is not taken.
func WrongMediaType(detail string) *Problem { return NewProblem(codeMediaType, detail) }

// patient is a body whose sender has time as long as it sends.
type patient struct {
	io.Reader
	connection *http.ResponseController
	part       time.Duration
	end        time.Time
	renewed    time.Time
}

// Read reads on.
func (p *patient) Read(b []byte) (int, error) {
	if now := time.Now(); now.Sub(p.renewed) > time.Second {
		p.renewed = now
		until := now.Add(p.part)
		if until.After(p.end) {
			until = p.end
		}
		_ = p.connection.SetReadDeadline(until) // not where there is no connection
		_ = p.connection.SetWriteDeadline(until.Add(p.part))
	}
	return p.Reader.Read(b)
}

// streamed is a body whose errors are problems.
type streamed struct{ io.Reader }

// Read reads on.
func (s streamed) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	return n, s.problem(err)
}

func (streamed) problem(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil, err == io.EOF, errors.As(err, &tooLarge), errors.Is(err, os.ErrDeadlineExceeded): // io.EOF itself: within another error it is a body that was cut off
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)):
		return Unreadable("The body is not gzip, as it says.")
	}
	return Unreadable("The body did not arrive whole.")
}

// readError is a body that did not come whole, which is never our fault.
type readError struct{ error }

// Unwrap lets too large bodies and slow senders be told apart.
func (e readError) Unwrap() error { return e.error }

func unreadableBody(err error) error { return readError{err} }

// WantJSON refuses a body that says it is something else than JSON in UTF-8.
func WantJSON(c echo.Context, body []byte) error {
	h := c.Request().Header
	if e := h.Get(echo.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return NewProblem(codeMediaType, "Compressed bodies are not taken.")
	}
	if len(body) == 0 {
		return NewProblem("empty_body", "The body is empty where a JSON object is needed.")
	}
	media, parameters, err := mime.ParseMediaType(h.Get(echo.HeaderContentType))
	if err != nil || media != echo.MIMEApplicationJSON {
		return NewProblem(codeMediaType, "The body must come with Content-Type: application/json.")
	}
	if charset, found := parameters["charset"]; found && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return NewProblem(codeMediaType, "JSON is always UTF-8; another charset is not taken.")
	}
	return nil
}

// What is still read of a body that was refused. A sender that is cut off while it sends may never see why (RFC 9112
// §9.6), and most write all of a request before they read.
const (
	drainMost = 32 << 20 // bytes
	drainTime = 10 * time.Second
)

// Drain reads the rest of a body that nobody wants, within limits. A sender that waits for "100 Continue" sends none.
func Drain(c echo.Context, body io.Reader) {
	if c.Request().Header.Get("Expect") != "" {
		return
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(drainTime)) // not where there is no connection
	_, _ = io.CopyN(io.Discard, body, drainMost)                                            // what goes wrong now is the sender's
}

// Form are the parts of a form, which is small but for its file, and the file's name.
type Form struct {
	Parts map[string][]byte
	File  string
}

// Text is a part without the white space around it; empty where it is missing.
func (f Form) Text(name string) string { return strings.TrimSpace(string(f.Parts[name])) }

// ReadForm reads a form of either kind, whose parts have at most limit bytes each and not much more together.
func ReadForm(c echo.Context, limit int64) (Form, error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, limit+formMost)
	f := Form{Parts: map[string][]byte{}}
	media, parameters, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if media == echo.MIMEMultipartForm && parameters["boundary"] != "" {
		return f, EachPart(r.Body, parameters["boundary"], limit, func(name, file string, data []byte) {
			if name == "file" {
				f.File = file
			}
			f.Parts[name] = data
		})
	}
	if err := r.ParseForm(); err != nil {
		return Form{}, unreadableForm(err)
	}
	for name, values := range r.PostForm {
		f.Parts[name] = []byte(values[0])
	}
	return f, nil
}

const partsMost = 10

// EachPart reads a multipart form part by part, each of at most limit bytes. Nothing is written to disk.
func EachPart(body io.Reader, boundary string, limit int64, take func(name, file string, data []byte)) error {
	form := multipart.NewReader(body, boundary)
	for range partsMost {
		part, err := form.NextRawPart()
		if err == io.EOF { // not within another error: that is a form that was cut off
			return nil
		}
		if err != nil {
			return unreadableForm(err)
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return unreadableForm(err)
		}
		if int64(len(data)) > limit {
			return tooBig{errors.New("a part of the form is too large")}
		}
		take(part.FormName(), part.FileName(), data)
	}
	return Unreadable("The form has too many parts.")
}

// unreadableForm tells apart what was cut by the limit and what is no form.
func unreadableForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return readError{err}
}

// tooBig is a part above the limit.
type tooBig struct{ error }

// IsTooBig reports whether a file or a form is above its limit.
func IsTooBig(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge) || errors.As(err, new(tooBig))
}
