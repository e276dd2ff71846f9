package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/partner"
)

func TestKeys(t *testing.T) {
	s := newSite(t)
	_, programmeOnly, err := s.Partners.Add(context.Background(), "Planner", false, partner.ScopeProgramme)
	if err != nil {
		t.Fatal(err)
	}
	gone, revoked := s.Partner(t, "Gone", false)
	if _, err := s.Partners.RevokeKey(context.Background(), gone.KeyID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, authorization string
		status              int
		code, challenge     string
	}{
		{"none", "", 401, "unauthorized", `Bearer realm="insignia"`},
		{"empty", "Bearer ", 401, "unauthorized", `Bearer realm="insignia"`},
		{"other scheme", "Basic " + s.Key, 401, "unauthorized", `Bearer realm="insignia"`},
		{"key alone", s.Key, 401, "unauthorized", `Bearer realm="insignia"`},
		{"wrong", "Bearer insignia_live_AAAA", 401, "unauthorized", `Bearer realm="insignia", error="invalid_token"`},
		{"revoked", "Bearer " + revoked, 401, "unauthorized", `Bearer realm="insignia", error="invalid_token"`},
		{"scope", "Bearer " + programmeOnly, 403, "insufficient_scope", `Bearer realm="insignia", error="insufficient_scope", scope="results"`},
		{"good", "bearer  " + s.Key, 200, "", ""},
	} {
		w := s.ask("GET", apiPath+"/results", "", "Authorization", c.authorization)
		if w.Code != c.status || w.Header().Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: got %d %q, want %d %q", c.name, w.Code, w.Header().Get("WWW-Authenticate"), c.status, c.challenge)
		}
		if got, _ := object(t, w)["code"].(string); got != c.code {
			t.Errorf("%s: got code %q, want %q", c.name, got, c.code)
		}
	}
	if w := s.ask("GET", apiPath+"/exams", "", "Authorization", "Bearer "+programmeOnly); w.Code != http.StatusOK {
		t.Error("exams need a key of any scope:", w.Code)
	}
	// The key is asked for before the body is looked at.
	if w := s.ask("POST", apiPath+"/results", "{"); w.Code != http.StatusUnauthorized {
		t.Error("post without a key:", w.Code)
	}
}

func TestIdempotency(t *testing.T) {
	s := newSite(t)
	key := []string{"Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324"}
	first := s.call("POST", apiPath+"/results", pass, key...)
	second := s.call("POST", apiPath+"/results", pass, key...)
	if first.Code != http.StatusCreated || second.Code != http.StatusCreated || first.Body.String() != second.Body.String() {
		t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
	}
	if first.Header().Get("Idempotent-Replayed") != "" || second.Header().Get("Idempotent-Replayed") != "true" {
		t.Error("Idempotent-Replayed:", first.Header(), second.Header())
	}
	other := s.call("POST", apiPath+"/results", passOf("R-2", "E3"), key...)
	if other.Code != 422 || object(t, other)["code"] != "idempotency_key_reused" {
		t.Error("another body:", other.Code, other.Body)
	}
	elsewhere := s.call("POST", apiPath+"/results/explain", pass, key...)
	if elsewhere.Code != 422 {
		t.Error("another address:", elsewhere.Code, elsewhere.Body)
	}
	// Refusals are kept too, whatever has changed meanwhile.
	conflict := strings.Replace(pass, "812", "813", 1)
	refused := s.call("POST", apiPath+"/results", conflict, "Idempotency-Key", "k2")
	again := s.call("POST", apiPath+"/results", conflict, "Idempotency-Key", "k2")
	if refused.Code != 409 || again.Code != 409 || refused.Body.String() != again.Body.String() || again.Header().Get("Content-Type") != typeProblem {
		t.Error("a refusal:", refused, again)
	}
	_, otherKey := s.Partner(t, "OtherCo", false)
	if w := s.ask("POST", apiPath+"/results", pass, append(key, "Authorization", "Bearer "+otherKey)...); w.Code != http.StatusCreated {
		t.Error("keys of other partners are their own:", w.Code, w.Body)
	}
	for _, bad := range []string{strings.Repeat("k", 256), " "} {
		r := httptest.NewRequest("POST", apiPath+"/results", strings.NewReader(pass))
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {"application/json"}, "Idempotency-Key": {bad}}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 422 || object(t, w)["code"] != "bad_idempotency_key" {
			t.Errorf("key of %d: %d %s", len(bad), w.Code, w.Body)
		}
	}
}

func TestIdempotencyWhileRunning(t *testing.T) {
	s := newSite(t)
	started, finish := make(chan struct{}), make(chan struct{})
	s.echo.POST(apiPath+"/slow", s.partner("", func(*call) (answer, error) {
		close(started)
		<-finish
		return answer{http.StatusOK, map[string]int{"n": 1}}, nil
	}))
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", apiPath+"/slow", strings.NewReader("{}"))
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Idempotency-Key": {"k"}}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	var all sync.WaitGroup
	all.Go(func() { send() })
	<-started
	if w := send(); w.Code != 409 || w.Header().Get("Retry-After") != "1" || object(t, w)["code"] != "idempotency_in_progress" {
		t.Error("while the first runs:", w.Code, w.Header(), w.Body)
	}
	close(finish)
	all.Wait()
	if w := send(); w.Code != 200 || w.Body.String() != "{\"n\":1}\n" {
		t.Error("afterwards:", w.Code, w.Body)
	}
}

func TestIdempotencyGivesUpOurFaults(t *testing.T) {
	s := newSite(t)
	n := 0
	s.echo.POST(apiPath+"/flaky", s.partner("", func(*call) (answer, error) {
		switch n++; n {
		case 1:
			return answer{}, context.DeadlineExceeded
		case 2:
			panic("a bug")
		}
		return answer{http.StatusOK, n}, nil
	}))
	for k, want := range []int{503, 500, 200, 200} {
		r := httptest.NewRequest("POST", apiPath+"/flaky", nil)
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Idempotency-Key": {"k"}}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != want {
			t.Errorf("try %d: got %d %s, want %d", k+1, w.Code, w.Body, want)
		}
	}
	if n != 3 {
		t.Errorf("the handler ran %d times, want 3", n)
	}
}

func TestSameResultAtOnce(t *testing.T) {
	s := newSite(t)
	codes := make([]int, 20)
	var all sync.WaitGroup
	for k := range codes {
		all.Go(func() {
			r := httptest.NewRequest("POST", apiPath+"/results", strings.NewReader(pass))
			r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {"application/json"}}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			codes[k] = w.Code
		})
	}
	all.Wait()
	made := 0
	for _, code := range codes {
		switch code {
		case http.StatusCreated:
			made++
		case http.StatusOK:
		default:
			t.Error("got", code)
		}
	}
	if made != 1 {
		t.Errorf("%d requests were answered 201, want 1", made)
	}
	if got := s.want(http.StatusOK, "GET", "/awards", "")["items"].([]any); len(got) != 1 {
		t.Error("awards:", len(got))
	}
}

func TestRateLimit(t *testing.T) {
	s := newSite(t)
	s.keys = newThrottle(2, 3, s.Clock.Now)
	for n := range 3 {
		if w := s.call("GET", apiPath+"/exams", ""); w.Code != 200 {
			t.Fatal(n, w.Code)
		}
	}
	w := s.call("GET", apiPath+"/exams", "")
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || w.Header().Get("RateLimit-Remaining") != "0" || object(t, w)["code"] != "too_many_requests" {
		t.Error(w.Code, w.Header(), w.Body)
	}
	_, other := s.Partner(t, "OtherCo", false)
	if w := s.ask("GET", apiPath+"/exams", "", "Authorization", "Bearer "+other); w.Code != 200 {
		t.Error("another key:", w.Code)
	}
	s.Clock.Advance(time.Second)
	if w := s.call("GET", apiPath+"/exams", ""); w.Code != 200 {
		t.Error("a second later:", w.Code)
	}
}

func TestAddressOf(t *testing.T) {
	for _, c := range []struct {
		proxies, remote, forwarded, want string
	}{
		{"", "203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.0/8", "203.0.113.9:1", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.0/8", "10.1.2.3:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.0/8", "10.1.2.3:1", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
		{"10.0.0.0/8", "127.0.0.1:1", "198.51.100.1", "127.0.0.1"},
		{"fd00::/8", "[fd00::1]:1", "2001:db8::7", "2001:db8::7"},
	} {
		var o Options
		if c.proxies != "" {
			o.TrustedProxies = append(o.TrustedProxies, mustPrefix(c.proxies))
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set(echo.HeaderXForwardedFor, c.forwarded)
		if got := addressOf(o.TrustedProxies, true, slog.New(slog.DiscardHandler))(r); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
