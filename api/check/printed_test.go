package check_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// row 35: a certificate that is handed in leads to the live record, and nothing else in it is believed.
func TestCertificateHandedIn(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-7", "E7"), apitest.AnasPass("R-4", "E4"))
	id, other := awards[0].ID, awards[len(awards)-1].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	pdf := b.Get("/badges/" + id + "/certificate.pdf").Body
	hand := func(data string) *apitest.Page { return b.Upload("certificate.pdf", []byte(data)) }
	hand(pdf).Want(http.StatusOK, "Genuine and current").Says("This is the badge that the PDF leads to.", "Yearly Certification", "Ana Ruiz")
	hand(pdf).Press("Español").Says("Esta es la insignia a la que lleva el PDF.")
	b = v.Open() // in English again
	if _, err := v.RevokeAward(t.Context(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	hand(pdf).Want(http.StatusOK, "Withdrawn by the issuer")

	link := "/URI(" + issuertest.BaseURL + "/badges/"
	for name, data := range map[string]string{
		"several badges":  "%PDF-1.7 " + link + id + ")" + link + other + ")",
		"another server":  "%PDF-1.7 /URI(https://elsewhere.test/badges/" + id + ")",
		"another address": "%PDF-1.7 /URI(" + issuertest.BaseURL + "/claim/x)",
		"no PDF":          "x" + link + id + ")",
		"too long":        "%PDF-1.7 " + link + strings.Repeat("x", 400) + ")",
	} {
		if got := hand(data); strings.Contains(got.Text(), "leads to") {
			t.Errorf("%s: %s", name, got.Text())
		}
	}
	hand("%PDF-1.7 " + link + "nosuchbadge)").Says("This is the badge that the PDF leads to.")
}
