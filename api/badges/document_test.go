package badges_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

func TestBadgeDocuments(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	types := map[string]string{
		"/assertion.json": "application/ld+json", "/assertion.jws": "text/plain; charset=utf-8", "/credential.json": "application/vc",
		"/credential.jwt": "text/plain; charset=utf-8", "/qr.svg": "image/svg+xml", "/badge.svg": "image/svg+xml",
	}
	for _, form := range apitest.Forms {
		path := "/badges/" + id + form
		w := s.Ask("GET", path, "")
		want := types[form]
		if want == "" {
			want = "image/png"
		}
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != want || h.Get("Cache-Control") != "public, max-age=60" ||
			h.Get("Access-Control-Allow-Origin") != "*" || h.Get("X-Robots-Tag") != "noindex" || h.Get("ETag") == "" {
			t.Errorf("%s: got %d %v", form, w.Code, h)
		}
		for _, tag := range []string{h.Get("ETag"), "W/" + h.Get("ETag"), `"x", ` + h.Get("ETag"), "*"} {
			if w := s.Ask("GET", path, "", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != h.Get("ETag") {
				t.Errorf("%s with %s: got %d, %d bytes", form, tag, w.Code, w.Body.Len())
			}
		}
		if w := s.Ask("GET", path, "", "If-None-Match", `"x"`); w.Code != 200 {
			t.Errorf("%s with another tag: %d", form, w.Code)
		}
		head := s.Ask("HEAD", path, "")
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != apitest.Itoa(w.Body.Len()) {
			t.Errorf("HEAD %s: %d %v", form, head.Code, head.Header())
		}
		if o := s.Ask("OPTIONS", path, ""); o.Code != 204 || o.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("OPTIONS %s: %d", form, o.Code)
		}
		if again := s.Ask("GET", path, ""); !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) {
			t.Errorf("%s changes from one request to the next", form)
		}
	}
	s.ShowTo(id, ledger.Public)
	if err := s.Present(context.Background(), issuer.Holder{ID: "ern_ana"}, credential.Presentation{Name: credential.NameFull, Findable: true}); err != nil {
		t.Fatal(err)
	}
	if w := s.Ask("GET", "/badges/"+id+"/qr.png", ""); w.Header().Get("X-Robots-Tag") != "" {
		t.Error("a public badge may be found:", w.Header())
	}

	var assertion map[string]any
	if err := json.Unmarshal(s.Ask("GET", "/badges/"+id+"/assertion.json", "").Body.Bytes(), &assertion); err != nil {
		t.Fatal(err)
	}
	if assertion["id"] != "https://badges.acme.test/badges/"+id+"/assertion.json" {
		t.Error(assertion)
	}
	proven := s.Ask("GET", "/badges/"+id+"/credential.json", "").Body.String()
	chunks, err := openbadge.Extract(s.Ask("GET", "/badges/"+id+"/badge.png", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, c := range chunks {
		texts[c.Keyword] = c.Text
	}
	if texts[openbadge.KeywordOB3] != proven || !strings.Contains(texts[openbadge.KeywordOB2], `"Assertion"`) {
		t.Error("baked:", texts)
	}
}

// row 108: offered, declined, private and unknown badges answer the same bytes.
func TestHiddenBadgesLookTheSame(t *testing.T) {
	s := apitest.New(t)
	offered := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.Pass))
	declined := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-4", "E4")))
	private := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-1x", "E1")))
	h := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
	if err := s.Decline(context.Background(), h, declined); err != nil {
		t.Fatal(err)
	}
	s.ShowTo(private, ledger.Private)
	for _, accept := range []string{"text/html", "application/ld+json", "", "application/vc"} {
		for _, form := range append([]string{""}, apitest.Forms...) {
			var first *httptest.ResponseRecorder
			for _, id := range []string{"2222222222aaaaaaaaaa", "x", "%00", "A", offered, declined, private, strings.Repeat("a", 5000)} {
				w := s.Ask("GET", "/badges/"+id+form, "", "Accept", accept)
				if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s%s: got %d %v", id, form, w.Code, w.Header())
				}
				w.Header().Del("X-Request-Id")
				if first == nil {
					first = w
					continue
				}
				if !bytes.Equal(w.Body.Bytes(), first.Body.Bytes()) || !cmp.Equal(w.Header(), first.Header()) {
					t.Errorf("%s%s as %q differs from an unknown badge:\n%s\n%s\n%s", id, form, accept, w.Body, first.Body, cmp.Diff(first.Header(), w.Header()))
				}
			}
		}
	}
}

func TestBadgeByAccept(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	for _, c := range []struct {
		accept string
		status int
		want   string
	}{
		{"", 200, "text/html; charset=UTF-8"},
		{"*/*", 200, "text/html; charset=UTF-8"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200, "text/html; charset=UTF-8"},
		{"application/json, text/html;q=0.1", 200, "text/html; charset=UTF-8"},
		{"application/json", 200, "application/ld+json"},
		{"application/ld+json", 200, "application/ld+json"},
		{"application/json, text/plain, */*", 200, "application/ld+json"},
		{"application/jwt;q=0.5, application/ld+json", 200, "application/ld+json"},
		{"application/vc+jwt", 200, "application/vc+jwt"},
		{"application/vc, application/jwt", 200, "application/vc"},
		{"application/vc;q=0.7, application/ld+json;q=0.5, application/vc+jwt;q=0.8", 200, "application/vc+jwt"},
		{"application/vc", 200, "application/vc"},
		{"application/vc+ld+json", 200, "application/vc+ld+json"},
		{"image/png", 406, "application/problem+json"},
		{"image/avif,image/webp,*/*;q=0.8", 200, "text/html; charset=UTF-8"},
		{"application/json;q=0, text/html;q=0", 200, "text/html; charset=UTF-8"},
		{"nonsense", 200, "text/html; charset=UTF-8"},
	} {
		w := s.Ask("GET", "/badges/"+id, "", "Accept", c.accept)
		if got := w.Header().Get("Content-Type"); w.Code != c.status || !strings.EqualFold(got, c.want) {
			t.Errorf("%q: got %d %q, want %d %q", c.accept, w.Code, got, c.status, c.want)
		}
		if !apitest.Varies(w.Header(), "Accept") {
			t.Errorf("%q: no Vary", c.accept)
		}
	}
	if w := s.Ask("GET", "/badges/"+id, "", "Accept", "image/png"); !strings.Contains(w.Body.String(), "application/vc+jwt") {
		t.Error("406 does not say what there is:", w.Body)
	}
	for accept, want := range map[string]string{"application/jwt": "application/jwt", "application/vc+jwt": "application/vc+jwt", "text/html": "text/plain; charset=utf-8"} {
		w := s.Ask("GET", "/badges/"+id+"/credential.jwt", "", "Accept", accept)
		if got := w.Header().Get("Content-Type"); got != want {
			t.Errorf("credential.jwt as %s: got %s", accept, got)
		}
	}
}

func TestBadgeWithSlash(t *testing.T) {
	s := apitest.New(t)
	if w := s.Ask("GET", "/badges/abc/", ""); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/badges/abc" {
		t.Errorf("got %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := s.Ask("GET", "/badges/%2F%2Fevil.test/", ""); w.Code != http.StatusNotFound {
		t.Errorf("got %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestWithdrawnBadges(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	path := "/badges/" + id + "/assertion.json"
	before := s.Ask("GET", path, "").Header().Get("ETag")
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/suspend", `{"reason":"case 4711","public_reason":"under review"}`)
	w := s.Ask("GET", path, "", "If-None-Match", before)
	got := apitest.Object(t, w)
	if w.Code != http.StatusGone || got["revoked"] != true || got["revocationReason"] != "under review" || got["id"] != apitest.Issuer1+path {
		t.Error("suspended:", w.Code, w.Body)
	}
	if w := s.Ask("GET", path, "", "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusGone {
		t.Error("a 410 stays a 410:", w.Code)
	}
	if w := s.Ask("GET", "/badges/"+id+"/credential.jwt", ""); w.Code != 200 {
		t.Error("the signed copy stays:", w.Code)
	}
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/reinstate", `{"reason":"all is well"}`)
	if w := s.Ask("GET", path, ""); w.Code != 200 {
		t.Error("reinstated:", w.Code)
	}
	s.ShowTo(id, ledger.Private)
	s.Want(http.StatusOK, "POST", "/results/R-1/void", `{"reason":"posted for the wrong person"}`)
	if w := s.Ask("GET", path, ""); w.Code != http.StatusNotFound {
		t.Error("revoked and private:", w.Code)
	}
}

// A late result joins two earnings of a yearly certification into one; the second award's addresses lead
// to the first.
func TestSupersededBadgesLeadOn(t *testing.T) {
	s := apitest.New(t)
	on := func(id, day string) string {
		return strings.Replace(apitest.PassOf(id, "E7"), "2026-03-04", day, 1)
	}
	first := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", on("R-1", "2023-01-10")))
	second := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", on("R-2", "2024-11-10")))
	s.ShowTo(second, ledger.Public)
	s.Want(http.StatusCreated, "POST", "/results", on("R-3", "2023-12-10"))
	a := s.Want(http.StatusOK, "GET", "/awards/"+second, "")
	if a["validity"] != "superseded" {
		t.Fatal("the second award is", a["validity"])
	}
	if w := s.Ask("GET", "/badges/"+second, ""); w.Code != http.StatusPermanentRedirect { // the choice was inherited
		t.Error("the one that stayed is shown as this one was:", w.Code)
	}
	s.ShowTo(first, ledger.Private)
	w := s.Ask("GET", "/badges/"+second+"/assertion.json", "")
	if w.Code != 200 {
		t.Error("the one that stayed is not visible, so the old address answers:", w.Code)
	}
	s.ShowTo(first, ledger.ByLink)
	if w := s.Ask("GET", "/badges/"+second, ""); w.Code != 200 || strings.Contains(w.Body.String(), first) {
		t.Error("a public address tells the one that is for those with the link:", w.Code)
	}
	s.ShowTo(first, ledger.Public)
	for _, c := range [][2]string{{"", "application/json"}, {"", "text/html"}, {"/assertion.json", ""}, {"/badge.png?x=1", ""}} {
		w := s.Ask("GET", "/badges/"+second+c[0], "", "Accept", c[1])
		if want := apitest.Issuer1 + "/badges/" + first + c[0]; w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != want {
			t.Errorf("%v: got %d %s", c, w.Code, w.Header().Get("Location"))
		}
	}
	answer, ours := s.Own.Document(context.Background(), apitest.Issuer1+"/badges/"+second)
	if !ours || answer.State != verifier.Shown || answer.Address != apitest.Issuer1+"/badges/"+first {
		t.Errorf("fetch: %+v", answer)
	}
}

func TestPictures(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	b, _, err := s.Published(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	a := "/achievements/" + b.Achievement.ID
	for path, want := range map[string]int{
		"/badges/" + id + "/image.png?size=32": 200, "/badges/" + id + "/image.png?size=1200": 200, "/badges/" + id + "/image.png?size=": 200,
		"/badges/" + id + "/image.png?size=31": 422, "/badges/" + id + "/image.png?size=1201": 422, "/badges/" + id + "/image.png?size=big": 422,
		"/badges/" + id + "/image.png?size=99999999999999999999": 422, "/badges/" + id + "/image.png?size=-64": 422,
		a + "/image.png": 200, a + "/image.png?size=64": 200, a + "/image.svg": 200,
		"/achievements/unknown/image.png": 404, "/achievements/unknown/image.png?size=64": 404, "/achievements/unknown/image.svg": 404, "/achievements/%2e%2e/image.svg": 404,
	} {
		w := s.Ask("GET", path, "")
		if w.Code != want {
			t.Errorf("%s: got %d %s, want %d", path, w.Code, w.Body, want)
		}
		if want == 200 && strings.HasPrefix(path, a) && w.Header().Get("Cache-Control") != "public, max-age=86400" {
			t.Error(path, w.Header())
		}
	}
	if w := s.Ask("GET", a+"/image.svg", ""); !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Error("an SVG may run nothing:", w.Header())
	}
}

// row 64: the QR code leads to the badge's page, and has the margin that it needs.
func TestQR(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	picture, err := png.Decode(s.Ask("GET", "/badges/"+id+"/qr.png", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds(); size.Dx() != 512 || size.Dy() != 512 {
		t.Errorf("got %v, want 512 pixels", size)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}) // it is no photograph
	if err != nil || read.GetText() != apitest.Issuer1+"/badges/"+id {
		t.Errorf("a reader finds %v, %v", read, err)
	}
	if level := read.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; level != "M" {
		t.Errorf("got error correction %v, want M", level)
	}
	svg := s.Ask("GET", "/badges/"+id+"/qr.svg", "").Body.String()
	if err := xml.Unmarshal([]byte(svg), new(any)); err != nil && !strings.Contains(err.Error(), "interface") {
		t.Error(err)
	}
	if !strings.Contains(svg, "<title>"+apitest.Issuer1+"/badges/"+id+"</title>") {
		t.Error(svg[:200])
	}
	if !strings.Contains(svg, `<path d="M4 4h7v1h-7z`) {
		t.Error("the margin is not four modules")
	}
	if n := strings.Count(svg, "h7v1h-7z"); n < 6 { // the three finder patterns, top and bottom
		t.Error("finder patterns:", n)
	}
}

// proves: 2.0 §2 issued: Assertion, BadgeClass, Profile, CryptographicKey and RevocationList have all required members
// proves: 2.0 §4 issued: ids equal the addresses of the documents, byte for byte
func TestAchievementAndIssuerDocuments(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	b, _, err := s.Published(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.Options.Keys.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{
		"/achievements/" + b.Achievement.ID + "/badgeclass.json":  "application/ld+json",
		"/achievements/" + b.Achievement.ID + "/achievement.json": "application/ld+json",
		"/issuers/acme/profile.json":                              "application/ld+json",
		"/issuers/acme/issuer.json":                               "application/ld+json",
		"/issuers/acme/did.json":                                  "application/ld+json",
		"/issuers/acme/revocations.json":                          "application/ld+json",
		"/.well-known/jwks.json":                                  "application/jwk-set+json",
	}
	for _, k := range keys {
		if k.Purpose == credential.ForOB2 {
			paths["/issuers/acme/keys/"+k.ID+".json"] = "application/ld+json"
			paths["/issuers/acme/keys/"+k.ID+"/profile.json"] = "application/ld+json"
		} else {
			if k.Purpose == credential.ForProof {
				paths["/issuers/acme/keys/"+k.ID] = "application/ld+json"
			}
			paths["/issuers/acme/keys/"+k.ID+".jwk"] = "application/jwk+json"
		}
	}
	for path, want := range paths {
		w := s.Ask("GET", path, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != want || w.Header().Get("ETag") == "" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: got %d %v", path, w.Code, w.Header())
		}
		if got, hasID := apitest.Object(t, w)["id"]; hasID && got != apitest.Issuer1+path && path != "/issuers/acme/did.json" {
			t.Errorf("%s has id %v", path, got)
		}
		if w := s.Ask("GET", path, "", "If-None-Match", w.Header().Get("ETag")); w.Code != 304 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/issuers/other/profile.json", "/issuers/acme/keys/x.jwk", "/issuers/acme/keys/x.json", "/issuers/acme/keys/x", "/achievements/none/badgeclass.json", "/achievements/%2f/badgeclass.json"} {
		if w := s.Ask("GET", path, ""); w.Code != 404 {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
}

func TestStatusList(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	var credential struct {
		Status struct {
			List string `json:"statusListCredential"`
		} `json:"credentialStatus"`
	}
	token, err := openbadge.ParseJWS(s.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(token.Payload, &credential); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(credential.Status.List, apitest.Issuer1)
	for _, c := range [][3]string{{path, "", "application/vc"}, {path + ".jwt", "", "application/jwt"}, {path, "application/jwt", "application/jwt"}, {path, "application/ld+json, application/json", "application/ld+json"}, {path + ".jwt", "application/vc+jwt", "application/vc+jwt"}} {
		w := s.Ask("GET", c[0], "", "Accept", c[1])
		if w.Code != 200 || w.Header().Get("Content-Type") != c[2] || w.Header().Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%v: got %d %v", c, w.Code, w.Header())
		}
	}
	before := s.Ask("GET", path, "")
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/revoke", `{"reason":"cheated"}`)
	after := s.Ask("GET", path, "", "If-None-Match", before.Header().Get("ETag"))
	if after.Code != 200 || bytes.Equal(before.Body.Bytes(), after.Body.Bytes()) {
		t.Error("a revocation shows at once:", after.Code)
	}
}

// TestHiddenBadgesCostTheSame: a badge that is not shown costs what an unknown id costs, so that no clock tells them apart:
// the same statements of the database, whatever was just changed, for strangers and for others who are signed in. The one
// exception is its holder.
// row 108: nothing tells that there is a badge, its price neither.
func TestHiddenBadgesCostTheSame(t *testing.T) {
	v := apitest.NewVisitors(t)
	offered := v.Post(apitest.AnasPass("R-2", "E2"))[0].ID
	declined := v.Post(apitest.AnasPass("R-4", "E4"))[0].ID
	private := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	ben, ana := v.Open(), v.Open()
	v.Post(apitest.PassBy("R-9", "E3", "C-9", "ben@work.test", "Ben Okafor", "en"))
	v.SignIn(ben, "ben@work.test")
	v.SignIn(ana, "ana@home.test")
	if err := v.Decline(t.Context(), v.Holder("ana@home.test"), declined); err != nil {
		t.Fatal(err)
	}
	if err := v.Accept(t.Context(), v.Holder("ana@home.test"), private, ledger.Private); err != nil {
		t.Fatal(err)
	}
	cost := func(path string, ask func(path string) int) int64 {
		t.Helper()
		before := v.DB.Statements()
		if status := ask(path); status != http.StatusNotFound {
			t.Errorf("%s: got %d", path, status)
		}
		return v.DB.Statements() - before
	}
	ways := map[string]func(path string) int{
		"a stranger": func(path string) int { return v.Ask("GET", path, "", "Accept", "text/html").Code },
		"a program":  func(path string) int { return v.Ask("GET", path, "", "Accept", "application/vc").Code },
		"Ben":        func(path string) int { return ben.Get(path).Status },
	}
	for who, ask := range ways {
		for _, form := range append([]string{"", "/share", "/certificate.pdf", "/embed", "?as=others"}, apitest.Forms...) {
			if form == "/share" && who != "Ben" {
				continue // leads to signing in, whatever the id
			}
			want := cost("/badges/2222222222aaaaaaaaaa"+form, ask)
			if who != "Ben" && want != 1 {
				t.Errorf("%s asks for %s of an unknown badge: %d statements, want 1", who, form, want)
			}
			for state, id := range map[string]string{"offered": offered, "declined": declined, "private": private} {
				if got := cost("/badges/"+id+form, ask); got != want {
					t.Errorf("%s asks for %s of a badge that is %s: %d statements, of an unknown one %d", who, form, state, got, want)
				}
			}
		}
	}
	for state, id := range map[string]string{"unknown": "2222222222aaaaaaaaaa", "offered": offered, "declined": declined, "private": private} {
		if got := cost("/oembed?url="+url.QueryEscape(v.Given.BaseURL+"/badges/"+id), ways["a stranger"]); got != 1 {
			t.Errorf("oEmbed of a badge that is %s: %d statements, want 1", state, got)
		}
	}
	ana.Get("/badges/"+private).Want(200, "Ana Ruiz")
	ana.Get("/badges/"+private+"?as=others").Want(404, "Nothing to show here")
	ben.Get("/badges/"+offered).Want(404, "Nothing to show here")
}
