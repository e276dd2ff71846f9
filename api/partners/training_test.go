package partners_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
)

const backups = `{"id":"T/1","candidate":{"id":"C-77","email":"ana@home.test","name":"Ana Ruiz","locale":"es"},"title":"Backups in practice",
	"url":"https://learn.testco.example/backups","completed_at":"2026-02-20T17:00:00+01:00"}`

// TestTrainings: partners post what their candidates completed besides exams.
// row 32: 201 with what is kept, 200 for a repeat, 409 for other content under the id.
func TestTrainings(t *testing.T) {
	s := apitest.New(t)
	kept := map[string]any{"id": "T/1", "candidate": map[string]any{"id": "C-77"}, "title": "Backups in practice",
		"url": "https://learn.testco.example/backups", "completed_at": "2026-02-20T16:00:00Z", "recorded_at": "2026-03-05T09:42:00Z"}
	if diff := cmp.Diff(map[string]any{"training": kept}, s.Want(http.StatusCreated, "POST", "/trainings", backups)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"training": kept, "replayed": true}, s.Want(http.StatusOK, "POST", "/trainings", backups)); diff != "" {
		t.Error("the same again:", diff)
	}
	if diff := cmp.Diff(map[string]any{"training": kept}, s.Want(http.StatusOK, "GET", "/trainings/T%2F1", "")); diff != "" {
		t.Error(diff)
	}
	if p := s.Want(http.StatusConflict, "POST", "/trainings", strings.Replace(backups, "Backups in", "Restores in", 1)); p["code"] != "training_conflict" {
		t.Error("other content:", p)
	}
	s.Want(http.StatusNotFound, "GET", "/trainings/T-2", "")
	first := s.Call("POST", web.APIPath+"/trainings", strings.Replace(backups, "T/1", "T-2", 1), "Idempotency-Key", "k1")
	again := s.Call("POST", web.APIPath+"/trainings", strings.Replace(backups, "T/1", "T-2", 1), "Idempotency-Key", "k1")
	if first.Code != http.StatusCreated || again.Code != http.StatusCreated || again.Header().Get("Idempotent-Replayed") != "true" || first.Body.String() != again.Body.String() {
		t.Errorf("with an Idempotency-Key: %d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if events := s.Want(http.StatusOK, "GET", "/events", ""); len(events["items"].([]any)) != 0 {
		t.Error("a training is an event:", events)
	}
}

// TestBadTrainings: everything that is wrong is told at once, and nothing of it is kept.
func TestBadTrainings(t *testing.T) {
	s := apitest.New(t)
	p := s.Want(http.StatusUnprocessableEntity, "POST", "/trainings", `{"id":7,"candidat":{},"url":"javascript:alert(1)","completed_at":"0001-01-01T00:00:00Z"}`)
	var got []string
	for _, e := range p["errors"].([]any) {
		got = append(got, e.(map[string]any)["pointer"].(string))
	}
	if want := "/candidat /candidate/email /candidate/id /candidate/name /completed_at /id /title /url"; strings.Join(slices.Sorted(slices.Values(got)), " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for status, body := range map[int]string{http.StatusBadRequest: `{`, http.StatusUnsupportedMediaType: backups} {
		if w := s.Call("POST", web.APIPath+"/trainings", body, "Content-Type", map[bool]string{true: "application/json", false: "text/plain"}[status == http.StatusBadRequest]); w.Code != status {
			t.Errorf("got %d %s, want %d", w.Code, w.Body, status)
		}
	}
	_, key, err := s.Partners.Add(t.Context(), "Listener", false, partner.ScopeWebhooks)
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Ask("POST", web.APIPath+"/trainings", backups, "Authorization", "Bearer "+key); w.Code != http.StatusForbidden {
		t.Errorf("without the scope: got %d, want 403", w.Code)
	}
	s.Want(http.StatusNotFound, "GET", "/trainings/T%2F1", "")
}
