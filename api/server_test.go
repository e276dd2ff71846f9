package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

func TestErrorsByAccept(t *testing.T) {
	s := apitest.New(t)
	for _, c := range []struct {
		method, path, accept string
		status               int
		html                 bool
	}{
		{"GET", "/nothing", "text/html", 404, true},
		{"GET", "/nothing", "*/*", 404, true},
		{"GET", "/nothing", "", 404, true},
		{"GET", "/nothing", "application/json", 404, false},
		{"GET", "/api/v1/nothing", "text/html", 404, false},
		{"GET", "/api/v2", "*/*", 404, true},
		{"DELETE", "/api/v1/results/R-1", "*/*", 405, false},
		{"PUT", "/api/v1/exams", "*/*", 405, false},
		{"DELETE", "/healthz", "", 405, false},
		{"GET", "/badges/unknown", "text/html,application/xhtml+xml,*/*;q=0.8", 404, true},
		{"GET", "/badges/unknown", "application/ld+json", 404, false},
		{"GET", "/badges/unknown/assertion.json", "*/*", 404, false},
		{"GET", "/badges/unknown/assertion.json", "text/html", 404, true},
		{"GET", "/status/99", "", 404, false},
		{"GET", "/status/99.jwt", "", 404, false},
		{"GET", "/status/-1", "", 404, false},
		{"GET", "/status/01", "", 404, false},
	} {
		w := s.Ask(c.method, c.path, "", "Accept", c.accept)
		if w.Code != c.status || strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") != c.html || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%+v: got %d %v", c, w.Code, w.Header())
		}
		if !apitest.Varies(w.Header(), "Accept") {
			t.Errorf("%+v: no Vary", c)
		}
		if !c.html && apitest.Object(t, w)["status"] != float64(c.status) {
			t.Errorf("%+v: %s", c, w.Body)
		}
		if c.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%+v: no Allow", c)
		}
	}
}

// An error depends on Accept also where the handler has named another header before.
func TestErrorsVaryByBoth(t *testing.T) {
	v := apitest.NewVisitors(t)
	api, page := v.Call("GET", web.APIPath+"/results/none", "").Header(), v.Ask("GET", "/verify/many/none", "", "Accept", "text/html").Header()
	for name, h := range map[string]http.Header{"partner": api, "page": page} {
		if !apitest.Varies(h, "Accept") || !apitest.Varies(h, "Accept-Language") {
			t.Errorf("%s: got %q, want Accept and Accept-Language", name, h.Values("Vary"))
		}
	}
	if web.Vary(api, "Accept"); len(api.Values("Vary")) != 2 {
		t.Errorf("got %q, want each name once", api.Values("Vary"))
	}
}

func TestHeadIsAnswered(t *testing.T) {
	s := apitest.New(t)
	for _, path := range []string{"/healthz", "/readyz", web.SpecPath, web.DocsPath, web.APIPath + "/exams", "/.well-known/jwks.json", "/issuers/acme/issuer.json"} {
		get, head := s.Call("GET", path, ""), s.Call("HEAD", path, "")
		if get.Code != 200 || head.Code != 200 || get.Header().Get("ETag") != head.Header().Get("ETag") || get.Header().Get("Content-Type") != head.Header().Get("Content-Type") {
			t.Errorf("%s: GET %d %v, HEAD %d %v", path, get.Code, get.Header(), head.Code, head.Header())
		}
	}
}

func TestLogLine(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) {
		o.More = func(*apitest.Site) []web.Route {
			return web.Table(web.Get("/broken", func(echo.Context) error { return errors.New("disk on fire") }),
				web.Get("/panics", func(echo.Context) error { panic("a bug") }))
		}
	})
	s.Call("GET", web.APIPath+"/results/secret-id?limit=1", "")
	s.Ask("GET", "/badges/abc?lang=es", "", "Accept", "text/html")
	for _, path := range []string{"/broken", "/panics"} {
		w := s.Ask("GET", path, "", "Accept", "application/json")
		if w.Code != 500 || strings.Contains(w.Body.String(), "disk on fire") || strings.Contains(w.Body.String(), "a bug") {
			t.Error(path, w.Code, w.Body)
		}
	}
	lines := strings.Split(strings.TrimSpace(s.Log.String()), "\n")
	if len(lines) != 4 {
		t.Fatal("one line a request:", lines)
	}
	for k, want := range []map[string]any{
		{"level": "INFO", "method": "GET", "route": "/api/v1/results/:id", "status": 404.0, "partner": s.Caller.ID},
		{"level": "INFO", "route": "/badges/:id", "status": 404.0},
		{"level": "ERROR", "route": "/broken", "status": 500.0, "error": "disk on fire"},
		{"level": "ERROR", "route": "/panics", "status": 500.0},
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(lines[k]), &got); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("line %d: %s is %v, want %v", k, name, got[name], value)
			}
		}
		if got["request_id"] == "" || got["duration_ms"] == nil {
			t.Errorf("line %d: %v", k, got)
		}
	}
	for _, secret := range []string{"secret-id", "lang=es", "limit=1", s.Key, "192.0.2"} {
		if strings.Contains(s.Log.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	if !strings.Contains(lines[3], "server_test.go") {
		t.Error("a panic without its stack:", lines[3])
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) {
		o.Mailbox = func(func(*http.Request) templates.Page) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
		}
	})
	h := s.Ask("GET", "/healthz", "").Header()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=31536000"} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error(h)
	}
	for _, path := range []string{"/mailbox", "/mailbox/letter/1"} {
		w := s.Ask("GET", path, "")
		if w.Body.String() != path || w.Header().Get("Content-Security-Policy") != "" {
			t.Error(path, w.Body, w.Header())
		}
	}
}

func TestSlowAndBrokenBodies(t *testing.T) {
	s := apitest.New(t)
	server := httptest.NewUnstartedServer(s)
	server.Config.ReadTimeout = 300 * time.Millisecond
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "POST /api/v1/results HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.Key+"\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Error("slow body:", answer.Status)
	}

	r := httptest.NewRequest("POST", web.APIPath+"/results", io.MultiReader(strings.NewReader("{"), failing{}))
	r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {"application/json"}}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != 400 || apitest.Object(t, w)["code"] != "unreadable" {
		t.Error("broken body:", w.Code, w.Body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A body without a length is cut at the limit as well.
func TestEndlessBody(t *testing.T) {
	s := apitest.New(t)
	server := httptest.NewServer(s)
	defer server.Close()
	r, err := http.NewRequest("POST", server.URL+web.APIPath+"/results", io.LimitReader(zeros{}, 30<<20))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {"application/json"}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(err.Error(), "reset") || strings.Contains(err.Error(), "broken pipe") {
			return // the server hung up while we were sending
		}
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(answer.Status)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	return len(p), nil
}

func TestNewPanicsWithoutAnAddress(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	web.New(web.Options{BaseURL: "badges.acme.test"})
}
