package partners_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
)

// What an event tells of an award and of its result is what the answer to the post said.
func TestEventsTellAwardsAsAnswersDo(t *testing.T) {
	s := apitest.New(t)
	for _, sandbox := range []bool{false, true} {
		_, s.Key = s.Partner(t, "Telling", sandbox)
		said := s.Want(http.StatusCreated, "POST", "/results", apitest.Pass)
		items := s.Want(http.StatusOK, "GET", "/events", "")["items"].([]any)
		if len(items) != 2 {
			t.Fatal(items)
		}
		member := func(n int, name string) map[string]any {
			object, _ := items[n].(map[string]any)["data"].(map[string]any)[name].(map[string]any)
			return object
		}
		if diff := cmp.Diff(said["awards"].([]any)[0], any(member(1, "award"))); diff != "" {
			t.Errorf("award (-answer +event):\n%s", diff)
		}
		for name, value := range member(0, "result") {
			if said["result"].(map[string]any)[name] != value {
				t.Errorf("result: %s is %v, the answer said %v", name, value, said["result"])
			}
		}
		if len(member(0, "result")) != 4 || member(0, "candidate")["id"] != "C-77" || member(1, "candidate")["id"] != "C-77" {
			t.Errorf("got %+v", items)
		}
		for n, want := range []string{"result.recorded", "badge.offered"} {
			if e := items[n].(map[string]any); e["type"] != want || e["sandbox"] != sandbox || !strings.HasPrefix(e["id"].(string), "evt_") {
				t.Errorf("got %+v", e)
			}
		}
	}
}

// The feed is read page by page; its last page has a next one, too.
func TestGetEvents(t *testing.T) {
	s := apitest.New(t)
	award := s.Want(http.StatusCreated, "POST", "/results", apitest.Pass)["awards"].([]any)[0].(map[string]any)["id"].(string)
	s.Want(http.StatusOK, "POST", "/awards/"+award+"/suspend", `{"reason":"case 4711"}`)
	page := func(query string) (types string, next string) {
		t.Helper()
		p := s.Want(http.StatusOK, "GET", "/events?"+query, "")
		for _, item := range p["items"].([]any) {
			types += " " + item.(map[string]any)["type"].(string)
		}
		return strings.TrimSpace(types), url.QueryEscape(p["next"].(string))
	}
	types, next := page("limit=2")
	if types != "result.recorded badge.offered" {
		t.Error(types)
	}
	if types, next = page("cursor=" + next); types != "badge.suspended" {
		t.Error(types)
	}
	if types, _ := page("cursor=" + next); types != "" {
		t.Error(types)
	}
	s.Want(http.StatusOK, "POST", "/awards/"+award+"/reinstate", `{"reason":"cleared"}`)
	if types, _ := page("cursor=" + next); types != "badge.reinstated" {
		t.Error(types)
	}
	if types, _ := page("type=badge.*&limit=2"); types != "badge.offered badge.suspended" {
		t.Error(types)
	}
	if types, _ := page("type=result.recorded"); types != "result.recorded" {
		t.Error(types)
	}
	for query, code := range map[string]string{
		"cursor=x": "cursor_invalid", "type=badge": "validation_failed", "type=%00.*": "validation_failed", "type=": "validation_failed", "limit=201": "validation_failed", "since=2026-01-01": "validation_failed",
	} {
		if p := s.Want(http.StatusUnprocessableEntity, "GET", "/events?"+query, ""); p["code"] != code {
			t.Errorf("%s: got %v", query, p)
		}
	}
	_, s.Key = s.Partner(t, "TestCo", true) // the sandbox of the same partner
	if p := s.Want(http.StatusUnprocessableEntity, "GET", "/events?cursor="+next, ""); p["code"] != "cursor_invalid" {
		t.Errorf("a live cursor in the sandbox: got %v", p)
	}
	_, key, err := s.Partners.Add(t.Context(), "Deaf", false, partner.ScopeResults)
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Ask("GET", web.APIPath+"/events", "", "Authorization", "Bearer "+key); w.Code != http.StatusForbidden {
		t.Error("without the scope:", w.Code)
	}
}
