package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Name, address and moment that people type are asked about, and come back when one is wrong.
func TestVerifyAsks(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	address := issuertest.BaseURL + "/badges/" + id
	b := v.Open()
	ask := func(fields ...string) *apitest.Page {
		t.Helper()
		return b.Get("/verify").Press("Check this badge", append([]string{"input", address}, fields...)...)
	}
	ask("name", "ana ruiz").Want(200, "Genuine and current").Says("Compared with ana ruiz", "It was issued to somebody of the name you typed.")
	ask("name", "Ben Okafor").Want(200, "Genuine, but issued to someone else").Says("The name you typed doesn't match.", "It was issued to somebody of another name.")
	ask("name", "Ana Ruiz", "recipient", "ana@home.test").Want(200, "Genuine and current").Says("Ana Ruiz, ana@home.test")
	ask("name", "Ben", "recipient", "ana@home.test").Want(200, "Genuine, but").Says("The name or e-mail you typed doesn't match.")
	ask("name", strings.Repeat("x", 201)).Want(422, "Check a badge").Says("Write the name in up to 200 characters")
	ask("at", "soon").Want(422, "Check a badge").Says("This is not a date and time.").Says("Date and time, UTC")
	ask("at", "2028-03-04T10:00").Want(422, "Check a badge").Says("That moment is still to come.")
	v.Clock.Advance(3 * 365 * 24 * time.Hour)
	for _, at := range []string{"2028-03-04T10:00", "2028-03-04", "2028-03-04 10:00", "2028-03-04T11:00:00+01:00"} {
		ask("at", at).Want(200, "Genuine, but expired").Says("Judged as of 4 March 2028")
	}
	ask("at", "2020-01-01T00:00").Want(200, "Not a valid badge").Says("It is dated in the future, so it doesn't count yet.")
	if p := ask("name", "Ana Ruiz"); strings.Contains(p.Path, "Ana") {
		t.Error("a name in the address:", p.Path)
	}
	again := b.Get("/verify").Press("Check this badge", "input", "https://elsewhere.test/a", "name", "Ana Ruiz").Want(200, "Couldn't finish the check")
	again.Press("Try again").Want(200, "Couldn't finish the check").Says("Compared with Ana Ruiz")
}

// Pictures come from here or from what was proven, never from others.
func TestShownPicture(t *testing.T) {
	v := apitest.NewVisitors(t)
	for address, want := range map[string]string{
		"https://elsewhere.test/x.png": "", "javascript:alert(1)": "", "": "", "data:text/html,x": "", "data:image/gif;base64,AAAA": "", issuertest.BaseURL + "/sign-out": "",
		issuertest.BaseURL + "/achievements/x/image.png": "/achievements/x/image.png", "data:image/png;base64,AAAA": "data:image/png;base64,AAAA",
		"data:image/png;base64," + strings.Repeat("A", check.InsideMost): "",
		"http://badges.acme.test/achievements/x/image.png":               "/achievements/x/image.png", // the other scheme
		"https://BADGES.acme.test:443/badges/x/image.png?size=64":        "/badges/x/image.png?size=64",
		issuertest.BaseURL + "//elsewhere.test/badges/x.png":             "",
	} {
		if got := v.Check.ShownPicture(address); got != want {
			t.Errorf("%.60s: got %.60q", address, got)
		}
	}
}
