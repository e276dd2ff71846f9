//go:build conformance

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// row 35: certificates are PDF/UA-1 in the eyes of veraPDF, which sees missing letters as well: in every script, in
// three languages, on both papers.
func TestConformancePaper(t *testing.T) {
	jar, err := filepath.Abs(filepath.Join(conformanceFolder, "verapdf/greenfield-apps.jar"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(jar); err != nil {
		t.Skip("veraPDF cannot run here: .ci/conformance/install left it out and says why")
	}
	b := newSite(t, func(c *config) { c.Fonts = "/usr/share/fonts" })
	files := map[string]string{}
	for k, name := range []string{
		"Chloé O’Neil-Ñuño", "Nguyễn Thị Ánh", "Ελένη Παπαδοπούλου", "Анна Иванова", "محمد بن عبد الله", "שָׁלוֹם כהן", "नरेन्द्र क्षत्रिय",
		"สมชาย ใจดี", "王小明", "山田太郎", "김민수", "Ana 山田 محمد (Ltd) शर्मा", strings.TrimSpace(strings.Repeat("Maximiliane ", 16)),
	} {
		badge := b.award(t, passed(fmt.Sprintf("R-%d", k), "NL-100", fmt.Sprintf("p%d@home.test", k), name, 9))
		for n, query := range []string{"?lang=en", "?paper=letter&lang=es", "?lang=fr"} {
			file := b.save(t, fmt.Sprintf("certificate-%d-%d.pdf", k, n), b.get(t, badge+"/certificate.pdf"+query, "application/pdf"))
			if file != "" {
				files[file] = name + " " + query
			}
		}
	}
	arguments := []string{"-cp", jar, "org.verapdf.apps.GreenfieldCliWrapper", "-f", "ua1", "--format", "text", "-v"}
	for file := range files {
		arguments = append(arguments, file)
	}
	c := exec.CommandContext(t.Context(), "java", arguments...)
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	err = c.Run()
	passes := 0
	for line := range strings.Lines(out.String()) {
		if word, file, _ := strings.Cut(strings.TrimSpace(line), " "); word == "PASS" {
			passes++
		} else {
			t.Errorf("%s: %s", files[strings.Fields(file + " ")[0]], line)
		}
	}
	if err != nil || passes != len(files) || passes == 0 {
		t.Errorf("veraPDF passes %d of %d, %v\n%s", passes, len(files), err, complaints.String())
	}
}
