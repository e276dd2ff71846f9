package api

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// Name, address and moment that people type are asked about, and come back when one is wrong.
func TestVerifyAsks(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	address := issuertest.BaseURL + "/badges/" + id
	b := v.open()
	ask := func(fields ...string) *page {
		t.Helper()
		return b.get("/verify").press("Check this badge", append([]string{"input", address}, fields...)...)
	}
	ask("name", "ana ruiz").want(200, "Genuine and current").says("Compared with ana ruiz", "It was issued to somebody of the name you typed.")
	ask("name", "Ben Okafor").want(200, "Genuine, but issued to someone else").says("The name you typed doesn't match.", "It was issued to somebody of another name.")
	ask("name", "Ana Ruiz", "recipient", "ana@home.test").want(200, "Genuine and current").says("Ana Ruiz, ana@home.test")
	ask("name", "Ben", "recipient", "ana@home.test").want(200, "Genuine, but").says("The name or e-mail you typed doesn't match.")
	ask("name", strings.Repeat("x", 201)).want(422, "Check a badge").says("Write the name in up to 200 characters")
	ask("at", "soon").want(422, "Check a badge").says("This is not a date and time.").says("Date and time, UTC")
	ask("at", "2028-03-04T10:00").want(422, "Check a badge").says("That moment is still to come.")
	v.Clock.Advance(3 * 365 * 24 * time.Hour)
	for _, at := range []string{"2028-03-04T10:00", "2028-03-04", "2028-03-04 10:00", "2028-03-04T11:00:00+01:00"} {
		ask("at", at).want(200, "Genuine, but expired").says("Judged as of 4 March 2028")
	}
	ask("at", "2020-01-01T00:00").want(200, "Not a valid badge").says("It is dated in the future, so it doesn't count yet.")
	if p := ask("name", "Ana Ruiz"); strings.Contains(p.path, "Ana") {
		t.Error("a name in the address:", p.path)
	}
	again := b.get("/verify").press("Check this badge", "input", "https://elsewhere.test/a", "name", "Ana Ruiz").want(200, "Couldn't finish the check")
	again.press("Try again").want(200, "Couldn't finish the check").says("Compared with Ana Ruiz")
}

func TestRunOrders(t *testing.T) {
	rows := []templates.RunRow{{Number: 1, Title: "b", Look: "valid"}, {Number: 2, Issuer: "X", Look: "revoked"}, {Number: 3, Title: "A", Holder: "Z"}}
	for order, want := range map[string][]int{
		"": {1, 2, 3}, "nonsense": {1, 2, 3}, "-order": {3, 2, 1}, "badge": {3, 1, 2}, "-badge": {2, 1, 3}, "issuer": {2, 1, 3}, "holder": {3, 1, 2}, "answer": {2, 1, 3}, "issued": {1, 2, 3}, "expires": {1, 2, 3},
	} {
		list := slices.Clone(rows)
		sortRows(list, order)
		if got := []int{list[0].Number, list[1].Number, list[2].Number}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", order, got, want)
		}
	}
	for _, column := range templates.Columns {
		if orders[column] == nil {
			t.Errorf("nothing sorts by %s", column)
		}
	}
}

// What strangers write has an end, and what failed is kept before what did not.
func TestBounded(t *testing.T) {
	long := strings.Repeat("é", 5000)
	r := &verifier.Report{Extracted: map[string]string{"openbadges": long}, Badge: &verifier.Badge{Name: long, ID: long, Recipient: long, Description: long, Image: long, Issuer: verifier.Issuer{ID: long, Name: long, URL: long}}}
	for k := range 1000 {
		outcome := verifier.Warning
		if k == checksKept+5 {
			outcome = verifier.Fail
		}
		r.Checks = append(r.Checks, verifier.Check{Name: "endorsement", Outcome: outcome, Message: long, Property: long})
	}
	got := bounded(r)
	if data := encode(got); len(data) > 200_000 || len(got.Checks) != checksKept+1 || got.Checks[checksKept].Outcome != verifier.Fail || got.Extracted != nil {
		t.Errorf("%d bytes, %d checks", len(data), len(got.Checks))
	}
	if r.Badge.Name != long || len(r.Checks) != 1000 || r.Extracted == nil {
		t.Error("the report was changed")
	}
}

// Pictures come from here or from what was proven, never from others.
func TestShownPicture(t *testing.T) {
	v := newVisitors(t)
	for address, want := range map[string]string{
		"https://elsewhere.test/x.png": "", "javascript:alert(1)": "", "": "", "data:text/html,x": "", "data:image/gif;base64,AAAA": "", issuertest.BaseURL + "/sign-out": "",
		issuertest.BaseURL + "/achievements/x/image.png": "/achievements/x/image.png", "data:image/png;base64,AAAA": "data:image/png;base64,AAAA",
		"data:image/png;base64," + strings.Repeat("A", insideMost): "",
		"http://badges.acme.test/achievements/x/image.png":         "/achievements/x/image.png", // the other scheme
		"https://BADGES.acme.test:443/badges/x/image.png?size=64":  "/badges/x/image.png?size=64",
		issuertest.BaseURL + "//elsewhere.test/badges/x.png":       "",
	} {
		if got := v.shownPicture(address); got != want {
			t.Errorf("%.60s: got %.60q", address, got)
		}
	}
}
