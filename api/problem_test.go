package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
)

// kindsIn counts the constants of type Kind that a file declares in one iota block.
func kindsIn(t *testing.T, file string) (n int) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, isGroup := d.(*ast.GenDecl)
		if !isGroup || g.Tok != token.CONST {
			continue
		}
		if kind, named := g.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); named && kind.Name == "Kind" {
			n += len(g.Specs)
		}
	}
	return n
}

func TestEachKindHasAStatus(t *testing.T) {
	n := kindsIn(t, "../issuer/error.go")
	if n < 7 {
		t.Fatal("found", n, "kinds")
	}
	for k := issuer.Kind(1); int(k) <= n; k++ {
		if statusOf[k] < 400 || statusOf[k] > 499 {
			t.Errorf("issuer kind %d has status %d", k, statusOf[k])
		}
	}
	n = kindsIn(t, "../earner/error.go")
	if n < 9 {
		t.Fatal("found", n, "kinds")
	}
	for k := earner.Kind(1); int(k) <= n; k++ {
		if s := earnerStatusOf[k]; s.status < 400 || s.status > 499 || s.code == "" {
			t.Errorf("earner kind %d has %+v", k, s)
		}
	}
}

// Every code that can be answered is explained in the documentation, with the status that it comes with.
func TestEachCodeIsExplained(t *testing.T) {
	known := map[string]int{}
	for _, p := range problems {
		if _, twice := known[p.Code]; twice || p.Title == "" || p.Fix == "" {
			t.Errorf("%+v", p)
		}
		known[p.Code] = p.Status
	}
	kinds := map[string]issuer.Kind{"Invalid": issuer.Invalid, "NotFound": issuer.NotFound, "Conflict": issuer.Conflict, "Forbidden": issuer.Forbidden,
		"WrongKey": issuer.WrongKey, "KeyReused": issuer.KeyReused, "InProgress": issuer.InProgress}
	for name, code := range refusals(t, "../issuer/*.go") {
		if status, found := known[code]; !found || status != statusOf[kinds[name.kind]] {
			t.Errorf("issuer refuses %s as %s: documented with %d (found: %v)", code, name.kind, status, found)
		}
	}
	for _, s := range earnerStatusOf {
		if known[s.code] != s.status {
			t.Errorf("%s: documented with %d, answered with %d", s.code, known[s.code], s.status)
		}
	}
	doc, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"result_conflict", "unknown_exam", "body_too_large"} {
		if !strings.Contains(string(doc), code) {
			t.Errorf("openapi.yaml does not name %s", code)
		}
	}
}

type refusal struct{ kind, code string }

// refusals finds each refuse(Kind, "code", …) in source files.
func refusals(t *testing.T, pattern string) map[refusal]string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal(pattern, err)
	}
	found := map[refusal]string{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall || len(call.Args) < 2 {
				return true
			}
			name, named := call.Fun.(*ast.Ident)
			kind, isKind := call.Args[0].(*ast.Ident)
			code, isText := call.Args[1].(*ast.BasicLit)
			if named && name.Name == "refuse" && isKind && isText {
				text, _ := strconv.Unquote(code.Value)
				found[refusal{kind.Name, text}] = text
			}
			return true
		})
	}
	if len(found) < 5 {
		t.Fatal("found only", found)
	}
	return found
}

func TestEarnerRefusals(t *testing.T) {
	s := newSite(t)
	when := s.Clock.Now().Add(90 * time.Second)
	for kind := range earnerStatusOf {
		p := s.problemOf(s.echo.NewContext(newRequest(), nil), &earner.Error{Kind: kind, Detail: "no", When: when})
		if p.status != earnerStatusOf[kind].status || p.detail != "no" {
			t.Errorf("%d: %+v", kind, p)
		}
		if kind == earner.Throttled && p.retry != 90*time.Second {
			t.Error("retry:", p.retry)
		}
	}
}

func newRequest() *http.Request { r, _ := http.NewRequest("GET", "/", nil); return r }

func TestProblemsAreInTheDocs(t *testing.T) {
	s := newSite(t)
	page := s.ask("GET", docsPath, "").Body.String()
	for _, p := range problems {
		if !strings.Contains(page, `id="problem-`+p.Code+`"`) {
			t.Errorf("%s has no entry", p.Code)
		}
	}
}
