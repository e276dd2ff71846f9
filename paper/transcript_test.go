package paper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/templates"
)

func transcript(lang, name string, entries int) Transcript {
	day := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	t := templates.Transcript{With: templates.TranscriptChoice{Past: true, Exams: true},
		Page: templates.Page{Lang: lang, Site: "Northlight Institute"}, Name: name, MadeAt: day.Add(9 * time.Hour), CheckURL: "https://badges.northlight.example/verify",
	}
	for k := range entries {
		b := templates.TranscriptBadge{
			Name: templates.Text{Value: scripts[k%len(scripts)].title}, Code: fmt.Sprintf("C-%d", k), EarnedOn: day.AddDate(0, -k, 0), Verdict: "valid",
			Award: fmt.Sprintf("k4wq7m2x9c3v5b8n%04d", k), URL: fmt.Sprintf("https://badges.northlight.example/badges/k4wq7m2x9c3v5b8n%04d", k),
		}
		switch k % 4 {
		case 0:
			t.Active = append(t.Active, b)
		case 1:
			b.Verdict, b.Expires = "expired", day.AddDate(0, 0, -k)
			t.Past = append(t.Past, b)
		default:
			t.Exams = append(t.Exams, templates.TranscriptExam{Name: b.Name, Code: b.Code, On: b.EarnedOn, Partner: "Testing Centre Göttingen GmbH", NoBadge: k%8 == 2})
		}
	}
	return Transcript{Transcript: t.Worded(), Size: A4, Program: "Insignia", Made: day.Add(9 * time.Hour)}
}

// row 37: a transcript of any length goes over as many sheets as it takes; nothing is lost at their ends, and whoever
// hears it read hears each heading once.
func TestTranscript(t *testing.T) {
	needFonts(t)
	for _, size := range []Size{A4, Letter} {
		tr := transcript("es", "Chloé Ñuño-山田", 100)
		tr.Size = size
		data, err := debian().Transcript(tr)
		if err != nil {
			t.Fatal(err)
		}
		if *look != "" {
			if err := os.WriteFile(filepath.Join(*look, "transcript_"+string(size)+".pdf"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text := oneLine(spoken(t, data))
		for k := range 100 {
			if code := fmt.Sprintf("\"C-%d\"", k); strings.Count(text, code) != 1 {
				t.Errorf("%s is there %d times", code, strings.Count(text, code))
			}
		}
		for _, words := range []string{"Certificaciones vigentes", "Certificaciones anteriores", "Exámenes aprobados", "Centro examinador"} {
			if strings.Count(text, words) != 1 {
				t.Errorf("%s is said %d times", words, strings.Count(text, words))
			}
		}
		sheets := bytes.Count(data, []byte("/Type/Page/"))
		if seen := extracted(t, data); sheets < 4 || !strings.Contains(seen, fmt.Sprintf("Página %d de %[1]d", sheets)) {
			t.Errorf("%d sheets, the last is not numbered", sheets)
		}
	}
}

// row 37: without anything to tell it says so.
func TestEmptyTranscript(t *testing.T) {
	data, err := NewFonts("").Transcript(transcript("fr", "", 0))
	if err != nil {
		t.Fatal(err)
	}
	if text := spoken(t, data); !strings.Contains(text, "Aucun examen n’a encore été réussi") {
		t.Error(text)
	}
}

// A transcript of 40 entries takes 80 ms at most.
func BenchmarkTranscript(b *testing.B) {
	needFonts(b)
	t := transcript("en", "Ana 山田", 40)
	for b.Loop() {
		data, err := debian().Transcript(t)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "B/file")
	}
}
