package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGreeting: whoever starts a server by hand learns where everything is and what is missing; the log of a server
// without a programme warns, and results are refused with the code that says so.
func TestGreeting(t *testing.T) {
	has := func(text string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("no %q in\n%s", w, text)
			}
		}
	}
	s := startServer(t, nil)
	text, err := s.greeting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	has(text, s.base+"/verify", s.base+"/api/v1/docs", s.base+"/mailbox", "Northlight Institute, version 1", "keys in use: 1")

	c := config{
		databaseConfig: databaseConfig{Database: filepath.Join(t.TempDir(), "insignia.db"), Secret: "a secret for these tests"},
		Addr:           "127.0.0.1:8080", BaseURL: "https://badges.example.org", Site: "Insignia", JWTAlg: "ES256",
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	var log, out bytes.Buffer
	empty, err := c.newServer(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer empty.db.Close()
	if text, err = empty.greeting(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(text, "none yet: insignia programme apply FILE", "none yet: insignia partner add NAME", "reach nobody")
	if err := empty.greet(t.Context(), &out, empty.log); err != nil || out.Len() > 0 { // no terminal
		t.Errorf("%v, %q", err, out.String())
	}
	has(log.String(), "there is no programme yet")

	_, key, err := empty.partners.Add(t.Context(), "TestCo", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/results", "/api/v1/results/explain"} {
		r, _ := http.NewRequest("POST", path, strings.NewReader(`{"id":"R-1","candidate":{"id":"C","email":"a@b.test","name":"A"},"exam":"E","outcome":"pass","taken_at":"2026-01-01T00:00:00Z"}`))
		r.RemoteAddr, r.RequestURI = "127.0.0.1:1", path
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		w := &answer{header: http.Header{}}
		empty.handler.ServeHTTP(w, r)
		if w.status != http.StatusNotFound || !strings.Contains(w.String(), "no_programme") {
			t.Errorf("%s: got %d %s", path, w.status, w)
		}
	}
}

// answer is what a handler wrote.
type answer struct {
	bytes.Buffer
	header http.Header
	status int
}

func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }

var _ io.Writer = (*answer)(nil)
