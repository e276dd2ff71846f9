package api

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Most bytes of a request's body. The documentation says the same.
const (
	bodyMost       = 1 << 20
	verifyBodyMost = 8 << 20 // of one with something to verify
	listBodyMost   = 1 << 20 // of a list of badges: as many addresses as are checked, of the longest kind
)

// readBody is the whole body of a request, which may be empty.
func readBody(c echo.Context, limit int64) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > limit {
		return nil, bodyTooLarge(limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response().Writer, r.Body, limit))
	if err != nil {
		return nil, unreadableBody(err)
	}
	return body, nil
}

// readError is a body that did not come whole, which is never our fault.
type readError struct{ error }

// Unwrap lets too large bodies and slow senders be told apart.
func (e readError) Unwrap() error { return e.error }

func unreadableBody(err error) error { return readError{err} }

// wantJSON refuses a body that says it is something else than JSON in UTF-8.
func wantJSON(c echo.Context, body []byte) error {
	h := c.Request().Header
	if e := h.Get(echo.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return trouble(codeMediaType, "Compressed bodies are not taken.")
	}
	if len(body) == 0 {
		return trouble("empty_body", "The body is empty where a JSON object is needed.")
	}
	media, parameters, err := mime.ParseMediaType(h.Get(echo.HeaderContentType))
	if err != nil || media != echo.MIMEApplicationJSON {
		return trouble(codeMediaType, "The body must come with Content-Type: application/json.")
	}
	if charset, found := parameters["charset"]; found && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return trouble(codeMediaType, "JSON is always UTF-8; another charset is not taken.")
	}
	return nil
}

// What is still read of a body that was refused. A sender that is cut off while it sends may never see why (RFC 9112
// §9.6), and most write all of a request before they read.
const (
	drainMost = 32 << 20 // bytes
	drainTime = 10 * time.Second
)

// drain reads the rest of a body that nobody wants, within limits. A sender that waits for "100 Continue" sends none.
func drain(c echo.Context, body io.Reader) {
	if c.Request().Header.Get("Expect") != "" {
		return
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(drainTime)) // not where there is no connection
	_, _ = io.CopyN(io.Discard, body, drainMost)                                            // what goes wrong now is the sender's
}
