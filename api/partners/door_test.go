package partners_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
)

func TestKeys(t *testing.T) {
	s := apitest.New(t)
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
		{"scope", "Bearer " + programmeOnly, 403, "scope_missing", `Bearer realm="insignia", error="insufficient_scope", scope="results"`},
		{"good", "bearer  " + s.Key, 200, "", ""},
	} {
		w := s.Ask("GET", web.APIPath+"/results", "", "Authorization", c.authorization)
		if w.Code != c.status || w.Header().Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: got %d %q, want %d %q", c.name, w.Code, w.Header().Get("WWW-Authenticate"), c.status, c.challenge)
		}
		if got, _ := apitest.Object(t, w)["code"].(string); got != c.code {
			t.Errorf("%s: got code %q, want %q", c.name, got, c.code)
		}
	}
	if w := s.Ask("GET", web.APIPath+"/exams", "", "Authorization", "Bearer "+programmeOnly); w.Code != http.StatusOK {
		t.Error("exams need a key of any scope:", w.Code)
	}
	// The key is asked for before the body is looked at.
	if w := s.Ask("POST", web.APIPath+"/results", "{"); w.Code != http.StatusUnauthorized {
		t.Error("post without a key:", w.Code)
	}
}

func TestIdempotency(t *testing.T) {
	s := apitest.New(t)
	key := []string{"Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324"}
	first := s.Call("POST", web.APIPath+"/results", apitest.Pass, key...)
	second := s.Call("POST", web.APIPath+"/results", apitest.Pass, key...)
	if first.Code != http.StatusCreated || second.Code != http.StatusCreated || first.Body.String() != second.Body.String() {
		t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
	}
	if first.Header().Get("Idempotent-Replayed") != "" || second.Header().Get("Idempotent-Replayed") != "true" {
		t.Error("Idempotent-Replayed:", first.Header(), second.Header())
	}
	other := s.Call("POST", web.APIPath+"/results", apitest.PassOf("R-2", "E3"), key...)
	if other.Code != 422 || apitest.Object(t, other)["code"] != "idempotency_key_reused" {
		t.Error("another body:", other.Code, other.Body)
	}
	elsewhere := s.Call("POST", web.APIPath+"/results/explain", apitest.Pass, key...)
	if elsewhere.Code != 422 {
		t.Error("another address:", elsewhere.Code, elsewhere.Body)
	}
	// Refusals are kept too, whatever has changed meanwhile.
	conflict := strings.Replace(apitest.Pass, "812", "813", 1)
	refused := s.Call("POST", web.APIPath+"/results", conflict, "Idempotency-Key", "k2")
	again := s.Call("POST", web.APIPath+"/results", conflict, "Idempotency-Key", "k2")
	if refused.Code != 409 || again.Code != 409 || refused.Body.String() != again.Body.String() || again.Header().Get("Content-Type") != web.TypeProblem {
		t.Error("a refusal:", refused, again)
	}
	_, otherKey := s.Partner(t, "OtherCo", false)
	if w := s.Ask("POST", web.APIPath+"/results", apitest.Pass, append(key, "Authorization", "Bearer "+otherKey)...); w.Code != http.StatusCreated {
		t.Error("keys of other partners are their own:", w.Code, w.Body)
	}
	for _, bad := range []string{strings.Repeat("k", 256), " "} {
		r := httptest.NewRequest("POST", web.APIPath+"/results", strings.NewReader(apitest.Pass))
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {"application/json"}, "Idempotency-Key": {bad}}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 422 || apitest.Object(t, w)["code"] != "bad_idempotency_key" {
			t.Errorf("key of %d: %d %s", len(bad), w.Code, w.Body)
		}
	}
}

// withCall is a site whose partners can do something more.
func withCall(t *testing.T, path string, do func() (int, any, error)) *apitest.Site {
	t.Helper()
	return apitest.New(t, func(o *apitest.Options) {
		o.More = func(s *apitest.Site) []web.Route { return s.API.Calls(path, do) }
	})
}

func TestIdempotencyWhileRunning(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	s := withCall(t, "/slow", func() (int, any, error) {
		close(started)
		<-finish
		return http.StatusOK, map[string]int{"n": 1}, nil
	})
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", web.APIPath+"/slow", strings.NewReader("{}"))
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Idempotency-Key": {"k"}}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	var all sync.WaitGroup
	all.Go(func() { send() })
	<-started
	if w := send(); w.Code != 409 || w.Header().Get("Retry-After") != "1" || apitest.Object(t, w)["code"] != "idempotency_in_progress" {
		t.Error("while the first runs:", w.Code, w.Header(), w.Body)
	}
	close(finish)
	all.Wait()
	if w := send(); w.Code != 200 || w.Body.String() != "{\"n\":1}\n" {
		t.Error("afterwards:", w.Code, w.Body)
	}
}

func TestIdempotencyGivesUpOurFaults(t *testing.T) {
	n := 0
	s := withCall(t, "/flaky", func() (int, any, error) {
		switch n++; n {
		case 1:
			return 0, nil, context.DeadlineExceeded
		case 2:
			panic("a bug")
		}
		return http.StatusOK, n, nil
	})
	for k, want := range []int{503, 500, 200, 200} {
		r := httptest.NewRequest("POST", web.APIPath+"/flaky", nil)
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
	s := apitest.New(t)
	codes := make([]int, 20)
	var all sync.WaitGroup
	for k := range codes {
		all.Go(func() {
			r := httptest.NewRequest("POST", web.APIPath+"/results", strings.NewReader(apitest.Pass))
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
	if got := s.Want(http.StatusOK, "GET", "/awards", "")["items"].([]any); len(got) != 1 {
		t.Error("awards:", len(got))
	}
}

func TestRateLimit(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.KeyRate = 3 })
	for n := range 3 {
		if w := s.Call("GET", web.APIPath+"/exams", ""); w.Code != 200 {
			t.Fatal(n, w.Code)
		}
	}
	w := s.Call("GET", web.APIPath+"/exams", "")
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || w.Header().Get("RateLimit") != `"default";r=0;t=1` || w.Header().Get("RateLimit-Policy") != `"default";q=3;w=1` || apitest.Object(t, w)["code"] != "too_many_requests" {
		t.Error(w.Code, w.Header(), w.Body)
	}
	_, other := s.Partner(t, "OtherCo", false)
	if w := s.Ask("GET", web.APIPath+"/exams", "", "Authorization", "Bearer "+other); w.Code != 200 {
		t.Error("another key:", w.Code)
	}
	s.Clock.Advance(time.Second)
	if w := s.Call("GET", web.APIPath+"/exams", ""); w.Code != 200 {
		t.Error("a second later:", w.Code)
	}
}
