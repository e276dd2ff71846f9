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
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/templates"
)

// Certificates, transcripts and records of checks are PDF/UA-1 in the eyes of veraPDF, which sees missing letters as well: in every script, in
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
	for n, size := range []paper.Size{paper.A4, paper.Letter} {
		tr := templates.Transcript{With: templates.TranscriptChoice{Past: true, Exams: true}, Page: templates.Page{Lang: "es", Site: "Northlight"}, Name: "Ana 山田", MadeAt: time.Now(), CheckURL: b.name + "/shared/W7K3-QF9M-D2RT",
			Code: "W7K3-QF9M-D2RT", Ends: time.Now().AddDate(0, 3, 0)}
		code, err := web.NewQR(tr.CheckURL)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 40 {
			row := templates.TranscriptBadge{Name: templates.Text{Value: "डेटा की बुनियाद", Lang: "hi"}, Code: "C", EarnedOn: time.Now(), Award: "7kq3", URL: b.name + "/badges/7kq3", Verdict: "valid"}
			if k%2 == 0 {
				tr.Active = append(tr.Active, row)
			} else {
				row.Verdict, row.URL, row.Award = "expired", "", ""
				tr.Past = append(tr.Past, row)
			}
			tr.Exams = append(tr.Exams, templates.TranscriptExam{Name: templates.Text{Value: "Cloud"}, Code: "E", On: time.Now(), Partner: "Test", NoBadge: true})
		}
		data, err := paper.NewFonts("/usr/share/fonts").Transcript(paper.Transcript{Transcript: tr.Worded(), QR: code, Size: size, Program: "Northlight", Made: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		files[b.save(t, fmt.Sprintf("transcript-%d.pdf", n), data)] = "transcript"
	}
	record := templates.Record{
		Page: templates.Page{Lang: "fr", Site: "Northlight"}, Verdict: "expired", CheckedAt: time.Now(), Title: "数据基础 🛰 𒀀", Program: "Insignia",
		Fingerprint: "sha256:" + strings.Repeat("0123456789abcdef", 4), KeyURL: b.name + "/key", Signed: strings.Repeat("eyJ", 9000),
		Checks: []templates.Check{{Name: "dates", Outcome: "fail", Code: "EXPIRED"}, {Name: "proof", Outcome: "pass"}},
	}
	data, err := paper.NewFonts("/usr/share/fonts").Record(record.Sheet())
	if err != nil {
		t.Fatal(err)
	}
	files[b.save(t, "record.pdf", data)] = "record"
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
