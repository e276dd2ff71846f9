package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/open-insignia/insignia/issuer/programme"
)

// The documents are held against the code: links lead somewhere, commands and settings exist, and the tables that
// stand between "generated" marks are those that the code gives. make docs writes them anew.

var update = flag.Bool("update", false, "write the generated parts of the documents anew")

const repository = "../.."

// documents are the texts for people, by their path from the root of the repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*.md"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, _ := filepath.Rel(repository, file)
			texts[filepath.ToSlash(name)] = string(mustRead(t, file))
		}
	}
	return texts
}

var (
	fencedBlock  = regexp.MustCompile("(?ms)^```.*?^```$")
	heading      = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	inlineLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	imageSource  = regexp.MustCompile(`<img[^>]* src="([^"]+)"`)
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the places of a document that a link can name, spelled as GitHub and Forgejo do.
func anchors(text string) map[string]bool {
	places := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fencedBlock.ReplaceAllString(text, ""), -1) {
		place := strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")
		for n, first := 1, place; places[place]; n++ {
			place = fmt.Sprintf("%s-%d", first, n)
		}
		places[place] = true
	}
	return places
}

// TestDocumentLinks follows every link inside the repository, to files and to headings, and finds every document
// from the README.
func TestDocumentLinks(t *testing.T) {
	texts := documents(t)
	reached := map[string]bool{"README.md": true}
	for from, text := range texts {
		text = fencedBlock.ReplaceAllString(text, "")
		for _, link := range append(inlineLink.FindAllStringSubmatch(text, -1), imageSource.FindAllStringSubmatch(text, -1)...) {
			if strings.Contains(link[1], "://") || strings.HasPrefix(link[1], "mailto:") {
				continue
			}
			file, place, _ := strings.Cut(link[1], "#")
			to := from
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(from), file))
			}
			if _, err := os.Stat(filepath.Join(repository, to)); err != nil {
				t.Errorf("%s links to %s, which does not exist", from, link[1])
			}
			if place != "" && !anchors(texts[to])[place] {
				t.Errorf("%s links to %s, which has no such heading", from, link[1])
			}
			reached[to] = reached[to] || from == "README.md"
		}
	}
	for name := range texts {
		if !reached[name] {
			t.Errorf("the README does not link to %s", name)
		}
	}
}

// TestDocumentLinksOfReadme: what somebody reads first fits into a few minutes.
func TestDocumentLinksOfReadme(t *testing.T) {
	if size := len(documents(t)["README.md"]); size >= 9000 {
		t.Errorf("the README has %d bytes, want less than 9,000: move something to docs/", size)
	}
}

// TestFirstHourOfReadme does what the README tells a partner to do.
func TestFirstHourOfReadme(t *testing.T) {
	s, _ := startDemo(t)
	calls := regexp.MustCompile("(?ms)^## A partner's first hour$.*?^```sh$(.*?)^```$").FindStringSubmatch(documents(t)["README.md"])
	if calls == nil {
		t.Fatal("the README has no first hour")
	}
	values := map[string]string{}
	for _, v := range regexp.MustCompile(`(?m)^(\w+)='(.*)'$`).FindAllStringSubmatch(calls[1], -1) {
		values["$"+v[1]] = v[2]
	}
	want := []int{http.StatusOK, http.StatusOK, http.StatusCreated, http.StatusOK, http.StatusOK, http.StatusOK}
	var answers []map[string]any
	for _, c := range regexp.MustCompile(`(?m)^(get|post) (\S+) *(.*?) +# `).FindAllStringSubmatch(calls[1], -1) {
		body, answer := strings.ReplaceAll(strings.Trim(c[3], `"'`), `\"`, `"`), map[string]any{}
		for name, value := range values {
			body = strings.ReplaceAll(body, name, value)
		}
		switch {
		case len(answers) == len(want):
			t.Fatalf("more calls than %d", len(want))
		case c[1] == "post":
			s.call(t, want[len(answers)], "/"+c[2], json.RawMessage(body), &answer)
		default:
			if code := getJSON(t, strings.TrimPrefix(s.base, "http://"), s.key, "/api/v1/"+c[2], &answer); code != want[len(answers)] {
				t.Errorf("get %s: got %d", c[2], code)
			}
		}
		answers = append(answers, answer)
	}
	if len(answers) != len(want) {
		t.Fatalf("got %d calls, want %d", len(answers), len(want))
	}
	if awards, _ := answers[2]["awards"].([]any); len(awards) != 2 || answers[3]["replayed"] != true {
		t.Errorf("got %v and %v, want two awards, and the same again", answers[2], answers[3])
	}
}

// model is the program's command line.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("insignia"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// TestConfigurationDocument holds the tables of settings and commands against the program, and whatever documents and
// files for deployment name against both.
func TestConfigurationDocument(t *testing.T) {
	m := model(t)
	generated(t, "docs/running.md", "settings", settingsTable(m))
	generated(t, "docs/running.md", "commands", commandsTable(m))

	known := map[string]bool{}
	for _, s := range settings(m) {
		known[s.name] = true
	}
	for name, text := range namingFiles(t) {
		for _, setting := range regexp.MustCompile(`INSIGNIA_[A-Z_]+`).FindAllString(text, -1) {
			if !known[setting] && !testSettings[setting] && !strings.HasPrefix(setting, oidcPrefix) {
				t.Errorf("%s names %s, which the program does not know", name, setting)
			}
		}
	}
	flags, paths := map[string]bool{"help": true}, map[string]bool{}
	visit(m.Node, func(n *kong.Node) {
		paths[n.FullPath()] = true
		for _, f := range n.Flags {
			flags[f.Name] = true
		}
	})
	call := regexp.MustCompile("(?m)(?:^|[`/ ])(insignia [a-z]+)((?: [a-z]+)?)([^`\n]*)")
	for name, text := range documents(t) {
		for _, c := range call.FindAllStringSubmatch(onlyCode(text), -1) {
			if !paths[c[1]] && !paths[c[1]+c[2]] {
				t.Errorf("%s names the command %q, which the program does not have", name, c[1]+c[2])
			}
			for _, flag := range regexp.MustCompile(`--([a-z][a-z-]*)`).FindAllStringSubmatch(c[3], -1) {
				if !flags[flag[1]] {
					t.Errorf("%s names the flag --%s, which the program does not have", name, flag[1])
				}
			}
		}
	}
}

// TestConfigurationOfProgramme: the example can be applied, and every member that a file may have is told.
func TestConfigurationOfProgramme(t *testing.T) {
	text := documents(t)["docs/programme-file.md"]
	example := regexp.MustCompile("(?ms)^```yaml$(.*?)^```$").FindStringSubmatch(text)
	if example == nil {
		t.Fatal("there is no example")
	}
	if _, err := programme.Parse(strings.NewReader(example[1]), "docs/programme-file.md"); err != nil {
		t.Error(err)
	}
	for _, part := range []reflect.Type{
		reflect.TypeFor[programme.Programme](), reflect.TypeFor[programme.Issuer](), reflect.TypeFor[programme.Exam](), reflect.TypeFor[programme.Certification](),
	} {
		for _, field := range reflect.VisibleFields(part) {
			member, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if member != "" && !strings.Contains(text, "`"+member+"`") {
				t.Errorf("docs/programme-file.md does not tell what %s of %s is", member, part.Name())
			}
		}
	}
}

// testSettings steer the tests, and are no settings of the program.
var testSettings = map[string]bool{
	"INSIGNIA_TEST_POSTGRES": true, "INSIGNIA_TEST_NO_BROWSER": true, "INSIGNIA_PUBLIC_VALIDATOR": true, "INSIGNIA_RDFC_SUITE": true,
}

// namingFiles are the files that name settings.
func namingFiles(t *testing.T) map[string]string {
	t.Helper()
	files := documents(t)
	delete(files, "CHANGELOG.md") // tells what was
	files["Dockerfile"] = string(mustRead(t, filepath.Join(repository, "Dockerfile")))
	err := filepath.WalkDir(filepath.Join(repository, "deploy"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path] = string(mustRead(t, path))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// onlyCode is what a document shows as code, line by line.
func onlyCode(text string) string {
	blocks := fencedBlock.FindAllString(text, -1)
	spans := regexp.MustCompile("`[^`\n]+`").FindAllString(fencedBlock.ReplaceAllString(text, ""), -1)
	return strings.Join(append(blocks, spans...), "\n")
}

// TestDocumentLinksToTargets: make has every target that a document names.
func TestDocumentLinksToTargets(t *testing.T) {
	makefile := string(mustRead(t, filepath.Join(repository, "Makefile")))
	for name, text := range documents(t) {
		for _, target := range regexp.MustCompile("(?m)(?:^|`|&& )make ([a-z]+)").FindAllStringSubmatch(onlyCode(text), -1) {
			if !regexp.MustCompile(`(?m)^` + target[1] + `:`).MatchString(makefile) {
				t.Errorf("%s names make %s, which the Makefile does not have", name, target[1])
			}
		}
	}
}

// visit goes through all commands.
func visit(n *kong.Node, do func(*kong.Node)) {
	do(n)
	for _, child := range n.Children {
		visit(child, do)
	}
}

// setting is an environment variable of the program.
type setting struct{ name, initial, help, only string }

// settings are all of them: those of the server first, in the order of its configuration.
func settings(m *kong.Application) (list []setting) {
	seen := map[string]bool{}
	add := func(n *kong.Node, only string) {
		for _, f := range n.Flags {
			for _, env := range f.Envs {
				if !seen[env] {
					list = append(list, setting{env, f.Default, f.Help, only})
				}
				seen[env] = true
			}
		}
	}
	visit(m.Node, func(n *kong.Node) {
		if n.Name == "serve" {
			add(n, "")
		}
	})
	visit(m.Node, func(n *kong.Node) { add(n, n.Name) })
	return list
}

func settingsTable(m *kong.Application) string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n|---|---|---|\n")
	for _, s := range settings(m) {
		if s.initial != "" {
			s.initial = "`" + s.initial + "`"
		}
		if s.only != "" {
			s.help += " Only `" + s.only + "`."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.name, s.initial, cell(s.help))
	}
	return b.String()
}

func commandsTable(m *kong.Application) string {
	var b strings.Builder
	b.WriteString("| command | does |\n|---|---|\n")
	visit(m.Node, func(n *kong.Node) {
		if n.Type != kong.CommandNode || len(n.Children) > 0 {
			return
		}
		words := []string{n.FullPath()}
		help := []string{n.Help}
		for _, p := range n.Positional {
			words = append(words, p.Summary())
		}
		for _, f := range n.Flags {
			if len(f.Envs) > 0 || f.Name == "help" || f.Name == "change-base-url" {
				continue // told with the settings
			}
			word := "--" + f.Name
			if !f.IsBool() {
				word += "=" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			}
			if !f.Required {
				word = "[" + word + "]"
			}
			words, help = append(words, word), append(help, "`--"+f.Name+"`: "+f.Help)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(words, " "), cell(strings.Join(help, " ")))
	})
	return b.String()
}

// cell is text that may stand in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}

// generated compares the part of a document between its marks with what the code gives, or writes it.
func generated(t *testing.T, file, part, want string) {
	t.Helper()
	begin, end := "<!-- generated "+part+": make docs -->\n", "<!-- end of "+part+" -->"
	path := filepath.Join(repository, file)
	before, rest, opened := strings.Cut(string(mustRead(t, path)), begin)
	got, after, closed := strings.Cut(rest, end)
	switch {
	case !opened || !closed:
		t.Errorf("%s has no marks of the part %q", file, part)
	case got == want:
	case *update:
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		lost, added := difference(got, want)
		t.Errorf("%s: the part %q is not what the code says; run make docs and read the difference\n- %s\n+ %s",
			file, part, strings.Join(lost, "\n- "), strings.Join(added, "\n+ "))
	}
}

// difference are the lines that only one of two texts has.
func difference(a, b string) (onlyA, onlyB []string) {
	without := func(text, other string) (lines []string) {
		known := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if !slices.Contains(known, line) {
				lines = append(lines, line)
			}
		}
		return lines
	}
	return without(a, b), without(b, a)
}

var (
	firstCell  = regexp.MustCompile("(?m)^\\| ((?:`[^`|]+`(?:, )?)+) \\|")
	codeSpan   = regexp.MustCompile("`([^`]+)`")
	cacheCells = regexp.MustCompile("(?m)^\\| [^|`]+ \\| `([a-z/]+)`, `(\\w+)` \\|")
)

// TestDocumentsImportTable: both tables of rooms have each of the packages in the import table. The one in the README
// may leave out rooms of a room.
func TestDocumentsImportTable(t *testing.T) {
	texts := documents(t)
	for name, begin := range map[string]string{"README.md": "## Architecture", "docs/architecture.md": "## Rooms"} {
		_, text, _ := strings.Cut(texts[name], begin)
		text, _, _ = strings.Cut(text, "\n## ")
		named := map[string]bool{}
		for _, row := range firstCell.FindAllStringSubmatch(text, -1) {
			for _, span := range codeSpan.FindAllStringSubmatch(row[1], -1) {
				named[span[1]] = true
				if _, planned := mayImport[span[1]]; !planned {
					t.Errorf("%s has a package %s, which the import table does not have", name, span[1])
				}
			}
		}
		for room := range mayImport {
			whole, _, inside := strings.Cut(room, "/")
			if !named[room] && !strings.HasSuffix(room, "test") && !(name == "README.md" && inside && named[whole]) {
				t.Errorf("%s does not have package %s", name, room)
			}
		}
	}
}

// TestDocumentsLinkToCaches: every cache that the list has is in the code, and every package that keeps things by key
// is in the list.
func TestDocumentsLinkToCaches(t *testing.T) {
	_, text, _ := strings.Cut(documents(t)["docs/architecture.md"], "## Caches")
	text, _, _ = strings.Cut(text, "\n## ")
	listed := map[string]bool{}
	for _, row := range cacheCells.FindAllStringSubmatch(text, -1) {
		listed[row[1]] = true
		if !regexp.MustCompile(`\b` + row[2] + `\b`).MatchString(sourceOf(t, row[1])) {
			t.Errorf("docs/architecture.md has a cache %s in %s, which does not name it", row[2], row[1])
		}
	}
	if len(listed) < 5 {
		t.Errorf("got only the packages %v: the list is not read", listed)
	}
	for room := range mayImport {
		if strings.HasSuffix(room, "test") || listed[room] {
			continue
		}
		if found := regexp.MustCompile(`\b(simplelru|lru)\.New|\bsync\.Map\b|\b(newCache|cache\.New\[)`).FindString(sourceOf(t, room)); found != "" && !noCaches[room] {
			t.Errorf("%s has %s, and docs/architecture.md no cache in that package", room, found)
		}
	}
}

// noCaches are packages that keep things by key, and no copies of anything: jobs the turns of its lanes.
var noCaches = map[string]bool{"jobs": true}

// sourceOf is the code of a package without its tests.
func sourceOf(t *testing.T, room string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, room, "*.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("package %s: %d files, %v", room, len(files), err)
	}
	var b strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			b.Write(mustRead(t, file))
		}
	}
	return b.String()
}
