package templates_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/templates"
)

var (
	pagesDir = flag.String("pages", "", "also write every example page and letter to this folder, to look at them")
	update   = flag.Bool("update", false, "write the golden files anew")
)

func render(t *testing.T, e example) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.page.Render(&b); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	return b.String()
}

func TestWriteExamples(t *testing.T) {
	if *pagesDir == "" {
		return
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(*pagesDir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(*pagesDir, "assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, a := range templates.Assets {
		write(a.Path, string(a.Body))
	}
	for _, l := range templates.Languages {
		for _, e := range examples(l.Code) {
			write(e.name+"."+l.Code+".html", strings.ReplaceAll(render(t, e), `"/assets/`, `"assets/`))
		}
		for name, letter := range letters(l.Code) {
			html, err := letter.HTML()
			if err != nil {
				t.Fatal(err)
			}
			write("letter_"+name+"."+l.Code+".html", strings.ReplaceAll(html, "cid:badge1", picture))
		}
	}
}
