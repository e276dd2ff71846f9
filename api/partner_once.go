package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/partner"
)

// once reads the body of a partner's POST, calls the handler and writes its answer. With an
// Idempotency-Key the answer is kept: the same request again is answered with it and does nothing.
func (s *Server) once(q *call, handle func(*call) (answer, error)) (err error) {
	if q.body, err = readBody(q.Context, bodyMost); err != nil {
		return err
	}
	keys := q.Request().Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		a, err := handle(q)
		if err != nil {
			return err
		}
		return q.Blob(a.status, echo.MIMEApplicationJSON, encode(a.body))
	}
	key := strings.Join(keys, ", ")
	ctx := context.WithoutCancel(q.Request().Context()) // what was begun is noted even if the caller goes
	first, err := s.o.Partners.Once(ctx, q.caller, key, q.digest())
	if err != nil {
		return err
	}
	if first != nil {
		q.Response().Header().Set("Idempotent-Replayed", "true")
		return replay(q, *first)
	}
	return s.first(ctx, q, key, handle)
}

// first does a request that came with a new Idempotency-Key. One that failed through our fault may be
// tried again under the same key.
func (s *Server) first(ctx context.Context, q *call, key string, handle func(*call) (answer, error)) error {
	kept := false
	defer func() {
		if !kept {
			_ = s.o.Partners.GiveUp(ctx, q.caller, key) // otherwise its lease runs out in a minute
		}
	}()
	a, failed := handle(q)
	var answered partner.Answer
	if failed == nil {
		answered = partner.Answer{Status: a.status, Body: string(encode(a.body))}
	} else {
		p := s.problemOf(q, failed)
		answered = partner.Answer{Status: p.status, Body: string(s.problemJSON(q, p))}
	}
	if answered.Status >= http.StatusInternalServerError {
		return failed
	}
	if err := s.o.Partners.Answered(ctx, q.caller, key, answered); err != nil {
		return err
	}
	kept = true
	if failed != nil {
		return failed
	}
	return replay(q, answered)
}

func replay(q *call, a partner.Answer) error {
	mediaType := echo.MIMEApplicationJSON
	if a.Status >= http.StatusBadRequest {
		mediaType = typeProblem
		q.Response().Header().Set("Content-Language", "en")
	}
	return q.Blob(a.Status, mediaType, []byte(a.Body))
}

// digest tells one request from another that comes with the same key.
func (q *call) digest() string {
	h := sha256.New()
	_, _ = io.WriteString(h, q.Request().Method+" "+q.Request().URL.RequestURI()+"\n")
	_, _ = h.Write(q.body)
	return hex.EncodeToString(h.Sum(nil))
}
