package check_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

// Every verdict has its page (flows 2.7).
func TestVerdicts(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	awards := v.Post(apitest.AnasPass("R-7", "E7"), apitest.AnasPass("R-4", "E4"), apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E2"))
	ids := map[string]string{}
	for _, a := range awards {
		ids[a.Code] = a.ID
		if a.Code != "E2" {
			v.ShowTo(a.ID, ledger.ByLink)
		}
	}
	address := func(code string) string { return issuertest.BaseURL + "/badges/" + ids[code] }
	b := v.Open()
	paste := func(input string, more ...string) *apitest.Page {
		t.Helper()
		return b.Get("/verify").Press("Check this badge", append([]string{"input", input}, more...)...)
	}
	jwt := b.Get("/badges/" + ids["C7"] + "/credential.jwt").Body
	png := []byte(b.Get("/badges/" + ids["C7"] + "/badge.png").Body)

	valid := paste(address("C7")).Want(200, "Genuine and current").Says("Acme Certification issued this to Ana Ruiz. Valid until 4 March 2027.", "Yearly Certification", "See the badge page")
	if !strings.HasPrefix(valid.Path, "/verify?url=") {
		t.Error("no address of its own:", valid.Path)
	}
	if valid.Header.Get("Cache-Control") != "no-store" || valid.Header.Get("X-Robots-Tag") != "noindex" {
		t.Error(valid.Header)
	}
	b.Get("/badges/"+ids["C7"]).Follow("Check it yourself").Want(200, "Genuine and current")
	paste(jwt).Want(200, "Genuine and current").Says("Ana Ruiz", "Open Badges 3.0, signed as JWT")
	b.Upload("badge.png", png).Want(200, "Genuine and current").Says("badge.png", "Ana Ruiz")
	b.Upload("badge.png", png, "input", "what is pasted counts less", "form_token", "x").Want(200, "Genuine and current")
	paste(jwt, "recipient", "ana@home.test").Want(200, "Genuine and current").Says("It was issued to the address you typed.")
	wrong := paste(address("C7"), "recipient", "ben@work.test").Want(200, "Genuine, but issued to someone else")
	if strings.Contains(wrong.Path, "work.test") {
		t.Error("an address in the address:", wrong.Path)
	}
	head, rest, _ := strings.Cut(jwt, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	paste(head+"."+claims[:len(claims)-8]+"AAAA"+claims[len(claims)-4:]+"."+signature).Want(200, "").Hides("Ana Ruiz")
	flipped := "A"
	if signature[0] == 'A' {
		flipped = "B"
	}
	paste(head+"."+claims+"."+flipped+signature[1:]).Want(200, "Changed after signing").Hides("Ana Ruiz")
	b.Upload("shot.png", []byte("\x89PNG\r\n\x1a\n nothing")).Want(200, "")
	paste("hello").Want(200, "This is neither a link nor a badge")
	paste(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:x"}`).Want(200, "Not a valid badge")
	ids["none"] = "2222222222aaaaaaaaaa"
	for _, code := range []string{"E2", "none"} {
		paste(address(code)).Want(200, "Nothing to show here").Hides("Operating Clouds")
	}
	paste("https://elsewhere.test/assertion.json").Want(200, "Couldn't finish the check")
	b.Get("/verify?url=https://elsewhere.test/a").Want(200, "Check a badge") // no fetching by link
	if in := b.Get("/verify?url=https://elsewhere.test/a"); !strings.Contains(in.Body, ">https://elsewhere.test/a</textarea>") {
		t.Error("not filled in")
	}

	if _, err := v.SuspendAward(ctx, v.Caller, ids["E4"], "under review"); err != nil {
		t.Fatal(err)
	}
	paste(address("E4")).Want(200, "Genuine, but on hold").Says("Acme Certification paused it on 5 March 2026.")
	if _, err := v.Void(ctx, v.Caller, "R-1", "result_voided"); err != nil {
		t.Fatal(err)
	}
	paste(address("C1")).Want(200, "Withdrawn by the issuer").Says("5 March 2026")
	v.Clock.Advance(400 * 24 * time.Hour)
	paste(address("C7")).Want(200, "Genuine, but expired").Says("It was valid until 4 March 2027.")
}

func TestVerifyPageForm(t *testing.T) {
	v := apitest.NewVisitors(t)
	b := v.Open()
	b.Get("/verify").Press("Check this badge").Want(422, "Check a badge").Says("Paste a link or choose a file.")
	b.Get("/verify").Press("Check this badge", "input", "x", "recipient", "nobody").Want(422, "Check a badge").Says("doesn't look like")
	b.Upload("a.png", nil).Want(422, "Check a badge")
	b.Upload("big.png", bytes.Repeat([]byte("x"), 8<<20+1)).Want(413, "Check a badge").Says("larger than 8 MB")
	b.Upload("big.png", bytes.Repeat([]byte("x"), 9<<20)).Want(413, "Check a badge").Says("larger than 8 MB")
	b.Upload("fits.png", bytes.Repeat([]byte("x"), 8<<20)).Want(200, "No badge inside this file")
	var many []string
	for k := range 12 {
		many = append(many, fmt.Sprint("f", k), "x")
	}
	b.Upload("a.png", nil, many...).Want(400, "We couldn't read that")
	h := http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}
	b.Do(http.MethodPost, "/verify", "--b\r\nbroken", h).Want(400, "We couldn't read that")
	// From anywhere: it changes nothing.
	b.Post = http.Header{"Origin": {"https://elsewhere.test"}, "Sec-Fetch-Site": {"cross-site"}}
	b.Upload("a.txt", []byte("hello")).Want(200, "No badge inside this file")

	few := apitest.NewVisitors(t, func(o *apitest.Options) { o.Checks = web.NewThrottle(0.01, 2, o.Now) })
	b = few.Open()
	for range 2 {
		b.Get("/verify?url=https://badges.acme.test/badges/x").Want(200, "Nothing to show here")
	}
	p := b.Get("/verify?url=https://badges.acme.test/badges/x").Want(429, "Check a badge").Says("too often")
	if p.Header.Get("Retry-After") == "" {
		t.Error(p.Header)
	}
}

func TestResultOfStrangers(t *testing.T) {
	v := apitest.NewVisitors(t)
	issued := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for id, want := range map[string]string{
		"https://certs.example/issuer": "certs.example", "did:web:certs.example:a": "certs.example", "did:web:localhost%3A80": "localhost:80",
		"did:key:z6Mk": "", "urn:uuid:1": "", "": "", "http://[::1": "",
	} {
		if got := check.Domain(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	r := &verifier.Report{Valid: true, Verdict: verifier.Valid, Checks: []verifier.Check{{Name: "proof", Outcome: verifier.Pass}}, Badge: &verifier.Badge{
		Name: strings.Repeat("é", 400), Image: "https://certs.example/tracker.png", Recipient: "sha256$abc", Issuer: verifier.Issuer{ID: "https://certs.example/issuer"}, IssuedOn: &issued,
	}}
	got := v.Check.ResultPage(r, verifier.Input{})
	if len([]rune(got.Title.Value)) != 301 || got.ImageURL != "" || got.Recipient != "" || got.Domain != "certs.example" || !got.IssuedOn.Equal(issued) || !got.Expires.IsZero() {
		t.Errorf("%+v", got)
	}
	r.Badge.Recipient, r.Badge.Image = "Chloé Martin", issuertest.BaseURL+"/achievements/x/image.png"
	if got = v.Check.ResultPage(r, verifier.Input{}); got.Recipient != "Chloé Martin" || got.ImageURL != "/achievements/x/image.png" {
		t.Errorf("%+v", got)
	}
}

// What an answer says follows from what was handed in: a file, a text, a link, an address that is never opened, or an
// address of ours that is no badge's, which tells nothing of what is there.
func TestAnswersByKindOfInput(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) {
		o.Verifier = verifier.New(verifier.Options{Own: check.NewOwn(o.Issuer, o.BaseURL, o.Log), Now: o.Now, Fetch: egress.New(egress.Options{})})
	})
	id := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	claim := strings.TrimPrefix(v.Link(), issuertest.BaseURL)
	b := v.Open()
	const none, neither, refused, nothing = "No badge inside this file", "This is neither a link nor a badge", "We don't open addresses of this kind", "This is no badge address"
	for _, c := range []struct{ input, headline, says string }{
		{"hello", neither, "whole text of its JSON or JWT"},
		{"{}", neither, ""},
		{"http://10.0.0.1/x", refused, "Nothing was asked"},
		{"https://169.254.169.254/latest/meta-data", refused, "Nothing was asked"},
		{"https://localhost/x", refused, ""},
		{"http://badges.example:8080/x", refused, ""},
		{"https://[fd00::1]/x", refused, ""},
		{"https://2130706433/x", refused, ""},
		{issuertest.BaseURL, nothing, "of this site"},
		{issuertest.BaseURL + "/", nothing, "of this site"},
		{issuertest.BaseURL + "/verify", nothing, "of this site"},
		{issuertest.BaseURL + "/me/badges", nothing, "of this site"},
		{issuertest.BaseURL + claim, nothing, "accepts a badge"},
		{issuertest.BaseURL + "/claim/unknown", nothing, "accepts a badge"},
		{issuertest.BaseURL + "/badges/" + id, "Nothing to show here", "isn't sharing it"}, // not accepted yet
		{issuertest.BaseURL + "/badges/2222222222aaaaaaaaaa", "Nothing to show here", "isn't sharing it"},
	} {
		p := b.Get("/verify").Press("Check this badge", "input", c.input).Want(200, c.headline).Says(c.says)
		if c.headline == refused {
			p.Hides("Try again", "didn't answer")
		}
		if lang := b.Get("/verify?lang=es").Press("Comprobar esta insignia", "input", c.input); strings.Contains(lang.Text(), c.headline) {
			t.Errorf("%s: not in Spanish", c.input)
		}
		b.Get("/verify?lang=en")
	}
	b.Upload("a.txt", []byte("hello")).Want(200, none).Says("The file holds text")
	b.Upload("a.png", []byte("\x89PNG\r\n\x1a\n")).Want(200, "")
	b.Upload("a.pdf", []byte("%PDF-1.7")).Want(200, "No badge inside this PDF")
}

// A name that is short for the badge's is for people to compare: amber, and neither true nor false.
func TestNamesThatFitInPart(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	for name, want := range map[string]string{
		"A. Ruiz": "names differ: compare yourself", "Ana": "names differ: compare yourself", "Ruiz, A.": "names differ: compare yourself",
		"Ruiz Ana": "Genuine and current", "Ana Ruiz": "Genuine and current", "Ben Ruiz": "issued to someone else",
	} {
		p := b.Get("/verify").Press("Check this badge", "input", issuertest.BaseURL+"/badges/"+id, "name", name).Want(200, want)
		if amber := strings.Contains(p.Body, `class="strip warn"`); amber != strings.Contains(want, "compare") {
			t.Errorf("%s: amber is %v", name, amber)
		}
		if strings.Contains(want, "compare") {
			p.Says("issued this to Ana Ruiz", "fits the badge's only in part")
		}
	}
}

// The language switch asks for the same answer again, whatever was handed in and whatever came of it; a page with an
// address of its own has links.
func TestAnswersInAnotherLanguage(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	b.Get("/verify?lang=en")
	address := issuertest.BaseURL + "/badges/" + id
	jwt, png := b.Get("/badges/"+id+"/credential.jwt").Body, []byte(b.Get("/badges/"+id+"/badge.png").Body)
	paste := func(fields ...string) *apitest.Page { return b.Get("/verify").Press("Check this badge", fields...) }
	for name, c := range map[string]struct {
		ask              func() *apitest.Page
		status           int
		english, spanish string
		says             []string
	}{
		"token":             {func() *apitest.Page { return paste("input", jwt) }, 200, "Genuine and current", "Auténtica y vigente", []string{"Ana Ruiz"}},
		"file":              {func() *apitest.Page { return b.Upload("my <b>.png", png) }, 200, "Genuine and current", "Auténtica y vigente", []string{"Ana Ruiz", "my <b>.png"}},
		"with a person":     {func() *apitest.Page { return paste("input", address, "recipient", "ben@work.test") }, 200, "issued to someone else", "emitida a otra persona", []string{"ben@work.test"}},
		"with a moment":     {func() *apitest.Page { return paste("input", jwt, "at", "2026-03-05T09:00") }, 200, "", "", []string{"09:00"}},
		"nothing in it":     {func() *apitest.Page { return paste("input", "a\"><script>x") }, 200, "neither a link", "ni un enlace", nil},
		"a form to correct": {func() *apitest.Page { return paste("input", "x", "recipient", "nobody") }, 422, "Check a badge", "", nil},
	} {
		english := c.ask().Want(c.status, c.english).Says(c.says...)
		spanish := english.Press("Español").Says(c.says...)
		if spanish.Lang() != "es" || !strings.Contains(spanish.Heading(), c.spanish) || spanish.Status != english.Status {
			t.Errorf("%s: got %d %q in %s", name, spanish.Status, spanish.Heading(), spanish.Lang())
		}
		if back := spanish.Press("English"); back.Lang() != "en" || back.Heading() != english.Heading() {
			t.Errorf("%s: not back: %q", name, back.Heading())
		}
	}
	if p := paste("input", address).Want(200, "Genuine and current").Follow("Español"); p.Heading() != "Auténtica y vigente" {
		t.Errorf("a page with an address: %q", p.Heading())
	}
	b.Get("/verify?lang=en")
	b.Upload("large.png", bytes.Repeat([]byte("x"), check.AgainMost+1)).Want(200, "No badge").Hides(`name="again"`)
}
