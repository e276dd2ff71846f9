package partners_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

const importHead = "id,candidate_id,candidate_email,candidate_name,exam,outcome,taken_at\n"

const importRows = importHead +
	"R-1,C-1,ana@home.test,Ana,E4,pass,2026-03-04T10:00:00Z\n" +
	"R-2,C-2,ben@,Ben,E4,pass,2026-03-04T10:00:00Z\n" +
	"R-3,C-3,cy@home.test,\"Cy, D.\",E44,pass,2026-03-04T10:00:00Z\n"

// sendFile posts a file without holding it against the OpenAPI document, whose library does not read CSV.
func sendFile(s *apitest.Site, path string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", web.APIPath+path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.Key)
	r.Header.Set("Content-Type", "text/csv")
	for k := 0; k < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// taken is a file that was taken; its import has ended.
func taken(t *testing.T, s *apitest.Site, path string, body []byte, headers ...string) map[string]any {
	t.Helper()
	w := sendFile(s, path, body, headers...)
	if w.Code != http.StatusAccepted {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if err := s.Imports.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Want(http.StatusOK, "GET", "/imports/"+apitest.Object(t, w)["id"].(string), "")
}

// An import from its file to its report, over HTTP (contract 3.1).
func TestImports(t *testing.T) {
	s := apitest.New(t)
	w := sendFile(s, "/imports", []byte(importRows))
	made := apitest.Object(t, w)
	if w.Code != http.StatusAccepted || made["state"] != "checking" || made["encoding"] != "utf-8" || made["delimiter"] != nil || made["total"] != nil {
		t.Fatalf("got %d %+v", w.Code, made)
	}
	id := made["id"].(string)
	if paused := s.Want(http.StatusOK, "POST", "/imports/"+id+"/pause", ""); paused["state"] != "paused" {
		t.Errorf("got %+v", paused)
	}
	if resumed := s.Want(http.StatusOK, "POST", "/imports/"+id+"/resume", ""); resumed["state"] != "checking" {
		t.Errorf("got %+v", resumed)
	}
	if err := s.Imports.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := s.Want(http.StatusOK, "GET", "/imports/"+id, "")
	for name, want := range map[string]any{"state": "done", "delimiter": ",", "total": 3.0, "done": 3.0, "recorded": 1.0, "replayed": 0.0, "failed": 2.0, "awards": 1.0, "error": nil} {
		if done[name] != want {
			t.Errorf("%s: got %v, want %v", name, done[name], want)
		}
	}
	for _, verb := range []string{"pause", "resume", "cancel"} {
		if p := s.Want(http.StatusConflict, "POST", "/imports/"+id+"/"+verb, ""); p["code"] != "import_ended" {
			t.Errorf("%s: got %+v", verb, p)
		}
	}
	report := s.Call("GET", web.APIPath+"/imports/"+id+"/report?only=failed", "")
	if ct := report.Header().Get("Content-Type"); ct != "application/x-ndjson" || !apitest.Varies(report.Header(), "Accept") {
		t.Errorf("got %v", report.Header())
	}
	var lines []map[string]any
	for d := json.NewDecoder(report.Body); d.More(); {
		var l map[string]any
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	if len(lines) != 2 || lines[0]["line"] != 3.0 || lines[0]["code"] != "validation_failed" || lines[0]["column"] != "candidate_email" || lines[0]["suggestion"] != nil {
		t.Fatalf("got %+v", lines)
	}
	if l := lines[1]; l["code"] != "unknown_exam" || l["id"] != "R-3" || l["column"] != "exam" || !strings.Contains(l["suggestion"].(string), "E4") {
		t.Errorf("got %+v", l)
	}
	table := s.Call("GET", web.APIPath+"/imports/"+id+"/report", "", "Accept", "text/csv")
	if rows := strings.Split(strings.TrimSpace(table.Body.String()), "\n"); len(rows) != 4 || rows[0] != "line,id,outcome,code,column,detail,suggestion,awards" || !strings.HasPrefix(rows[1], "2,R-1,recorded,,,,,") {
		t.Errorf("got %q", rows)
	}
	if list := s.Want(http.StatusOK, "GET", "/imports?limit=1", ""); len(list["items"].([]any)) != 1 || list["next"] != id {
		t.Errorf("got %+v", list)
	}
	events := s.Want(http.StatusOK, "GET", "/events?type=import.finished", "")["items"].([]any)
	if len(events) != 1 || events[0].(map[string]any)["data"].(map[string]any)["import"].(map[string]any)["recorded"] != 1.0 {
		t.Errorf("got %+v", events)
	}
	again := taken(t, s, "/imports", []byte(importRows))
	if again["recorded"] != 0.0 || again["replayed"] != 1.0 || again["awards"] != 0.0 {
		t.Errorf("the same file again: got %+v", again)
	}
}

// What comes again with an Idempotency-Key makes one import.
func TestImportOnce(t *testing.T) {
	s := apitest.New(t)
	first := sendFile(s, "/imports", []byte(importRows), "Idempotency-Key", "k1")
	second := sendFile(s, "/imports", []byte(importRows), "Idempotency-Key", "k1")
	if first.Code != http.StatusAccepted || first.Body.String() != second.Body.String() || second.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
	}
	if other := sendFile(s, "/imports", []byte(importHead), "Idempotency-Key", "k1"); other.Code != http.StatusUnprocessableEntity {
		t.Errorf("another file: got %d %s", other.Code, other.Body)
	}
	if list := s.Want(http.StatusOK, "GET", "/imports", ""); len(list["items"].([]any)) != 1 {
		t.Errorf("got %+v", list)
	}
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Compressed, cut off, too large, of another kind: what is not a file is said so, and leaves nothing behind.
func TestImportBodies(t *testing.T) {
	s := apitest.New(t)
	if got := taken(t, s, "/imports?mode=check", zipped(t, []byte(importRows)), "Content-Encoding", "gzip"); got["mode"] != "check" || got["recorded"] != 1.0 || got["failed"] != 2.0 {
		t.Errorf("got %+v", got)
	}
	if p := s.Want(http.StatusNotFound, "GET", "/results/R-1", ""); p["code"] != "not_found" {
		t.Errorf("a check has recorded: %+v", p)
	}
	ndjson := strings.ReplaceAll(apitest.Pass, "\n", "")
	if got := taken(t, s, "/imports", []byte(ndjson), "Content-Type", "application/x-ndjson"); got["recorded"] != 1.0 || got["delimiter"] != nil {
		t.Errorf("got %+v", got)
	}
	whole := zipped(t, []byte(importRows))
	for _, c := range []struct {
		name    string
		body    []byte
		status  int
		code    string
		path    string
		headers []string
	}{
		{"empty", nil, 400, "empty_body", "/imports", nil},
		{"no gzip", []byte(importRows), 400, "unreadable", "/imports", []string{"Content-Encoding", "gzip"}},
		{"gzip cut off", whole[:len(whole)-12], 400, "unreadable", "/imports", []string{"Content-Encoding", "gzip"}},
		{"gzip with a wrong sum", slices.Concat(whole[:len(whole)-8], make([]byte, 8)), 400, "unreadable", "/imports", []string{"Content-Encoding", "gzip"}},
		{"another compression", whole, 415, "unsupported_media_type", "/imports", []string{"Content-Encoding", "br"}},
		{"JSON", []byte("{}"), 415, "unsupported_media_type", "/imports", []string{"Content-Type", "application/json"}},
		{"another mode", []byte(importRows), 422, "validation_failed", "/imports?mode=try", nil},
		{"unknown parameter", []byte(importRows), 422, "validation_failed", "/imports?dry=1", nil},
		{"no key", []byte(importRows), 401, "unauthorized", "/imports", []string{"Authorization", "Bearer nothing"}},
	} {
		w := sendFile(s, c.path, c.body, c.headers...)
		if got := apitest.Object(t, w); w.Code != c.status || got["code"] != c.code {
			t.Errorf("%s: got %d %+v, want %d %s", c.name, w.Code, got, c.status, c.code)
		}
	}
	if list := s.Want(http.StatusOK, "GET", "/imports", ""); len(list["items"].([]any)) != 2 {
		t.Errorf("got %+v", list)
	}
}

// A small body that becomes huge when it is unpacked is refused, and nothing of it is kept.
func TestGzipBomb(t *testing.T) {
	s := apitest.New(t)
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 520 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := sendFile(s, "/imports", b.Bytes(), "Content-Encoding", "gzip"); got.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	if list := s.Want(http.StatusOK, "GET", "/imports", ""); len(list["items"].([]any)) != 0 {
		t.Errorf("got %+v", list)
	}
}

// A header that is not ours fails the import with the line and why; the mapping mends it, for imports from then on.
func TestImportMapping(t *testing.T) {
	s := apitest.New(t)
	body := []byte("Nr;Reg;E-mail;Name;Exam code;Result;Date\nR-1;C-1;ana@home.test;Ana;E4;P;04/03/2026 11:00\n")
	refused := taken(t, s, "/imports", body)
	fault, _ := refused["error"].(map[string]any)
	if refused["state"] != "failed" || fault["line"] != 1.0 || fault["code"] != "header_unmapped" || !strings.Contains(fault["suggestion"].(string), `Is "Exam code" exam?`) {
		t.Fatalf("got %+v", refused)
	}
	if got := s.Want(http.StatusOK, "GET", "/imports/mapping", ""); got["time_format"] != nil || len(got["columns"].(map[string]any)) != 0 {
		t.Errorf("got %+v", got)
	}
	mapping := `{"columns":{"Nr":"id","Reg":"candidate_id","E-mail":"candidate_email","Name":"candidate_name","Exam code":"exam","Result":"outcome","Date":"taken_at"},
		"outcomes":{"P":"pass"},"time_format":"DD/MM/YYYY HH:mm","time_zone":"Europe/Madrid"}`
	if got := s.Want(http.StatusOK, "PUT", "/imports/mapping", mapping); got["time_zone"] != "Europe/Madrid" {
		t.Errorf("got %+v", got)
	}
	if got := taken(t, s, "/imports", body); got["state"] != "done" || got["recorded"] != 1.0 || got["delimiter"] != ";" {
		t.Errorf("got %+v", got)
	}
	result := s.Want(http.StatusOK, "GET", "/results/R-1", "")["result"].(map[string]any)
	if result["taken_at"] != "2026-03-04T10:00:00Z" {
		t.Errorf("got %+v", result)
	}
	p := s.Want(http.StatusUnprocessableEntity, "PUT", "/imports/mapping", `{"columns":{"Nr":"number","x":1,"x":"id"},"outcomes":[],"zone":"UTC"}`)
	if got := apitest.Faults(p); !slices.Contains(got, "/columns/x wrong_type") || !slices.Contains(got, "/zone unknown_member") || !slices.Contains(got, "/outcomes wrong_type") {
		t.Errorf("got %v", got)
	}
	p = s.Want(http.StatusUnprocessableEntity, "PUT", "/imports/mapping", `{"columns":{"Nr":"number"},"time_format":"YY"}`)
	if got := apitest.Faults(p); !slices.Equal(got, []string{"/columns/Nr bad_value", "/time_format bad_value"}) {
		t.Errorf("got %v", got)
	}
}
