package api

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"
)

func TestDocs(t *testing.T) {
	s := newSite(t)
	w := s.ask("GET", docsPath, "", "Accept", "text/html")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatal(w.Code, w.Header())
	}
	page := html.UnescapeString(w.Body.String())
	for path, item := range s.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if !strings.Contains(page, `id="`+operation.OperationID+`"`) || !strings.Contains(page, method+" "+apiPath+path) {
				t.Errorf("%s %s is not documented", method, path)
			}
		}
	}
	for _, want := range []string{"curl https://badges.acme.test/api/v1/results", "candidate.email", "Retry-After", "list of Decision", "application/problem+json", "urllib.request"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, p := range problems {
		if n := strings.Count(page, `id="problem-`+p.Code+`"`); n != 1 {
			t.Errorf("problem %s is explained %d times", p.Code, n)
		}
	}
	for _, step := range []string{"First hour", "partner add", "Post a result", "Read the letter", "Claim the badge", "https://badges.acme.test/badges/AWARD_ID"} {
		if !strings.Contains(page, step) {
			t.Errorf("the first hour lacks %q", step)
		}
	}
	if !strings.Contains(page, "Acme Badges partner API") || strings.Contains(page, "Insignia") {
		t.Error("the page is not called as the site is")
	}
	limits := fmt.Sprintf("%d requests a second for each key, %d at once; POST /verify %d a second for each network, %d at once; bodies of %d MiB, %d MiB",
		keyPerSecond, keyBurst, verifyPerSecond, verifyBurst, bodyMost>>20, verifyBodyMost>>20)
	if !strings.Contains(strings.ReplaceAll(page, ",000", "000"), limits) {
		t.Error("the limits are others:", limits)
	}
	if strings.Contains(page, exampleBase) {
		t.Error("an example names another server")
	}
}

// Every route of the partner API is in the document and the other way round.
func TestEachRouteIsDescribed(t *testing.T) {
	s := newSite(t)
	described, served := map[string]bool{}, map[string]bool{}
	for path, item := range s.doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+strings.ReplaceAll(path, "{id}", ":id")] = true
		}
	}
	for _, r := range s.echo.Routes() {
		path, inside := strings.CutPrefix(r.Path, apiPath)
		if inside && r.Path != docsPath && r.Path != specPath && (r.Method == "GET" || r.Method == "POST") {
			served[r.Method+" "+path] = true
		}
	}
	for route := range served {
		if !described[route] {
			t.Error("not described:", route)
		}
	}
	for route := range described {
		if !served[route] {
			t.Error("not served:", route)
		}
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	s := newSite(t)
	w := s.ask("GET", specPath, "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Fatal(w.Code, w.Header())
	}
	d := json.NewDecoder(w.Body)
	for _, want := range []any{json.Delim('{'), "openapi", "3.1.1", "info"} {
		if got, err := d.Token(); err != nil || got != want {
			t.Errorf("got %v %v, want %v: members stay in order", got, err, want)
		}
	}
}
