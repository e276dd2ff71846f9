package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/templates"
)

const shapes = `
issuer: {id: acme, name: Acme Certification, url: https://acme.test, email: badges@acme.test, languages: [en, es, fr]}
exams:
  - {code: X1, name: One}
  - {code: X2, name: Two}
  - {code: X3, name: Three}
  - {code: X4, name: Four, aliases: [X4-OLD]}
certifications:
  - {code: base, name: Base, requires: {all: [{exam: X1}, {exam: X2}]}}
  - {code: either, name: Either, requires: {all: [{exam: X1}, {any: [{exam: X3}, {exam: X4}]}]}}
  - {code: some, name: Some, requires: {at_least: {n: 2, of: [{exam: X1}, {exam: X3}, {exam: X4}]}}}
  - {code: above, name: Above, requires: {all: [{exam: X1}, {certification: base}]}}
`

// Each shape of requirement is written out in the sentence and as data.
func TestMissingRequirements(t *testing.T) {
	s := apitest.New(t)
	s.Apply(t, shapes)
	s.Clock.Advance(time.Minute)
	today := func(body string) string { return strings.Replace(body, "2026-03-04T10", "2026-03-05T09", 1) }
	want := map[string]string{
		"base":   "Base also needs X2 Two.",
		"either": "Either also needs one of X3 Three or X4 Four.",
		"some":   "X3",
		"above":  "Base",
	}
	got := s.Want(http.StatusCreated, "POST", "/results", today(apitest.PassOf("R-1", "X1")))
	for _, d := range got["decisions"].([]any) {
		decision := d.(map[string]any)
		subject := decision["subject"].(map[string]any)
		if subject["kind"] == "exam" {
			continue
		}
		code := subject["code"].(string)
		if message := decision["message"].(string); !strings.Contains(message, want[code]) || decision["missing"] == nil {
			t.Errorf("%s: %v", code, decision)
		}
		delete(want, code)
	}
	if len(want) > 0 {
		t.Error("no decision on", want)
	}
	if got := s.Want(http.StatusCreated, "POST", "/results", today(apitest.PassOf("R-2", "X4-OLD"))); got["result"].(map[string]any)["exam"] != "X4" {
		t.Error("an alias means the exam:", got["result"])
	}
}

func TestRenewalTellsTheNewExpiry(t *testing.T) {
	s := apitest.New(t)
	s.Want(http.StatusCreated, "POST", "/results", strings.Replace(apitest.PassOf("R-1", "E7"), "2026-03-04", "2025-03-04", 1))
	got := s.Want(http.StatusCreated, "POST", "/results", strings.Replace(apitest.PassOf("R-2", "E7"), "2026-03-04", "2026-02-04", 1))
	for _, d := range got["decisions"].([]any) {
		if decision := d.(map[string]any); decision["outcome"] == "renewed" {
			if !strings.Contains(decision["message"].(string), "4 March 2027") {
				t.Error(decision)
			}
			return
		}
	}
	t.Error("no renewal:", got)
}

func TestAssets(t *testing.T) {
	s := apitest.New(t)
	for _, a := range templates.Assets {
		w := s.Ask("GET", a.Path, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != a.Type || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Error(a.Path, w.Code, w.Header())
		}
	}
}

// TestMissingExamsCanBeBooked: what is still missing is named, and leads to where it is booked.
func TestMissingExamsCanBeBooked(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Apply(t, strings.NewReplacer("{code: X2, name: Two}", "{code: X2, name: Two, schedule_url: \"https://book.test/x2\"}").Replace(shapes))
	r := apitest.AnasPass("R-1", "X1")
	r.TakenAt = v.Clock.Now()
	v.Post(r)
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	p := ana.Get("/me/credentials").Want(200, "").Says("Base also needs X2 Two.", "X2 Two · Book this exam", "(opens book.test)", "Either also needs one of X3 Three or X4 Four.")
	if n := strings.Count(p.Body, `href="https://book.test/x2"`); n != 1 {
		t.Errorf("%d links to book X2, want 1", n)
	}
}
