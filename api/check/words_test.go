package check_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// verifierConstants are the exported texts of the verifier that match, by their names.
func verifierConstants(t *testing.T, want *regexp.Regexp) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../verifier/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	found := map[string]string{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			for i, name := range spec.Names {
				if i >= len(spec.Values) || !name.IsExported() {
					continue
				}
				if literal, is := spec.Values[i].(*ast.BasicLit); is && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil && want.MatchString(text) {
						found[name.Name] = text
					}
				}
			}
			return true
		})
	}
	return found
}

// generalWords are the sentences that say nothing but how a step went.
func generalWords(lang string) map[string]bool {
	general := map[string]bool{}
	for _, outcome := range []string{"pass", "fail", "warning", "unknown", "skipped", "?"} {
		general[templates.CheckText(lang, templates.Check{Outcome: outcome})] = true
	}
	return general
}

// Every check name and every code of the verifier has words in every language.
func TestEveryCheckHasWords(t *testing.T) {
	codes := verifierConstants(t, regexp.MustCompile(`^[A-Z][A-Z_]{4,}$`))
	if len(codes) < 30 {
		t.Fatalf("found %d codes only", len(codes))
	}
	for _, l := range templates.Languages {
		general := generalWords(l.Code)
		for constant, code := range codes {
			if general[templates.CheckText(l.Code, templates.Check{Outcome: "fail", Code: code})] {
				t.Errorf("%s: code %s (%s) has no words", l.Code, code, constant)
			}
		}
		for _, name := range append([]string{"issuer"}, verifier.CheckNames...) {
			if general[templates.CheckText(l.Code, templates.Check{Name: name, Outcome: "pass"})] {
				t.Errorf("%s: %s has no words for having passed", l.Code, name)
			}
			for _, format := range []string{verifier.FormatOB2Hosted, verifier.FormatOB3JWT} {
				if ask, why := templates.CheckQuestion(l.Code, name, format); ask == "" || why == "" {
					t.Errorf("%s: %s of %s asks %q because %q", l.Code, name, format, ask, why)
				}
			}
		}
	}
}

// Every check name is in the verifier's list, so that none gets past the test above.
func TestEveryCheckNameIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, name := range verifier.CheckNames {
		listed[name] = true
	}
	for constant, text := range verifierConstants(t, regexp.MustCompile(`^[a-z]+$`)) {
		if len(constant) > 5 && constant[:5] == "Check" && !listed[text] {
			t.Errorf("%s is not in CheckNames", constant)
		}
	}
}

// Every verdict has its word, and the order of looks has them all.
func TestEveryVerdictIsRanked(t *testing.T) {
	for _, verdict := range []verifier.Verdict{verifier.Valid, verifier.Expired, verifier.Superseded, verifier.Suspended, verifier.Revoked, verifier.WrongRecipient,
		verifier.Altered, verifier.NotABadge, verifier.Invalid, verifier.NotShared, verifier.Undetermined} {
		for k := range 8 {
			look := templates.VerdictFacts{Verdict: string(verdict), IssuerKnown: k%2 == 0, Other: k/2%2 == 0, Test: k >= 4}.Look()
			if check.Rank(look) > 0 {
				t.Errorf("%s has no place", look)
			}
			for _, l := range templates.Languages {
				if word := templates.VerdictWord(l.Code, look); word == "" || word == "word."+look {
					t.Errorf("%s: %s has no word", l.Code, look)
				}
			}
		}
	}
}
