package api_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

func TestHealth(t *testing.T) {
	ready := errors.New("schema is behind")
	s := apitest.New(t, func(o *apitest.Options) { o.Ready = func(context.Context) error { return ready } })
	if w := s.Ask("GET", "/healthz", ""); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Error(w.Code, w.Body)
	}
	w := s.Ask("GET", "/readyz", "")
	if w.Code != 503 || strings.Contains(w.Body.String(), "schema") || !strings.Contains(s.Log.String(), "schema is behind") {
		t.Error(w.Code, w.Body, s.Log.String())
	}
	ready = nil
	if w := s.Ask("GET", "/readyz", ""); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
}

func TestMetrics(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.BaseURL, o.Letters = "http://127.0.0.1:8080", func() int64 { return 7 } })
	if _, err := s.Record(context.Background(), s.Caller, apitest.AnasPass("R-1", "E4")); err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{"hello", "hello", s.Given.BaseURL + "/badges/2222222222aaaaaaaaaa"} {
		s.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": input})))
	}
	s.Call("GET", web.APIPath+"/results/some-id", "")
	s.Ask("BREW", "/nothing", "")
	ask := func(remote string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = remote
		for k := 0; k < len(headers); k += 2 {
			r.Header.Set(headers[k], headers[k+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	w := ask("127.0.0.1:5")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatal(w.Code, w.Header())
	}
	for _, want := range []string{
		`insignia_http_request_duration_seconds_count{method="GET",route="/api/v1/results/:id",status="404"} 1`,
		`insignia_http_request_duration_seconds_bucket{method="GET",route="/api/v1/results/:id",status="404",le="+Inf"} 1`,
		`insignia_http_request_duration_seconds_count{method="other",route="none",status="404"} 1`,
		"\ninsignia_results_total 1\n", "\ninsignia_awards_total 1\n", "\ninsignia_letters_total 7\n", "\ninsignia_database_statements_total ", `insignia_checks_total{verdict="not_a_badge"} 2`, `insignia_checks_total{verdict="not_shared"} 1`,
		"\ninsignia_jobs_dead 0\n", "\ninsignia_jobs_oldest_seconds 0\n", `insignia_info{version="test"} 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "some-id") {
		t.Error("ids do not belong in metrics")
	}
	for _, c := range []struct {
		remote, header, value string
	}{{"198.51.100.7:1", "X", "y"}, {"127.0.0.1:1", "X-Forwarded-For", "198.51.100.7"}, {"127.0.0.1:1", "Forwarded", "for=198.51.100.7"}} {
		if w := ask(c.remote, c.header, c.value); w.Code != 401 {
			t.Errorf("%+v: got %d", c, w.Code)
		}
	}
	if w := ask("[::1]:1"); w.Code != 200 {
		t.Error("loopback of IPv6:", w.Code)
	}
}

func TestMetricsToken(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.MetricsToken = "watcher" })
	for authorization, want := range map[string]int{"": 401, "Bearer wrong": 401, "Basic watcher": 401, "Bearer watcher": 200} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = "127.0.0.1:5"
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: got %d, want %d", authorization, w.Code, want)
		}
	}
}

// TestMetricsAreNotPublic finds that without a token nobody reads the metrics of a public site, not by a proxy that
// adds no header either.
func TestMetricsAreNotPublic(t *testing.T) {
	s := apitest.New(t)
	for _, header := range []string{"X", "X-Forwarded-For"} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = "127.0.0.1:5"
		r.Header.Set(header, "198.51.100.7")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 401 {
			t.Errorf("%s: got %d, want 401", header, w.Code)
		}
	}
}
