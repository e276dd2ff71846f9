package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets this test binary be the program itself, so that tests can start and kill it.
func TestMain(m *testing.M) {
	if os.Getenv("INSIGNIA_TEST_RUN_PROGRAM") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the command line of the program with its settings.
func program(env []string, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(append(os.Environ(), "INSIGNIA_TEST_RUN_PROGRAM=1"), env...)
	return c
}

// must runs the program to its end and returns what it printed.
func must(t *testing.T, env []string, args ...string) string {
	t.Helper()
	c := program(env, args...)
	var errOut bytes.Buffer
	c.Stderr = &errOut
	out, err := c.Output()
	if err != nil {
		t.Fatalf("insignia %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut.String())
	}
	return string(out)
}

// installation is a server's settings in a folder of its own.
type installation struct {
	folder   string
	database string
	addr     string
	env      []string
	key      string
}

func newInstallation(t *testing.T, database string) *installation {
	t.Helper()
	n := &installation{folder: t.TempDir(), addr: freeAddr(t)}
	if database == "" {
		database = filepath.Join(n.folder, "insignia.db")
	}
	n.database = database
	n.env = []string{
		"INSIGNIA_DATABASE=" + database, "INSIGNIA_SECRET=a secret for these tests", "INSIGNIA_ADDR=" + n.addr,
		"INSIGNIA_BASE_URL=http://" + n.addr, "INSIGNIA_LOG_LEVEL=warn", "INSIGNIA_RATE_LIMIT=1000000",
	}
	return n
}

// open reads the database beside the program.
func (n *installation) open(t *testing.T) *sql.DB {
	t.Helper()
	driver, name := "sqlite3", "file:"+n.database+"?mode=ro"
	if strings.HasPrefix(n.database, "postgres://") {
		driver, name = "pgx", n.database
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// prepare applies the sample programme and makes a partner's key.
func (n *installation) prepare(t *testing.T) {
	t.Helper()
	must(t, n.env, "programme", "apply", "--yes", "sample/programme.yaml")
	lines := strings.Fields(must(t, n.env, "partner", "add", "TestCo"))
	n.key = lines[len(lines)-1]
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serve starts the server and returns when it is ready; any goroutine may call it. The server ends with
// the test at the latest, which fails if it logged an error.
func serve(t *testing.T, env []string, addr string) (*exec.Cmd, error) {
	c := program(env, "serve")
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // the log is whole after it
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, `"level":"ERROR"`) {
				t.Errorf("server logged %s", line)
			}
		}
	})
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(10 * time.Millisecond) { // a process has no channel to wait on
		if answer, err := http.Get("http://" + addr + "/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return c, nil
			}
		}
	}
	return nil, errors.New("the server was not ready within 30 s")
}

// postTo posts a passed exam of candidate n and returns the answer's status.
func postTo(ctx context.Context, addr, key, id, candidate string) (int, error) {
	body, err := json.Marshal(map[string]any{
		"id": id, "exam": "NL-100", "outcome": "pass", "taken_at": "2026-03-04T10:00:00Z",
		"candidate": map[string]any{"id": candidate, "email": strings.ToLower(candidate) + "@home.test", "name": "Ana Ruiz"},
	})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/api/v1/results", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

func getJSON(t *testing.T, addr, key, path string, v any) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
			t.Fatal(err)
		}
	}
	return answer.StatusCode
}

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	if code := run(context.Background(), []string{"version"}, nil, &out, io.Discard); code != 0 || !strings.HasPrefix(out.String(), "insignia ") {
		t.Errorf("got exit code %d and %q", code, out.String())
	}
}

func TestUsageErrorsExitWith64(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {"verify"}, {"serve", "--nonsense"}, {"verify", filepath.Join(t.TempDir(), "absent.json")}} {
		var errOut bytes.Buffer
		if code := run(context.Background(), args, nil, io.Discard, &errOut); code != exitUsage || errOut.Len() == 0 {
			t.Errorf("%v: got exit code %d and %q, want 64 and a message", args, code, errOut.String())
		}
	}
}

func TestConfigurationProblemsComeAtOnce(t *testing.T) {
	c := config{Addr: "nowhere", BaseURL: "ftp://x/y", JWTAlg: "none", SMTP: "http://x", TrustedProxies: []string{"x"}, EgressProxy: "socks5://x", databaseConfig: databaseConfig{Database: "postgres://x/y"}}
	err := c.check()
	for _, name := range []string{"ADDR", "BASE_URL", "JWT_ALG", "SMTP", "MAIL_FROM", "TRUSTED_PROXIES", "EGRESS_PROXY", "SECRET"} {
		if err == nil || !strings.Contains(err.Error(), "INSIGNIA_"+name) {
			t.Errorf("got %v, want a word about INSIGNIA_%s", err, name)
		}
	}
}
