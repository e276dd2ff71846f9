package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
)

func TestThrottled(t *testing.T) {
	now := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	s := New(Options{BaseURL: "https://badges.test", Now: func() time.Time { return now }})
	when := now.Add(90 * time.Second)
	p := s.ProblemOf(echo.New().NewContext(httptest.NewRequest("GET", "/", nil), nil), &refusal.Error{Code: earner.Throttled, Detail: "no", When: when})
	if p.Status != http.StatusTooManyRequests || p.detail != "no" || p.Retry != 90*time.Second {
		t.Errorf("got %+v", p)
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
	for room, least := range map[string]int{"issuer": 20, "partner": 7, "earner": 9, "api": 2, "api/*": 20} {
		answered := codesIn(t, "../../"+room+"/*.go")
		if len(answered) < least {
			t.Error("found only", answered, "in", room)
		}
		for _, code := range answered {
			if _, listed := infoOf[code]; !listed {
				t.Errorf("%s: %q is not in the list", room, code)
			}
		}
	}
	doc, err := os.ReadFile("../partners/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"result_conflict", "unknown_exam", "body_too_large"} {
		if !strings.Contains(string(doc), code) {
			t.Errorf("openapi.yaml does not name %s", code)
		}
	}
}

// codesIn finds the code of each refusal.New(code, …), &refusal.Error{Code: code, …}, NewProblem(code, …) and
// Later(code, …) in source files where it is a text or a constant.
func codesIn(t *testing.T, pattern string) (found []string) {
	t.Helper()
	files := parsed(t, pattern)
	constants := map[string]string{}
	text := func(e ast.Expr) (string, bool) {
		if elsewhere, isSelector := e.(*ast.SelectorExpr); isSelector {
			e = elsewhere.Sel
		}
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
	note := func(code ast.Expr) {
		if value, known := text(code); known {
			found = append(found, value)
		}
	}
	walk(append(parsed(t, "problem.go"), files...), func(n *ast.ValueSpec) {
		for k, name := range n.Names {
			if k < len(n.Values) {
				if value, known := text(n.Values[k]); known {
					constants[name.Name] = value
				}
			}
		}
	})
	walk(files, func(n *ast.CallExpr) {
		switch types.ExprString(n.Fun) {
		case "refusal.New", "NewProblem", "Later", "web.NewProblem", "web.Later":
			note(n.Args[0])
		}
	})
	walk(files, func(n *ast.CompositeLit) {
		if n.Type == nil || types.ExprString(n.Type) != "refusal.Error" {
			return
		}
		for _, e := range n.Elts {
			if pair, isPair := e.(*ast.KeyValueExpr); isPair && types.ExprString(pair.Key) == "Code" {
				note(pair.Value)
			}
		}
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
