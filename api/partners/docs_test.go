package partners_test

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/partners"
	"github.com/open-insignia/insignia/api/web"
)

func TestDocs(t *testing.T) {
	s := apitest.New(t)
	w := s.Ask("GET", web.DocsPath, "", "Accept", "text/html")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatal(w.Code, w.Header())
	}
	page := html.UnescapeString(w.Body.String())
	for path, item := range s.Doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if !strings.Contains(page, `id="`+operation.OperationID+`"`) || !strings.Contains(page, method+" "+web.APIPath+path) {
				t.Errorf("%s %s is not documented", method, path)
			}
		}
	}
	for _, want := range []string{"curl https://badges.acme.test/api/v1/results", "candidate.email", "Retry-After", "list of Decision", "application/problem+json", "urllib.request"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, p := range slices.Concat(web.PartnerProblems, web.PageProblems) {
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
	for _, limit := range []string{
		"1000 requests a second for each key, or what RateLimit-Policy says; POST /verify ",
		fmt.Sprintf("; bodies of %d MiB, %d MiB", web.BodyMost>>20, web.VerifyBodyMost>>20),
	} {
		if !strings.Contains(strings.ReplaceAll(page, ",000", "000"), limit) {
			t.Error("the limits are others:", limit)
		}
	}
	if strings.Contains(page, partners.ExampleBase) {
		t.Error("an example names another server")
	}
}

// Every route of the partner API is in the document and the other way round.
func TestEachRouteIsDescribed(t *testing.T) {
	s := apitest.New(t)
	described, served := map[string]bool{}, map[string]bool{}
	for path, item := range s.Doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = true
		}
	}
	for _, r := range s.Routes() {
		path, inside := strings.CutPrefix(r.Path, web.APIPath)
		if inside && r.Path != web.DocsPath && r.Path != web.SpecPath && r.Method != "HEAD" && r.Method != "OPTIONS" {
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
	s := apitest.New(t)
	w := s.Ask("GET", web.SpecPath, "")
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

func TestProblemsAreInTheDocs(t *testing.T) {
	s := apitest.New(t)
	page := s.Ask("GET", web.DocsPath, "").Body.String()
	for _, p := range slices.Concat(web.PartnerProblems, web.PageProblems) {
		if !strings.Contains(page, `id="problem-`+p.Code+`"`) {
			t.Errorf("%s has no entry", p.Code)
		}
	}
}
