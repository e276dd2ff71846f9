package check_test

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

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/issuer/ledger"
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
func newRecorders(t testing.TB) (*apitest.Visitors, *recordKeys) {
	t.Helper()
	var v *apitest.Visitors
	keys := &recordKeys{w: func() *issuertest.World { return v.World }}
	v = apitest.NewVisitors(t, func(o *apitest.Options) { o.Records = keys })
	return v, keys
}

func TestRecords(t *testing.T) {
	v, keys := newRecorders(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	jwt := b.Get("/badges/" + id + "/credential.jwt").Body
	result := b.Get("/verify").Press("Check this badge", "input", jwt, "recipient", "ana@home.test").Want(200, "Genuine and current").Says("Save a record")

	printed := result.Press("Page to print").Want(200, "Record of a check").Says("Genuine and current", "Yearly Certification", "A name or address was compared as well.", "5 March 2026, 09:42 UTC", "What we checked", "Insignia test", "/verify").Hides("ana@home.test", "Ana Ruiz")
	if printed.Header.Get("Cache-Control") != "no-store" || printed.Header.Get("X-Robots-Tag") != "noindex" || printed.Path != "/verify/record" {
		t.Error(printed.Path, printed.Header)
	}
	_, form := result.Form("JSON file")
	signed := form.Get("record")
	if !strings.Contains(printed.Body, signed) {
		t.Error("the page does not have the signed text")
	}
	if r := readSigned(v, t, signed); !r.Is([]byte(jwt)) || r.Verdict != verifier.Valid || !r.RecipientAsked || r.Size != len(jwt) || r.URL != issuertest.BaseURL+"/verify" || strings.Contains(string(mustPayload(t, r)), "Ana") {
		t.Errorf("%+v", r)
	}

	file := result.Press("JSON file").Want(200, "")
	if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=badge-check-20260305-094200-") {
		t.Error(got)
	}
	again := func(data string) *apitest.Page { t.Helper(); return b.Upload("record", []byte(data)) }
	again(signed).Want(200, "Record of a check made here").Says("It was made on 5 March 2026, 09:42 UTC and is unchanged.", "The answer then", "Yearly Certification")
	again("\n "+signed+"\n").Want(200, "Record of a check made here")
	again(file.Body).Want(200, "Record of a check made here").Hides("Should the file show")
	again(printed.Body).Want(200, "Record of a check made here").Says("Should the file show anything else, believe this page.")
	b.Get("/verify").Press("Check this badge", "input", signed).Want(200, "Record of a check made here").Follow("Check the badge again").Want(200, "Genuine and current")
	again(strings.Replace(file.Body, `"verdict":"valid"`, `"verdict":"revoked"`, 1)).Want(200, "This file shows something else than what was signed").Says("Genuine and current")
	again(strings.Replace(file.Body, `"signed"`, `"x":1,"signed"`, 1)).Want(200, "Record of a check made here")

	cut := strings.Split(signed, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(cut[1])
	forged := cut[0] + "." + base64.RawURLEncoding.EncodeToString(bytes.Replace(payload, []byte(`"valid":true`), []byte(`"valid":false`), 1)) + "." + cut[2]
	again(forged).Want(200, "This record was changed").Hides("Yearly")
	header := func(kid string) string {
		data, _ := json.Marshal(map[string]string{"alg": "ES256", "kid": kid, "typ": verifier.ReceiptTyp})
		return base64.RawURLEncoding.EncodeToString(data) + "." + cut[1] + "." + cut[2]
	}
	again(header("https://elsewhere.test/issuers/x/keys/y.jwk")).Want(200, "A record that was not made here").Says("It says that elsewhere.test made it.")
	const otherScheme = "http://badges.acme.test"
	for _, kid := range []string{otherScheme + "/issuers/acme/keys/none.jwk", issuertest.BaseURL + "/issuers/acme/keys/none.jwk",
		issuertest.BaseURL + "/badges/" + id + "/credential.json", issuertest.BaseURL + "/issuers/acme/issuer.json"} {
		again(header(kid)).Want(200, "This record can't be checked any more").Hides("Yearly")
	}
	active, err := v.Keys.Active(context.Background(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys.Rotate(context.Background(), keyring.JWT); err != nil {
		t.Fatal(err)
	}
	again(signed).Want(200, "Record of a check made here") // a retired key is still published
	if _, err := v.Keys.Revoke(context.Background(), active.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	again(signed).Want(200, "This record can't be checked any more")

	// Only what was signed here is given.
	for _, values := range []map[string][]string{{"record": {forged}, "as": {"page"}}, {"record": {""}, "as": {"pdf"}}, {"record": {jwt}, "as": {"json"}}, {"record": {signed}, "as": {"page"}}} {
		b.Send("/verify/record", values).Want(422, "")
	}
	keys.fail = errors.New("the device is away")
	b.Get("/verify").Press("Check this badge", "input", jwt).Want(500, "")
}

func readSigned(v *apitest.Visitors, t *testing.T, token string) verifier.Receipt {
	t.Helper()
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		t.Fatal(err)
	}
	key, found, err := v.Check.PublishedKey(context.Background(), kid)
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
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	result := b.Get("/verify").Press("Check this badge", "input", issuertest.BaseURL+"/badges/"+id).Want(200, "Genuine and current")
	pdf := result.Press("PDF file")
	if pdf.Status != http.StatusOK || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Fatal(pdf.Status, pdf.Header)
	}
	if pdf.Body != result.Press("PDF file").Body {
		t.Error("the same record gives other bytes")
	}
	b.Upload("record.pdf", []byte(pdf.Body)).Want(200, "Record of a check made here").Says("believe this page")
	b.Upload("certificate.pdf", []byte("%PDF-1.7\n")).Want(200, "No badge inside this PDF").Says("Use the link printed on it")

	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is absent: the words of the PDF were not read")
	}
	command := exec.Command(program, "-", "-")
	command.Stdin = strings.NewReader(pdf.Body)
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
	v := apitest.NewVisitors(t)
	v.Open().Get("/verify").Press("Check this badge", "input", "hello").Want(200, "neither a link nor a badge").Hides("Save a record")
}

func TestRecordOverAPI(t *testing.T) {
	v, _ := newRecorders(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	ask := func(body map[string]any) map[string]any {
		t.Helper()
		w := v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(body)))
		if w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		return apitest.Object(t, w)
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
	body, contentType := apitest.Form(t, "input", input, "name", "Ana Ruiz", "record", "true")
	if w := v.Ask("POST", web.APIPath+"/verify", body, "Content-Type", contentType); apitest.Object(t, w)["record"] == nil || apitest.Object(t, w)["verdict"] != "valid" {
		t.Error(w.Body)
	}
	for _, parts := range [][]string{{"input", input, "record", "yes"}, {"input", input, "name", strings.Repeat("x", 201)}} {
		body, contentType := apitest.Form(t, parts...)
		if w := v.Ask("POST", web.APIPath+"/verify", body, "Content-Type", contentType); w.Code != 422 {
			t.Error(parts, w.Code, w.Body)
		}
	}
}
