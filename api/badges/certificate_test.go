package badges_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/paper"
)

// problemOf is why a program gets no certificate.
func problemOf(t *testing.T, v *apitest.Visitors, path string, status int) map[string]any {
	t.Helper()
	w := v.Ask("GET", path, "", "Accept", "application/json")
	if w.Code != status {
		t.Fatalf("%s: %d %s, want %d", path, w.Code, w.Body, status)
	}
	return apitest.Object(t, w)
}

// row 35: the certificate is a tagged PDF on A4 or Letter with name, title, dates and number, in three languages; its
// address opens the live record.
func TestCertificate(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	path := "/badges/" + id + "/certificate.pdf"
	v.Open().Get(path).Want(http.StatusNotFound, "Nothing to show here") // it waits
	v.ShowTo(id, ledger.ByLink)
	for lang, words := range map[string][]string{
		"en": {"Certificate", "Awarded to", "Ana Ruiz", "Stand-alone Exam", "Acme Certification", "Earned on", "4 March 2026", "Number", "Check status online: it may change after printing."},
		"es": {"Certificado", "Otorgado a", "Ana Ruiz", "Stand-alone Exam", "4 de marzo de 2026", "Comprueba el estado en línea"},
		"fr": {"Attestation", "Décernée à", "Ana Ruiz", "4 mars 2026", "Vérifiez l’état en ligne"},
	} {
		w := v.Ask("GET", path+"?lang="+lang, "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || w.Header().Get("X-Robots-Tag") != "noindex" {
			t.Fatalf("%s: %d %v", lang, w.Code, w.Header())
		}
		if got, want := w.Header().Get("Content-Disposition"), `inline; filename="stand-alone-exam-ana-ruiz.pdf"`; got != want {
			t.Errorf("called %s, want %s", got, want)
		}
		text := apitest.PDFInfo(t, w.Body.String(), "-struct-text")
		for _, word := range append(words, id, strings.TrimPrefix(v.BadgeURL(id), "https://")) {
			if !strings.Contains(text, word) {
				t.Errorf("%s: no %q in\n%s", lang, word, text)
			}
		}
		if again := v.Ask("GET", path, "", "Accept-Language", lang); !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) || !apitest.Varies(again.Header(), "Accept-Language") {
			t.Errorf("%s by its header: another file, or no Vary", lang)
		}
		if !bytes.Contains(w.Body.Bytes(), []byte("/URI("+v.BadgeURL(id)+")")) {
			t.Errorf("%s: no link to the badge", lang)
		}
	}
	for query, want := range map[string]string{"": "595.28 x 841.89 pts (A4)", "?paper=a4": "(A4)", "?paper=letter": "612 x 792 pts (letter)"} {
		about := apitest.PDFInfo(t, v.Ask("GET", path+query, "").Body.String())
		for _, want := range []string{want, "Tagged:          yes", "Pages:           1", "Stand-alone Exam: Ana Ruiz"} {
			if !strings.Contains(about, want) {
				t.Errorf("%s: no %q in\n%s", query, want, about)
			}
		}
	}
	if problem := problemOf(t, v, path+"?paper=a5", http.StatusUnprocessableEntity); problem["code"] != "validation_failed" {
		t.Errorf("got %v", problem)
	}
}

// row 116: names in any script survive byte for byte in page, PDF and credential, whatever the language.
func TestNamesSurvive(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Paper = paper.NewFonts("/usr/share/fonts") })
	for k, name := range []string{"Chloé", "Ñuño", "山田太郎", "محمد بن عبد الله", "नरेन्द्र मोदी", "김민수", "Анна Иванова", "สมชาย ใจดี"} {
		id := v.Post(apitest.PassBy(fmt.Sprintf("R-%d", k), "E4", fmt.Sprintf("C-%d", k), "ana@home.test", name, []string{"es", "fr", "ja", "ar", "", "xx"}[k%6]))[0].ID
		v.ShowTo(id, ledger.ByLink)
		v.Open().Get("/badges/"+id).Want(http.StatusOK, name)
		w := v.Ask("GET", "/badges/"+id+"/certificate.pdf", "")
		if w.Code == http.StatusUnprocessableEntity {
			t.Fatal("fonts are missing: .ci/install test installs them")
		}
		if text := apitest.PDFInfo(t, w.Body.String(), "-struct-text"); !strings.Contains(text, `"`+name+`"`) {
			t.Errorf("%s is not in the PDF:\n%s", name, text)
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(v.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String(), ".")[1])
		if err != nil || !strings.Contains(string(payload), name) {
			t.Errorf("%s is not in the credential: %v", name, err)
		}
	}
}

// row 35: the page of a badge leads to both sizes.
func TestPageLeadsToCertificate(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	v.ShowTo(id, ledger.Public)
	page := v.Open().Get("/badges/" + id + "?lang=es")
	for words, want := range map[string]string{"Certificado (PDF)": "(A4)", "Certificado en tamaño carta (PDF)": "(letter)"} {
		got := page.Follow(words)
		if about := apitest.PDFInfo(t, got.Body); !strings.Contains(about, want) {
			t.Errorf("%s: %s", words, about)
		}
	}
}

// flows 2.5: a private badge is printed for its holder alone, and the sheet says that its address shows nothing.
func TestCertificateOfPrivateBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana, mine := v.Open(), "/me/badges/"+id+"/certificate.pdf"
	v.SignIn(ana, "ana@home.test")
	if err := v.Accept(t.Context(), v.Holder("ana@home.test"), id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	text := apitest.PDFInfo(t, ana.Get(mine).Body, "-struct-text")
	if !strings.Contains(text, "set this badge to private") || !strings.Contains(text, "Ana Ruiz") {
		t.Errorf("the sheet says\n%s", text)
	}
	if got := ana.Get(mine).Header.Get("Cache-Control"); !strings.Contains(got, "no-store") && !strings.Contains(got, "private") {
		t.Errorf("Cache-Control: %s", got)
	}
	v.Open().Get("/badges/"+id+"/certificate.pdf").Want(http.StatusNotFound, "Nothing to show here")
	v.Post(apitest.PassBy("R-2", "E4", "C-78", "ben@work.test", "Ben Okafor", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	ben.Get(mine).Want(http.StatusNotFound, "Nothing to show here")
}

// A withdrawn badge has no certificate any more, wherever the link to one was kept.
func TestCertificateOfWithdrawnBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	v.ShowTo(id, ledger.Public)
	path := "/badges/" + id + "/certificate.pdf"
	if w := v.Ask("GET", path, ""); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if _, err := v.RevokeAward(t.Context(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	if problem := problemOf(t, v, path, http.StatusGone); problem["code"] != "no_certificate" {
		t.Errorf("got %v", problem)
	}
	v.Open().Get(path).Want(http.StatusGone, "There is no certificate of this badge now").Says("Its page tells how it stands")
	v.Open().Get("/badges/" + id).Hides("Certificate (PDF)")
}

// row 35: where no font can write a name, the answer names the script and offers the page to print instead.
func TestCertificateWithoutFont(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.PassBy("R-1", "E4", "cand-9", "ana@home.test", "Ea-nāṣir 𒂍𒀀 🛰", "en"))[0].ID
	v.ShowTo(id, ledger.Public)
	path := "/badges/" + id + "/certificate.pdf"
	problem := problemOf(t, v, path, http.StatusUnprocessableEntity)
	if detail, _ := problem["detail"].(string); problem["code"] != "no_font" || !strings.Contains(detail, "𒂍 𒀀 🛰") {
		t.Errorf("got %v", problem)
	}
	for lang, script := range map[string]string{"en": "Sumero-Akkadian Cuneiform", "es": "cuneiforme sumerio-acadio", "fr": "cunéiforme suméro-akkadien"} {
		page := v.Open().Get(path + "?lang=" + lang)
		page.Says(script, "𒂍 (U+1208D)", "🛰 (U+1F6F0)")
		if page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", lang, page.Status)
		}
	}
	v.Open().Get(path).Follow("Page of the badge").Want(http.StatusOK, "Ea-nāṣir 𒂍𒀀 🛰")
}

// Twenty at once get the same file, drawn one after the other.
func TestCertificatesAtOnce(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	v.ShowTo(id, ledger.Public)
	var wg sync.WaitGroup
	files := make([]string, 20)
	for k := range files {
		wg.Go(func() {
			query := []string{"?lang=en", "?lang=es", "?lang=fr", "?paper=letter&lang=en"}[k%4]
			files[k] = v.Call("GET", "/badges/"+id+"/certificate.pdf"+query, "").Body.String()
		})
	}
	wg.Wait()
	for k := range files {
		if !strings.HasPrefix(files[k], "%PDF-1.7") || files[k] != files[k%4] {
			t.Errorf("file %d: %.80q", k, files[k])
		}
	}
}
