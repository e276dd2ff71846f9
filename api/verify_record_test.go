package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

// recordKeys signs records with the keys of a world.
type recordKeys struct {
	w    func() *issuertest.World
	fail error
}

func (s *recordKeys) SignReceipt(ctx context.Context, payload []byte) (string, error) {
	if s.fail != nil {
		return "", s.fail
	}
	key, err := s.w().Keys.Active(ctx, keyring.JWT)
	if err != nil {
		return "", err
	}
	return s.w().Keys.Sign(ctx, key.ID, openbadge.Header{KID: s.w().KeyURL(key.ID), Typ: verifier.ReceiptTyp}, payload)
}

// newRecorders is a site that offers records.
func newRecorders(t testing.TB) (*visitors, *recordKeys) {
	t.Helper()
	var v *visitors
	keys := &recordKeys{w: func() *issuertest.World { return v.World }}
	v = newVisitors(t, func(o *Options) { o.Records = keys })
	return v, keys
}

func TestRecords(t *testing.T) {
	v, keys := newRecorders(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	jwt := b.get("/badges/" + id + "/credential.jwt").body
	result := b.get("/verify").press("Check this badge", "input", jwt, "recipient", "ana@home.test").want(200, "Genuine and current").says("Save a record")

	printed := result.press("Page to print").want(200, "Record of a check").says("Genuine and current", "Yearly Certification", "A name or address was compared as well.", "5 March 2026, 09:42 UTC", "What we checked", "Insignia test", "/verify").hides("ana@home.test", "Ana Ruiz")
	if printed.header.Get("Cache-Control") != "no-store" || printed.header.Get("X-Robots-Tag") != "noindex" || printed.path != "/verify/record" {
		t.Error(printed.path, printed.header)
	}
	_, form := result.form("JSON file")
	signed := form.Get("record")
	if !strings.Contains(printed.body, signed) {
		t.Error("the page does not have the signed text")
	}
	if r := readSigned(v, t, signed); !r.Is([]byte(jwt)) || r.Verdict != verifier.Valid || !r.RecipientAsked || r.Size != len(jwt) || r.URL != issuertest.BaseURL+"/verify" || strings.Contains(string(mustPayload(t, r)), "Ana") {
		t.Errorf("%+v", r)
	}

	file := result.press("JSON file").want(200, "")
	if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=badge-check-20260305-094200-") {
		t.Error(got)
	}
	again := func(data string) *page { t.Helper(); return b.upload("record", []byte(data)) }
	again(signed).want(200, "Record of a check made here").says("It was made on 5 March 2026, 09:42 UTC and is unchanged.", "The answer then", "Yearly Certification")
	again("\n "+signed+"\n").want(200, "Record of a check made here")
	again(file.body).want(200, "Record of a check made here").hides("Should the file show")
	again(printed.body).want(200, "Record of a check made here").says("Should the file show anything else, believe this page.")
	b.get("/verify").press("Check this badge", "input", signed).want(200, "Record of a check made here").follow("Check the badge again").want(200, "Genuine and current")
	again(strings.Replace(file.body, `"verdict":"valid"`, `"verdict":"revoked"`, 1)).want(200, "This file shows something else than what was signed").says("Genuine and current")
	again(strings.Replace(file.body, `"signed"`, `"x":1,"signed"`, 1)).want(200, "Record of a check made here")

	cut := strings.Split(signed, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(cut[1])
	forged := cut[0] + "." + base64.RawURLEncoding.EncodeToString(bytes.Replace(payload, []byte(`"valid":true`), []byte(`"valid":false`), 1)) + "." + cut[2]
	again(forged).want(200, "This record was changed").hides("Yearly")
	header := func(kid string) string {
		data, _ := json.Marshal(map[string]string{"alg": "ES256", "kid": kid, "typ": verifier.ReceiptTyp})
		return base64.RawURLEncoding.EncodeToString(data) + "." + cut[1] + "." + cut[2]
	}
	again(header("https://elsewhere.test/issuers/x/keys/y.jwk")).want(200, "A record that was not made here").says("It says that elsewhere.test made it.")
	const otherScheme = "http://badges.acme.test"
	for _, kid := range []string{otherScheme + "/issuers/acme/keys/none.jwk", issuertest.BaseURL + "/issuers/acme/keys/none.jwk",
		issuertest.BaseURL + "/badges/" + id + "/credential.json", issuertest.BaseURL + "/issuers/acme/issuer.json"} {
		again(header(kid)).want(200, "This record can't be checked any more").hides("Yearly")
	}
	active, err := v.Keys.Active(context.Background(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys.Rotate(context.Background(), keyring.JWT); err != nil {
		t.Fatal(err)
	}
	again(signed).want(200, "Record of a check made here") // a retired key is still published
	if _, err := v.Keys.Revoke(context.Background(), active.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	again(signed).want(200, "This record can't be checked any more")

	// Only what was signed here is given.
	for _, values := range []map[string][]string{{"record": {forged}, "as": {"page"}}, {"record": {""}, "as": {"pdf"}}, {"record": {jwt}, "as": {"json"}}, {"record": {signed}, "as": {"page"}}} {
		b.send("/verify/record", values).want(422, "")
	}
	keys.fail = errors.New("the device is away")
	b.get("/verify").press("Check this badge", "input", jwt).want(500, "")
}

func readSigned(v *visitors, t *testing.T, token string) verifier.Receipt {
	t.Helper()
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		t.Fatal(err)
	}
	key, found, err := v.publishedKey(context.Background(), kid)
	if err != nil || !found {
		t.Fatal(kid, found, err)
	}
	r, err := verifier.ReadReceipt(token, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustPayload(t *testing.T, r verifier.Receipt) []byte {
	t.Helper()
	data, err := r.Payload()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The PDF is a file that can be handed in again, and its words can be read by machines.
func TestRecordAsPDF(t *testing.T) {
	v, _ := newRecorders(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	result := b.get("/verify").press("Check this badge", "input", issuertest.BaseURL+"/badges/"+id).want(200, "Genuine and current")
	pdf := result.press("PDF file")
	if pdf.status != http.StatusOK || pdf.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Fatal(pdf.status, pdf.header)
	}
	if pdf.body != result.press("PDF file").body {
		t.Error("the same record gives other bytes")
	}
	b.upload("record.pdf", []byte(pdf.body)).want(200, "Record of a check made here").says("believe this page")
	b.upload("certificate.pdf", []byte("%PDF-1.7\n")).want(200, "No badge inside this PDF").says("Use the link printed on it")

	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is absent: the words of the PDF were not read")
	}
	command := exec.Command(program, "-", "-")
	command.Stdin = strings.NewReader(pdf.body)
	words, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Record of a check", "Genuine and current", "Yearly Certification", "Is it exactly as its issuer made it?"} {
		if !strings.Contains(string(words), want) {
			t.Errorf("the PDF does not say %q:\n%s", want, words)
		}
	}
}

// Without a signer, and before there is an issuer, nothing is offered.
func TestNoRecords(t *testing.T) {
	v := newVisitors(t)
	v.open().get("/verify").press("Check this badge", "input", "hello").want(200, "neither a link nor a badge").hides("Save a record")
}

func TestRecordOverAPI(t *testing.T) {
	v, _ := newRecorders(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	ask := func(body map[string]any) map[string]any {
		t.Helper()
		w := v.ask("POST", apiPath+"/verify", string(encode(body)))
		if w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		return object(t, w)
	}
	input := issuertest.BaseURL + "/badges/" + id
	if got := ask(map[string]any{"input": input}); got["record"] != nil || got["verdict"] != "valid" {
		t.Error(got)
	}
	got := ask(map[string]any{"input": input, "record": true, "name": "ana  RUIZ", "at": "2026-03-05T09:00:00Z"})
	if r := readSigned(v, t, got["record"].(string)); r.At == nil || !r.Is([]byte(input)) || string(r.Verdict) != got["verdict"] {
		t.Errorf("%+v", r)
	}
	if got := ask(map[string]any{"input": input, "name": "Ben Okafor"}); got["verdict"] != "wrong_recipient" {
		t.Error(got)
	}
	body, contentType := form(t, "input", input, "name", "Ana Ruiz", "record", "true")
	if w := v.ask("POST", apiPath+"/verify", body, "Content-Type", contentType); object(t, w)["record"] == nil || object(t, w)["verdict"] != "valid" {
		t.Error(w.Body)
	}
	for _, parts := range [][]string{{"input", input, "record", "yes"}, {"input", input, "name", strings.Repeat("x", 201)}} {
		body, contentType := form(t, parts...)
		if w := v.ask("POST", apiPath+"/verify", body, "Content-Type", contentType); w.Code != 422 {
			t.Error(parts, w.Code, w.Body)
		}
	}
}

func FuzzFindRecord(f *testing.F) {
	f.Add([]byte("eyJhbGciOiJFUzI1NiJ9.eyJ9.AA"))
	f.Add([]byte(`{"signed":"eyJ"}`))
	f.Add([]byte("%PDF-1.7 eyJhbGciOiJFUzI1NiIsInR5cCI6Imluc2lnbmlhLXJlY2VpcHQrand0In0.eyJhIjoxfQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if found, is := findRecord(data); is && !isRecord([]byte(found.token)) {
			t.Errorf("%q", found.token)
		}
	})
}
