package api

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/verifier"
)

// upload sends the form of /verify with a file, as browsers do.
func (b *browser) upload(name string, data []byte, fields ...string) *page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k := 0; k < len(fields); k += 2 {
		if err := form.WriteField(fields[k], fields[k+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		b.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	header := b.post.Clone()
	header.Set("Content-Type", form.FormDataContentType())
	return b.do(http.MethodPost, "/verify", body.String(), header)
}

// Every verdict has its page (flows 2.7).
func TestVerdicts(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	awards := v.record(anasPass("R-7", "E7"), anasPass("R-4", "E4"), anasPass("R-1", "E1"), anasPass("R-2", "E2"))
	ids := map[string]string{}
	for _, a := range awards {
		ids[a.Code] = a.ID
		if a.Code != "E2" {
			v.accept(a.ID, issuer.ByLink)
		}
	}
	address := func(code string) string { return issuertest.BaseURL + "/badges/" + ids[code] }
	b := v.open()
	paste := func(input string, more ...string) *page {
		t.Helper()
		return b.get("/verify").press("Check this badge", append([]string{"input", input}, more...)...)
	}
	jwt := b.get("/badges/" + ids["C7"] + "/credential.jwt").body
	png := []byte(b.get("/badges/" + ids["C7"] + "/badge.png").body)

	valid := paste(address("C7")).want(200, "Genuine and current").says("Acme Certification issued this to Ana Ruiz. Valid until 4 March 2027.", "Yearly Certification", "See the badge page")
	if !strings.HasPrefix(valid.path, "/verify?url=") {
		t.Error("no address of its own:", valid.path)
	}
	if valid.header.Get("Cache-Control") != "no-store" || valid.header.Get("X-Robots-Tag") != "noindex" {
		t.Error(valid.header)
	}
	b.get("/badges/"+ids["C7"]).follow("Check it yourself").want(200, "Genuine and current")
	paste(jwt).want(200, "Genuine and current").says("Ana Ruiz", "Open Badges 3.0, signed as JWT")
	b.upload("badge.png", png).want(200, "Genuine and current").says("badge.png", "Ana Ruiz")
	b.upload("badge.png", png, "input", "what is pasted counts less", "form_token", "x").want(200, "Genuine and current")
	paste(jwt, "recipient", "ana@home.test").want(200, "Genuine and current").says("It was issued to the address you typed.")
	wrong := paste(address("C7"), "recipient", "ben@work.test").want(200, "Genuine, but issued to someone else")
	if strings.Contains(wrong.path, "work.test") {
		t.Error("an address in the address:", wrong.path)
	}
	head, rest, _ := strings.Cut(jwt, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	paste(head+"."+claims[:len(claims)-8]+"AAAA"+claims[len(claims)-4:]+"."+signature).want(200, "").hides("Ana Ruiz")
	flipped := "A"
	if signature[0] == 'A' {
		flipped = "B"
	}
	paste(head+"."+claims+"."+flipped+signature[1:]).want(200, "Changed after signing").hides("Ana Ruiz")
	b.upload("shot.png", []byte("\x89PNG\r\n\x1a\n nothing")).want(200, "")
	paste("hello").want(200, "This is neither a link nor a badge")
	paste(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:x"}`).want(200, "Not a valid badge")
	ids["none"] = "2222222222aaaaaaaaaa"
	for _, code := range []string{"E2", "none"} {
		paste(address(code)).want(200, "Nothing to show here").hides("Operating Clouds")
	}
	paste("https://elsewhere.test/assertion.json").want(200, "Couldn't finish the check")
	b.get("/verify?url=https://elsewhere.test/a").want(200, "Check a badge") // no fetching by link
	if in := b.get("/verify?url=https://elsewhere.test/a"); !strings.Contains(in.body, ">https://elsewhere.test/a</textarea>") {
		t.Error("not filled in")
	}

	if _, err := v.SuspendAward(ctx, v.Caller, ids["E4"], "under review"); err != nil {
		t.Fatal(err)
	}
	paste(address("E4")).want(200, "Genuine, but on hold").says("Acme Certification paused it on 5 March 2026.")
	if _, err := v.Void(ctx, v.Caller, "R-1", "result_voided"); err != nil {
		t.Fatal(err)
	}
	paste(address("C1")).want(200, "Withdrawn by the issuer").says("5 March 2026")
	v.Clock.Advance(400 * 24 * time.Hour)
	paste(address("C7")).want(200, "Genuine, but expired").says("It was valid until 4 March 2027.")
}

func TestVerifyPageForm(t *testing.T) {
	v := newVisitors(t)
	b := v.open()
	b.get("/verify").press("Check this badge").want(422, "Check a badge").says("Paste a link or choose a file.")
	b.get("/verify").press("Check this badge", "input", "x", "recipient", "nobody").want(422, "Check a badge").says("doesn't look like")
	b.upload("a.png", nil).want(422, "Check a badge")
	b.upload("big.png", bytes.Repeat([]byte("x"), 8<<20+1)).want(413, "Check a badge").says("larger than 8 MB")
	b.upload("big.png", bytes.Repeat([]byte("x"), 9<<20)).want(413, "Check a badge").says("larger than 8 MB")
	b.upload("fits.png", bytes.Repeat([]byte("x"), 8<<20)).want(200, "No badge inside this file")
	var many []string
	for k := range 12 {
		many = append(many, fmt.Sprint("f", k), "x")
	}
	b.upload("a.png", nil, many...).want(400, "We couldn't read that")
	h := http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}
	b.do(http.MethodPost, "/verify", "--b\r\nbroken", h).want(400, "We couldn't read that")
	// From anywhere: it changes nothing.
	b.post = http.Header{"Origin": {"https://elsewhere.test"}, "Sec-Fetch-Site": {"cross-site"}}
	b.upload("a.txt", []byte("hello")).want(200, "No badge inside this file")

	few := newVisitors(t)
	few.checks = newThrottle(0.01, 2, few.Clock.Now)
	b = few.open()
	for range 2 {
		b.get("/verify?url=https://badges.acme.test/badges/x").want(200, "Nothing to show here")
	}
	p := b.get("/verify?url=https://badges.acme.test/badges/x").want(429, "Check a badge").says("too often")
	if p.header.Get("Retry-After") == "" {
		t.Error(p.header)
	}
}

// What a document says of itself is shown only where its proof holds.
func TestProven(t *testing.T) {
	check := func(name string, o verifier.Outcome) verifier.Check { return verifier.Check{Name: name, Outcome: o} }
	for _, c := range []struct {
		checks []verifier.Check
		want   bool
	}{
		{nil, false},
		{[]verifier.Check{check("parse", verifier.Pass)}, false},
		{[]verifier.Check{check("key", verifier.Pass)}, false},
		{[]verifier.Check{check("proof", verifier.Pass)}, true},
		{[]verifier.Check{check("key", verifier.Pass), check("proof", verifier.Pass), check("status", verifier.Fail)}, true},
		{[]verifier.Check{check("key", verifier.Fail), check("proof", verifier.Pass)}, false},
		{[]verifier.Check{check("key", verifier.Pass), check("proof", verifier.Fail)}, false},
		{[]verifier.Check{check("key", verifier.Unknown)}, false},
	} {
		if got := proven(c.checks); got != c.want {
			t.Errorf("%v: got %v", c.checks, got)
		}
	}
}

func TestResultOfStrangers(t *testing.T) {
	v := newVisitors(t)
	issued := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for id, want := range map[string]string{
		"https://certs.example/issuer": "certs.example", "did:web:certs.example:a": "certs.example", "did:web:localhost%3A80": "localhost:80",
		"did:key:z6Mk": "", "urn:uuid:1": "", "": "", "http://[::1": "",
	} {
		if got := domain(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	r := &verifier.Report{Valid: true, Verdict: verifier.Valid, Checks: []verifier.Check{{Name: "proof", Outcome: verifier.Pass}}, Badge: &verifier.Badge{
		Name: strings.Repeat("é", 400), Image: "https://certs.example/tracker.png", Recipient: "sha256$abc", Issuer: verifier.Issuer{ID: "https://certs.example/issuer"}, IssuedOn: &issued,
	}}
	got := v.result(r, verifier.Input{}, v.docs.Page)
	if len([]rune(got.Title.Value)) != 301 || got.ImageURL != "" || got.Recipient != "" || got.Domain != "certs.example" || !got.IssuedOn.Equal(issued) || !got.Expires.IsZero() {
		t.Errorf("%+v", got)
	}
	r.Badge.Recipient, r.Badge.Image = "Chloé Martin", issuertest.BaseURL+"/achievements/x/image.png"
	if got = v.result(r, verifier.Input{}, v.docs.Page); got.Recipient != "Chloé Martin" || got.ImageURL != "/achievements/x/image.png" {
		t.Errorf("%+v", got)
	}
}

// What an answer says follows from what was handed in: a file, a text, a link, an address that is never opened, or an
// address of ours that is no badge's, which tells nothing of what is there.
func TestAnswersByKindOfInput(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-1", "E1"))[0].ID
	claim := strings.TrimPrefix(v.link(), issuertest.BaseURL)
	v.o.Verifier = verifier.New(verifier.Options{Own: v.Own, Now: v.Clock.Now, Fetch: egress.New(egress.Options{})})
	b := v.open()
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
		p := b.get("/verify").press("Check this badge", "input", c.input).want(200, c.headline).says(c.says)
		if c.headline == refused {
			p.hides("Try again", "didn't answer")
		}
		if lang := b.get("/verify?lang=es").press("Comprobar esta insignia", "input", c.input); strings.Contains(lang.text(), c.headline) {
			t.Errorf("%s: not in Spanish", c.input)
		}
		b.get("/verify?lang=en")
	}
	b.upload("a.txt", []byte("hello")).want(200, none).says("The file holds text")
	b.upload("a.png", []byte("\x89PNG\r\n\x1a\n")).want(200, "")
	b.upload("a.pdf", []byte("%PDF-1.7")).want(200, "No badge inside this PDF")
}

// A name that is short for the badge's is for people to compare: amber, and neither true nor false.
func TestNamesThatFitInPart(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-1", "E1"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	for name, want := range map[string]string{
		"A. Ruiz": "names differ: compare yourself", "Ana": "names differ: compare yourself", "Ruiz, A.": "names differ: compare yourself",
		"Ruiz Ana": "Genuine and current", "Ana Ruiz": "Genuine and current", "Ben Ruiz": "issued to someone else",
	} {
		p := b.get("/verify").press("Check this badge", "input", issuertest.BaseURL+"/badges/"+id, "name", name).want(200, want)
		if amber := strings.Contains(p.body, `class="strip warn"`); amber != strings.Contains(want, "compare") {
			t.Errorf("%s: amber is %v", name, amber)
		}
		if strings.Contains(want, "compare") {
			p.says("issued this to Ana Ruiz", "fits the badge's only in part")
		}
	}
}

// The language switch asks for the same answer again, whatever was handed in and whatever came of it; a page with an
// address of its own has links.
func TestAnswersInAnotherLanguage(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	b.get("/verify?lang=en")
	address := issuertest.BaseURL + "/badges/" + id
	jwt, png := b.get("/badges/"+id+"/credential.jwt").body, []byte(b.get("/badges/"+id+"/badge.png").body)
	paste := func(fields ...string) *page { return b.get("/verify").press("Check this badge", fields...) }
	for name, c := range map[string]struct {
		ask              func() *page
		status           int
		english, spanish string
		says             []string
	}{
		"token":             {func() *page { return paste("input", jwt) }, 200, "Genuine and current", "Auténtica y vigente", []string{"Ana Ruiz"}},
		"file":              {func() *page { return b.upload("my <b>.png", png) }, 200, "Genuine and current", "Auténtica y vigente", []string{"Ana Ruiz", "my <b>.png"}},
		"with a person":     {func() *page { return paste("input", address, "recipient", "ben@work.test") }, 200, "issued to someone else", "emitida a otra persona", []string{"ben@work.test"}},
		"with a moment":     {func() *page { return paste("input", jwt, "at", "2026-03-05T09:00") }, 200, "", "", []string{"09:00"}},
		"nothing in it":     {func() *page { return paste("input", "a\"><script>x") }, 200, "neither a link", "ni un enlace", nil},
		"a form to correct": {func() *page { return paste("input", "x", "recipient", "nobody") }, 422, "Check a badge", "", nil},
	} {
		english := c.ask().want(c.status, c.english).says(c.says...)
		spanish := english.press("Español").says(c.says...)
		if spanish.lang() != "es" || !strings.Contains(spanish.heading(), c.spanish) || spanish.status != english.status {
			t.Errorf("%s: got %d %q in %s", name, spanish.status, spanish.heading(), spanish.lang())
		}
		if back := spanish.press("English"); back.lang() != "en" || back.heading() != english.heading() {
			t.Errorf("%s: not back: %q", name, back.heading())
		}
	}
	if p := paste("input", address).want(200, "Genuine and current").follow("Español"); p.heading() != "Auténtica y vigente" {
		t.Errorf("a page with an address: %q", p.heading())
	}
	b.get("/verify?lang=en")
	b.upload("large.png", bytes.Repeat([]byte("x"), againMost+1)).want(200, "No badge").hides(`name="again"`)
}
