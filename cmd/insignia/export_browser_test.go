package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/earner/leaving"
)

// TestExportOpensFromDisk: the file that somebody takes along is unpacked and opened in a browser that reaches nothing:
// it asks for nothing but what lies beside it, and its badges verify.
//
// row 105: what was taken along is verified by whoever gets it, without an account.
func TestExportOpensFromDisk(t *testing.T) {
	b := newChromium(t)
	s := startServer(t, nil)
	s.award(t, passed("R-1", "NL-210", "ana@home.test", "Ana Ruiz", 30))
	s.award(t, passed("R-2", "NL-220", "ana@home.test", "Ana Ruiz", 20))
	account, found, err := s.earners.AccountOf(t.Context(), "ana@home.test")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if err := s.exports.Ask(t.Context(), account.ID, "es"); err != nil {
		t.Fatal(err)
	}
	var e leaving.Export
	eventually(t, "the file is made", func() bool {
		if e, _, err = s.exports.Find(t.Context(), account.ID); err != nil {
			t.Fatal(err)
		}
		return e.State == leaving.Ready
	})
	folder := t.TempDir()
	unzip(t, s.exports.Open(t.Context(), e), folder)
	w := b.tab(t, "file://"+folder)
	w.open("/index.html").picture("64-export", "es", "1280-light")
	w.mu.Lock()
	for _, fault := range w.faults {
		t.Error(fault)
	}
	w.mu.Unlock()
	if got := w.text("h1"); got != "Datos de Ana Ruiz" {
		t.Errorf("got %q", got)
	}
	if n := evaluate[int](w, "[...document.images].filter(i => i.naturalWidth > 0).length"); n != 2 {
		t.Errorf("%d pictures are shown", n)
	}
	if n := evaluate[int](w, "document.styleSheets.length"); n != 1 {
		t.Errorf("%d stylesheets", n)
	}
	pictures, err := filepath.Glob(filepath.Join(folder, "badges", "*", "*.png"))
	if err != nil || len(pictures) != 2 {
		t.Fatal(pictures, err)
	}
	for _, name := range pictures {
		picture, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var report struct{ Valid bool }
		s.sendFile(t, proof{url: "badge.png", data: picture}, &report)
		if !report.Valid {
			t.Errorf("%s does not verify", name)
		}
	}
}

// unzip unpacks a file into a folder.
func unzip(t *testing.T, from io.Reader, folder string) {
	t.Helper()
	data, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.Contains(f.Name, "..") {
			t.Fatal(f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
