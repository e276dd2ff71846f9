package verifier

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

const (
	assertionID = "https://issuer.test/badges/b1/assertion.json"
	svgHead     = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" xmlns:o="http://openbadges.org">`
)

// TestExtract hands the same valid badge in in every way, and many things that are no badge.
//
// proves: 2.0 §9 judged: PNG, SVG and their older forms
func TestExtract(t *testing.T) {
	chunk := func(keyword, text string) openbadge.Chunk { return openbadge.Chunk{Keyword: keyword, Text: text} }
	ob2Page := func(w *world) { publishHosted(w) }
	cases := []struct {
		name    string
		input   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"address of a token", func(w *world) string { w.put(refreshID, "text/plain", w.token()); return refreshID }, Valid, ""},
		{"address with spaces around", func(w *world) string { w.put(refreshID, "text/plain", w.token()); return " " + refreshID + "\n" }, Valid, ""},
		{"address of an assertion", func(w *world) string { ob2Page(w); return assertionID }, Valid, ""},
		{"address of a picture", func(w *world) string {
			w.put("https://issuer.test/b.png", "image/png", picture(w.t, chunk(openbadge.KeywordOB3, w.token())))
			return "https://issuer.test/b.png"
		}, Valid, ""},
		{"address of a picture that holds an address", func(w *world) string {
			ob2Page(w)
			w.put("https://issuer.test/b.png", "image/png", picture(w.t, chunk(openbadge.KeywordOB2, assertionID)))
			return "https://issuer.test/b.png"
		}, Valid, ""},
		{"PNG with a token", func(w *world) string { return picture(w.t, chunk(openbadge.KeywordOB3, w.token())) }, Valid, ""},
		{"PNG with an assertion", func(w *world) string {
			ob2Page(w)
			return picture(w.t, chunk(openbadge.KeywordOB2, w.network[assertionID].Body))
		}, Valid, ""},
		{"PNG with both, 2.0 missing", func(w *world) string {
			return picture(w.t, chunk(openbadge.KeywordOB2, assertionID), chunk(openbadge.KeywordOB3, w.token()))
		}, Valid, ""},
		{"PNG with both, 3.0 without proof", func(w *world) string {
			ob2Page(w)
			return picture(w.t, chunk(openbadge.KeywordOB3, string(w.payload())), chunk(openbadge.KeywordOB2, assertionID))
		}, Valid, ""},
		{"SVG with a token", func(w *world) string { return svgHead + `<openbadges:credential verify="` + w.token() + `"/></svg>` }, Valid, ""},
		{"SVG with an assertion", func(w *world) string {
			ob2Page(w)
			return svgHead + `<o:assertion verify="` + assertionID + `"><![CDATA[` + w.network[assertionID].Body + `]]></o:assertion></svg>`
		}, Valid, ""},
		{"SVG with an address", func(w *world) string {
			ob2Page(w)
			return svgHead + `<o:assertion verify="` + assertionID + `"/></svg>`
		}, Valid, ""},
		{"token in an envelope", func(w *world) string {
			return toJSON(w.t, map[string]any{"@context": openbadge.ContextVC2, "type": enveloped, "id": "data:application/vc+jwt," + w.token()})
		}, Valid, ""},

		{"credential without proof", func(w *world) string {
			document, err := w.badge.JSON()
			w.must(err)
			return string(document)
		}, Invalid, "NOT_SIGNED"},
		{"credential with a malformed proof", func(w *world) string {
			document, err := w.badge.JSON()
			w.must(err)
			return string(edit(w.t, document, func(m map[string]any) {
				m["proof"] = []any{map[string]any{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}}
			}))
		}, Invalid, "BAD_VALUE"},
		{"envelope without token", func(w *world) string { return `{"type":"EnvelopedVerifiableCredential","id":"data:x,y"}` }, Invalid, "BAD_VALUE"},

		{"nothing", func(*world) string { return "" }, NotABadge, "BAD_INPUT"},
		{"words", func(*world) string { return "my badge, please" }, NotABadge, "BAD_INPUT"},
		{"ftp", func(*world) string { return "ftp://issuer.test/b" }, NotABadge, "BAD_INPUT"},
		{"address with user information", func(*world) string { return "https://u:p@issuer.test/" }, NotABadge, "BAD_INPUT"},
		{"page", func(*world) string { return "<!doctype html><html></html>" }, NotABadge, "BAD_INPUT"},
		{"address of a page", func(w *world) string { w.put(refreshID, "text/html", "<html></html>"); return refreshID }, NotABadge, "NOT_JSON"},
		{"address of an address", func(w *world) string { w.put(refreshID, "text/plain", assertionID); return refreshID }, NotABadge, "NOT_JSON"},
		{"JPEG", func(*world) string { return "\xff\xd8\xff\xe0 JFIF" }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"PDF", func(*world) string { return "%PDF-1.7 x" }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"address of a picture that holds its own address", func(w *world) string {
			w.put("https://issuer.test/b.png", "image/png", picture(w.t, chunk(openbadge.KeywordOB2, "https://issuer.test/b.png")))
			return "https://issuer.test/b.png"
		}, NotABadge, "NOT_JSON"},
		{"PNG without badge", func(w *world) string { return picture(w.t) }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"SVG without badge", func(*world) string { return svgHead + "</svg>" }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"PNG with a picture inside", func(w *world) string { return picture(w.t, chunk(openbadge.KeywordOB2, svgHead+"</svg>")) }, NotABadge, "BAD_INPUT"},
		{"PNG with 2.0 under the name of 3.0", func(w *world) string {
			return picture(w.t, chunk(openbadge.KeywordOB3, `{"id":"`+assertionID+`","type":"Assertion"}`))
		}, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"PNG with an address under the name of 3.0", func(w *world) string { return picture(w.t, chunk(openbadge.KeywordOB3, assertionID)) }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"PNG cut off", func(w *world) string {
			p := picture(w.t, chunk(openbadge.KeywordOB3, w.token()))
			return p[:len(p)/2]
		}, Invalid, "BAD_IMAGE"},
		{"PNG, compressed chunk", compressedChunk, Invalid, "BAD_BAKE"},
		{"SVG with a DOCTYPE", func(*world) string {
			return `<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>`
		}, Invalid, "BAD_IMAGE"},
		{"JSON without measure", func(w *world) string { return "{" + strings.Repeat(" ", openbadge.MaxToken) + "}" }, Invalid, "BAD_INPUT"},
		{"address of JSON cut off", func(w *world) string { w.put(refreshID, "application/json", "{"); return refreshID }, Invalid, "NOT_JSON"},
		{"credential JSON that is none", func(*world) string { return `{"type":"VerifiableCredential"}` }, Invalid, ""},
		{"JSON cut off", func(*world) string { return `{"type":` }, Invalid, "NOT_JSON"},
		{"JSON array", func(*world) string { return `[{}]` }, Invalid, "NOT_JSON"},
		{"JSON of something else", func(*world) string { return `{"hello":"world"}` }, NotABadge, "BAD_INPUT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.verify(c.input(w))
			if c.codes == "" && r.Verdict == Invalid {
				c.codes = r.codes(Fail) // several problems of its form, which openbadge's tests name
			}
			want(t, r, c.verdict, c.codes)
		})
	}
}

// compressedChunk bakes a chunk whose compression flag is set.
func compressedChunk(w *world) string {
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))))
	baked, err := openbadge.Bake(b.Bytes(), openbadge.Chunk{Keyword: openbadge.KeywordOB3, Text: "x"})
	w.must(err)
	at := bytes.Index(baked, []byte("iTXt"))
	body := append([]byte("iTXt"), (openbadge.KeywordOB3 + "\x00\x01\x00\x00\x00x")...)
	whole := append(append([]byte{}, baked[:at]...), body...)
	whole = append(whole, checksum(body)...)
	return string(append(whole, baked[at+len(body)+4:]...))
}

func checksum(b []byte) []byte {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xedb88320*(crc&1)
		}
	}
	crc = ^crc
	return []byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)}
}

// TestPictureTwice: of two chunks of a kind the first counts, and the report says so.
func TestPictureTwice(t *testing.T) {
	w := newWorld(t)
	r := w.verify(svgHead + `<openbadges:credential verify="` + w.token() + `"/><openbadges:credential verify="x.y.z"/></svg>`)
	want(t, r, Valid, "")
	if r.codes(Warning) != BadBake || r.Extracted[openbadge.KeywordOB3] != w.token() && len(r.Extracted) != 1 {
		t.Errorf("warnings %q, extracted %v", r.codes(Warning), r.Extracted)
	}
}

// TestAsksForBadge: a badge page answers with the badge, since no HTML is asked for.
func TestAsksForBadge(t *testing.T) {
	w := newWorld(t)
	const page = "https://issuer.test/badges/b1"
	token := w.token()
	w.options.Fetch = fetcherFunc(func(ctx context.Context, r egress.Request) (*egress.Response, error) {
		if r.URL != page {
			return w.network.Fetch(ctx, r)
		}
		if strings.Contains(r.Accept, "html") || strings.Contains(r.Accept, "*/*") || !strings.Contains(r.Accept, "application/json") {
			return &egress.Response{Status: 200, ContentType: "text/html", Body: []byte("<html></html>")}, nil
		}
		return &egress.Response{URL: page, Status: 200, Body: []byte(token)}, nil
	})
	want(t, w.verify(page+"#top"), Valid, "")
}
