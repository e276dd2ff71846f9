package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a test proves stands above it, one demand a line:
//
//	// proves: 3.0 §7 judged: a fragment that is a key proves nothing
//
// "issued" is about what we publish, "judged" about what we verify. The tables of docs/standards.md are made of these
// lines, so that a demand is shown only while there is a test for it, and of tests that run in a plain clone.

const standardsFile = "docs/standards.md"

var provesLine = regexp.MustCompile(`^// proves: (2\.0|3\.0|limits)(?: §([0-9]+(?:\.[0-9]+)?))? (issued|judged): (.+)$`)

// sections are the subjects that the numbers stand for. They are those of the notes by which the formats were built, not of the
// specifications, which are several documents with numbers of their own.
var sections = map[string]map[string]string{
	"2.0": {
		"1": "Model", "2": "Classes", "3": "Primitive types", "4": "Publishing", "5": "Recipient", "6": "Hosted verification", "7": "Signed verification",
		"8": "Revocation", "9": "Baking", "11": "Older versions", "17": "Official validators",
	},
	"3.0": {
		"2": "Data model", "2.5": "Results", "3": "JSON-LD contexts", "5": "Data Integrity proofs", "6": "VC-JWT", "7": "Issuer ids and keys", "8": "Status",
		"9": "Refresh", "10": "Verification", "11": "Files and baking", "15": "2.0 beside 3.0",
	},
	"limits": {"": "Every check"},
}

// demand is a row of a table.
type demand struct {
	part, section, text string
	tests               []string // package and name
}

// TestDocumentLinksToProofs writes and compares the tables of demands.
func TestDocumentLinksToProofs(t *testing.T) {
	p := readTests(t)
	rows := map[string]*demand{}
	for _, test := range p.tests {
		if test.decl.Doc == nil {
			continue
		}
		for _, line := range test.decl.Doc.List {
			if !strings.HasPrefix(line.Text, "// proves") {
				continue
			}
			m := provesLine.FindStringSubmatch(line.Text)
			if m == nil {
				t.Errorf("%s.%s: cannot read %q", test.folder, test.name(), line.Text)
				continue
			}
			if why := p.skips(test.folder, test.name(), nil); why != "" || test.constrained {
				t.Errorf("%s.%s is said to prove something and does not run in a plain clone: %s", test.folder, test.name(), cmp.Or(why, "it has a build constraint"))
			}
			if sections[m[1]][m[2]] == "" {
				t.Errorf("%s.%s: there is no section %q of %s", test.folder, test.name(), m[2], m[1])
			}
			key := m[1] + " " + m[3] + " " + m[2] + " " + m[4]
			if rows[key] == nil {
				rows[key] = &demand{part: m[1] + " " + m[3], section: m[2], text: m[4]}
			}
			rows[key].tests = append(rows[key].tests, test.folder+" "+test.name())
		}
	}
	if len(rows) < 80 {
		t.Errorf("got only %d demands: the comments are not read", len(rows))
	}
	for _, part := range []string{"2.0 issued", "3.0 issued", "2.0 judged", "3.0 judged", "limits judged"} {
		generated(t, standardsFile, "proofs "+part, proofTable(rows, part))
	}
}

func proofTable(rows map[string]*demand, part string) string {
	var list []*demand
	for _, d := range rows {
		if d.part == part {
			list = append(list, d)
		}
	}
	number := func(d *demand) float64 {
		n, _ := strconv.ParseFloat(d.section, 64)
		return n
	}
	slices.SortFunc(list, func(a, b *demand) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a.text, b.text))
	})
	var b strings.Builder
	b.WriteString("| about | demand | proved by |\n|---|---|---|\n")
	standard, _, _ := strings.Cut(part, " ")
	for _, d := range list {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", sections[standard][d.section], cell(d.text), testsByPackage(d.tests))
	}
	return b.String()
}

// testsByPackage names each package once.
func testsByPackage(tests []string) string {
	slices.Sort(tests)
	var parts []string
	last := ""
	for _, test := range tests {
		folder, name, _ := strings.Cut(test, " ")
		if folder == last {
			parts[len(parts)-1] += ", " + name
			continue
		}
		parts, last = append(parts, "`"+folder+"` "+name), folder
	}
	return strings.Join(parts, "; ")
}

// testFunction is a function of a test file.
type testFunction struct {
	folder      string
	decl        *ast.FuncDecl
	constrained bool // its file is compiled only when a build tag asks for it
}

func (f testFunction) name() string { return f.decl.Name.Name }

type testFiles struct {
	tests     []testFunction
	functions map[string][]testFunction // by folder and name, methods among them
}

// readTests parses all test files, and the packages that only tests import.
func readTests(t *testing.T) *testFiles {
	t.Helper()
	p := &testFiles{functions: map[string][]testFunction{}}
	files := token.NewFileSet()
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() != ".." && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go") && !(strings.HasSuffix(path, ".go") && strings.HasSuffix(filepath.Dir(path), "test")):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(repository, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, is := decl.(*ast.FuncDecl)
			if !is || f.Body == nil {
				continue
			}
			found := testFunction{filepath.ToSlash(folder), f, buildConstraint(file)}
			key := found.folder + " " + f.Name.Name
			p.functions[key] = append(p.functions[key], found)
			if f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				p.tests = append(p.tests, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// buildConstraint reports whether a file is left out of what make test compiles on Linux.
func buildConstraint(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() > file.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			e, err := constraint.Parse(c.Text)
			return err != nil || !e.Eval(func(tag string) bool { return tag == "linux" || tag == "cgo" })
		}
	}
	return false
}

// skips is what a function says when it leaves its test out, itself or by one that it calls, and "" when it never does.
// What make test brings may be missed: .ci/install and .ci/with-postgres see to it.
func (p *testFiles) skips(folder, name string, seen map[string]bool) (why string) {
	key := folder + " " + name
	if seen[key] {
		return ""
	}
	if seen == nil {
		seen = map[string]bool{}
	}
	seen[key] = true
	for _, f := range p.functions[key] {
		ast.Inspect(f.decl.Body, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || why != "" {
				return why == ""
			}
			switch called := call.Fun.(type) {
			case *ast.Ident:
				why = p.skips(folder, called.Name, seen)
			case *ast.SelectorExpr:
				if strings.HasPrefix(called.Sel.Name, "Skip") && !broughtByMake(call) {
					why = name + " may call " + called.Sel.Name
					break
				}
				why = p.skips(folder, called.Sel.Name, seen) // a method
				if other, is := called.X.(*ast.Ident); is && why == "" && strings.HasSuffix(other.Name, "test") {
					why = p.skipsAnywhere(other.Name, called.Sel.Name, seen)
				}
			}
			return why == ""
		})
	}
	return why
}

// skipsAnywhere is skips for a function of a package that only tests import.
func (p *testFiles) skipsAnywhere(pkg, name string, seen map[string]bool) string {
	for key := range p.functions {
		if folder, function, _ := strings.Cut(key, " "); function == name && strings.HasSuffix("/"+folder, "/"+pkg) {
			return p.skips(folder, name, seen)
		}
	}
	return ""
}

// broughtByMake: what is missing is named by the message as something that make test brings, or was turned off by hand.
func broughtByMake(skip *ast.CallExpr) bool {
	if len(skip.Args) == 0 {
		return false
	}
	text, is := skip.Args[0].(*ast.BasicLit)
	return is && (strings.Contains(text.Value, "make test") || strings.Contains(text.Value, ".ci/install") || strings.Contains(text.Value, "INSIGNIA_TEST_NO_BROWSER is set"))
}

// TestProofsMustRun finds tests that do not run in a plain clone.
func TestProofsMustRun(t *testing.T) {
	p := readTests(t)
	for _, name := range []string{"TestSharedCases", "TestSharedCodes", "TestOwnSchema"} {
		if len(p.functions["verifier "+name]) > 0 && p.skips("verifier", name, nil) == "" {
			t.Errorf("%s needs files that are not in the repository, and that was not seen", name)
		}
	}
}
