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
	"strings"
	"sync"
	"testing"
	"time"
)

// stage is a whole server in this process, on the loopback interface, with the sample programme and a
// testing partner.
type stage struct {
	*server
	base string // its address
	key  string // the partner's
	stop func() // and wait until it has stopped
}

// startServer starts one, which stops with the test at the latest. What it logs as an error fails the test.
func startServer(t testing.TB, change func(*config)) *stage {
	t.Helper()
	return startLogged(t, complaints{t}, change)
}

// startLogged starts one that writes its errors there.
func startLogged(t testing.TB, log io.Writer, change func(*config)) *stage {
	t.Helper()
	folder := t.TempDir()
	c := config{
		databaseConfig: databaseConfig{Database: filepath.Join(folder, "insignia.db"), Secret: "a secret for these tests"},
		Addr:           "127.0.0.1:0", Site: "Insignia", JWTAlg: "ES256",
	}
	if change != nil {
		change(&c)
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c.Addr = listener.Addr().String()
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, err := c.newServer(ctx, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelError})), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.run(ctx, listener) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-stopped; err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	t.Cleanup(stop)
	if err := s.applySample(ctx); err != nil {
		t.Fatal(err)
	}
	_, key, err := s.partners.Add(ctx, "TestCo", false)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{s, c.BaseURL, key, stop}
}

// again starts a server on the same database at the same address, after this one has stopped.
func (s *stage) again(t *testing.T) *stage {
	t.Helper()
	return startServer(t, func(c *config) { *c = s.config })
}

// settings are those of the server, for the commands that the test runs.
func (s *stage) settings(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"DATABASE": s.config.Database, "SECRET": s.config.Secret, "ADDR": s.config.Addr, "BASE_URL": s.base} {
		t.Setenv("INSIGNIA_"+name, value)
	}
}

// eventually waits until a running server has noticed what another program did.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); !is(); <-tick.C {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

// complaints is a log whose every line fails the test.
type complaints struct{ t testing.TB }

func (c complaints) Write(line []byte) (int, error) {
	c.t.Errorf("the server logged %s", line)
	return len(line), nil
}

// call posts to the partner API, must be answered with that status, and decodes the answer into v
// unless that is nil.
func (s *stage) call(t testing.TB, status int, path string, body, v any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, status, path, "application/json", data, v)
}

func (s *stage) send(t testing.TB, status int, path, media string, body []byte, v any) {
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

// award posts a passed exam, accepts its first badge for everybody who has the link, and returns the
// badge's address.
func (s *stage) award(t *testing.T, result map[string]any) (badge string) {
	t.Helper()
	var r receipt
	s.call(t, http.StatusCreated, "/results", result, &r)
	if len(r.Awards) == 0 {
		t.Fatalf("got no award, decisions %+v", r.Decisions)
	}
	who := result["candidate"].(map[string]any)
	if err := s.acceptAs(t.Context(), who["email"].(string), who["name"].(string), r.Awards[0].ID); err != nil {
		t.Fatal(err)
	}
	return r.Awards[0].URL
}

// runCommand runs a command in this process and returns its exit code and what it printed.
func runCommand(t *testing.T, in string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}
