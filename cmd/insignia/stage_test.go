package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// stage is a whole server in this process, on the loopback interface, with the sample programme and a
// testing partner.
type stage struct {
	*server
	base string // its address
	key  string // the partner's
}

// startServer starts one, which stops with the test. change may set anything but the address.
func startServer(t *testing.T, change func(*config)) *stage {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	c := config{
		databaseConfig: databaseConfig{Database: filepath.Join(folder, "insignia.db"), Secret: "a secret for these tests"},
		Addr:           listener.Addr().String(), Site: "Insignia", JWTAlg: "ES256", MailFolder: filepath.Join(folder, "mail"),
	}
	if change != nil {
		change(&c)
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := c.newServer(ctx, slog.New(slog.NewJSONHandler(complaints{t}, &slog.HandlerOptions{Level: slog.LevelError})), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	if err := s.applySample(ctx); err != nil {
		t.Fatal(err)
	}
	_, key, err := s.issuer.AddPartner(ctx, "TestCo", false)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{s, c.BaseURL, key}
}

// complaints is a log whose every line fails the test.
type complaints struct{ t *testing.T }

func (c complaints) Write(line []byte) (int, error) {
	c.t.Errorf("the server logged %s", line)
	return len(line), nil
}

// call posts to the partner API, must be answered with that status, and decodes the answer into v
// unless that is nil.
func (s *stage) call(t *testing.T, status int, path string, body, v any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, status, path, "application/json", data, v)
}

func (s *stage) send(t *testing.T, status int, path, media string, body []byte, v any) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", media)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("POST %s: got %s %s, %v; want %d", path, answer.Status, got, err, status)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal(got, v); err != nil {
		t.Fatalf("POST %s: %v in %s", path, err, got)
	}
}

// receipt is what tests read of the answer to a result.
type receipt struct {
	Result    struct{ State string }
	Decisions []struct{ Outcome, Reason, Award string }
	Awards    []struct {
		ID, State, Validity, URL string
	}
}

// passed is a result: somebody passed an exam some days ago.
func passed(id, exam, email, name string, daysAgo int) map[string]any {
	return map[string]any{
		"id": id, "exam": exam, "outcome": "pass", "score": 812, "max_score": 1000,
		"taken_at":  time.Now().UTC().AddDate(0, 0, -daysAgo).Truncate(time.Second).Format(time.RFC3339),
		"candidate": map[string]any{"id": "C-" + email, "email": email, "name": name, "locale": "en"},
	}
}

// run runs a command in this process and returns its exit code and what it printed.
func runCommand(t *testing.T, in string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, bytes.NewReader([]byte(in)), &o, &e)
	return code, o.String(), e.String()
}
