package api

import (
	"fmt"
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

// issuerStatus is the one status of all codes of a kind, so that a kind means the same everywhere.
var issuerStatus = map[string]int{
	"Invalid": 422, "NotFound": 404, "Conflict": 409, "Forbidden": 403, "WrongKey": 401, "KeyReused": 422, "InProgress": 409,
}

func TestEachKindHasAStatus(t *testing.T) {
	if n := kindsIn(t, "../issuer/error.go"); n != len(issuerStatus) {
		t.Errorf("the issuer has %d kinds, %d have a status", n, len(issuerStatus))
	}
	found := refusalsIn(t, "../issuer/*.go")
	for _, r := range found {
		if status := infoOf[r.code].Status; status == 0 || status != issuerStatus[r.kind] {
			t.Errorf("issuer refuses %q as %s: the list has status %d", r.code, r.kind, status)
		}
	}
	if len(found) < 20 {
		t.Error("found only", found)
	}
	if n := kindsIn(t, "../earner/error.go"); n != len(earnerCodes) {
		t.Errorf("earner has %d kinds, %d have a code", n, len(earnerCodes))
	}
}

// Every code that can be answered is explained in the documentation.
func TestEachCodeIsExplained(t *testing.T) {
	if len(infoOf) != len(problems) {
		t.Error("a code is listed twice")
	}
	for _, p := range problems {
		if p.Status < 400 || p.Title == "" || p.Fix == "" {
			t.Errorf("%+v", p)
		}
	}
	answered := refusalsIn(t, "*.go")
	for _, code := range earnerCodes {
		answered = append(answered, refusal{"", code})
	}
	if len(answered) < 30 {
		t.Error("found only", answered)
	}
	for _, r := range answered {
		if _, listed := infoOf[r.code]; !listed {
			t.Errorf("%q is not in the list", r.code)
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

// refusalsIn finds each refuse(Kind, code, …), &Error{Kind: Kind, Code: code, …}, trouble(code, …) and
// later(code, …) in source files whose code is a text or a constant.
func refusalsIn(t *testing.T, pattern string) (found []refusal) {
	t.Helper()
	files := parsed(t, pattern)
	constants := map[string]string{}
	text := func(e ast.Expr) (string, bool) {
		if name, isName := e.(*ast.Ident); isName {
			value, known := constants[name.Name]
			return value, known
		}
		literal, isLiteral := e.(*ast.BasicLit)
		if !isLiteral {
			return "", false
		}
		value, err := strconv.Unquote(literal.Value)
		return value, err == nil
	}
	note := func(kind, code ast.Expr) {
		name, _ := kind.(*ast.Ident)
		if value, known := text(code); known {
			found = append(found, refusal{fmt.Sprint(name), value})
		}
	}
	walk(files, func(n *ast.ValueSpec) {
		for k, name := range n.Names {
			if k < len(n.Values) {
				if value, known := text(n.Values[k]); known {
					constants[name.Name] = value
				}
			}
		}
	})
	walk(files, func(n *ast.CallExpr) {
		switch name, _ := n.Fun.(*ast.Ident); fmt.Sprint(name) {
		case "refuse":
			note(n.Args[0], n.Args[1])
		case "trouble", "later":
			note(nil, n.Args[0])
		}
	})
	walk(files, func(n *ast.CompositeLit) {
		if name, _ := n.Type.(*ast.Ident); fmt.Sprint(name) != "Error" {
			return
		}
		members := map[string]ast.Expr{}
		for _, e := range n.Elts {
			if pair, isPair := e.(*ast.KeyValueExpr); isPair {
				members[fmt.Sprint(pair.Key)] = pair.Value
			}
		}
		note(members["Kind"], members["Code"])
	})
	return found
}

// walk visits the nodes of one type.
func walk[N ast.Node](files []*ast.File, visit func(N)) {
	for _, f := range files {
		for n := range ast.Preorder(f) {
			if n, is := n.(N); is {
				visit(n)
			}
		}
	}
}

func parsed(t *testing.T, pattern string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func TestEarnerRefusals(t *testing.T) {
	s := newSite(t)
	when := s.Clock.Now().Add(90 * time.Second)
	for kind, code := range earnerCodes {
		p := s.problemOf(s.echo.NewContext(newRequest(), nil), &earner.Error{Kind: kind, Detail: "no", When: when})
		if p.status != infoOf[code].Status || p.code != code || p.detail != "no" {
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
