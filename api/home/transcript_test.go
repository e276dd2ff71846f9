package home_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// row 37: the transcript has certifications and passed exams, and neither scores nor what was not passed; its page and
// its PDF say the same.
func TestTranscript(t *testing.T) {
	v := apitest.NewVisitors(t)
	failed := apitest.AnasPass("R-0", "E3")
	failed.Outcome = "fail"
	awards := v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E4"), failed)
	ana := accepted(v)
	var c1 string
	for _, a := range awards {
		if a.Code == "C1" {
			c1 = a.ID
		}
	}
	page := ana.Get("/me/credentials").Follow("Transcript").Want(http.StatusOK, "Transcript")
	page.Says("Active certifications", "Cloud Fundamentals", c1, "Exams passed", "Stand-alone Exam", "TestCo").Hides("812", "Not passed", "E3")
	file := page.Follow("Transcript (PDF)")
	if got := file.Header.Get("Content-Type") + " " + file.Header.Get("Content-Disposition"); got != `application/pdf inline; filename="transcript.pdf"; filename*=UTF-8''Transcript%3A%20Ana%20Ruiz.pdf` {
		t.Error(got)
	}
	if got := file.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: %s", got)
	}
	text := apitest.PDFInfo(t, file.Body, "-struct-text")
	for _, words := range []string{"Transcript", "Ana Ruiz", "Active certifications", "Cloud Fundamentals", c1, "Exams passed", "Stand-alone Exam", "4 March 2026", "badges.acme.test/verify"} {
		if !strings.Contains(text, words) {
			t.Errorf("no %q in\n%s", words, text)
		}
	}
	if strings.Contains(text, "812") || strings.Contains(text, "E3") {
		t.Errorf("scores or what was not passed are in\n%s", text)
	}
	if about := apitest.PDFInfo(t, page.Follow("Transcript on US Letter (PDF)").Body); !strings.Contains(about, "(letter)") || !strings.Contains(about, "Tagged:          yes") {
		t.Error(about)
	}
	for lang, word := range map[string]string{"es": "Certificaciones vigentes", "fr": "Certifications en cours de validité"} {
		ana.Get("/me/transcript?lang=" + lang).Says(word)
		if text := apitest.PDFInfo(t, ana.Get("/me/transcript.pdf?lang="+lang).Body, "-struct-text"); !strings.Contains(text, word) {
			t.Errorf("%s: %s", lang, text)
		}
	}
	ana.Get("/me/transcript.pdf?paper=a5&lang=en").Want(http.StatusUnprocessableEntity, "We couldn't read that")
	v.Open().Get("/me/transcript.pdf").Want(http.StatusOK, "Sign in")
}

// flows 2.5: what only its holder sees is in the transcript without its number, and so is what was declined.
func TestTranscriptOfPrivateBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-1", "E1"))
	ana := accepted(v)
	for _, a := range awards {
		if err := v.Show(t.Context(), v.Holder("ana@home.test"), a.ID, ledger.Private); err != nil {
			t.Fatal(err)
		}
		ana.Get("/me/transcript").Says("Cloud Fundamentals", "Not shown online").Hides(a.ID)
		if text := apitest.PDFInfo(t, ana.Get("/me/transcript.pdf").Body, "-struct-text"); !strings.Contains(text, "Not shown online") || strings.Contains(text, a.ID) {
			t.Error(text)
		}
		if err := v.Decline(t.Context(), v.Holder("ana@home.test"), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	ana.Get("/me/transcript").Says("Cloud Fundamentals", "Not shown online")
}

// Certifications that ended are apart, and what was withdrawn is not there.
func TestTranscriptOfPastCertifications(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-1", "E1"))
	ana := accepted(v)
	for _, a := range awards {
		if _, err := v.RevokeAward(t.Context(), v.Caller, a.ID, "by mistake"); err != nil {
			t.Fatal(err)
		}
	}
	ana.Get("/me/transcript").Says("There is no active certification.").Hides(awards[0].ID)
	if parts := attribute(ana.Get("/me/transcript"), "section", "aria-labelledby"); slices.Contains(parts, "past") {
		t.Error(parts)
	}
}

// row 35: a name that no font can write has no transcript on paper, and the page says why.
func TestTranscriptWithoutFont(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-1", "E4", "cand-9", "ana@home.test", "Ea-nāṣir 𒂍𒀀", "en"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	page := ana.Get("/me/transcript.pdf").Want(http.StatusUnprocessableEntity, "This name can't be printed here").Says("Cuneiform")
	page.Follow("Transcript").Want(http.StatusOK, "Transcript")
}
