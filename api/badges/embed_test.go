package badges_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestEmbed: any site may frame the badge, which has no script, asks nobody else for anything, and tells how it stands now.
//
// row 65: the frame shows the badge and links to it. row 92: expired by the clock, it says so on the next request.
func TestEmbed(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	path := "/badges/" + id + "/embed"
	p := v.Open().Get(path).Want(200, "Yearly Certification").Says("Ana Ruiz", "Acme Certification", "Valid until 4 March 2027", "Check it on badges.acme.test")
	policy := p.Header.Get("Content-Security-Policy")
	for _, want := range []string{"frame-ancestors *", "sandbox allow-popups ", "allow-top-navigation-by-user-activation", "default-src 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %q, without %s", policy, want)
		}
	}
	if strings.Contains(policy, "script") || p.Header.Get("X-Frame-Options") != "" || p.Header.Get("X-Robots-Tag") != "noindex" || p.Header.Get("Cache-Control") != "no-cache" {
		t.Error(p.Header)
	}
	p.Hides("<script", "<form", "style=")
	for _, href := range p.Links() {
		if href != "/badges/"+id {
			t.Errorf("it leads to %s", href)
		}
	}
	if !strings.Contains(p.Body, `target="_blank"`) {
		t.Error("its link stays within the frame")
	}
	for _, other := range []string{"/badges/" + id, "/", "/verify"} {
		if h := v.Open().Get(other).Header; h.Get("X-Frame-Options") != "DENY" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s may be framed", other)
		}
	}
	if es := v.Open().Get(path + "?lang=es"); es.Lang() != "es" || len(es.Body) > 8<<10 {
		t.Error(es.Lang(), len(es.Body))
	}
	v.Clock.Advance(370 * 24 * time.Hour)
	v.Open().Get(path).Says("Expired on 4 March 2027")
	if _, err := v.SuspendAward(context.Background(), v.Caller, id, "under review"); err != nil {
		t.Fatal(err)
	}
	v.Open().Get(path).Says("On hold since 10 March 2027")
	if _, err := v.RevokeAward(context.Background(), v.Caller, id, "secret reason"); err != nil {
		t.Fatal(err)
	}
	v.Open().Get(path).Says("Withdrawn on 10 March 2027").Hides("secret reason")
	if err := v.Show(context.Background(), issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}, id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	private, unknown := v.Open().Get(path), v.Open().Get("/badges/none/embed")
	if private.Status != 404 || private.Body != unknown.Body || private.Header.Get("X-Frame-Options") != "DENY" {
		t.Error(private.Status, private.Header)
	}
}

// TestEmbedOfTest: what was earned in a sandbox says so in every frame.
func TestEmbedOfTest(t *testing.T) {
	v := apitest.NewVisitors(t)
	caller, _ := v.Partner(t, "TryCo", true)
	receipt, err := v.Record(context.Background(), caller, apitest.AnasPass("R-1", "E4"))
	if err != nil {
		t.Fatal(err)
	}
	v.Work(t)
	v.ShowTo(receipt.Awards[0].ID, ledger.Public)
	v.Open().Get("/badges/"+receipt.Awards[0].ID+"/embed").Says("TEST: Stand-alone Exam", "Test data.")
}

// TestOEmbed: the badge page names the address of a document that says how to embed it, within the size that is asked for.
//
// row 65: the oEmbed document is what oembed.com §2.3.4 asks for. row 110: private, it is as unknown as any other.
func TestOEmbed(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	address := apitest.Issuer1 + "/badges/" + id
	ask := func(query string) map[string]any {
		t.Helper()
		w := s.Ask("GET", "/oembed?"+query, "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("%s: got %d %v", query, w.Code, w.Header())
		}
		return apitest.Object(t, w)
	}
	got := ask("url=" + url.QueryEscape(address) + "&format=json")
	for member, want := range map[string]any{
		"version": "1.0", "type": "rich", "title": "Operating Clouds, Ana Ruiz", "provider_name": "Acme Badges", "provider_url": apitest.Issuer1, "author_name": "Ana Ruiz",
		"width": 320.0, "height": 180.0, "thumbnail_url": address + "/image.png?size=320", "thumbnail_width": 320.0, "thumbnail_height": 320.0, "cache_age": 3600.0,
		"html": `<iframe src="` + address + `/embed" width="320" height="180" title="Badge: Operating Clouds, Ana Ruiz" loading="lazy" style="border:0"></iframe>`,
	} {
		if got[member] != want {
			t.Errorf("%s is %v, want %v", member, got[member], want)
		}
	}
	small := ask("url=" + url.QueryEscape(address+"?lang=en#top") + "&maxwidth=200&maxheight=100")
	if small["width"] != 200.0 || small["height"] != 100.0 || small["thumbnail_width"] != 100.0 || !strings.Contains(small["html"].(string), `width="200" height="100"`) {
		t.Error(small)
	}
	if odd := ask("url=" + url.QueryEscape(address) + "&maxwidth=many&maxheight=-3"); odd["width"] != 320.0 || odd["height"] != 180.0 {
		t.Error(odd)
	}
	for query, want := range map[string]int{
		"format=xml&url=" + url.QueryEscape(address): 501, "url=" + url.QueryEscape(apitest.Issuer1+"/badges/none"): 404, "": 404, "url=" + url.QueryEscape("https://elsewhere.test/badges/"+id): 404,
		"url=" + url.QueryEscape(address+"/embed"): 404, "url=%00": 404,
	} {
		if w := s.Ask("GET", "/oembed?"+query, ""); w.Code != want || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: got %d %s, want %d", query, w.Code, w.Header().Get("Content-Type"), want)
		}
	}
	s.ShowTo(id, ledger.Private)
	private, unknown := s.Ask("GET", "/oembed?url="+url.QueryEscape(address), ""), s.Ask("GET", "/oembed?url="+url.QueryEscape(apitest.Issuer1+"/badges/none"), "")
	if private.Code != 404 || !bytes.Equal(private.Body.Bytes(), unknown.Body.Bytes()) {
		t.Errorf("private: %s, unknown: %s", private.Body, unknown.Body)
	}
}

// TestPictureOnWhite: what a signature shows is opaque, so that a dark mail program does not swallow it.
//
// row 66: the picture of a signature.
func TestPictureOnWhite(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.Artist = glass{} })
	id := s.Badge1(ledger.ByLink)
	for query, opaque := range map[string]bool{"?size=192&ground=white": true, "?ground=white": true, "?size=192": false, "?size=192&ground=black": false} {
		picture, err := png.Decode(s.Ask("GET", "/badges/"+id+"/image.png"+query, "").Body)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, a := picture.At(1, 1).RGBA()
		if got := a == 0xffff; got != opaque {
			t.Errorf("%s: opaque %v", query, got)
		}
	}
}

// glass draws pictures that everything shines through.
type glass struct{ apitest.Square }

func (glass) Raster(_ []byte, size int) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.Transparent}))
	return b.Bytes(), err
}
